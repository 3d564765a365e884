"""A profile whose fields contradict each other is no profile."""

import json

import pytest

from layerswitch import serialization
from layerswitch.errors import FileError
from layerswitch.measurement.profile import BoardDescription, Device, Profile, TransferCost
from layerswitch.network.graph import Layer, LayerGraph, Tensor

TENSORS = {name: Tensor(name, (4,), "float32") for name in ("in", "a", "b")}
GRAPH = LayerGraph("net", (Layer("a", "X", ("in",), ("a",)), Layer("b", "X", ("a",), ("b",))), TENSORS, ("in",), ("b",))
BOARD = BoardDescription("b", "Board", "measured", (Device("CPU"), Device("GPU")))
GOOD = Profile(
    GRAPH,
    BOARD,
    {"CPU": {"a": (1.0,), "b": (2.0,)}, "GPU": {"b": (1.0,)}},
    transfer_costs=(TransferCost("CPU", "GPU", 0.1, 1e-6), TransferCost("GPU", "CPU", 0.1, 1e-6)),
    baselines={"CPU": (3.0,)},
    unsupported={"GPU": {"a": "no kernel"}},
)


def test_the_good_one_is_read_as_it_was_written():
    assert Profile.from_dict(GOOD.to_dict()) == GOOD


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda p: p["samples"].update(NPU={}), "samples of device 'NPU'"),
        (lambda p: p["samples"]["CPU"].update(z=[1.0]), "samples of layer 'z'"),
        (lambda p: p["samples"]["CPU"].update(a=[1e300]), "layer 'a' on CPU has a time of 1e"),
        (lambda p: p["samples"]["CPU"].update(a=[-1.0]), "a"),
        (lambda p: p["baselines"].update(NPU=[1.0]), "baselines of device 'NPU'"),
        (lambda p: p["baselines"].update(CPU=[1e13]), "the baseline of CPU"),
        (lambda p: p["unsupported"].update(NPU={}), "unsupported of device 'NPU'"),
        (lambda p: p["unsupported"]["GPU"].update(z=""), "unsupported of layer 'z'"),
        (lambda p: p.update(kernels={"GPU": {"z": []}}), "kernels of layer 'z'"),
        (lambda p: p["transfer_costs"][0].update(target="NPU"), "transfer_costs of device 'NPU'"),
        (lambda p: p["transfer_costs"][0].update(target="CPU"), "from CPU to CPU"),
        (lambda p: p["transfer_costs"][1].update(source="CPU", target="GPU"), "from CPU to GPU"),
        (lambda p: p["transfer_costs"][0].update(ms_per_byte=1e300), "CPU to GPU has a time"),
        (lambda p: p["board"]["devices"].append({"name": "CPU"}), "two devices of one name"),
        (lambda p: p["board"]["devices"].extend({"name": f"NPU {n}"} for n in range(15)), "has 17 devices; at most 16"),
        (lambda p: p["graph"]["tensors"]["a"].update(name="z"), "tensor 'a' is described as 'z'"),
    ],
)
def test_what_contradicts_itself_is_refused(change, says):
    data = json.loads(serialization.dump(GOOD))
    change(data)
    with pytest.raises(FileError) as caught:
        Profile.from_dict(data)
    assert says in str(caught.value)
