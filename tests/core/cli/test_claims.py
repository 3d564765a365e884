"""What the command line claims of a comparison, an explanation or a session: no more than was measured."""

import json

import pytest

from layerswitch import serialization
from layerswitch.cli.commands.measure import MOST_ROUNDS
from layerswitch.cli.console import milliseconds
from layerswitch.cli.tables import print_comparison
from layerswitch.experiments.results import Comparison, Entry, Run
from layerswitch.measurement.profile import BoardDescription, Device
from layerswitch.measurement.statistics import Sequential, more_rounds, paired_gain, summarize, verdict
from layerswitch.network.assignment import Assignment

LAYERS = "abc"


def comparison(devices=("CPU", "GPU"), pairs=1, most=None, **samples):
    """Entries of those samples; "CPU" and "GPU" are all there, others mixed; the first is the reference."""
    names = list(samples)
    rule = Sequential(most, 1 - 0.05 / pairs) if most else None
    entries = []
    for name in names:
        ms = tuple(samples[name])
        alone = name if name in devices else None
        assignment = dict.fromkeys(LAYERS, alone) if alone else {"a": "GPU", "b": "CPU", "c": "GPU"}
        gain, shown, more = None, "reference", None
        if name != names[0]:
            gain = paired_gain(ms, samples[names[0]], 1 - 0.05 / pairs)
            shown = rule.verdict(gain) if rule else verdict(gain, 1 - 0.05 / pairs)
            more = more_rounds(gain, 1 - 0.05 / pairs) or None
        kind = "baseline" if alone else "own"
        entries.append(Entry(name, kind, Assignment(assignment), None, summarize(ms), ms, 0, gain, shown, more))
    board = BoardDescription("b", "Board", "measured", tuple(map(Device, devices)))
    rounds = len(samples[names[0]])
    return Comparison("net", "", board, rounds, tuple(entries), names[0], pairs=pairs, max_rounds=most, decided=None)


def shown(result, capsys):
    print_comparison(result)
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("rounds", "said"),
    [
        (1, "1 round is too few for a gain's interval: its range is shown."),
        (3, "3 rounds are too few for a gain's interval: its range is shown, which holds the true gain in 75.0% of"),
        (5, "which holds the true gain in 93.8% of cases."),
    ],
)
def test_few_rounds_have_no_intervals(rounds, said, capsys):
    out = shown(comparison(GPU=[10.0, 10.1, 9.9, 10.2, 9.8][:rounds], CPU=[11.0] * rounds, pairs=3), capsys)
    assert said in out
    assert "95 %" not in out
    assert "range" in out.splitlines()[1]
    assert "too few to show any" in out


def test_enough_rounds_have_intervals(capsys):
    out = shown(comparison(GPU=[10.0] * 8, CPU=[11.0] * 8, pairs=3), capsys)
    assert "95 % interval" in out.splitlines()[1]
    assert "Intervals are so wide that all hold together with 95 % (among 3 pairs)." in out
    assert "CPU is slower than GPU by 10.0 % (10.0 to 10.0)." in out


def test_six_rounds_are_too_few_among_three_pairs_and_when_one_may_go_on(capsys):
    samples = {"GPU": [10.0] * 6, "CPU": [11.0] * 6}
    for result in (comparison(**samples, pairs=3), comparison(**samples, most=100)):
        out = shown(result, capsys)
        assert "6 rounds are too few for a gain's interval" in out
        assert "hold together" not in out


@pytest.mark.parametrize(
    ("devices", "names", "said"),
    [
        (("CPU", "GPU"), ("CPU", "GPU"), "against CPU, the baseline with the lower median."),
        (("CPU", "GPU"), ("CPU", "mine"), "against CPU, the only baseline."),
        (("CPU", "GPU"), ("mine", "other"), "against mine, the first one given, for no device runs all layers."),
        (("CPU", "GPU", "NPU"), ("NPU", "CPU", "GPU"), "against NPU, the baseline with the lowest median."),
    ],
)
def test_what_the_reference_is(devices, names, said, capsys):
    samples = {name: [10.0 + place] * 6 for place, name in enumerate(names)}
    assert said in shown(comparison(devices, **samples), capsys)


