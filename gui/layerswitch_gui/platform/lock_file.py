"""A lock that lives as long as its process: the system lets go of it when the process ends, however it ends."""

import contextlib
import fcntl
import os
from pathlib import Path


class LockFile:
    """A file that one holder at a time has locked; it is deleted when the holder lets go."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle = -1

    def take(self, *, wait: bool = False) -> bool:
        """Lock the file, made if it is not there. False where it cannot be made, or somebody has it, without `wait`."""
        how = fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB
        while self._handle < 0:
            try:
                handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            except OSError:
                return False
            try:
                fcntl.flock(handle, how)
            except OSError:
                os.close(handle)
                return False
            if os.fstat(handle).st_nlink:
                self._handle = handle
            else:
                os.close(handle)  # its last holder deleted it while we opened it
        return True

    def let_go(self) -> None:
        """Delete the file, and let others have it."""
        if self._handle >= 0:
            with contextlib.suppress(OSError):
                self.path.unlink()
            os.close(self._handle)
            self._handle = -1
