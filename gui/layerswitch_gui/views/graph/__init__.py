"""The layer graph: a scene of cards and edges, the pane that shows it, and what surrounds it."""
