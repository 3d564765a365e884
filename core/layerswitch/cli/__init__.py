"""The command line: every step of the application from a terminal."""

import logging
import sys
from typing import NoReturn

from ..errors import CancelledError, LayerSwitchError

EXIT_BAD_INPUT = 2
EXIT_FAULT = 70  # EX_SOFTWARE of sysexits.h
EXIT_CANCELLED = 130  # as a shell reports SIGINT


def main() -> NoReturn:
    """Run the command line and exit: 0 done, 2 bad input, 130 cancelled, 70 a fault of LayerSwitch itself."""
    from .app import app

    try:
        app(standalone_mode=True)
    except (CancelledError, KeyboardInterrupt):
        _say("cancelled")
        sys.exit(EXIT_CANCELLED)
    except LayerSwitchError as error:
        _say(str(error))
        sys.exit(EXIT_BAD_INPUT)
    except BrokenPipeError:  # the reader of our output went away, as `head` does
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        path = _log_fault(error)
        _say(f"a fault in LayerSwitch itself: {type(error).__name__}: {error} (details in {path})")
        sys.exit(EXIT_FAULT)
    raise AssertionError("the application returned")


def _say(text: str) -> None:
    print(f"layerswitch: {' '.join(text.split())}", file=sys.stderr)


def _log_fault(error: Exception) -> str:
    """Write the traceback where people who report a fault will look for it."""
    import platformdirs

    path = platformdirs.user_log_path("layerswitch", ensure_exists=True) / "layerswitch.log"
    handler = logging.FileHandler(path)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    log = logging.getLogger("layerswitch.fault")
    log.propagate = False
    log.addHandler(handler)
    log.error("%s", error, exc_info=error)
    handler.close()
    log.removeHandler(handler)
    return str(path)
