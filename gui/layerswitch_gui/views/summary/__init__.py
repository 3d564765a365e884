"""The strip that is always visible, and the what-if slider."""
