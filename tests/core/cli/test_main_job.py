"""The main job from the command line, in the order a person does it, on a simulated board."""

import json
import signal
import subprocess

import pytest
from command_line import COMMAND, layerswitch

BOARD = "sim:khadas-vim3"


def said(done):
    """The JSON a command printed, after checking that it went well."""
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with a profile and a plan of SqueezeNet."""
    folder = tmp_path_factory.mktemp("job")
    assert layerswitch("profile", "squeezenet", "-b", BOARD, "-n", 5, "-o", folder / "p.json").returncode == 0
    assert layerswitch("plan", folder / "p.json", "-o", folder / "plan.json").returncode == 0
    return folder


def test_models_and_boards_are_listed():
    assert {"alexnet", "googlenet", "mobilenet-v1", "resnet-50", "squeezenet"} <= {
        model["name"] for model in said(layerswitch("models", "--json"))
    }
    boards = {board["name"]: board for board in said(layerswitch("boards", "--json"))}
    assert boards[BOARD]["origin"] == "simulated"
    assert "sim:rock-pi-n10" in boards


@pytest.mark.parametrize("group", ["operator", "layer", "block"])
def test_show_says_the_same_totals_at_every_level(group):
    shown = said(layerswitch("show", "squeezenet", "--group", group, "--json"))
    assert shown["level"] == group
    assert sum(layer["macs"] for layer in shown["layers"]) == shown["macs"]
    first = shown["layers"][0]
    assert {"name", "type", "macs", "parameters", "inputs", "output_shape", "output_bytes"} <= set(first)
    assert first["output_bytes"] > 0


def test_plan_is_proven_and_no_worse_than_any_baseline(folder):
    plan = json.loads((folder / "plan.json").read_text())
    assert plan["schema"] == "layerswitch/plan/2"
    assert plan["optimal"]
    assert plan["lower_bound_ms"] == pytest.approx(plan["predicted_ms"], rel=1e-6)
    assert plan["predicted_ms"] <= min(plan["baselines_ms"].values()) + 1e-9
    assert plan["predicted_ms"] <= plan["greedy_ms"] + 1e-9
    assert set(plan["baselines_ms"]) == {"CPU", "GPU"}


def test_pins_are_kept(folder):
    plan = json.loads((folder / "plan.json").read_text())
    layer, device = next(iter(plan["assignment"].items()))
    other = "GPU" if device == "CPU" else "CPU"
    pinned = said(layerswitch("plan", folder / "p.json", "--pin", f"{layer}={other}", "--json"))
    assert pinned["assignment"][layer] == other
    assert pinned["predicted_ms"] >= plan["predicted_ms"] - 1e-9


def test_no_switches_is_the_better_baseline(folder):
    plan = said(layerswitch("plan", folder / "p.json", "--max-switches", 0, "--json"))
    assert plan["switches"] == 0
    assert plan["predicted_ms"] == pytest.approx(min(plan["baselines_ms"].values()))


@pytest.mark.parametrize("assignment", ["CPU", "GPU", "plan.json"])
def test_run_measures_near_its_prediction(folder, assignment):
    given = folder / assignment if assignment.endswith("json") else assignment
    run = said(layerswitch("run", "squeezenet", "-b", BOARD, "-a", given, "-n", 9, "--json", "-o", folder / "r.json"))
    plan = json.loads((folder / "plan.json").read_text())
    predicted = plan["baselines_ms"].get(assignment, plan["predicted_ms"])
    assert len(run["samples_ms"]) == 9
    assert sorted(run["samples_ms"])[4] == pytest.approx(predicted, rel=0.15)
    assert json.loads((folder / "r.json").read_text()) == run


def test_letters_and_blocks_are_assignments(folder):
    blocks = len(said(layerswitch("show", "squeezenet", "--group", "block", "--json"))["layers"])
    letters = "G" + "B" * (blocks - 1)
    run = said(layerswitch("run", "squeezenet", "-b", BOARD, "-a", letters, "-n", 2, "--json"))
    assert set(run["assignment"].values()) == {"CPU", "GPU"}


def test_compare_has_the_baselines_the_plan_and_what_was_predicted(folder):
    out = folder / "c.json"
    arguments = ("-a", folder / "plan.json", "-a", "greedy", "--profile", folder / "p.json", "--rounds", 5, "-o", out)
    compared = said(layerswitch("compare", "squeezenet", "-b", BOARD, *arguments, "--json"))
    entries = {entry["name"]: entry for entry in compared["entries"]}
    assert {"CPU", "GPU", "optimum", "greedy"} <= set(entries)
    for entry in entries.values():
        assert entry["measured_ms"]["low"] <= entry["measured_ms"]["median"] <= entry["measured_ms"]["high"]
        assert entry["predicted_ms"] > 0
    assert compared["reference"] in ("CPU", "GPU")


def test_a_plan_alone_tells_compare_what_was_predicted(folder):
    compared = said(
        layerswitch("compare", "squeezenet", "-b", BOARD, "-a", folder / "plan.json", "--rounds", 2, "--json")
    )
    assert all(entry["predicted_ms"] for entry in compared["entries"])


def test_tables_say_where_times_come_from(folder):
    assert "simulated" in layerswitch("plan", folder / "p.json").stdout
    assert "simulated" in layerswitch("run", "squeezenet", "-b", BOARD, "-a", "CPU", "-n", 2).stdout


def test_interrupting_a_profile_stops_in_good_order(tmp_path, measuring):
    command = [*COMMAND, "profile", "vgg-16", "-b", BOARD, "-n", "100000", "-o", "p.json"]
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    measuring(process)
    process.send_signal(signal.SIGINT)
    _, stderr = process.communicate(timeout=30)
    assert process.returncode == 130
    assert stderr.strip().splitlines()[-1] == "layerswitch: cancelled"
    assert list(tmp_path.iterdir()) == []
