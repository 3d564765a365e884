import subprocess
import sys

import pytest


@pytest.fixture(scope="session")
def invoke():
    """Run the command line in a process of its own, as a shell does."""

    def run(*arguments, **options):
        command = [sys.executable, "-m", "layerswitch", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, **options)

    return run
