"""The command line for tests: in this process through its real entry point, or as a process of its own."""

import io
import os
import subprocess
import sys
from contextlib import ExitStack, chdir
from pathlib import Path
from unittest import mock

import pytest

from layerswitch.cli import main

COMMAND = [sys.executable, "-m", "layerswitch"]


def layerswitch(*arguments, cwd=".", env=None):
    """Runs it here, since starting Python costs ten times what most commands do: the exit code and what it printed.

    It sees what a process with pipes would: its own arguments, streams, folder and environment (`env`, all of it).
    """
    words = [str(one) for one in arguments]
    output, errors = (io.TextIOWrapper(io.BytesIO(), "utf-8", how) for how in ("strict", "backslashreplace"))
    with ExitStack() as stack:
        stack.enter_context(chdir(cwd))
        stack.enter_context(mock.patch.dict(os.environ, env or {}, clear=env is not None))
        streams = {"stdin": stack.enter_context(Path(os.devnull).open()), "stdout": output, "stderr": errors}
        stack.enter_context(mock.patch.multiple(sys, argv=["layerswitch", *words], **streams))
        with pytest.raises(SystemExit) as end:
            main()
    printed = (one.buffer.getvalue().decode() for one in (output, errors))
    return subprocess.CompletedProcess(words, end.value.code, *printed)


def process(*arguments, **options):
    """Runs it as a shell does: for what a window, another encoding or a terminal does to it."""
    command = [*COMMAND, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, **options)
