"""Constants on the board: a cache of files named by content hash, and what an engine reads them through."""

import contextlib
import errno
import fcntl
import hashlib
import os
import re
import shlex
import stat
import tempfile
import time
import zlib
from pathlib import Path
from typing import Any, BinaryIO, Dict, Iterator, Mapping, Optional, Tuple

from .engines.base import EngineError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
SHA256 = re.compile(r"[0-9a-f]{64}\Z")
STALE_SECONDS = 86400.0


def default_folder() -> Path:
    """Where constants are kept unless the one who starts the agent says otherwise."""
    base = os.environ.get("XDG_CACHE_HOME") or ""
    return (Path(base) if os.path.isabs(base) else Path.home() / ".cache") / "layerswitch" / "constants"


class Store:
    """A folder of files, each named by the SHA-256 of its content; a file is written whole or not at all.

    What came of a file before the client was lost stays in `.part-<SHA-256>`, and is gone on with.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file: Optional[BinaryIO] = None
        self._temporary = Path()
        self._sha256, self._size, self._offset = "", 0, 0
        self._hash = hashlib.sha256()

    def path(self, sha256: str) -> Path:
        """The file of that content. Raises EngineError when it is no hash."""
        if not SHA256.match(sha256):
            raise EngineError("%r is no SHA-256" % sha256[:80], kind="request")
        return self.folder / sha256

    def has(self, sha256: str, size: int) -> bool:
        """Whether content of that hash and size is there. Raises EngineError where the folder cannot be trusted."""
        self._check()
        try:
            return self.path(sha256).stat().st_size == size
        except OSError:
            return False

    def begun(self, sha256: str, size: int) -> int:
        """How many bytes of that content came before: the offset to go on from."""
        try:
            here = self._part(sha256).stat().st_size
        except OSError:
            return 0
        return here if here < size else 0

    def put(self, sha256: str, size: int, offset: int, chunk: bytes) -> bool:
        """Take the next piece of a file, true when that was the last. Offset 0 starts over, that of `begun` goes on.

        Raises EngineError on a piece out of order or a hash that does not fit: the pieces are then gone; and where the
        disk is full: those before this one stay.
        """
        try:
            if (self._file is None or sha256 != self._sha256) and 0 < offset == self.begun(sha256, size):
                self._begin(sha256, size, offset)
            elif offset == 0:
                self._begin(sha256, size, 0)
            elif self._file is None or (sha256, size, offset) != (self._sha256, self._size, self._offset):
                raise EngineError("a piece of a constant came out of order", kind="request")
            if offset + len(chunk) > size or (size and not chunk):
                raise EngineError("a piece of %d bytes does not fit" % len(chunk), kind="request")
            if self._file is not None:
                self._write(chunk)
            self._hash.update(chunk)
            self._offset += len(chunk)
            if self._offset < size:
                return False
            if self._hash.hexdigest() != sha256:
                raise EngineError("a constant's content does not have the hash it was announced with", kind="request")
            self._finish()
        except OSError as error:
            full = error.errno in FULL
            if full and self._file is not None:
                with contextlib.suppress(OSError):
                    os.ftruncate(self._file.fileno(), self._offset)
            self.drop(forget=not full)
            hint = self._hint() if full else ""
            what = "cannot keep constants: %s" % error.strerror
            raise EngineError(what, where=str(self.folder), hint=hint, kind="full" if full else "engine") from error
        except EngineError as error:
            self.drop(forget=error.kind != "full")
            raise
        return True

    def _part(self, sha256: str) -> Path:
        self.path(sha256)
        return self.folder / (".part-" + sha256)

    def _check(self) -> None:
        """Make sure that nobody else can put something into the folder. Raises EngineError."""
        try:
            found = os.lstat(str(self.folder))
        except OSError:
            return  # not there yet, or not to be looked at: writing says what is wrong
        if stat.S_ISLNK(found.st_mode):
            why = "is a link"
        elif stat.S_ISDIR(found.st_mode) and found.st_uid != os.geteuid():
            why = "belongs to another user (number %d)" % found.st_uid
        elif stat.S_ISDIR(found.st_mode) and found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            why = "can be written by others"
        else:
            return
        hint = "it must be the user's own, and written by nobody else: remove it, or set XDG_CACHE_HOME on the board"
        raise EngineError("constants cannot be kept: the folder " + why, where=str(self.folder), hint=hint)

    def _check_room(self, needed: int) -> None:
        """Refuse what the disk has no room for before it is full. Raises EngineError."""
        about = os.statvfs(str(self.folder))
        free = (about.f_bfree if os.geteuid() == 0 else about.f_bavail) * about.f_frsize
        if about.f_blocks and free < needed:
            what = "cannot keep constants: %.1f MB are needed, %.1f MB are free" % (needed / 1e6, free / 1e6)
            raise EngineError(what, where=str(self.folder), hint=self._hint(), kind="full")

    def _hint(self) -> str:
        return "make room there (df -h %s); what came so far stays" % shlex.quote(str(self.folder))

    def _begin(self, sha256: str, size: int, offset: int) -> None:
        self.drop()
        part = self._part(sha256)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._check()
        for left in self.folder.glob(".part-*"):  # of clients that never came back
            if left != part:
                _remove_stale(left)
        handle = os.open(str(part), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0), 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:  # another agent is sent the same: each writes its own, and both are the same in the end
            os.close(handle)
            if offset:
                raise EngineError("another agent is sent this constant just now", kind="request") from None
            handle, name = tempfile.mkstemp(dir=str(self.folder), prefix=".part-")
            fcntl.flock(handle, fcntl.LOCK_EX)
            part = Path(name)
        self._file, self._temporary = os.fdopen(handle, "r+b", buffering=0), part
        self._sha256, self._size, self._offset, self._hash = sha256, size, offset, hashlib.sha256()
        os.ftruncate(handle, offset)
        self._check_room(size - offset)
        left_to_read = offset
        while left_to_read:
            piece = self._file.read(min(left_to_read, 1 << 20))
            if not piece:
                raise EngineError("a piece of a constant came out of order", kind="request")
            self._hash.update(piece)
            left_to_read -= len(piece)

    def _write(self, chunk: bytes) -> None:
        rest = memoryview(chunk)
        while rest and self._file is not None:
            rest = rest[self._file.write(rest) :]

    def _finish(self) -> None:
        if self._file is not None:
            os.fsync(self._file.fileno())  # or a board that loses its power has a file of zeros by that name
            self._temporary.replace(self.path(self._sha256))
            self._file.close()
            self._file = None

    def drop(self, forget: bool = False) -> None:
        """Close a file that is half here; it stays to be gone on with, unless it is to be forgotten."""
        if self._file is not None:
            if forget or not self._offset or self._temporary != self._part(self._sha256):
                with contextlib.suppress(OSError):
                    self._temporary.unlink()
            self._file.close()
            self._file = None


def _remove_stale(part: Path) -> None:
    """Remove what nobody has touched for long and no agent writes, whatever the clock says."""
    with contextlib.suppress(OSError):
        if time.time() - part.stat().st_mtime <= STALE_SECONDS:
            return
        handle = os.open(str(part), os.O_RDWR | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0))
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            part.unlink()
        finally:
            os.close(handle)


class Constants(Mapping[str, Any]):
    """name -> numpy array, read (or drawn) each time it is asked for; nothing is kept in memory."""

    def __init__(self, store: Store, manifest: Dict[str, Dict[str, Any]], roles: Dict[str, str]) -> None:
        self._store, self._manifest, self._roles = store, manifest, roles

    def __iter__(self) -> Iterator[str]:
        return iter(self._manifest)

    def __len__(self) -> int:
        return len(self._manifest)

    def __getitem__(self, name: str) -> Any:
        import numpy

        entry = self._manifest[name]
        dtype, shape = numpy.dtype(entry["dtype"]), tuple(entry["shape"])
        if entry["sha256"] is None:
            return drawn(name, dtype, shape, self._roles.get(name, ""))
        try:
            if 0 in shape:
                return numpy.zeros(shape, dtype)
            # pages of the file, which the system takes back when it needs memory; a copy only of what is written to
            return numpy.asarray(
                numpy.memmap(self._store.path(entry["sha256"]), dtype, "c", shape=shape or (1,))
            ).reshape(shape)
        except (OSError, ValueError) as error:
            raise EngineError("the constant is gone from the cache: %s" % error, where=name) from error


def drawn(name: str, dtype: Any, shape: Tuple[int, ...], role: str) -> Any:
    """A constant of a model without weights: the same on every board, drawn from a seed made of its name.

    Numbers are small enough for activations to stay finite over many layers (He et al. 2015 for weights); scales and
    variances are positive; integers other than 8-bit ones (biases, indices) are 0.
    """
    import numpy

    generator = numpy.random.default_rng(zlib.crc32(name.encode("utf-8")))
    if dtype.kind == "f":
        if role in ("scale", "variance"):
            return generator.uniform(0.5, 1.5, shape).astype(dtype)
        if role in ("bias", "mean"):
            return generator.normal(0.0, 0.01, shape).astype(dtype)
        fan_in = max(1, int(numpy.prod(shape)) // max(shape or (1,)))
        return generator.normal(0.0, (2.0 / fan_in) ** 0.5, shape).astype(dtype)
    if dtype.itemsize == 1 and dtype.kind in "iu":
        return generator.integers(0 if dtype.kind == "u" else -127, 256 if dtype.kind == "u" else 128, shape, dtype)
    return numpy.zeros(shape, dtype)
