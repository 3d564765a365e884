"""Measuring whole assignments on a board: comparing them, and refining a plan."""
