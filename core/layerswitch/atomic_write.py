"""Files written whole or not at all (beside their place first, then renamed into it), and read if they have an end."""

import contextlib
import errno
import fcntl
import os
import re
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from .errors import FileError

NAMELESS = os.O_TMPFILE
USUAL, OWNERS = 0o666, 0o600  # modes of new files, the first without what the mask takes
BESIDE = re.compile(r"\.(?P<name>.*)\.[0-9a-f]{16}\.part", re.DOTALL)
NAMED = 40  # characters of the file's name in that of the file beside it


def write_whole(path: Path | str, data: bytes, *, private: bool = False) -> None:
    """Put `data` at `path` by writing beside it and renaming, so that no reader ever sees half. Raises FileError.

    A link stays one: what it points to is written. A device or a pipe (/dev/stdout) is written to, never replaced.
    A process that is killed leaves the old file or the new one, and hardly ever a hidden file beside it: that has a
    name for the moment of the renaming only, or for as long as it is written where the file system knows no files
    without a name. The next one who writes the same file deletes it.

    A file that is replaced hands its mode on, a new one has the usual; a `private` one is always its owner's alone.
    """
    given = path = Path(path)
    try:
        if path.is_symlink():
            path = path.resolve()
            if path.is_symlink():  # Python 3.13 leaves a link to itself as it is
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        if path.exists() and not path.is_file() and not path.is_dir():
            with path.open("wb", buffering=0) as stream:
                while data:
                    data = data[stream.write(data) :]
            return
        remove_left(path.parent, path.name)
        _put(path, data, OWNERS if private else _mode(path))
    except (OSError, ValueError, RuntimeError) as error:  # a NUL in the name; a link to itself
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise FileError(f"cannot be written: {why}", where=str(given)) from error


def read_whole(path: Path) -> bytes:
    """A file's bytes. Raises OSError, for a device such as /dev/zero too: it may have no end."""
    not_device(path)
    return path.read_bytes()


def is_file(path: Path) -> bool:
    """Whether there is such a file; there is none of a name that no file can have (pathlib raises for a long one)."""
    try:
        return path.is_file()
    except OSError:
        return False


def not_device(path: Path) -> None:
    """Raises OSError for a device that gives characters; pipes (/dev/stdin behind |) may be read."""
    if stat.S_ISCHR(path.stat().st_mode):
        raise OSError(errno.EINVAL, "a device, not a file")


def remove_left(folder: Path, name: str = "") -> None:
    """Delete what writers of the file `name` (of every file, if "") left in a folder when they were killed.

    The lock of a file that is being written is held, by whichever process: such a file stays. Raises nothing.
    """
    names: list[str] = []
    with contextlib.suppress(OSError, ValueError):
        names = [one.name for one in folder.iterdir()]
    for match in filter(None, map(BESIDE.fullmatch, names)):
        if name[:NAMED] in ("", match["name"]):
            with contextlib.suppress(OSError):
                _remove(folder / match[0])


def _remove(left: Path) -> None:
    handle = os.open(left, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if stat.S_ISREG(os.fstat(handle).st_mode):
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            left.unlink()
    finally:
        os.close(handle)


def _mode(path: Path) -> int | None:
    """The permissions of the file that is replaced; None where there is none."""
    try:
        return path.stat().st_mode & 0o777
    except FileNotFoundError:
        return None


def _put(path: Path, data: bytes, mode: int | None) -> None:
    beside = path.parent / f".{path.name[:NAMED]}.{secrets.token_hex(8)}.part"
    try:
        handle = _nameless(path.parent, mode)
        if handle is None or not _into(handle, data, mode, beside, path):
            handle = _named(beside, mode)
            if _into(handle, data, mode, beside, path):
                return
            raise FileNotFoundError(errno.ENOENT, "somebody deleted it while it was written")
    except BaseException:  # Ctrl-C while it is written leaves nothing behind either
        with contextlib.suppress(OSError, ValueError):
            beside.unlink()
        raise


def _into(handle: int, data: bytes, mode: int | None, beside: Path, path: Path) -> bool:
    """Write a new file, and put it in its place. False where it has no name and can have none. Raises OSError."""
    with os.fdopen(handle, "wb") as file:  # locked until it is closed
        if mode is not None:
            with contextlib.suppress(OSError):  # a file system without modes
                os.fchmod(handle, mode)
        file.write(data)
        file.flush()
        os.fsync(handle)
        if not os.fstat(handle).st_nlink:
            try:
                # os.link follows a link only where it is given a folder too, which an absolute path has no need of
                os.link(f"/proc/self/fd/{handle}", beside, src_dir_fd=handle)
            except OSError:
                return False
        beside.replace(path)
    with contextlib.suppress(OSError):  # the new name outlives a loss of power, where folders can be synchronised
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    return True


def _nameless(folder: Path, mode: int | None) -> int | None:
    """A new file without a name, locked; None where there can be no such file."""
    try:
        return _locked(os.open(folder, os.O_WRONLY | NAMELESS | os.O_CLOEXEC, USUAL if mode is None else mode & OWNERS))
    except OSError:
        return None


def _named(beside: Path, mode: int | None) -> int:
    """A new file at `beside`, locked. Raises OSError."""
    while True:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        handle = _locked(os.open(beside, flags, USUAL if mode is None else mode & OWNERS))
        if os.fstat(handle).st_nlink:
            return handle
        os.close(handle)  # it was taken for one that was left, before it was locked


@contextlib.contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Made if it is not there, its owner's alone; of those that change files of it inside this, one at a time does.

    For a file that is read, changed and written again, which would lose what another process wrote between. Raises
    OSError.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _locked(handle)
        yield
    finally:
        os.close(handle)


def _locked(handle: int) -> int:
    with contextlib.suppress(OSError):  # a file system without locks: then nothing there is taken for left either
        fcntl.flock(handle, fcntl.LOCK_EX)
    return handle
