"""Start the agent: `python <this folder or the zipapp of it>`. Speaks docs/protocol.md on standard input and output.

--cache FOLDER keeps constants there; --silence SECONDS has a process of its own end the agent with its client, or when
that says nothing for so long (0: it may be silent); --engine MODULE:CLASS serves that engine whatever `open` names (for
tests and engines in development: only the one who starts the agent can say so, no message can).
"""

import os
import sys
from pathlib import Path
from types import ModuleType


def find_ourselves() -> None:
    """Make the folder a package of our name, wherever it lies; its modules must not be found by plain imports."""
    here = str(Path(__file__).resolve().parent)
    sys.path[:] = [entry for entry in sys.path if str(Path(entry).resolve()) != here]
    package = ModuleType("layerswitch_agent")
    package.__path__ = [here]
    sys.modules["layerswitch_agent"] = package


def main() -> int:
    """Serve until the input closes."""
    find_ourselves()
    # Before anything else is loaded or a thread started: the process that watches shares nothing with the agent.
    if "--silence" in sys.argv[1:-1]:
        from layerswitch_agent.supervisor import split  # type: ignore[import-not-found]  # made by find_ourselves

        code = split(float(sys.argv[sys.argv.index("--silence") + 1]))
        if code is not None:
            return int(code)
    # Before anything of an engine is imported: whatever a library prints must not get between the frames.
    output = os.dup(1)
    os.dup2(2, 1)
    sys.stdout = sys.stderr  # line by line into the log, instead of into a buffer
    from layerswitch_agent.command_line import start  # type: ignore[import-not-found]  # made above

    return int(start(sys.argv[1:], os.fdopen(0, "rb", closefd=False), os.fdopen(output, "wb")))


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    os._exit(code)  # not waiting for threads that an engine's library left behind
