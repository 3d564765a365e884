"""Views on the document: each a package, none of which knows the window."""
