import csv
import io
from html.parser import HTMLParser

import msgspec
import pytest

from layerswitch import plan
from layerswitch.experiments.results import Comparison, Entry, Run
from layerswitch.measurement.conditions import BoardState, Conditions
from layerswitch.measurement.profile import BoardDescription, Device, Profile, TransferCost
from layerswitch.measurement.sample_summary import Interval
from layerswitch.network.assignment import Assignment
from layerswitch.network.graph import Layer, LayerGraph, Tensor
from layerswitch.prediction.latency_model import LatencyModel
from layerswitch.report import layers_csv, render_report, runs_csv, write_report

EVIL = "<script>alert('x')</script>"


@pytest.fixture
def profile():
    names = ("x", "a", EVIL, "c")
    layers = tuple(Layer(names[i], "Relu", (f"t{i - 1}",), (f"t{i}",)) for i in (1, 2, 3))
    tensors = {f"t{i}": Tensor(f"t{i}", (1, 10, 10), "float32") for i in range(4)}
    graph = LayerGraph("net", layers, tensors, ("t0",), ("t3",))
    board = BoardDescription("sim:b", "Board (simulated)", "simulated", (Device("CPU", "A73"), Device("GPU", "Mali")))
    return Profile(
        graph=graph,
        board=board,
        samples={
            "CPU": {"a": (5.0, 5.2, 4.8), EVIL: (1.0, 1.1, 0.9), "c": (5.0, 5.0, 5.0)},
            "GPU": {"a": (1.0,), EVIL: (9.0,)},
        },
        baselines={"CPU": (12.0, 12.2, 11.8, 12.1)},
        transfer_costs=(TransferCost("CPU", "GPU", 0.1, 1e-6), TransferCost("GPU", "CPU", 0.2, 1e-6)),
    )


@pytest.fixture
def comparison(profile):
    assignment = Assignment.uniform(profile.graph, "CPU")
    entry = Entry("CPU", "baseline", assignment, 12.0, Interval(12.1, 11.9, 12.3, 2), (12.0, 12.2), 0)
    return Comparison("net", profile.graph.fingerprint, profile.board, 2, (entry,), "CPU")


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))


def test_report_stands_alone_says_simulated_and_escapes(profile, comparison, tmp_path):
    best = plan(LatencyModel.from_profile(profile), profile.board)
    (tmp_path / "w.png").write_bytes(b"\x89PNG....")
    write_report(tmp_path / "report.html", profile, best, comparison, picture=tmp_path / "w.png")
    text = (tmp_path / "report.html").read_text()
    tags = Tags()
    tags.feed(text)
    assert "script" not in {tag for tag, _ in tags.seen}
    for tag, attributes in tags.seen:
        assert tag != "link"
        assert not attributes.get("src", "data:").startswith("http")
    assert text.count("simulated") >= 4
    assert f"{best.predicted_ms:.3f}" in text
    assert "&lt;script&gt;" in text


def test_report_without_a_comparison(profile):
    best = plan(LatencyModel.from_profile(profile), profile.board)
    assert "Predicted, and run" not in render_report(profile, best)


def test_layers_csv_is_read_back(profile):
    rows = list(csv.DictReader(io.StringIO(layers_csv(profile, dict.fromkeys(profile.graph.index, "CPU")))))
    assert [row["layer"] for row in rows] == list(profile.graph.index)
    assert float(rows[0]["CPU_ms"]) == 5.0
    assert rows[2]["GPU_ms"] == ""
    assert {row["origin"] for row in rows} == {"simulated"}


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "@SUM(1)", "+1", "-1", "\t=1"])
def test_no_name_is_a_formula(profile, name):
    devices = (Device(name), Device("GPU"))
    layers = (msgspec.structs.replace(profile.graph.layers[0], name=name),)
    graph = msgspec.structs.replace(profile.graph, layers=layers, outputs=("t1",))
    board = msgspec.structs.replace(profile.board, devices=devices)
    rows = list(
        csv.reader(io.StringIO(layers_csv(Profile(graph, board, {name: {name: (1.0,)}}), Assignment({name: name}))))
    )
    run = Run(name, "net", graph.fingerprint, board, Assignment({name: name}), (1.0,))
    rows += list(csv.reader(io.StringIO(runs_csv(runs=[run]))))
    cells = [cell for row in rows for cell in row]
    assert sum(name in cell for cell in cells) == 5
    assert not any(cell.startswith(name) for cell in cells)


