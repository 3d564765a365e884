"""Session files: whole, strict, of one network."""

import msgspec
import pytest

from layerswitch.errors import FileError
from layerswitch.network.assignment import Assignment
from layerswitch.network.graph import Layer, LayerGraph, Tensor
from layerswitch.network.named_assignment import NamedAssignment
from layerswitch.session import Session, load_session, locate, save_session

BOTH = Assignment({"a": "CPU", "b": "CPU"})


@pytest.fixture
def graph():
    tensors = {name: Tensor(name, (1, 4), "float32") for name in ("in", "mid", "out")}
    layers = (Layer("a", "Relu", ("in",), ("mid",)), Layer("b", "Relu", ("mid",), ("out",)))
    return LayerGraph("tiny", layers, tensors, ("in",), ("out",))


def test_it_comes_back_in_the_networks_order(graph, tmp_path):
    mine = NamedAssignment("mine", "own", Assignment({"b": "CPU", "a": "CPU"}))
    session = Session("tiny", Assignment({"b": "GPU", "a": "CPU"}), graph=graph, named=(mine,))
    save_session(tmp_path / "s.layerswitch", session)
    loaded = load_session(tmp_path / "s.layerswitch")
    assert loaded == session
    assert loaded.in_order(loaded.assignment).text == "CG"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"assignment": {"a": "CPU"}}, "exactly the layers"),
        ({"named": [{"name": "mine", "kind": "own", "assignment": {"x": "CPU"}}]}, "mine does not assign"),
        ({"named": [{"name": "mine", "kind": "best", "assignment": {}}]}, r"Invalid enum value .best. - at .\$.named"),
        ({"assignment": {"a": "CPU", "b": 1}}, r"Expected `str` for .b., got `int` - at `\$.assignment`"),
        ({"pins": {"x": "CPU"}}, "pins layer 'x'"),
        ({"graph": None}, "needs a graph or a profile"),
    ],
)
def test_parts_that_do_not_fit_are_refused(graph, tmp_path, change, words):
    data = Session("tiny", BOTH, graph=graph).to_dict() | change
    (tmp_path / "s.layerswitch").write_bytes(msgspec.json.encode(data))
    with pytest.raises(FileError, match=words):
        load_session(tmp_path / "s.layerswitch")


def test_a_model_that_has_moved_is_found_beside_the_session(graph, tmp_path):
    session = Session("/elsewhere/net.onnx", BOTH, graph=graph)
    with pytest.raises(FileError, match="no longer there"):
        locate(session, tmp_path)
    (tmp_path / "net.onnx").write_bytes(b"")
    assert locate(session, tmp_path) == str(tmp_path / "net.onnx")
    assert locate(Session("googlenet", session.assignment, graph=graph), tmp_path) == "googlenet"


def test_a_model_of_a_name_that_no_file_can_have_is_not_there(graph, tmp_path):
    session = Session("a" * 5000 + ".onnx", BOTH, graph=graph)
    with pytest.raises(FileError, match="no longer there"):
        locate(session, tmp_path)
