"""An engine for tests that does what its settings say: how long it takes, when it fails, and how."""

import ctypes
import hashlib
import os
import signal
import sys
import time
from pathlib import Path

from layerswitch_agent.engines.base import Engine, EngineError, JobCancelled


class Scripted(Engine):
    """Layer i takes i + 1 ms on the first device, twice that on the second, and so on; nothing is ever computed."""

    def describe(self):
        print("printed by a library while it is imported")
        if self.settings.get("refuse"):
            raise EngineError("will not open", where="here", hint="ask nicely")
        devices = self.settings.get("devices", ["CPU", "GPU"])
        return {
            "name": "scripted",
            "title": "Scripted",
            "origin": "simulated",
            "devices": [{"name": name, "processor": "none", "backend": "test"} for name in devices],
            "engine": "scripted",
            "needs_constants": bool(self.settings.get("needs_constants")),
        }

    def load(self, network, constants, emit, cancelled):
        for number in range(self.settings.get("slow_load", 0)):
            self.step(cancelled, number, emit)
        self.names = [layer["name"] for layer in network["layers"]]
        self.seen = {name: constants[name] for name in constants}
        self.missing = self.settings.get("unsupported", {})
        return self.missing

    def step(self, cancelled, done, emit):
        """One inference's time, and whatever is to go wrong in it."""
        stuck = self.settings.get("stuck")  # a file: the first inference that does not find it never ends
        if stuck and not Path(stuck).exists():
            Path(stuck).write_text(str(os.getpid()))
            emit("progress", done=done, total=100, text="compiling kernels")
            time.sleep(3600)
        if self.settings.get("frozen"):  # as in native code that keeps every other Python thread from running
            ctypes.PyDLL(None).sleep(3600)
        until = time.monotonic() + self.settings.get("seconds", 0.0)
        while True:
            if cancelled() and not self.settings.get("deaf"):
                raise JobCancelled
            if time.monotonic() >= until:
                break
            time.sleep(0.01)
        emit("progress", done=done, total=100, text="working")
        once = self.settings.get("once")  # a file: what is to go wrong goes wrong only while it is not there
        if done == self.settings.get("at", -1) and not (once and Path(once).exists()):
            if once:
                Path(once).write_text("")
            print("about to fail", file=sys.stderr, flush=True)
            failure = self.settings["failure"]
            if failure == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            if failure == "exit":
                os._exit(7)
            if failure == "raise":
                raise ZeroDivisionError("a defect")
            if failure == "nan":
                emit("sample", ms=float("nan"))

    def profile(self, runs, warmup, seed, emit, cancelled):
        devices = [device["name"] for device in self.describe()["devices"]]
        done = 0
        late = self.settings.get("late", {})
        self.missing = {
            device: {**self.missing.get(device, {}), **late.get(device, {})} for device in {*self.missing, *late}
        }
        for place, device in enumerate(devices):
            layers = {n: (i + 1.0) * (place + 1) for i, n in enumerate(self.names)}
            layers = {n: ms for n, ms in layers.items() if n not in self.missing.get(device, {})}
            for _ in range(runs):
                self.step(cancelled, done, emit)
                done += 1
                emit("sample", device=device, layers=layers)
        for source, target in ((one, other) for one in devices for other in devices if one != other):
            for size in (1000, 100000, 1000000, 4000000):
                emit("transfer", source=source, target=target, bytes=size, ms=0.5 + size * 1e-6)
        return {
            "unsupported": late,
            "notes": {name: hashlib.sha256(array.tobytes()).hexdigest() for name, array in self.seen.items()},
        }

    def run(self, assignment, runs, warmup, seed, emit, cancelled):
        for done in range(runs):
            self.step(cancelled, done, emit)
            emit("sample", ms=float(len(assignment) + done))
        return {}

    def close(self):
        print("closed in good order", file=sys.stderr, flush=True)
