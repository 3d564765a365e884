"""Warm-up, drift and outliers stand beside what was measured, in the library's words."""

from typing import Any

import msgspec
from pytestqt.qtbot import QtBot

from layerswitch.experiments.results import Comparison, Entry, Run
from layerswitch.measurement.conditions import BoardState, Conditions
from layerswitch.measurement.sample_summary import Drift, Interval, Steadiness
from layerswitch_gui.document.document import Document
from layerswitch_gui.jobs.workflow import Workbench
from layerswitch_gui.platform.theme import Theme
from layerswitch_gui.views.comparison.comparison_panel import ComparisonPanel
from layerswitch_gui.views.summary.summary_strip import SummaryStrip
from layerswitch_gui.widgets.sample_warnings import STEADY, SteadinessNote, warning_lines

DRIFT = Drift(0.031, 0.02, 0.042, 0.001, seen=True)


def run(document: Document, steadiness: Steadiness | None) -> Run:
    assert document.profile is not None
    samples, assignment = (10.0,) * 20, document.assignment
    return Run("mine", "chain", "", document.profile.board, assignment, samples, steadiness=steadiness)


def comparison(document: Document, *found: Steadiness, decided: bool | None = None) -> Comparison:
    assert document.profile is not None
    entries = tuple(
        Entry(name, "own", document.assignment, None, Interval(1, 1, 1), (1.0,) * 20, 0, steadiness=one)
        for name, one in zip(("CPU", "optimum"), found, strict=False)
    )
    most = 100 if decided is not None else None
    return Comparison("chain", "", document.profile.board, 20, entries, "CPU", decided=decided, max_rounds=most)


def test_nothing_measured_says_nothing(profiled: Document) -> None:
    assert warning_lines(profiled) == []
    profiled.add_run(run(profiled, None), Interval(10, 10, 10, 20))  # an older session: nobody looked
    assert warning_lines(profiled) == []


def test_steady_samples_are_said_to_be_so(profiled: Document) -> None:
    profiled.set_comparison(comparison(profiled, Steadiness(), Steadiness()))
    assert warning_lines(profiled) == [STEADY]


def test_drift_comes_first_and_everything_is_there(qtbot: QtBot, profiled: Document) -> None:
    note = SteadinessNote(profiled)
    qtbot.addWidget(note)
    profiled.set_comparison(comparison(profiled, Steadiness(warmup=3, outliers=(7,)), Steadiness(drift=DRIFT)))
    lines = warning_lines(profiled)
    assert lines[0] == "optimum: drift: times changed by +3.1 % (+2.0 to +4.2) from first to last"
    assert "CPU: warm-up: the first 3 of 20 samples differ from the rest" in lines
    assert "CPU: outliers (kept): 1 of 20, sample 8" in lines
    assert note.text().startswith(lines[0])
    assert "2 more" in note.text()
    assert note.toolTip() == "\n".join(lines)


def test_until_decided_tells_its_end(profiled: Document) -> None:
    profiled.set_comparison(comparison(profiled, Steadiness(), decided=False))
    assert warning_lines(profiled)[0] == "Not decided after 20 rounds, of 100 at most"
    profiled.set_comparison(comparison(profiled, Steadiness(), decided=True))
    assert warning_lines(profiled)[0] == "Decided after 20 rounds, of 100 at most"


def test_the_strip_marks_an_unsteady_measurement(qtbot: QtBot, profiled: Document, theme: Theme) -> None:
    strip = SummaryStrip(profiled, theme)
    qtbot.addWidget(strip)
    profiled.add_run(run(profiled, Steadiness()), Interval(10, 9.9, 10.1, 20))
    assert "⚠" not in strip.measured.detail.text()
    profiled.add_run(run(profiled, Steadiness(drift=DRIFT)), Interval(10, 9.9, 10.1, 20))
    assert strip.measured.detail.text().endswith("⚠")
    assert "drift: times changed by +3.1 %" in strip.measured.toolTip()


