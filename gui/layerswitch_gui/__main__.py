"""`python -m layerswitch_gui`: the window, without the command line's options."""

import sys

from .app.launch import run

sys.exit(run(model=sys.argv[1] if len(sys.argv) > 1 else None))
