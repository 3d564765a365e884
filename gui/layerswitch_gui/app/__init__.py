"""The program and its main window: what is arranged, and what each command does."""