def test_the_comparison_panel_has_it(qtbot: QtBot, profiled: Document, theme: Theme) -> None:
    panel = ComparisonPanel(profiled, theme)
    qtbot.addWidget(panel)
    panel.show()
    note: Any = panel.findChild(SteadinessNote)
    assert note.isHidden()
    profiled.set_comparison(comparison(profiled, Steadiness(drift=DRIFT)))
    assert not note.isHidden()


def test_a_run_is_looked_at_when_it_is_measured(
    qtbot: QtBot, bench: Workbench, profiled: Document, services: Any, monkeypatch: Any
) -> None:
    slow_start = (30.0, 25.0, 20.0, *(10.0 + 0.01 * (place % 5) for place in range(27)))
    before = services.steadied
    monkeypatch.setattr(services, "steadied", lambda one: before(msgspec.structs.replace(one, samples_ms=slow_start)))
    profiled.model = profiled.model or services.open_model("chain")
    bench.rerun()
    qtbot.waitUntil(lambda: bool(profiled.runs) and not bench.runner.jobs, timeout=10_000)
    found = profiled.runs[-1].steadiness
    assert found is not None
    assert found.warmup == 3
    assert profiled.measured_ms is not None
    assert profiled.measured_ms.samples == 27


def test_what_the_boards_state_warns_of_stands_there(qtbot: QtBot, profiled: Document) -> None:
    note = SteadinessNote(profiled)
    qtbot.addWidget(note)
    conditions = Conditions(BoardState(load=3.2, temperatures_c={"soc": 91.0}))
    busy = msgspec.structs.replace(run(profiled, Steadiness()), conditions=conditions)
    profiled.add_run(busy, Interval(10, 10, 10, 20))
    lines = warning_lines(profiled)
    assert "91 °C" in lines[0]
    assert "the board was busy before it was measured (load 3.2)" in lines[1]
    assert "91 °C" in note.text()


def test_a_board_that_throttled_while_it_was_compared_is_said(profiled: Document) -> None:
    fast, slow = (BoardState(clocks_mhz={"cores 0": mhz}, governors=("performance",)) for mhz in (2000.0, 1000.0))
    rounds = (Conditions(fast, fast), Conditions(fast, slow))
    compared = comparison(profiled, Steadiness())
    profiled.set_comparison(msgspec.structs.replace(compared, conditions=rounds))
    assert warning_lines(profiled)[0].startswith("Comparison: clocks fell from 2000 to 1000 MHz")
    assert "in 1 of 2 rounds" in warning_lines(profiled)[0]


def test_the_profiles_own_samples_are_looked_at_too(qtbot: QtBot, profiled: Document) -> None:
    note = SteadinessNote(profiled)
    qtbot.addWidget(note)
    assert profiled.profile is not None
    calm = tuple(10.0 + 0.01 * (place * 7 % 11) for place in range(20))
    far = (*calm[:11], 30.0, *calm[12:])
    profiled.set_profile(msgspec.structs.replace(profiled.profile, baselines={"CPU": calm, "GPU": far}))
    assert warning_lines(profiled) == ["Profile, GPU, whole network: outliers (kept): 1 of 20, sample 12"]
    assert note.text() == warning_lines(profiled)[0]
    profiled.set_comparison(comparison(profiled, Steadiness(drift=DRIFT)))
    assert [line.partition(":")[0] for line in warning_lines(profiled)] == ["CPU", "Profile, GPU, whole network"]


def test_what_an_imported_profile_had_to_do_without_is_said(profiled: Document) -> None:
    assert profiled.profile is not None
    notes = {"transfers taken as free": "CPU to GPU, GPU to CPU"}
    profiled.set_profile(msgspec.structs.replace(profiled.profile, notes=notes))
    assert warning_lines(profiled) == ["Profile, transfers taken as free: CPU to GPU, GPU to CPU"]
