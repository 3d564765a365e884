"""What is open: its values, edits that can be undone, sessions and autosaves."""
