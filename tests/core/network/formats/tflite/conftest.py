"""A small builder of TFLite files, on the schema's own builder functions."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
import pytest
import tflite

DTYPES = {number: name.lower() for name, number in vars(tflite.TensorType).items() if isinstance(number, int)}
NUMBERS = {name: number for number, name in DTYPES.items()}


class NetworkFile:
    """One subgraph under construction; tensors are known by their place, -1 is an input left out."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.tensors: list[dict[str, Any]] = []
        self.operators: list[dict[str, Any]] = []
        self.inputs: list[int] = []
        self.outputs: list[int] = []
        self.buffers: list[bytes] = [b""]
        self.older = False  # write operator codes as files before 2020 do

    def tensor(self, name: str, shape: Sequence[int], dtype: str = "float32", **fields: Any) -> int:
        """`quantization` is (scales, zero points, axis); `signature` the shape with -1; `buffer` a place."""
        self.tensors.append({"name": name, "shape": shape, "dtype": dtype, **fields})
        return len(self.tensors) - 1

    def input(self, name: str, shape: Sequence[int], dtype: str = "float32", **fields: Any) -> int:
        self.inputs.append(self.tensor(name, shape, dtype, **fields))
        return self.inputs[-1]

    def constant(self, name: str, value: Any, **fields: Any) -> int:
        array = np.asarray(value)
        array = array.astype(np.int32) if array.dtype == np.int64 and "dtype" not in fields else array
        self.buffers.append(array.tobytes())
        dtype = fields.pop("dtype", str(array.dtype))
        return self.tensor(name, fields.pop("shape", array.shape), dtype, buffer=len(self.buffers) - 1, **fields)

    def operator(
        self,
        code: str,
        inputs: Sequence[int],
        outputs: int | Sequence[int],
        options: str = "",
        custom: str = "",
        raw: bytes = b"",
        **fields: Any,
    ) -> None:
        """`raw` are a custom operator's options."""
        outputs = [outputs] if isinstance(outputs, int) else list(outputs)
        entry = {"code": code, "inputs": inputs, "outputs": outputs, "options": options, "custom": custom, "raw": raw}
        self.operators.append({**entry, "fields": fields})

    def result(
        self,
        code: str,
        inputs: Sequence[int],
        shape: Sequence[int],
        options: str = "",
        dtype: str = "float32",
        **fields: Any,
    ) -> int:
        """An operator with one output, which is the network's."""
        self.outputs = [self.tensor("y", shape, dtype)]
        self.operator(code, inputs, self.outputs, options, **fields)
        return self.outputs[0]

    def write(self) -> Path:
        builder = flatbuffers.Builder(1024)
        codes = [(entry["code"], entry["custom"]) for entry in self.operators]
        kinds = list(dict.fromkeys(codes))
        operators = [self._operator(builder, entry, kinds) for entry in self.operators]
        tensors = [self._tensor(builder, entry) for entry in self.tensors]
        parts = [
            _numbers(builder, self.inputs),
            _numbers(builder, self.outputs),
            _tables(builder, tensors),
            _tables(builder, operators),
        ]
        tflite.SubGraphStart(builder)
        tflite.SubGraphAddInputs(builder, parts[0])
        tflite.SubGraphAddOutputs(builder, parts[1])
        tflite.SubGraphAddTensors(builder, parts[2])
        tflite.SubGraphAddOperators(builder, parts[3])
        graphs = _tables(builder, [tflite.SubGraphEnd(builder)])
        kinds_at = _tables(builder, [self._code(builder, *kind) for kind in kinds])
        buffers = _tables(builder, [_buffer(builder, data) for data in self.buffers])
        tflite.ModelStart(builder)
        tflite.ModelAddVersion(builder, 3)
        tflite.ModelAddOperatorCodes(builder, kinds_at)
        tflite.ModelAddSubgraphs(builder, graphs)
        tflite.ModelAddBuffers(builder, buffers)
        builder.Finish(tflite.ModelEnd(builder), file_identifier=b"TFL3")
        self.path.write_bytes(builder.Output())
        return self.path

    def _code(self, builder: Any, code: str, custom: str) -> int:
        number = getattr(tflite.BuiltinOperator, code)
        text = builder.CreateString(custom) if custom else None
        tflite.OperatorCodeStart(builder)
        tflite.OperatorCodeAddDeprecatedBuiltinCode(builder, min(number, 127))
        if not self.older:
            tflite.OperatorCodeAddBuiltinCode(builder, number)
        if text is not None:
            tflite.OperatorCodeAddCustomCode(builder, text)
        tflite.OperatorCodeAddVersion(builder, 1)
        return int(tflite.OperatorCodeEnd(builder))

    def _operator(self, builder: Any, entry: dict[str, Any], kinds: list[tuple[str, str]]) -> int:
        kind, options = entry["options"], None
        if kind:
            vectors = {name: _numbers(builder, value) for name, value in entry["fields"].items() if _many(value)}
            getattr(tflite, f"{kind}Start")(builder)
            for name, value in {**entry["fields"], **vectors}.items():
                getattr(tflite, f"{kind}Add{name}")(builder, value)
            options = getattr(tflite, f"{kind}End")(builder)
        inputs, outputs = _numbers(builder, entry["inputs"]), _numbers(builder, entry["outputs"])
        raw = builder.CreateNumpyVector(np.frombuffer(entry["raw"], np.uint8)) if entry["raw"] else None
        tflite.OperatorStart(builder)
        tflite.OperatorAddOpcodeIndex(builder, kinds.index((entry["code"], entry["custom"])))
        tflite.OperatorAddInputs(builder, inputs)
        tflite.OperatorAddOutputs(builder, outputs)
        if options is not None:
            tflite.OperatorAddBuiltinOptionsType(builder, getattr(tflite.BuiltinOptions, kind))
            tflite.OperatorAddBuiltinOptions(builder, options)
        if raw is not None:
            tflite.OperatorAddCustomOptions(builder, raw)
        return int(tflite.OperatorEnd(builder))

    def _tensor(self, builder: Any, entry: dict[str, Any]) -> int:
        name = builder.CreateSharedString(entry["name"])
        shape = _numbers(builder, entry["shape"])
        signature = _numbers(builder, entry["signature"]) if "signature" in entry else None
        quantization = _quantization(builder, *entry["quantization"]) if "quantization" in entry else None
        sparsity = entry["sparsity"](builder) if "sparsity" in entry else None
        tflite.TensorStart(builder)
        tflite.TensorAddName(builder, name)
        tflite.TensorAddShape(builder, shape)
        tflite.TensorAddType(builder, NUMBERS[entry["dtype"]])
        tflite.TensorAddBuffer(builder, entry.get("buffer", 0))
        tflite.TensorAddIsVariable(builder, entry.get("variable", False))
        if signature is not None:
            tflite.TensorAddShapeSignature(builder, signature)
        if quantization is not None:
            tflite.TensorAddQuantization(builder, quantization)
        if sparsity is not None:
            tflite.TensorAddSparsity(builder, sparsity)
        return int(tflite.TensorEnd(builder))