def test_the_reference_under_another_name_is_said_to_be_itself(invoke, tmp_path):
    out = tmp_path / "c.json"
    done = invoke(
        "compare", "squeezenet", "-b", "sim:khadas-vim3", "-g", "block", "-a", "G" * 10, "-a", "CPU", "-o", out
    )
    assert done.returncode == 0, done.stderr
    saved = json.loads(out.read_text())
    assert saved["reference"] == "GPU"
    assert f"{'G' * 10} is the same assignment as GPU: its samples are the same." in done.stdout


def test_times_of_zero_alone_cannot_be_compared(capsys):
    zero = comparison(GPU=[1.0] * 6)
    board = zero.board
    nothing, five = (0.0,) * 6, (5.0,) * 6

    def on(device):
        return Assignment(dict.fromkeys(LAYERS, device))

    entries = (
        Entry("GPU", "baseline", on("GPU"), None, summarize(nothing), nothing, 0),
        Entry("CPU", "baseline", on("CPU"), None, summarize(five), five, 0, None, "no difference seen"),
    )
    out = shown(Comparison("net", "", board, 6, entries, "GPU"), capsys)
    assert "CPU and GPU cannot be compared: every round has a time of 0 ms." in out


@pytest.fixture(scope="module")
def profiles(tmp_path_factory, invoke):
    folder = tmp_path_factory.mktemp("claims")
    for name, board in (("squeezenet", "khadas-vim3"), ("alexnet", "khadas-vim3"), ("squeezenet", "rock-pi-n10")):
        path = folder / f"{name}-{board}.json"
        assert invoke("profile", name, "-b", f"sim:{board}", "-g", "block", "-n", 3, "-o", path).returncode == 0
    return folder


def test_a_session_of_something_else_is_refused_not_passed_over(profiles, invoke):
    mine = profiles / "squeezenet-khadas-vim3.json"
    for other, word in (
        ("alexnet-khadas-vim3.json", "is of 'alexnet' on "),
        ("squeezenet-rock-pi-n10.json", "Rock Pi"),
    ):
        done = invoke("plan", mine, "--stability", "--session", profiles / other)
        assert done.returncode == 2
        assert word in done.stderr
        assert done.stderr.count("\n") == 1


def test_a_session_that_says_nothing_or_counts_already_is_told(profiles, invoke, tmp_path):
    mine = profiles / "squeezenet-khadas-vim3.json"
    alone = json.loads(invoke("plan", mine, "--stability", "--json").stdout)["stability"]["spread"]
    twice = invoke("plan", mine, "--stability", "--session", mine, "--json")
    assert "is a session that counts already" in twice.stderr
    assert json.loads(twice.stdout)["stability"]["spread"] == alone
    profile = json.loads(mine.read_text())
    names = [layer["name"] for layer in profile["graph"]["layers"]]
    plan = json.loads(invoke("plan", mine, "--json").stdout)
    switched = Assignment({name: "GPU" if place else "CPU" for place, name in enumerate(names)})
    board = BoardDescription.from_dict(profile["board"])
    serialization.save(tmp_path / "r.json", Run("r", "squeezenet", plan["fingerprint"], board, switched, (9.0,)))
    done = invoke("plan", mine, "--session", tmp_path / "r.json")
    assert done.returncode == 0, done.stderr
    assert "holds no whole run on one device" in done.stderr
    assert "--session counts with --stability only" in done.stderr


