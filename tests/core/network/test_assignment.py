import pytest

from layerswitch.errors import AssignmentError
from layerswitch.network.assignment import Assignment, Segment, letters
from layerswitch.network.graph import Layer, LayerGraph, Tensor

DEVICES = ("CPU", "GPU")


@pytest.fixture
def graph():
    blocks = ("one", "one", "two", "")
    layers = tuple(Layer(f"l{i}", "Relu", (f"t{i}",), (f"t{i + 1}",), block=blocks[i]) for i in range(4))
    return LayerGraph("net", layers, {f"t{i}": Tensor(f"t{i}", (1,), "float32") for i in range(5)}, ("t0",), ("t4",))


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("GPU", "GGGG"),
        ("CGGC", "CGGC"),
        ("BGGB", "CGGC"),
        (" GCC ", "GGCC"),
        ("l0=GPU, l1=CPU\nl2=GPU,l3=CPU", "GCGC"),
    ],
)
def test_ways_to_write_one(graph, text, letters):
    assert Assignment.parse(text, graph, DEVICES).text == letters


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("GGGGGG", "has 6 letters, but 'net' has 4 layers in 3 blocks"),
        ("CGXC", "letter 'X' at position 3 names no device"),
        ("l0=GPU", "says nothing of layer 'l1'"),
        ("l0=TPU,l1=CPU,l2=CPU,l3=CPU", "unknown device 'TPU'"),
        ("nix=GPU", "names layer 'nix', which the network 'net' does not have"),
        ("", "has 0 letters"),
    ],
)
def test_what_fits_no_network(graph, text, message):
    with pytest.raises(AssignmentError) as caught:
        Assignment.parse(text, graph, DEVICES)
    assert message in str(caught.value)


def test_segments_and_switches(graph):
    found = Assignment.parse("CGGC", graph, DEVICES)
    assert found.segments == (Segment("CPU", 0, 0), Segment("GPU", 1, 2), Segment("CPU", 3, 3))
    assert found.switches == 2
    assert Assignment({}).switches == 0


def test_is_a_value(graph):
    one = Assignment.parse("CGGC", graph, DEVICES)
    assert one == one.replaced({"l1": "CPU"}).replaced({"l1": "GPU"})
    assert len({one, Assignment.checked(dict(one), graph, DEVICES), one.replaced({"l0": "GPU"})}) == 2


def test_checked_puts_layers_in_execution_order(graph):
    mapping = {f"l{i}": "GPU" for i in (3, 1, 0, 2)}
    assert list(Assignment.checked(mapping, graph, DEVICES)) == ["l0", "l1", "l2", "l3"]


def test_equal_to_any_mapping_of_the_same_and_hashed_once():
    one = Assignment({"a": "CPU", "b": "GPU"})
    assert one == {"b": "GPU", "a": "CPU"}
    assert one != {"a": "CPU"}
    assert hash(one) == hash(Assignment(dict(one)))
    other = one.replaced({"a": "GPU"})
    assert (one["a"], other["a"]) == ("CPU", "GPU")
    assert hash(other) == hash(Assignment({"a": "GPU", "b": "GPU"})) != hash(one)


@pytest.mark.parametrize(
    ("devices", "wanted"),
    [
        (("CPU", "GPU"), "CG"),
        (("CPU", "GPU", "NPU"), "CGN"),
        (("CPU", "GPU", "CGRA"), "CGR"),  # C and G are taken
        (("CPU", "GPU", "Big"), "CGI"),  # B is read as the CPU
        (("CPU", "GPU", "GPU 2", "GPU 3"), "CGPU"),
        (("CPU", "CC"), "CA"),
        (("a", "A"), "AB"),
    ],
)
def test_every_device_has_a_letter_of_its_own(graph, devices, wanted):
    found = letters(devices)
    assert "".join(found.values()) == wanted
    text = "".join((list(found.values()) * 4)[:4])
    parsed = Assignment.parse(text, graph, devices)
    assert list(parsed.values()) == (list(devices) * 4)[:4]
    assert parsed.text_on(devices) == text


def test_text_where_one_device_is_not_used_says_the_same(graph):
    devices = ("CPU", "GPU", "CGRA")
    one = Assignment.uniform(graph, "CGRA")
    assert one.text_on(devices) == "RRRR"
    assert Assignment.parse("RRRR", graph, devices) == one
