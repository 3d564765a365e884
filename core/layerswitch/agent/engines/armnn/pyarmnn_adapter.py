"""The thin adapter to pyarmnn: what differs between Arm NN's versions, and one runtime at a time."""

import contextlib
import inspect
import os
import sys
import tempfile
from typing import Any, Dict, Iterator, List, Optional, Tuple

import numpy as np

from ... import hardware
from ..base import EngineError
from .per_axis_ctypes import PerAxis

BACKENDS = ("CpuAcc", "GpuAcc", "CpuRef")
TRIAL_SECONDS = 40.0  # a backend that computes nothing within that time does not work
TYPES = {
    "float32": ("Float32", np.float32),
    "float16": ("Float16", np.float16),
    "int8": ("QAsymmS8", np.int8),
    "uint8": ("QAsymmU8", np.uint8),
    "int16": ("QSymmS16", np.int16),
    "int32": ("Signed32", np.int32),
    "int64": ("Signed32", np.int32),  # Arm NN has no wider integers
    "bool": ("Boolean", np.uint8),
}


def stored_type(dtype: str) -> "np.dtype[Any]":
    """The type in which Arm NN stores the numbers of a tensor; of types that it lacks, that of float32."""
    return np.dtype(TYPES.get(dtype, TYPES["float32"])[1])


KNOWN = {"22.0.0": "20.08", "33.0.0": "23.08", "33.1.0": "23.08"}
"""The libraries that LayerSwitch has been run with: their number -> Arm NN's release."""
TRIED = tuple(dict.fromkeys(KNOWN.values()))


