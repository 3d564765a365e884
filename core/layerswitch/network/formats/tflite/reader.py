"""read_tflite: a TFLite file -> Model at operator level."""

from collections.abc import Mapping
from pathlib import Path

from ....errors import InputShapeError, ModelError
from ...graph import LayerGraph
from ...model import Model
from .container import read_file
from .input_shapes import input_sizes, other_sizes
from .translator import Translator


def read_tflite(path: Path | str, input_shapes: Mapping[str, tuple[int, ...]] | None = None) -> Model:
    """The network of a TFLite file, at operator level and in the file's NHWC layout; weights stay in the file.

    `input_shapes` (input name -> shape) gives what the file leaves free, and may change a size that it fixes: sizes
    are followed through the network as TFLite's interpreter does. Raises InputShapeError when a size is missing or
    is of no input, ModelError when the file is damaged, contradicts itself, or cannot take the given size.
    """
    path = Path(path)
    file = read_file(path)
    try:
        translator = Translator(path, file)
        translator.open_inputs(input_sizes(translator.inputs(), input_shapes or {}))
        for operator in file.operators:
            translator.translate(operator)
        outputs = translator.outputs()
        graph = LayerGraph(
            path.stem,
            tuple(translator.layers),
            translator.tensors,
            tuple(translator.input_names),
            outputs,
            layout="NHWC",
            source="tflite",
            constants=translator.constants_in_use(),
        )
    except InputShapeError as error:
        raise InputShapeError(error.what, where=str(path), hint=error.hint, inputs=error.inputs) from error
    except ModelError as error:
        hint = error.hint or other_sizes(file, input_shapes or {})
        raise ModelError(error.what, where=error.where or str(path), hint=hint) from error
    except ValueError as error:  # LayerGraph's own checks
        raise ModelError(f"contradicts itself: {error}", where=str(path)) from error
    return Model(graph, translator.constants, path)