def _many(value: Any) -> bool:
    return isinstance(value, (list, tuple))


def _numbers(builder: Any, values: Sequence[int]) -> int:
    return int(builder.CreateNumpyVector(np.asarray(values, np.int32)))


def _tables(builder: Any, offsets: Sequence[int]) -> int:
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    return int(builder.EndVector())


def _buffer(builder: Any, data: bytes) -> int:
    vector = None
    if data:
        builder.StartVector(1, len(data), 16)
        builder.head = builder.Head() - len(data)
        builder.Bytes[builder.Head() : builder.Head() + len(data)] = data
        vector = builder.EndVector()
    tflite.BufferStart(builder)
    if vector is not None:
        tflite.BufferAddData(builder, vector)
    return int(tflite.BufferEnd(builder))


def _quantization(builder: Any, scales: Sequence[float], zeros: Sequence[int], axis: int = 0) -> int:
    scale = builder.CreateNumpyVector(np.asarray(scales, np.float32))
    zero = builder.CreateNumpyVector(np.asarray(zeros, np.int64))
    tflite.QuantizationParametersStart(builder)
    tflite.QuantizationParametersAddScale(builder, scale)
    tflite.QuantizationParametersAddZeroPoint(builder, zero)
    tflite.QuantizationParametersAddQuantizedDimension(builder, axis)
    return int(tflite.QuantizationParametersEnd(builder))


@pytest.fixture
def network(tmp_path: Path) -> NetworkFile:
    """An empty TFLite network, to be built and written."""
    return NetworkFile(tmp_path / "network.tflite")
