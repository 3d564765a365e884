"""Work in the background: one runner, and each kind of work that people can start."""
