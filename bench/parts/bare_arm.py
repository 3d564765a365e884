"""Runs where the agent runs: bare calls of pyarmnn beside what the agent makes of them. Python 3.8, as the agent.

A JSON object on standard input says what is asked (on_board.py writes it); the answer is the last line of the output.
"""

import functools
import json
import os
import sys
import time
from types import ModuleType

import numpy as np


def main():
    """Answer one request."""
    request = json.load(sys.stdin)
    package = ModuleType("layerswitch_agent")
    package.__path__ = [request["agent"]]
    sys.modules["layerswitch_agent"] = package
    from layerswitch_agent.engines.armnn.engine import ArmNNEngine

    engine = ArmNNEngine(request["settings"])
    began = time.perf_counter()
    engine.load(request["network"], constants(request["network"]))
    answer = {"floor": floor, "parts": parts, "overhead": overhead}[request["what"]](engine, request)
    answer["asking"] = answer.pop("began", time.perf_counter()) - began
    print("\n" + json.dumps(answer), flush=True)
    os._exit(0)  # as the agent does


def constants(network):
    """The network's constants, drawn as the agent draws those that no file has."""
    from layerswitch_agent.constant_store import drawn

    operators = [operator for layer in network["layers"] for operator in layer["operators"]]
    roles = {name: role for one in operators for role, name in one.get("constants", {}).items()}
    return {
        name: drawn(name, np.dtype(one["dtype"]), tuple(one["shape"]), roles.get(name, ""))
        for name, one in network.get("constants", {}).items()
    }


def executed(engine, assignment):
    """An assignment, loaded beside what is loaded already."""
    from layerswitch_agent.engines.armnn.execution import Execution

    return Execution(
        engine._library, engine._loaded(), engine._constants, engine._backends, assignment, False, print_nothing, never
    )


def print_nothing(text):
    """Say nothing of the progress."""


def never():
    """Nobody cancels."""
    return False


def bare(execution, run):
    """One inference by pyarmnn's own calls; `run` is the runtime's EnqueueWorkload."""
    for part in execution.parts:
        run(part.number, part.given, part.taken)


def floor(engine, request):
    """Seconds of as many inferences as a profile counts and warms up with, of networks that are loaded; by device."""
    from layerswitch_agent.engines.armnn.execution import drawn_inputs

    began = time.perf_counter()
    layers = [layer.name for layer in engine._loaded().layers]
    loaded = {device: executed(engine, dict.fromkeys(layers, device)) for device in engine._backends}
    run = engine._library.runtime().EnqueueWorkload
    first, all_of_them = {}, {}
    inputs = drawn_inputs(engine._loaded(), 0)  # what it computes with decides how long it takes, for some backends
    for device, execution in loaded.items():
        for name, buffer in execution.parts[0].inputs.items():
            np.copyto(buffer, inputs[name])
        start = time.perf_counter()
        bare(execution, run)
        first[device] = time.perf_counter() - start
        for _ in range(2 * (request["runs"] + request["warmup"]) - 1):
            bare(execution, run)
        all_of_them[device] = time.perf_counter() - start
    return {"began": began, "first": first, "all": all_of_them}


class Shares:
    """Where the time goes: what is going on counts for the innermost part, but within `whole` parts for those."""

    def __init__(self, whole):
        self.seconds, self._doing, self._since, self._whole = {}, ["the rest"], time.perf_counter(), whole

    def _tick(self):
        now, doing = time.perf_counter(), next((one for one in self._doing if one in self._whole), self._doing[-1])
        self.seconds[doing] = self.seconds.get(doing, 0.0) + now - self._since
        self._since = now

    def timed(self, call, part):
        """The call, timed as a part; `part` may be a function of its arguments."""

        @functools.wraps(call)
        def wrapped(*arguments, **named):
            self._tick()
            self._doing.append(part if isinstance(part, str) else part(*arguments))
            try:
                return call(*arguments, **named)
            finally:
                self._tick()
                self._doing.pop()

        return wrapped

    def ended(self):
        """Seconds by part."""
        self._tick()
        return self.seconds


def parts(engine, request):
    """A profile, taken apart: seconds by part."""
    from layerswitch_agent import protocol
    from layerswitch_agent.engines.armnn import peak_benchmarks, transfer_timing
    from layerswitch_agent.engines.armnn.execution import Execution

    began = time.perf_counter()
    shares, nowhere = Shares(("transfers", "peaks")), os.open(os.devnull, os.O_WRONLY)
    infer = Execution.infer

    def which(execution, _inputs):
        number = execution.__dict__["inferred"] = execution.__dict__.get("inferred", -1) + 1
        if number < request["warmup"]:
            return "warm-up" if number else "first inferences"
        return "layers" if execution.profiling else "baselines"

    def emit(event, **fields):
        for piece in protocol.pack(dict(fields, id=0, event=event)):
            os.write(nowhere, piece)

    Execution.infer = shares.timed(infer, which)
    Execution.__init__ = shares.timed(Execution.__init__, "loading")
    Execution.close = shares.timed(Execution.close, "loading")
    engine._library.drop = shares.timed(engine._library.drop, "loading")
    Execution.layer_times = shares.timed(Execution.layer_times, "reading the profiler")
    measure = transfer_timing.measure
    transfer_timing.measure = lambda *given: iter(shares.timed(lambda: list(measure(*given)), "transfers")())
    peak_benchmarks.measure = shares.timed(peak_benchmarks.measure, "peaks")
    engine.profile(request["runs"], request["warmup"], 0, shares.timed(emit, "protocol"), never)
    return {"began": began, "parts": shares.ended()}


def overhead(engine, request):
    """Of each assignment: (ms of the clock, ms of this thread) of bare calls, of copies, of an inference; in turns."""
    from layerswitch_agent.engines.armnn.execution import drawn_inputs

    began, found = time.perf_counter(), []
    inputs, run = drawn_inputs(engine._loaded(), 0), None
    for assignment in request["assignments"]:
        execution = executed(engine, assignment)
        run = engine._library.runtime().EnqueueWorkload
        copies = [(buffer, np.array(buffer)) for part in execution.parts[1:] for buffer in part.inputs.values()]
        for _ in range(3):
            execution.infer(inputs)
        samples = []
        for turn in range(request["turns"]):
            taken = {}
            for name in ("bare", "copies", "agent") if turn % 2 else ("agent", "copies", "bare"):
                start, spent = time.perf_counter(), time.thread_time()
                if name == "bare":
                    bare(execution, run)
                elif name == "copies":
                    for buffer, other in copies:
                        np.copyto(buffer, other)
                else:
                    execution.infer(inputs)
                spent = time.thread_time() - spent
                taken[name] = [1000.0 * (time.perf_counter() - start), 1000.0 * spent]
            samples.append([taken["bare"], taken["copies"], taken["agent"]])
        size = sum(int(buffer.nbytes) for buffer, _ in copies)
        found.append({"switches": len(execution.parts) - 1, "bytes": size, "copies": len(copies), "ms": samples})
        execution.close()
    return {"began": began, "found": found}


if __name__ == "__main__":
    main()
