"""What runs on the board: Python 3.8 and newer, standard library, numpy and an engine. Imports nothing else of core/."""