def test_runs_csv_has_a_row_per_inference(comparison):
    rows = list(csv.DictReader(io.StringIO(runs_csv(comparison))))
    assert [(row["round"], row["ms"], row["letters"]) for row in rows] == [("1", "12.0", "CCC"), ("2", "12.2", "CCC")]


def test_runs_csv_holds_runs_of_one_assignment_too(comparison, profile):
    on = Assignment.uniform(profile.graph, "CPU")
    run = Run("mine", "n", comparison.fingerprint, comparison.board, on, (12.5, 12.75))
    rows = list(csv.DictReader(io.StringIO(runs_csv(comparison, [run], LatencyModel.from_profile(profile)))))
    assert [row["measured"] for row in rows] == ["alone", "alone", "in turns", "in turns"]
    assert [row["ms"] for row in rows[:2]] == ["12.5", "12.75"]
    assert float(rows[0]["predicted_ms"]) > 0
    only = list(csv.DictReader(io.StringIO(runs_csv(runs=[run]))))
    assert [(row["predicted_ms"], row["origin"]) for row in only] == [("", "simulated")] * 2


def test_what_the_boards_state_warns_of_stands_beside_the_result(profile, comparison):
    best = plan(LatencyModel.from_profile(profile), profile.board)
    assert "⚠" not in render_report(profile, best, comparison)
    evil = Conditions(BoardState(temperatures_c={EVIL: 91.0}, governors=(EVIL,)))
    hot = msgspec.structs.replace(profile, conditions=evil)
    fast, slow = (BoardState(clocks_mhz={"cores 0": mhz}, governors=("performance",)) for mhz in (2000.0, 1000.0))
    rounds = (Conditions(fast, slow), Conditions())
    text = render_report(hot, best, msgspec.structs.replace(comparison, conditions=rounds))
    assert "⚠ the board was at 91 °C" in text
    assert "<dt>governor<dd>&lt;" in text
    assert "⚠ clocks fell from 2000 to 1000 MHz while it was measured: the board throttles (in 1 of 2 rounds)." in text
    assert "<script>" not in text


def test_a_comparison_of_an_earlier_profile_is_marked_as_that(profile, comparison):
    best = plan(LatencyModel.from_profile(profile), profile.board)
    now = msgspec.structs.replace(profile, created="2026-01-02")
    for created, mark in (("2026-01-01", "earlier"), ("2026-01-03", "later"), ("2026-01-02", ""), ("", "")):
        text = render_report(now, best, msgspec.structs.replace(comparison, profile_created=created))
        assert ("Measured as of the" in text) == bool(mark)
        assert f"⚠ Measured as of the {mark} profile, not of this one." in text or not mark


def test_the_report_claims_no_more_than_the_rounds(profile):
    best = plan(LatencyModel.from_profile(profile), profile.board)
    names = profile.graph.index

    def text(rounds):
        entries = []
        for name, ms in (("CPU", 12.0), ("mine", 11.0)):
            assignment = Assignment(dict.fromkeys(names, "CPU") | ({"a": "GPU"} if name == "mine" else {}))
            kind = "own" if name == "mine" else "baseline"
            gain = Interval(1 / 12, 1 / 12, 1 / 12, rounds) if name == "mine" else None
            verdict = "reference" if gain is None else "faster" if rounds > 5 else "no difference seen"
            taken = (ms,) * rounds
            entries.append(Entry(name, kind, assignment, ms, Interval(ms, ms, ms, rounds), taken, 0, gain, verdict))
        told = Comparison("net", profile.graph.fingerprint, profile.board, rounds, tuple(entries), "CPU")
        return " ".join(render_report(profile, best, told).split())

    few, enough = text(1), text(8)
    assert "Gain and verdict are against CPU, the only baseline;" in few
    assert "1 round, each measuring" in few
    assert "95 % interval" not in few
    assert "1 round is too few for a gain&#39;s interval: its range is shown." in few
    assert "95 % interval" in enough
    assert "mine is faster than CPU by 8.3 % (8.3 to 8.3)." in enough
    assert "GPU: sum of layers –" in few  # which cannot run them all
    assert "inf ms" not in few
