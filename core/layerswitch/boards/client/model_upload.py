"""Sending a network and its constants to an agent: each constant once per board, in pieces, one at a time."""

import hashlib
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from ...agent.protocol import CHUNK
from ...errors import BoardError, CancelledError, LostError, NoRoomError
from ..progress import Progress, Show
from .responses import BadAnswerError, Loaded, Needed, Reasons, Stored
from .rpc_client import Client

if TYPE_CHECKING:
    from ...network.model import Constants, Model

Manifest = dict[str, dict[str, Any]]


class Sender:
    """Loads networks into one agent."""

    def __init__(self, client: Client, needs_constants: bool) -> None:
        """Without `needs_constants` the engine reads no weights, and none are hashed or sent."""
        self.client, self._needs_constants = client, needs_constants
        self._known: tuple[Constants, Manifest] | None = None

    def load(self, model: "Model", progress: Show | None, cancel: threading.Event | None) -> Reasons:
        """Send what the agent lacks, and load; what it says it cannot run.

        Raises BoardError, CancelledError, ModelError (a constant cannot be read).
        """
        manifest: Manifest = {}
        if self._needs_constants:
            manifest = self._manifest(model, progress, cancel)
            needed = self.client.ask(Needed, "need", cancel=cancel, constants=manifest)
            names = needed.names
            with self.client.checking():
                if unknown := set(names) - {name for name, entry in manifest.items() if entry["sha256"]}:
                    raise BadAnswerError(f"it asks for constant {min(unknown)!r}, which was not offered")
                for name, offset in needed.begun.items():
                    if name not in names or offset >= manifest[name]["bytes"]:
                        raise BadAnswerError(f"it has {offset} bytes of constant {name!r:.80}, which cannot be")
            self._send(model.constants, manifest, dict.fromkeys(names, 0) | needed.begun, progress, cancel)
        network = msgspec.json.decode(msgspec.json.encode(model.graph))  # tuples as lists, infinities as null
        return self.client.ask(
            Loaded, "load", cancel=cancel, progress=progress, network=network, constants=manifest
        ).unsupported

    def _manifest(self, model: "Model", progress: Show | None, cancel: threading.Event | None) -> Manifest:
        """name -> {sha256, dtype, shape, bytes}; sha256 is None where the model has no numbers: drawn on the board."""
        if self._known and self._known[0] is model.constants:
            return self._known[1]
        manifest: Manifest = {}
        for place, (name, tensor) in enumerate(model.graph.constants.items()):
            _stop(cancel)
            if progress:
                progress(Progress(place, len(model.graph.constants), "reading constants"))
            try:
                array = model.constants[name]
            except KeyError:
                entry = {"sha256": None, "dtype": tensor.dtype, "shape": list(tensor.shape), "bytes": tensor.bytes}
            else:
                sha256 = hashlib.sha256(_bytes(array)).hexdigest()
                entry = {"sha256": sha256, "dtype": array.dtype.str, "shape": list(array.shape), "bytes": array.nbytes}
            manifest[name] = entry
        self._known = model.constants, manifest
        return manifest

    def _send(
        self,
        constants: "Constants",
        manifest: Manifest,
        names: dict[str, int],
        progress: Show | None,
        cancel: threading.Event | None,
    ) -> None:
        """Send the constants, each from the offset that the agent has it to; one content is sent once."""
        contents = {str(manifest[name]["sha256"]): name for name in names}
        total, done = float(sum(manifest[name]["bytes"] for name in contents.values())), 0
        for name in contents.values():
            content, entry = _bytes(constants[name]), manifest[name]

            def tell(sent: int, before: int = done) -> None:
                if progress:
                    progress(Progress(before + sent, total, "sending constants"))

            try:
                self._send_one(content, entry, names[name], tell, cancel)
            except BoardError as error:
                if not names[name] or self.client.closed or isinstance(error, LostError | NoRoomError):
                    raise
                # what the agent had of it is of no use: after a power failure a file may end in zeros
                self._send_one(content, entry, 0, tell, cancel)
            done += len(content)

    def _send_one(
        self,
        content: memoryview,
        entry: dict[str, Any],
        start: int,
        tell: Callable[[int], None],
        cancel: threading.Event | None,
    ) -> None:
        for offset in range(start, max(1, len(content)), CHUNK):
            piece = content[offset : offset + CHUNK]
            fields = {"sha256": entry["sha256"], "bytes": entry["bytes"], "offset": offset}
            self.client.ask(Stored, "store", payload=piece, cancel=cancel, **fields)
            tell(offset + len(piece))


def _bytes(array: np.ndarray[Any, np.dtype[Any]]) -> memoryview:
    """The array's bytes, not copied where it is contiguous."""
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data


def _stop(cancel: threading.Event | None) -> None:
    if cancel and cancel.is_set():
        raise CancelledError("cancelled")
