"""The operations of the agent: each checks its request whole before it changes anything."""

from typing import Any, Callable, Dict, List, Optional

from . import conditions, engines, protocol
from .constant_store import SHA256, Constants, Store
from .engines.base import Cancelled, Emit, Engine, EngineError
from .protocol import Frame

MOST_RUNS = 1000000
KINDS = {str: "text", int: "a whole number", dict: "an object", list: "a list"}


def field(request: Dict[str, Any], name: str, kind: type) -> Any:
    """A field of the request, of exactly that JSON type. Raises EngineError."""
    value = request.get(name)
    if type(value) is not kind:
        raise EngineError("%r must be %s" % (name, KINDS[kind]), where="request", kind="request")
    return value


def count(request: Dict[str, Any], name: str, least: int, most: int) -> int:
    """A whole number within bounds. Raises EngineError."""
    value = int(field(request, name, int))
    if not least <= value <= most:
        raise EngineError("%r must be %d to %d, not %d" % (name, least, most, value), where="request", kind="request")
    return value


class Operations:
    """What the agent holds between requests: an engine, and whether a network is loaded. One call at a time."""

    def __init__(self, store: Store, make: Optional[Callable[[Dict[str, Any]], Engine]] = None) -> None:
        """`make` replaces the engine that `open` names: only the one who starts the agent can say so."""
        self.store, self.make = store, make
        self.engine: Optional[Engine] = None
        self.layers: List[str] = []
        self.unsupported: Dict[str, Dict[str, str]] = {}
        self.devices: List[str] = []
        self.real = False  # whether the engine measures something, rather than compute or be told its times

    def call(self, frame: Frame, emit: Emit, cancelled: Cancelled) -> Dict[str, Any]:
        """Carry out one request and return the fields of its result. Raises EngineError, and what engines raise."""
        request = frame.header
        operation = field(request, "op", str)
        if operation == "store":
            return self.store_constant(request, frame.payload)
        if frame.payload:
            raise EngineError("%r takes no payload" % operation, where="request", kind="request")
        if operation in ("profile", "run"):
            if self.real:
                return conditions.around(lambda: self.measure(operation, request, emit, cancelled))
            return self.measure(operation, request, emit, cancelled)
        if operation in ("hello", "close"):
            return self.hello() if operation == "hello" else self.close()
        if operation == "load":
            return self.load(request, emit, cancelled)
        others = {"open": self.open, "need": self.need}
        if operation not in others:
            raise EngineError("there is no operation %r" % operation[:80], where="request", kind="request")
        return others[operation](request)

    def hello(self) -> Dict[str, Any]:
        """Versions, so that both sides know whom they talk to."""
        import platform

        import numpy

        return {
            "protocol": protocol.PROTOCOL,
            "python": platform.python_version(),
            "numpy": numpy.__version__,
            "machine": platform.machine(),
            "engines": engines.names(),
        }

    def open(self, request: Dict[str, Any]) -> Dict[str, Any]:
        """Make an engine, in place of the one before."""
        name, settings = field(request, "engine", str), field(request, "settings", dict)
        engine = self.make(settings) if self.make else engines.create(name, settings)
        try:
            description = dict(engine.describe())
            needs_constants = bool(description.pop("needs_constants", engine.needs_constants))
            devices = [str(device["name"]) for device in description["devices"]]
        except BaseException:
            engine.close()
            raise
        self.close()
        self.engine, self.devices, self.real = engine, devices, self.make is None and name != "simulated"
        return {"description": description, "needs_constants": needs_constants}

    def opened(self) -> Engine:
        """The open engine. Raises EngineError."""
        if self.engine is None:
            raise EngineError("no engine is open", hint="send `open` first", kind="request")
        return self.engine

    def need(self, request: Dict[str, Any]) -> Dict[str, Any]:
        """Which constants of a manifest are not in the cache, and how much of them came before a client was lost."""
        entries = manifest(field(request, "constants", dict))
        names = [
            name
            for name, entry in entries.items()
            if entry["sha256"] is not None and not self.store.has(entry["sha256"], entry["bytes"])
        ]
        begun = {name: self.store.begun(entries[name]["sha256"], entries[name]["bytes"]) for name in names}
        return {"names": names, "begun": {name: offset for name, offset in begun.items() if offset}}

    def store_constant(self, request: Dict[str, Any], payload: bytes) -> Dict[str, Any]:
        """Take the next piece of one constant's content."""
        sha256, size = field(request, "sha256", str), count(request, "bytes", 0, 1 << 40)
        return {"whole": self.store.put(sha256, size, count(request, "offset", 0, 1 << 40), payload)}

    def load(self, request: Dict[str, Any], emit: Emit, cancelled: Cancelled) -> Dict[str, Any]:
        """Give the engine a network; its constants must be in the cache, or be ones to draw."""
        engine, network = self.opened(), field(request, "network", dict)
        entries = manifest(field(request, "constants", dict))
        for name, entry in entries.items():
            if entry["sha256"] is not None and not self.store.has(entry["sha256"], entry["bytes"]):
                raise EngineError("the constant was not sent", where=name, kind="request")
        try:
            layers = [layer["name"] for layer in network["layers"]]
            operators = [operator for layer in network["layers"] for operator in layer.get("operators", [])]
            roles = {name: role for one in operators for role, name in one.get("constants", {}).items()}
        except (KeyError, TypeError, AttributeError) as error:
            raise EngineError("is not a network: %r" % error, where="network", kind="request") from error
        unsupported = engine.load(network, Constants(self.store, entries, roles), emit, cancelled)
        self.layers, self.unsupported = layers, unsupported
        return {"unsupported": unsupported}

    def measure(self, operation: str, request: Dict[str, Any], emit: Emit, cancelled: Cancelled) -> Dict[str, Any]:
        """Profile the loaded network, or run an assignment of it."""
        engine = self.opened()
        if not self.layers:
            raise EngineError("no network is loaded", hint="send `load` first", kind="request")
        runs, warmup = count(request, "runs", 1, MOST_RUNS), count(request, "warmup", 0, MOST_RUNS)
        seed = count(request, "seed", 0, (1 << 63) - 1)
        if operation == "profile":
            profile = engine.profile(runs, warmup, seed, emit, cancelled)
            for device, reasons in profile.get("unsupported", {}).items():
                self.unsupported[device] = dict(self.unsupported.get(device, {}), **reasons)
            return profile
        assignment = field(request, "assignment", dict)
        if sorted(assignment) != sorted(self.layers):
            raise EngineError("is not of exactly the network's layers", where="assignment", kind="request")
        for layer, device in assignment.items():
            if device not in self.devices:
                raise EngineError("there is no device %r" % (device,), where=layer, kind="request")
            if layer in self.unsupported.get(device, {}):
                raise EngineError(self.unsupported[device][layer], where=layer, kind="unsupported")
        return engine.run(assignment, runs, warmup, seed, emit, cancelled)

    def close(self) -> Dict[str, Any]:
        """Let go of the engine."""
        engine, self.engine, self.layers, self.unsupported = self.engine, None, [], {}
        if engine is not None:
            engine.close()
        return {}


def manifest(entries: Dict[str, Any]) -> Dict[str, Dict[str, Any]]:
    """The checked manifest: name -> {sha256 or null, dtype, shape, bytes}. Raises EngineError naming the constant."""
    import numpy

    for name, entry in entries.items():
        try:
            sha256, shape = entry["sha256"], entry["shape"]
            size = numpy.dtype(entry["dtype"]).itemsize
            for length in shape:
                if type(length) is not int or length < 0:
                    raise ValueError("a length is %r" % (length,))
                size *= length
            if numpy.dtype(entry["dtype"]).hasobject or size != entry["bytes"]:
                raise ValueError("bytes must be %d" % size)
            if sha256 is not None and not SHA256.match(sha256):
                raise ValueError("sha256 is no hash")
        except (KeyError, TypeError, ValueError) as error:
            raise EngineError("a bad entry: %s" % error, where="constant %r" % name, kind="request") from error
    return entries
