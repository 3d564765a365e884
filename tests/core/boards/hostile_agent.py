"""An agent that answers as it should until it is asked to profile (or for "hello-..." modes at once), then does not."""

import importlib.util
import os
import struct
import sys
import time
from pathlib import Path

spec = importlib.util.spec_from_file_location("protocol", Path(sys.argv[1]) / "protocol.py")
protocol = importlib.util.module_from_spec(spec)
spec.loader.exec_module(protocol)
mode = sys.argv[2]
out = os.fdopen(os.dup(1), "wb")


def raw(data):
    out.write(data)
    out.flush()


def send(**header):
    raw(b"".join(protocol.pack(header)))


def text(header):
    raw(protocol.PREFIX.pack(b"LSW1", len(header), 0) + header)


def slowly():
    yield struct.pack("<4sIQ", b"LSW1", 1 << 24, 0)
    while True:
        yield b" "


half = {"done": 1, "total": 2}


def profiled(n, samples=(("CPU", "abc"), ("GPU", "abc")), ms=1.0, **result):
    """A sample of these layers on each device, and the result."""
    for device, layers in samples:
        send(id=n, event="sample", device=device, layers=dict.fromkeys(layers, ms))
    send(id=n, event="result", **result)


MODES = {
    "long-error": lambda n: send(id=n, event="error", kind="engine", what="x" * 1000000),
    "magic": lambda n: raw(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
    "header-too-large": lambda n: raw(struct.pack("<4sIQ", b"LSW1", 2**31, 0)),
    "payload-too-large": lambda n: raw(struct.pack("<4sIQ", b"LSW1", 2, 2**62) + b"{}"),
    "not-json": lambda n: text(b"{nonsense"),
    "not-an-object": lambda n: text(b"[1, 2]"),
    "deep": lambda n: text(b"[" * 1000000),
    "nan": lambda n: text(b'{"id": %d, "event": "sample", "device": "CPU", "layers": {"a": NaN}}' % n),
    "infinite": lambda n: text(b'{"id": %d, "event": "sample", "device": "CPU", "layers": {"a": 1e999}}' % n),
    "negative": lambda n: send(id=n, event="sample", device="CPU", layers={"a": -1.0}),
    "wrong-id": lambda n: send(id=n + 100, event="result"),
    "list-id": lambda n: send(id=[n], event="result"),
    "no-id": lambda n: send(event="result"),
    "unknown-event": lambda n: send(id=n, event="surprise"),
    "no-event": lambda n: send(id=n),
    "payload": lambda n: raw(b"".join(protocol.pack({"id": n, "event": "result"}, b"x"))),
    "no-samples": lambda n: send(id=n, event="result"),
    "samples-of-nothing": lambda n: profiled(n, (("CPU", ""), ("GPU", ""))),
    "too-many-samples": lambda n: profiled(n, (("CPU", "abc"), ("GPU", "abc"), ("GPU", "abc"))),
    "too-few-samples": lambda n: profiled(n, (("CPU", "abc"), ("GPU", "a"))),
    "unknown-layer": lambda n: profiled(n, (("CPU", "abcz"), ("GPU", "abc"))),
    "unknown-device": lambda n: profiled(n, (("CPU", "abc"), ("GPU", "abc"), ("NPU", "abc"))),
    "repeated-samples": lambda n: profiled(n, transfer_samples=[]),
    "unknown-transfer": lambda n: send(id=n, event="transfer", source="CPU", target="NPU", bytes=1, ms=1.0),
    "unknown-baseline": lambda n: profiled(n, baselines={"NPU": [1.0]}),
    "text-for-number": lambda n: profiled(n, ms="1"),
    "extra-field": lambda n: profiled(n, surprise=1),
    "bad-error": lambda n: send(id=n, event="error", kind=7),
    "unknown-kind": lambda n: send(id=n, event="error", kind="surprise", what="so"),
    "progress-of-text": lambda n: send(id=n, event="progress", done="much", total=1),
    "endless-progress": lambda n: [send(id=n, event="progress", done=1, total=2) for _ in iter(int, 1)],
    "endless-samples": lambda n: [send(id=n, event="sample", device="CPU", layers={}) for _ in iter(int, 1)],
    "endless-line": lambda n: [raw(b"x" * 65536) for _ in iter(int, 1)],
    "large-progress": lambda n: [send(id=n, event="progress", text="x" * 1000000, **half) for _ in iter(int, 1)],
    "endless-log": lambda n: [os.write(2, b"x" * 65536) for _ in iter(int, 1)],
    "slow-header": lambda n: [raw(one) or time.sleep(0.05) for one in slowly()],
    "closes-output": lambda n: (out.close(), os.close(1), time.sleep(600)),
    "silent": lambda n: time.sleep(600),
    "cancels": lambda n: send(id=n, event="error", kind="cancelled", what="cancelled"),
    "cancels-and-is-killed": lambda n: (MODES["cancels"](n), time.sleep(0.3), os.kill(os.getpid(), 9)),
}
if mode.startswith("hello-"):
    MODES["hello"] = MODES.get(mode[6:], lambda n: None)

while True:
    try:
        request = protocol.read(sys.stdin.buffer.read).header
    except EOFError:
        break
    operation, number = request["op"], request.get("id")
    if mode == "hello-protocol" and operation == "hello":
        send(id=number, event="result", protocol=99, python="", numpy="", machine="", engines=[])
    elif mode.startswith("hello-") and operation == "hello":
        MODES["hello"](number)
    elif operation == "hello":
        send(
            id=number,
            event="result",
            protocol=protocol.PROTOCOL,
            python="3.8.0",
            numpy="1.20.0",
            machine="vax",
            engines=["bad"],
        )
    elif operation == "open":
        devices = {"no-devices": [], "twin-devices": [{"name": "CPU"}] * 2}.get(
            mode, [{"name": "CPU"}, {"name": "GPU"}]
        )
        description = {"name": "bad", "title": "Bad", "origin": "simulated", "devices": devices}
        send(id=number, event="result", description=description)
    elif operation == "load":
        reasons = {"unknown-reason": {"TPU": {"a": "no"}}, "reason-for-nothing": {"CPU": {"z": "no"}}}.get(mode, {})
        send(id=number, event="result", unsupported=reasons)
    elif operation == "profile":
        MODES[mode](number)
