import csv
import os
from pathlib import Path

import numpy as np
import pytest

from layerswitch import serialization
from layerswitch.errors import FileError, LayerSwitchError, ProfileError
from layerswitch.measurement.profile import Profile, TransferCost
from layerswitch.measurement.profile_import import import_layers, parse_transfer

HEADER = "layer,device,time_ms,output_bytes,inputs\n"


@pytest.fixture
def file(tmp_path):
    def write(text, name="layers.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_a_chain_with_repeated_samples(file):
    path = file("layer,device,time_ms\na,CPU,2\nb,CPU,3\na,GPU,1.5\na,CPU,4e0\n\n")
    profile = import_layers(path, [TransferCost("CPU", "GPU", 0.5, 1e-6)], name="net")
    assert profile.graph.name == "net"
    assert [layer.name for layer in profile.graph.layers] == ["a", "b"]
    assert profile.graph.layers[1].inputs == profile.graph.layers[0].outputs == ("a",)
    assert profile.graph.outputs == ("b",)
    assert profile.samples == {"CPU": {"a": (2.0, 4.0), "b": (3.0,)}, "GPU": {"a": (1.5,)}}
    assert profile.devices == ("CPU", "GPU")
    assert profile.board.origin == "imported"
    assert list(profile.unsupported["GPU"]) == ["b"]
    assert "only the fixed part" in profile.notes["transfer sizes"]
    assert profile.notes["transfers taken as free"] == "GPU to CPU"


def test_a_graph_is_put_in_an_order_that_can_run(file):
    rows = "d,CPU,1,8,b;c\na,CPU,1,8,\nc,CPU,1,16,a\nb,CPU,1,24,a\nb,GPU,1,,a\n"
    profile = import_layers(file(HEADER + rows))
    assert [layer.name for layer in profile.graph.layers] == ["a", "c", "b", "d"]
    assert profile.graph.layers[-1].inputs == ("b", "c")
    assert profile.graph.tensors["b"].bytes == 24
    assert profile.graph.readers["a"] == (1, 2)
    assert profile.graph.outputs == ("d",)
    assert "transfer sizes" not in profile.notes


def test_the_profile_goes_through_its_file(file, tmp_path):
    profile = import_layers(file("\ufefflayer,device,time_ms,inputs\ninput,B,1,\nx,B,2,input\n"))
    serialization.save(tmp_path / "p.json", profile)
    assert serialization.load(tmp_path / "p.json", Profile) == profile


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("", ":1", "column 'layer' is missing"),
        ("layer,device,time_ms\n", "", "holds no layers"),
        ("layer,device\na,CPU\n", ":1", "column 'time_ms' is missing"),
        ("layer,device,time_ms,output_byte\n", ":1", "unknown column 'output_byte'"),
        ("layer,device,time_ms,time_ms\n", ":1", "column 'time_ms' appears twice"),
        ("layer,device,time_ms\na,CPU,1\na,CPU,nan\n", ":3", "time_ms 'nan' is not a number of ms"),
        ("layer,device,time_ms\na,CPU,inf\n", ":2", "time_ms 'inf'"),
        ("layer,device,time_ms\na,CPU,-1\n", ":2", "time_ms '-1'"),
        ("layer,device,time_ms\na,CPU,1_0\n", ":2", "time_ms '1_0'"),
        ("layer,device,time_ms\na,CPU,\n", ":2", "time_ms ''"),
        ("layer,device,time_ms\na,CPU,fast\n", ":2", "time_ms 'fast'"),
        ("layer,device,time_ms\na,CPU\n", ":2", "has 2 cells, but the header has 3"),
        ("layer,device,time_ms\n,CPU,1\n", ":2", "names no layer"),
        ("layer,device,time_ms\na, ,1\n", ":2", "names no device"),
        ('layer,device,time_ms\na,CPU,"1\n', "", "is not CSV"),
        (HEADER + "a,CPU,1,-8,\n", ":2", "output_bytes '-8'"),
        (HEADER + "a,CPU,1,8.5,\n", ":2", "output_bytes '8.5'"),
        (HEADER + "a,CPU,1,8,\na,GPU,1,9,\n", ":3", "layer 'a' had 8 output_bytes before"),
        (HEADER + "a,CPU,1,,\n", ":2", "layer 'a' has no output_bytes"),
        (HEADER + "a,CPU,1,8,\nb,CPU,1,8,c\n", ":3", "layer 'b' reads 'c', which has no row"),
        (HEADER + "a,CPU,1,8,\nb,CPU,1,8,a\nb,GPU,1,8,\n", ":4", "had other inputs before, on line 3"),
        (HEADER + "a,CPU,1,8,b\nb,CPU,1,8,a\n", ":2", "cycle"),
        (HEADER + "a,CPU,1,8,a\n", ":2", "cycle"),
    ],
)
def test_what_makes_no_sense_is_one_line_with_its_place(file, text, line, what):
    path = file(text)
    with pytest.raises(ProfileError) as caught:
        import_layers(path)
    assert str(caught.value).startswith(f"{path}{line}")
    assert what in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_that_cannot_be_read(file, tmp_path):
    for path in (tmp_path / "none.csv", tmp_path, file(b"layer,device,time_ms\n\xff\xfe,CPU,1\n")):
        with pytest.raises(FileError):
            import_layers(path)
    with pytest.raises(LayerSwitchError):
        import_layers(file(b"\x00\x01\x02"))


