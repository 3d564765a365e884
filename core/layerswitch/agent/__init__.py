"""What runs on the board: Python 3.8 or newer, standard library, numpy and an engine; nothing else of core/."""