def test_predictions_of_another_board_are_said_to_be_that(profiles, invoke):
    done = invoke(
        "compare", "squeezenet", "-b", "sim:khadas-vim3", "-g", "block", "--rounds", 1,
        "--profile", profiles / "squeezenet-rock-pi-n10.json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "note: predictions are from a profile of " in done.stderr
    mine = profiles / "squeezenet-khadas-vim3.json"
    done = invoke("compare", "squeezenet", "-b", "sim:khadas-vim3", "-g", "block", "--rounds", 1, "--profile", mine)
    assert "predictions are from" not in done.stderr


def test_a_limit_that_does_not_count_is_told(invoke):
    one = ("compare", "squeezenet", "-b", "sim:khadas-vim3", "-g", "block", "--rounds", 1, "--max-rounds", 7)
    assert "note: --max-rounds counts with --until-decided only" in invoke(*one).stderr
    done = invoke(*one, "--until-decided")
    assert "--max-rounds" not in done.stderr
    assert "of 7 at most" in done.stdout
    assert f"after {MOST_ROUNDS}." in " ".join(invoke("compare", "--help").stdout.split())


def test_a_range_of_few_samples_is_no_interval_and_unmeasured_roofs_are_no_roofs(profiles, invoke, tmp_path):
    mine = profiles / "squeezenet-khadas-vim3.json"
    saved = json.loads(mine.read_text())
    del saved["peaks"]
    (tmp_path / "p.json").write_text(json.dumps(saved))
    layer = saved["graph"]["layers"][0]["name"]
    out = invoke("explain", tmp_path / "p.json", layer).stdout
    rows = [line for line in out.splitlines() if line.startswith(("CPU ", "GPU ")) and ".." in line]
    assert len(rows) == 2
    assert all("(range)" in row for row in rows)
    reached = [row for row in rows if "%" in row.partition("(range)")[2]]
    assert all("at most " in row for row in reached)


def test_times_keep_three_digits_however_short_they_are():
    shown = [milliseconds(ms) for ms in (0.0, 1.23456e-9, 0.00049961, 0.009996, 0.01, 0.0351, 12.3456, 1e7)]
    assert shown == ["0.000", "0.00000000123", "0.000500", "0.01000", "0.010", "0.035", "12.346", "10000000.000"]


def test_a_very_small_ratio_is_not_shown_as_none(invoke, tmp_path):
    times = {"CPU": 1e-6, "GPU": 1e3}
    rows = [f"l{layer},{device},{times[device]}" for layer in range(9) for device in times for _ in range(6)]
    (tmp_path / "t.csv").write_text("\n".join(["layer,device,time_ms", *rows]))
    assert invoke("import", tmp_path / "t.csv", "-o", tmp_path / "p.json").returncode == 0
    out = invoke("explain", tmp_path / "p.json").stdout
    assert "1e-09 .. 1e-09" in out
    assert "0.00000100" in out
    assert "Lower bound 0.00000900 ms equals the plan" in invoke("plan", tmp_path / "p.json").stdout


def test_runs_that_cannot_be_are_told_and_left_out(profiles, invoke, tmp_path):
    mine, out = profiles / "squeezenet-khadas-vim3.json", tmp_path / "run.json"
    board = ("squeezenet", "-b", "sim:khadas-vim3", "-g", "block")
    assert invoke("run", *board, "-a", "CPU", "-n", 3, "-o", out).returncode == 0
    saved = json.loads(out.read_text())
    said = {
        "r.json": (saved["samples_ms"], ""),
        "twice.json": ([3 * ms for ms in saved["samples_ms"]], "what it teaches may mislead"),
        "seconds.json": ([ms / 1000 for ms in saved["samples_ms"]], "it is left out"),
        "zero.json": ([0.0] * 3, "holds no time over 0 ms"),
    }
    runs = []
    for name, (samples, _) in said.items():
        (tmp_path / name).write_text(json.dumps(saved | {"samples_ms": samples}))
        runs += ["--run", tmp_path / name]
    done = invoke("refine", *board, "--profile", mine, *runs, "--rounds", 2, "--limit", 1, "-o", tmp_path / "f")
    assert done.returncode == 0, done.stderr
    notes = [line for line in done.stderr.splitlines() if line.startswith("note: ")]
    assert len(notes) == 3
    for note, (name, (_, words)) in zip(notes, list(said.items())[1:], strict=True):
        assert name in note
        assert words in note
    assert "Of 2 rounds a step there are no intervals: what is shown are ranges." in done.stdout
    (tmp_path / "x.json").write_text(json.dumps(saved | {"assignment": dict.fromkeys(saved["assignment"], "XPU")}))
    done = invoke("refine", *board, "--profile", mine, "--run", tmp_path / "x.json", "-o", tmp_path / "f")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "unknown device 'XPU'" in done.stderr


def test_few_runs_have_a_range(invoke):
    one = ("run", "squeezenet", "-b", "sim:khadas-vim3", "-g", "block", "-a", "CPU", "-n")
    assert " ms (range " in invoke(*one, 5).stdout
    assert "range" not in invoke(*one, 6).stdout
