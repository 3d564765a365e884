"""Networks, profiles and documents of any size for the benches of the window."""

from layerswitch import plan
from layerswitch.measurement.profile import BoardDescription, Device, Profile, TransferCost
from layerswitch.network.assignment import Assignment
from layerswitch.network.graph import Layer, LayerGraph, Operator, Tensor
from layerswitch.prediction.latency_model import LatencyModel
from layerswitch_gui.document.document import Document


def ladder(count: int) -> LayerGraph:
    """Blocks of eight layers: a fork into three arms of two, joined again, as inception modules are."""
    tensors = {"in": Tensor("in", (1, 3, 56, 56), "float32")}
    layers: list[Layer] = []
    for place in range(count):
        tensors[f"t{place}"] = Tensor(f"t{place}", (1, 64, 56, 56), "float32")
        block, part = divmod(place, 8)
        entry = f"t{place - 1}" if place else "in"
        if part in (1, 3, 5):
            entry = f"t{block * 8}"
        inputs = tuple(f"t{block * 8 + end}" for end in (2, 4, 6)) if part == 7 else (entry,)
        operator = Operator(f"layer_{place}", "Convolution", inputs, (f"t{place}",), {}, {}, 10**6, 10**3)
        layers.append(Layer(f"layer_{place}", "Convolution", inputs, (f"t{place}",), (operator,), f"block_{block}"))
    return LayerGraph("ladder", tuple(layers), tensors, ("in",), (f"t{count - 1}",), level="layer")


def profile_of(graph: LayerGraph) -> Profile:
    """Every third layer is faster on the CPU."""
    samples: dict[str, dict[str, tuple[float, ...]]] = {"CPU": {}, "GPU": {}}
    for place, layer in enumerate(graph.layers):
        fast, slow = (1.0, 1.1, 0.9), (2.0, 2.2, 1.8)
        samples["CPU"][layer.name], samples["GPU"][layer.name] = (fast, slow) if place % 3 == 0 else (slow, fast)
    board = BoardDescription("bench", "Bench", "simulated", (Device("CPU"), Device("GPU")))
    return Profile(graph, board, samples, (TransferCost("CPU", "GPU", 0.1, 0.0), TransferCost("GPU", "CPU", 0.1, 0.0)))


def stripes(names: "list[str] | Assignment") -> Assignment:
    """Ten layers here, ten there: many switches."""
    return Assignment({name: "CPU" if place // 10 % 2 else "GPU" for place, name in enumerate(names)})


def fill(document: Document, profile: Profile) -> None:
    """Open the profile's network in a document, planned, its assignment in stripes."""
    latency = LatencyModel.from_profile(profile)
    document.open(None, graph=profile.graph)
    document.set_profile(profile, latency)
    document.set_plan(plan(latency, profile.board))
    document.load(stripes(document.assignment), "Start")
