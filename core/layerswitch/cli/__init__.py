"""The command line: every step of the application from a terminal."""

import errno
import io
import logging
import os
import sys
from typing import NoReturn

EXIT_BAD_INPUT = 2
EXIT_FAULT = 70  # EX_SOFTWARE of sysexits.h
EXIT_CANCELLED = 130  # as a shell reports SIGINT

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def main() -> NoReturn:
    """Run the command line and exit: 0 done, 2 bad input, 130 cancelled, 70 a fault of LayerSwitch itself."""
    try:  # around the imports too: a tenth of a second in which people press Ctrl-C
        _open_standard_streams()
        code = _run()
    except KeyboardInterrupt:
        _say("cancelled")
        code = EXIT_CANCELLED
    _leave(code)


def _run() -> int:
    from ..errors import CancelledError, LayerSwitchError
    from .app import run

    try:
        code = run()
        sys.stdout.flush()  # here, so that a full disk or a reader that went away is seen
        return code
    except CancelledError:
        _say("cancelled")
        return EXIT_CANCELLED
    except LayerSwitchError as error:
        _say(str(error))
        return EXIT_BAD_INPUT
    except BrokenPipeError:  # the reader of our output went away, as `head` does
        return 0
    except Exception as error:
        if isinstance(error, OSError) and error.errno in FULL and not error.filename:
            _say(f"standard output cannot be written: {error.strerror}")
            return EXIT_BAD_INPUT
        path = _log_fault(error)
        _say(f"a fault in LayerSwitch itself: {type(error).__name__}: {error} ({path})")
        return EXIT_FAULT


def _open_standard_streams() -> None:
    """Let what a parent closed go nowhere: else the next file opened would get standard output's number."""
    while (handle := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(handle)
    sys.stdin = sys.stdin or os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = sys.stdout or os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", encoding="utf-8", closefd=False)
    if isinstance(sys.stdout, io.TextIOWrapper):  # a terminal that has no sign for times or degrees shows "?"
        sys.stdout.reconfigure(errors="replace")


def _leave(code: int) -> NoReturn:
    """Exit without a word about output that cannot be flushed any more."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    sys.exit(code)


def _say(text: str) -> None:
    print(f"layerswitch: {' '.join(text.split())}", file=sys.stderr)


def _log_fault(error: Exception) -> str:
    """Write the traceback where people who report a fault will look for it; says where, or that it cannot be."""
    import platformdirs

    try:
        path = platformdirs.user_log_path("layerswitch", ensure_exists=True) / "layerswitch.log"
        handler = logging.FileHandler(path)
    except OSError as why:
        return f"no details: the log cannot be written: {why}"
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    log = logging.getLogger("layerswitch.fault")
    log.propagate = False
    log.addHandler(handler)
    log.error("%s", error, exc_info=error)
    handler.close()
    log.removeHandler(handler)
    return f"details in {path}"
