"""The comparison of assignments: a row for each, and any two of them side by side."""
