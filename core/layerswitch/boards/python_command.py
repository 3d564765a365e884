"""Commands that run a Python, on this computer or a board, which imports what is installed and nothing else.

Neither the current folder nor PYTHONPATH is looked in: a pyarmnn.py or numpy.py planted there would be run. -I would do
that too, but with it the user's own site-packages are lost, which on a board often hold numpy. -P would spare the line
before each program, but a board may have Python 3.8, and -P came with 3.11.
"""

from collections.abc import Sequence

ISOLATED = "-E"  # without PYTHONPATH, PYTHONHOME and the like
NO_CURRENT_FOLDER = "import sys; sys.path[:] = [folder for folder in sys.path if folder]\n"  # "" is what -c puts first


def run_text(python: str, program: str, *arguments: str) -> list[str]:
    """Run a program that is given as text."""
    return [python, ISOLATED, "-c", NO_CURRENT_FOLDER + program, *arguments]


def run_file(python: str, path: str, arguments: Sequence[str] = ()) -> list[str]:
    """Run a file or folder of a program, its output unbuffered."""
    return [python, ISOLATED, "-u", path, *arguments]
