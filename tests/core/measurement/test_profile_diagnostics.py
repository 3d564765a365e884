"""What a profile's own samples warn of: the same sentences for the command line and the window."""

from msgspec.structs import replace

from layerswitch.measurement.profile import BoardDescription, Device, Profile
from layerswitch.measurement.profile_diagnostics import unknown, unsteady
from layerswitch.network.graph import Layer, LayerGraph, Tensor

CALM = tuple(10.0 + 0.01 * (place * 7 % 11) for place in range(20))


def profile(layer=CALM, whole=CALM, **more):
    layers = (Layer("a", "Relu", ("in",), ("t",)), Layer("b", "Relu", ("t",), ("out",)))
    tensors = {name: Tensor(name, (1,), "float32") for name in ("in", "t", "out")}
    graph = LayerGraph("net", layers, tensors, ("in",), ("out",))
    board = BoardDescription("b", "Board", "imported", (Device("CPU"),))
    return Profile(graph, board, {"CPU": {"a": layer, "b": CALM}}, (), {"CPU": whole}, **more)


def texts(measured):
    return [note.text for note in unsteady(measured)]


def test_calm_samples_are_no_news():
    assert unsteady(profile()) == []


def test_outliers_of_whole_runs_and_of_layers_added_up_are_told_apart():
    far = (*CALM[:11], 30.0, *CALM[12:])
    assert texts(profile(whole=far)) == ["CPU, whole network: outliers (kept): 1 of 20, sample 12"]
    assert texts(profile(layer=far)) == ["CPU, layer by layer: outliers (kept): 1 of 20, sample 12"]


def test_layers_with_unlike_numbers_of_samples_cannot_be_added_up():
    assert unsteady(profile(layer=(10.0, 50.0))) == []


def test_what_an_import_had_to_do_without():
    notes = {"imported from": "x.csv", "transfers taken as free": "CPU to GPU"}
    assert unknown(replace(profile(), notes=notes)) == ["transfers taken as free: CPU to GPU"]
    assert unknown(profile()) == []


def test_one_sample_of_each_layer_does_not_tell_how_they_vary():
    single = replace(profile(), samples={"CPU": {"a": (1.0,), "b": (2.0,)}})
    assert unknown(single) == ["one sample of each layer: how much they vary is not known, and is in no interval"]
    assert unknown(profile(layer=(10.0,))) == []
