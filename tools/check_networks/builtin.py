"""TFLite files as LiteRT can run them: MediaPipe's transposed convolution with bias said by built-in operators."""

import struct
from pathlib import Path
from typing import Any

import numpy as np

CUSTOM = b"Convolution2DTransposeBias"
PADDINGS = {1: 0, 2: 1}  # TfLitePadding of TFLite's C interface -> Padding of its files


def content(path: Path, schema: Any) -> bytes:
    """The file's bytes, those operators exchanged. `schema` is LiteRT's `schema_py_generated`.

    The sizes that the file itself has are kept, so that this says nothing of how LayerSwitch computes them.
    """
    read = path.read_bytes()
    if CUSTOM not in read:
        return read
    model = schema.ModelT.InitFromPackedBuf(bytearray(read))
    (graph,) = model.subgraphs
    custom = [place for place, code in enumerate(model.operatorCodes) if code.customCode == CUSTOM]
    kind = schema.BuiltinOperator.TRANSPOSE_CONV
    model.operatorCodes.append(_of(schema.OperatorCodeT, deprecatedBuiltinCode=kind, builtinCode=kind, version=3))
    for operator in [one for one in graph.operators if one.opcodeIndex in custom]:
        padding, along_width, along_height = struct.unpack_from("<3i", bytes(bytearray(operator.customOptions)))
        options = _of(schema.TransposeConvOptionsT, strideW=along_width, strideH=along_height)
        options.padding = PADDINGS[padding]
        data, weights, bias = (int(place) for place in operator.inputs)
        shape = _size(model, graph, schema, np.asarray(graph.tensors[operator.outputs[0]].shape, np.int32))
        operator.inputs, operator.opcodeIndex = [shape, weights, data, bias], len(model.operatorCodes) - 1
        operator.customOptions, operator.builtinOptions = None, options
        operator.builtinOptionsType = schema.BuiltinOptions.TransposeConvOptions
    import flatbuffers

    builder = flatbuffers.Builder(len(read))
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


def _size(model: Any, graph: Any, schema: Any, numbers: np.ndarray) -> int:
    """A constant tensor of whole numbers; its place."""
    model.buffers.append(_of(schema.BufferT, data=np.frombuffer(numbers.tobytes(), np.uint8)))
    fields = {"shape": [len(numbers)], "type": schema.TensorType.INT32, "buffer": len(model.buffers) - 1}
    graph.tensors.append(_of(schema.TensorT, name=f"size {len(graph.tensors)}", **fields))
    return len(graph.tensors) - 1


def _of(kind: Any, **fields: Any) -> Any:
    made = kind()
    for name, value in fields.items():
        setattr(made, name, value)
    return made
