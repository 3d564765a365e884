"""Quantization per channel in TensorInfos: Arm NN has it, pyarmnn (20.08 and 23.08) does not wrap it.

The two setters are public functions of libarmnn, called here with arguments laid out as libstdc++ does. Whether that
works is tried in a process of its own and read back; where it does not, `works` is false and nothing is called.
"""

import ctypes
import os
import sys
from typing import Any, Optional, Sequence

SET_SCALES = "_ZN5armnn10TensorInfo21SetQuantizationScalesERKSt6vectorIfSaIfEE"
SET_AXIS = "_ZN5armnn10TensorInfo18SetQuantizationDimERKNS_8OptionalIjEE"
HAS_AXIS = "_ZNK5armnn10TensorInfo22HasPerAxisQuantizationEv"


class _Floats(ctypes.Structure):
    """std::vector<float>."""

    _fields_ = [("begin", ctypes.c_void_p), ("end", ctypes.c_void_p), ("capacity", ctypes.c_void_p)]


class _Axis(ctypes.Structure):
    """armnn::Optional<unsigned int>."""

    _fields_ = [("has", ctypes.c_bool), ("value", ctypes.c_uint32)]


class PerAxis:
    """Sets scales per channel, where that works with the Arm NN that is loaded."""

    def __init__(self, ann: Any) -> None:
        self._ann = ann
        self._library: Any = None
        self._answer: Optional[bool] = None

    @property
    def works(self) -> bool:
        """Whether it works; found out when it is first asked."""
        if self._answer is None:
            self._answer = self._tried()
        return self._answer

    def set(self, info: Any, scales: Sequence[float], axis: int) -> None:
        """Give a TensorInfo a scale for every place along an axis."""
        array = (ctypes.c_float * len(scales))(*scales)
        first = ctypes.addressof(array)
        floats = _Floats(first, first + ctypes.sizeof(array), first + ctypes.sizeof(array))
        address = ctypes.c_void_p(int(info.this))
        self._function(SET_SCALES)(address, ctypes.byref(floats))
        self._function(SET_AXIS)(address, ctypes.byref(_Axis(True, axis)))

    def _function(self, name: str) -> Any:
        if self._library is None:
            self._library = ctypes.CDLL(_loaded())
        found = getattr(self._library, name)
        found.restype = ctypes.c_bool if name == HAS_AXIS else None
        return found

    def _tried(self) -> bool:
        try:
            for name in (SET_SCALES, SET_AXIS, HAS_AXIS):
                self._function(name)
        except (OSError, AttributeError):
            return False
        sys.stderr.flush()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                code = 0 if self._read_back() else 1
            finally:
                os._exit(code)
        return os.waitpid(child, 0)[1] == 0

    def _read_back(self) -> bool:
        """Scales that are set must be there, in a copy too, and not before."""
        info = self._ann.TensorInfo(self._ann.TensorShape((3, 1)), self._ann.DataType_QSymmS8, 0.5, 0)
        before = self._function(HAS_AXIS)(ctypes.c_void_p(int(info.this)))
        self.set(info, (0.5, 0.25, 2.0), 0)
        copy = self._ann.TensorInfo(info)
        after = all(self._function(HAS_AXIS)(ctypes.c_void_p(int(one.this))) for one in (info, copy))
        return bool(after and not before)


def _loaded() -> str:
    """The path of the Arm NN library that this process has loaded. Raises OSError when it has none."""
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as file:
        for line in file:
            path = line.split(maxsplit=5)[-1].strip()
            if os.path.basename(path).startswith("libarmnn.so"):
                return path
    raise OSError("libarmnn is not loaded")