@pytest.mark.parametrize(
    ("text", "fixed", "rate"),
    [
        ("CPU:GPU=0.70+0.353/MB", 0.7, 0.353e-6),
        (" CPU : GPU = 1 + 2e-3 / KB", 1.0, 2e-6),
        ("CPU:GPU=.5", 0.5, 0.0),
        ("CPU:GPU=0+1/GB", 0.0, 1e-9),
    ],
)
def test_transfers_as_people_write_them(text, fixed, rate):
    found = parse_transfer(text)
    assert (found.source, found.target, found.fixed_ms) == ("CPU", "GPU", fixed)
    assert found.ms_per_byte == pytest.approx(rate, rel=1e-12)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "CPU:GPU",
        "CPU=1",
        "CPU:GPU=-1",
        "CPU:GPU=1+2",
        "CPU:GPU=1+2/MiB",
        "CPU:CPU=1",
        "CPU:GPU=nan",
        "CPU:GPU=1e999",
        ":GPU=1",
    ],
)
def test_transfers_that_cannot_be_read(text):
    with pytest.raises(ProfileError, match=r"transfer "):
        parse_transfer(text)


def test_transfers_have_to_fit_the_file(file):
    path = file("layer,device,time_ms\na,CPU,2\n")
    with pytest.raises(ProfileError, match="device 'GPU' has no times"):
        import_layers(path, [parse_transfer("CPU:GPU=1")])
    path = file("layer,device,time_ms\na,CPU,2\na,GPU,2\n")
    with pytest.raises(ProfileError, match="transfer CPU:GPU: is given twice"):
        import_layers(path, [parse_transfer("CPU:GPU=1"), parse_transfer("CPU:GPU=2")])


@pytest.mark.skipif(
    not Path(os.environ.get("LAYERSWITCH_DATA", ""), "rk3399_transfer_vs_size.csv").is_file(),
    reason="no published data at hand",
)
@pytest.mark.parametrize(("order", "text"), [("BG", "CPU:GPU=0.70+0.353/MB"), ("GB", "GPU:CPU=0.94+0.542/MB")])
def test_a_megabyte_is_what_the_published_fit_means(order, text):
    """Fitting the published sizes again gives the published 0.353 and 0.542 ms/MB for 10^6 bytes, not for 2^20."""
    with Path(os.environ["LAYERSWITCH_DATA"], "rk3399_transfer_vs_size.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if (row["freq"], row["order"]) == ("Max", order)]
    sizes = np.array([27 * 27 * 4 * int(row["kernels"]) for row in rows], dtype=float)
    rate, fixed = np.polyfit(sizes, [float(row["time_ms"]) for row in rows], 1)
    cost = parse_transfer(text)
    assert cost.fixed_ms == pytest.approx(fixed, rel=0.005)
    assert cost.ms_per_byte == pytest.approx(rate, rel=0.005)
