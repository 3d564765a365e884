"""Small valid files of every kind, to mutate."""

import importlib.util
import json
import random
import warnings
from pathlib import Path
from typing import Any

from layerswitch import plan, resources
from layerswitch.experiments.results import AssignmentFile
from layerswitch.network.named_assignment import NamedAssignment
from layerswitch.prediction.latency_model import LatencyModel
from layerswitch.serialization import Value, dump
from layerswitch.session import Session

from . import reached
from .conversation import record

TESTS = Path(__file__).parents[1]
MOST = 16_000  # bytes of a seed: small files are mutated where it matters
CSV = """layer,device,time_ms,output_bytes,inputs
a,CPU,1.5,4000,
a,GPU,2.5,4000,
b,CPU,3,1000,a
b,GPU,1,1000,a
"c, d",CPU,0.25,10,a;b
"c, d",GPU,0.5,10,a;b
"""


def make_seeds(target: str, folder: Path) -> None:
    """Write the seeds of a target."""
    contents = {"onnx": onnx_files, "tflite": tflite_files}.get(target, lambda: other_files(target))()
    for number, data in enumerate(contents):
        (folder / f"{number:04}").write_bytes(data)


def onnx_files() -> list[bytes]:
    """ONNX's own test networks, operator by operator, and some whole ones."""
    import onnx

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            from onnx.backend.test.case.node import collect_testcases

            found = [case.model.SerializeToString() for case in collect_testcases(None) if case.model]
        except ImportError:
            found = []
    found = random.Random(0).sample(found, min(len(found), 500))
    data = Path(onnx.__file__).parent / "backend" / "test" / "data"
    found += [path.read_bytes() for path in sorted(data.rglob("*.onnx")) if path.stat().st_size < MOST]
    found += [path.read_bytes() for path in sorted(resources.models().glob("*.onnx"))]
    return [one for one in found if len(one) < MOST]


def _builder() -> Any:
    """The TFLite files' builder that the reader's own tests use."""
    path = TESTS / "core" / "network" / "formats" / "tflite" / "conftest.py"
    spec = importlib.util.spec_from_file_location("tflite_builder", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.NetworkFile


def tflite_files() -> list[bytes]:
    """Networks of a few operators each."""
    import tempfile

    import numpy as np

    builder, found = _builder(), []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "network.tflite")
        net = builder(path)
        x = net.input("x", (1, 8, 8, 3))
        w, b = net.constant("w", np.ones((4, 3, 3, 3), np.float32)), net.constant("b", np.zeros(4, np.float32))
        y = net.tensor("conv", (1, 8, 8, 4), "float32")
        net.operator("CONV_2D", [x, w, b], y, "Conv2DOptions", StrideW=1, StrideH=1, FusedActivationFunction=1)
        d = net.constant("d", np.ones((1, 3, 3, 4), np.float32))
        z = net.tensor("depth", (1, 4, 4, 4), "float32")
        fields = {"StrideW": 2, "StrideH": 2, "DepthMultiplier": 1}
        net.operator("DEPTHWISE_CONV_2D", [y, d, -1], z, "DepthwiseConv2DOptions", **fields)
        p = net.tensor("pool", (1, 2, 2, 4), "float32")
        fields = {"StrideW": 2, "StrideH": 2, "FilterWidth": 2, "FilterHeight": 2}
        net.operator("MAX_POOL_2D", [z], p, "Pool2DOptions", **fields)
        shape, r = net.constant("shape", np.array([1, 16])), net.tensor("flat", (1, 16), "float32")
        net.operator("RESHAPE", [p, shape], r, "ReshapeOptions", NewShape=[1, 16])
        f = net.constant("f", np.ones((5, 16), np.float32))
        net.result("FULLY_CONNECTED", [r, f, -1], (1, 5), "FullyConnectedOptions")
        found.append(net.write().read_bytes())
        net = builder(path)
        x = net.input("x", (1, 4, 4, 2), "uint8", quantization=([0.5], [3]), signature=(-1, 4, 4, 2))
        w = net.constant("w", np.ones((2, 1, 1, 2), np.uint8), quantization=([0.5, 0.25], [0, 0], 0))
        y = net.tensor("y", (1, 4, 4, 2), "uint8", quantization=([0.1], [7]))
        net.operator("CONV_2D", [x, w, -1], y, "Conv2DOptions", StrideW=1, StrideH=1)
        net.result("ADD", [x, y], (1, 4, 4, 2), "AddOptions", "uint8", FusedActivationFunction=3)
        found.append(net.write().read_bytes())
        net = builder(path)
        x = net.input("x", (1, 6))
        s, g = net.tensor("s", (2,), "int32"), net.constant("g", np.array([0, 2]))
        net.operator("SHAPE", [x], s, "ShapeOptions", OutType=2)
        pads, padded = net.constant("pads", np.array([[0, 0], [1, 1]])), net.tensor("padded", (1, 8), "float32")
        net.operator("PAD", [x, pads], padded, "PadOptions")
        c = net.tensor("c", (1, 16), "float32")
        net.operator("CONCATENATION", [padded, padded], c, "ConcatenationOptions", Axis=1)
        begin, size = net.constant("begin", np.array([0, 1])), net.constant("size", np.array([1, -1]))
        sl, e = net.tensor("sl", (1, 15), "float32"), net.tensor("e", (15, 1), "float32")
        net.operator("SLICE", [c, begin, size], sl, "SliceOptions")
        order = net.constant("order", np.array([1, 0]))
        net.operator("TRANSPOSE", [sl, order], e, "TransposeOptions")
        axis = net.constant("axis", np.array([0]))
        net.operator("GATHER", [s, g], net.tensor("gathered", (2,), "int32"), "GatherOptions")
        net.result("MEAN", [e, axis], (1, 1), "ReducerOptions", KeepDims=True)
        found.append(net.write().read_bytes())
        for code in ("RELU", "LOGISTIC", "SOFTMAX", "HARD_SWISH", "L2_NORMALIZATION", "DEQUANTIZE", "SQUEEZE", "PACK"):
            net = builder(path)
            net.result(code, [net.input("x", (1, 4))], (1, 4))
            found.append(net.write().read_bytes())
    return found


def other_files(target: str) -> list[bytes]:
    """What LayerSwitch writes itself, of a small network on a simulated board."""
    if target in reached.PLAIN:
        return reached.seeds(target)
    if target == "csv":
        return [CSV.encode(), "\n".join(",".join(line.split(",")[:3]) for line in CSV.split("\n")).encode()]
    if target == "board":
        files = [path.read_bytes() for path in sorted((resources.assets() / "boards").glob("*.toml"))]
        return [*files, b'title = "Mine"\nkind = "simulated"\nsettings = "one.toml"\n']
    sent, received, (profile, run, comparison) = record()
    latency = LatencyModel.from_profile(profile)
    found = plan(latency, profile.board)
    assignment = found.assignment
    session = Session(
        source="small.onnx",
        assignment=assignment,
        board="sim:khadas-vim3",
        profile=profile,
        plan=found,
        pins={"a": "CPU"},
        named=(NamedAssignment("mine", "own", assignment),),
        runs=(run,),
        comparison=comparison,
    )
    values: dict[str, Value] = {
        "profile": profile,
        "plan": found,
        "run": run,
        "comparison": comparison,
        "assignment": AssignmentFile("mine", "small", assignment),
        "session": session,
    }
    if target == "to-agent":
        return [sent]
    return [received] if target == "from-agent" else [json.dumps(json.loads(dump(values[target]))).encode()]
