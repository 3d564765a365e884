"""open_model: a bundled name or a file of any known format -> Model."""

import difflib
import os
from collections.abc import Mapping
from pathlib import Path

from ...atomic_write import is_file
from ...errors import ModelError
from ...serialization import kind_of
from ..graph import Level
from ..model import Model
from .bundled import bundled_models

FOREIGN = {
    b"PK\x03\x04": "a zip archive (PyTorch, Keras and Core ML packages are zips)",
    b"\x89HDF\r\n\x1a\n": "an HDF5 file (Keras)",
    b"\x1f\x8b": "a gzip archive",
    b"\x80\x02": "a Python pickle (PyTorch)",
    b"\x89PNG": "a picture",
    b"{": "a text file",
    b"<": "a text file",
    b"version https://git-lfs": "a Git LFS pointer, not the model itself",
}
"""First bytes -> what people most often hand over instead of a model."""


def open_model(
    source: str | Path, *, input_shapes: Mapping[str, tuple[int, ...]] | None = None, level: Level = "layer"
) -> Model:
    """Read a network from a bundled name or a file; its format is told from the content, not from the suffix.

    source: a bundled network's name, or the path of an ONNX or TFLite file. input_shapes: input -> its shape, of the
    inputs whose size the file leaves free, in the file's layout. level: what counts as a layer (see `group`). Constants
    stay in the file until they are asked for. Raises ModelError when the file is broken or of no known format,
    InputShapeError when an input's shape is missing or contradicts the file. O(n log n) for n operators.

    >>> model = open_model("squeezenet")
    >>> len(model.graph.layers), len(open_model("squeezenet", level="operator").graph.layers)
    (39, 66)
    >>> model.graph.layers[0].name, model.graph.tensors[model.graph.inputs[0]].shape
    ('conv1', (1, 3, 227, 227))
    """
    path = _find(source)
    shapes = dict(input_shapes or {})
    if recognise(path) == "tflite":
        from .tflite import read_tflite

        model: Model = read_tflite(path, shapes)
    else:
        from .onnx import read_onnx

        model = read_onnx(path, shapes)
    return model.regrouped(level)


def recognise(path: Path) -> str:
    """ "tflite" or "onnx", from the file's first bytes. Raises ModelError for an empty or foreign file."""
    try:
        with path.open("rb") as file:
            head = file.read(32)
    except OSError as error:
        raise ModelError(error.strerror or "cannot be read", where=str(path)) from error
    if not head:
        raise ModelError("the file is empty", where=str(path))
    if head[4:8] == b"TFL3":
        return "tflite"
    if head[4:8] == b"ORTM":
        hint = "give the .onnx file it was made from"
        raise ModelError("an ONNX Runtime .ort file, which LayerSwitch does not read", where=str(path), hint=hint)
    if kind := kind_of(path):
        raise ModelError(f"a {kind} of LayerSwitch, not an ONNX or TFLite model", where=str(path))
    for start, name in FOREIGN.items():
        if head.startswith(start):
            raise ModelError(f"{name}, not an ONNX or TFLite model", where=str(path))
    return "onnx"  # protocol buffers have no mark of their own; the reader says what is wrong with the rest


def _find(source: str | Path) -> Path:
    """The file that a bundled name or a path means; a bundled name wins over nothing but a file that exists not."""
    path = Path(source)
    if is_file(path):
        return path
    bundled = {model.name: model.path for model in bundled_models()}
    if str(source) in bundled:
        return bundled[str(source)]
    if not str(source):
        raise ModelError("no network was named", hint="give a file, or a bundled network's name")
    if os.path.isdir(path):  # noqa: PTH112  # no error where no folder can have such a name
        raise ModelError("a folder, not a model file", where=str(path))
    near = difflib.get_close_matches(str(source), bundled, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"bundled networks: {', '.join(bundled) or 'none'}"
    raise ModelError("no such file, and no bundled network of that name", where=str(source), hint=hint)