class Library:
    """pyarmnn, imported. `weights_are_layers` tells 20.08 (weights are arguments) from 22 and later."""

    def __init__(self) -> None:
        """Raises EngineError when pyarmnn cannot be imported."""
        import warnings

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # 23.08 announces its end on import
                import pyarmnn
        except ImportError as error:
            hint = "install python3-pyarmnn on the board"
            raise EngineError("pyarmnn cannot be imported: {}".format(error), hint=hint) from error
        self.ann: Any = pyarmnn
        ask = getattr(pyarmnn, "GetVersion", str)
        self.version = str(getattr(pyarmnn, "ARMNN_VERSION", "") or ask() or "of unknown version")
        with self.naming():
            named = inspect.signature(pyarmnn.INetwork.AddFullyConnectedLayer).parameters
            self.weights_are_layers = not any(name.startswith("weight") for name in named) and len(named) <= 3
            self.per_axis = PerAxis(pyarmnn)
        self._memory: Optional[hardware.GpuMemory] = None
        self._runtime: Any = None
        self._made_profiling: Optional[bool] = None

    @property
    def release(self) -> str:
        """Arm NN's release as people know it, e.g. "20.08", as far as it can be told from the library's number."""
        return KNOWN.get(self.version, self.version)

    @contextlib.contextmanager
    def naming(self) -> Iterator[None]:
        """Has errors of a version that nobody has tried say so, and those of names it does not have be understood."""
        try:
            yield
        except EngineError as error:
            error.hint = "; ".join(filter(None, (error.hint, self.untried)))
            raise
        except (AttributeError, TypeError) as error:
            if not self.untried:
                raise
            raise EngineError("pyarmnn {} does not fit: {}".format(self.version, error), hint=self.untried) from error

    @property
    def untried(self) -> str:
        """A word of warning about a version that nobody has tried."""
        if self.version in KNOWN:
            return ""
        return "Arm NN {} has not been tried with LayerSwitch; {} have".format(self.release, " and ".join(TRIED))

    def memory(self, backend: str) -> Optional[hardware.GpuMemory]:
        """What the backend's device says of its memory; None where it has the board's, or says nothing."""
        if backend != "GpuAcc":
            return None
        self._memory = self._memory or hardware.gpu_memory()
        return self._memory

    @property
    def profiling(self) -> bool:
        """Whether the runtime there is now was made for profiling."""
        return bool(self._made_profiling)

    def runtime(self, profiling: bool = False) -> Any:
        """The runtime; changing `profiling` makes a new one, and everything loaded in the old one is gone."""
        if self._runtime is None or self._made_profiling != profiling:
            self._runtime = None  # the GPU's context is the process's: let go of the old before making the new
            options = self.ann.CreationOptions()
            options.m_EnableGpuProfiling = profiling
            self._runtime, self._made_profiling = self.ann.IRuntime(options), profiling
        return self._runtime

    def drop(self) -> None:
        """Let go of the runtime and all that is loaded in it."""
        self._runtime = self._made_profiling = None

    def info(self, shape: Tuple[int, ...], dtype: str, scale: float = 0.0, zero_point: int = 0) -> Any:
        """A TensorInfo. Raises ValueError for a dtype or rank that Arm NN does not have."""
        if dtype not in TYPES:
            raise ValueError("Arm NN has no tensors of {}".format(dtype))
        kind = getattr(self.ann, "DataType_" + TYPES[dtype][0])
        shape_ = self.ann.TensorShape(tuple(int(length) for length in shape) or (1,))
        if scale or dtype in ("int8", "uint8", "int16"):
            return self.ann.TensorInfo(shape_, kind, float(scale or 1.0), int(zero_point))
        return self.ann.TensorInfo(shape_, kind)

    def constant(self, info: Any, array: np.ndarray) -> Any:
        """A ConstTensor over a copy-free view of the array; the caller keeps the array alive."""
        if hasattr(info, "SetConstant"):
            info.SetConstant(True)
        return self.ann.ConstTensor(info, np.ascontiguousarray(array).view())

    def optimize(self, network: Any, backend: str) -> Any:
        """The network optimized for one backend. Raises RuntimeError with Arm NN's words."""
        device, options = self.runtime(self.profiling).GetDeviceSpec(), self.ann.OptimizerOptions()
        optimized, messages = self.ann.Optimize(network, [self.ann.BackendId(backend)], device, options)
        if optimized is None:
            raise RuntimeError("; ".join(str(message) for message in messages) or "cannot be optimized")
        return optimized

    def order(self, optimized: Any) -> List[Tuple[str, str]]:
        """(layer type, layer name) of an optimized network, in execution order, as Arm NN itself writes it down."""
        handle, path = tempfile.mkstemp(suffix=".dot")
        os.close(handle)
        try:
            optimized.SerializeToDot(path)
            with open(path, encoding="utf-8", errors="replace") as file:
                return parse_dot(file.read())
        finally:
            os.unlink(path)

    def tried(self, backend: str) -> str:
        """Why a backend does not work here, "" if it does; asked in a process of its own, because it may crash."""
        sys.stderr.flush()
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            answer = "it crashed"
            try:
                answer = self._try(backend)
            except BaseException as error:  # whatever it is, it is the answer
                answer = str(error) or type(error).__name__
            finally:
                os.write(writer, (answer or "works").encode("utf-8", "replace")[:2000])
                os._exit(0)
        os.close(writer)
        try:
            return _answer(child, reader)
        finally:
            os.close(reader)

    def _try(self, backend: str) -> str:
        """Compute something small; "" when the result is right."""
        ann, shape = self.ann, (1, 4, 4, 4)
        network, info = ann.INetwork(), self.info(shape, "float32")
        descriptor = ann.ActivationDescriptor()
        descriptor.m_Function = ann.ActivationFunction_ReLu
        layers = [network.AddInputLayer(0), network.AddActivationLayer(descriptor), network.AddOutputLayer(0)]
        for before, after in zip(layers, layers[1:]):
            before.GetOutputSlot(0).SetTensorInfo(info)
            before.GetOutputSlot(0).Connect(after.GetInputSlot(0))
        runtime = self.runtime()
        number, _ = runtime.LoadNetwork(self.optimize(network, backend))
        values = np.linspace(-1, 1, 64, dtype=np.float32).reshape(shape)
        output = ann.Tensor(runtime.GetOutputTensorInfo(number, 0))
        given = self.constant(runtime.GetInputTensorInfo(number, 0), values)
        runtime.EnqueueWorkload(number, [(0, given)], [(0, output)])
        found = output.get_memory_area().reshape(shape)
        return "" if np.allclose(found, np.maximum(values, 0)) else "it computes wrong results"


def _answer(child: int, reader: int) -> str:
    """What a trial's process says; it is ended when it takes too long."""
    import select
    import signal

    ready, _, _ = select.select([reader], [], [], TRIAL_SECONDS)
    if not ready:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    said = os.read(reader, 4096).decode("utf-8", "replace") if ready else "no answer"
    _, status = os.waitpid(child, 0)
    if not said:
        return "it crashed (signal {})".format(status & 0x7F)
    return "" if said == "works" else said


def parse_dot(text: str) -> List[Tuple[str, str]]:
    """(type, name) of the nodes of Arm NN's dot text, in its order."""
    found = []
    for line in text.splitlines():
        fields: Dict[str, str] = {}
        for part in line.split("\\l"):
            for key in ("LayerName", "LayerType"):
                _, mark, value = part.partition(key + " : ")
                if mark:
                    fields[key] = value
        if "LayerType" in fields:
            found.append((fields["LayerType"], fields.get("LayerName", "")))
    return found
