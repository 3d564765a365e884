"""What the window needs of the system it runs on: theme, preferences, garbage, logs."""
