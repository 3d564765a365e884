"""Tables: item models that know nothing of windows, and the views on them."""
