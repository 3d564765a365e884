"""What the command line says of how sure its numbers are."""

import json

import pytest
from command_line import layerswitch

BOARD = "sim:khadas-vim3"


@pytest.fixture(scope="module")
def profile(tmp_path_factory):
    path = tmp_path_factory.mktemp("trust") / "p.json"
    done = layerswitch("profile", "squeezenet", "-b", BOARD, "-g", "block", "-o", path)
    assert done.returncode == 0, done.stderr
    return path


def test_compare_until_decided(tmp_path):
    out = tmp_path / "c.json"
    done = layerswitch(
        "compare", "squeezenet", "-b", BOARD, "--until-decided", "--max-rounds", 40, "--seed", 1, "-o", out
    )
    assert done.returncode == 0, done.stderr
    saved = json.loads(out.read_text())
    assert saved["max_rounds"] == 40
    assert saved["decided"]
    assert saved["rounds"] < 40
    assert f"Decided after {saved['rounds']} rounds, of 40 at most." in done.stdout
    slower = next(entry for entry in saved["entries"] if entry.get("verdict") == "slower")
    assert f"{slower['name']} is slower than {saved['reference']} by " in done.stdout


def test_run_says_where_warm_up_ended_and_keeps_it(tmp_path):
    out = tmp_path / "r.json"
    done = layerswitch("run", "squeezenet", "-b", BOARD, "-a", "CPU", "-n", 40, "-o", out)
    assert done.returncode == 0, done.stderr
    saved = json.loads(out.read_text())
    assert len(saved["samples_ms"]) == 40
    warmup = saved["steadiness"].get("warmup", 0)
    assert (f"warm-up: the first {warmup} of 40 samples" in done.stderr) == bool(warmup)
    assert f"{40 - warmup} runs" in done.stdout


def test_plan_shows_stability(profile):
    shown = layerswitch("plan", profile, "--stability")
    assert shown.returncode == 0, shown.stderr
    assert "Stability over 200 resampled profiles (simulated times)" in shown.stdout
    said = json.loads(layerswitch("plan", profile, "--stability", "--json").stdout)
    assert set(said["stability"]["shares"]) == set(said["plan"]["assignment"])
    assert all(0 <= share <= 1 for share in said["stability"]["shares"].values())
    assert "points" not in said
    fewest = said["simplest"]
    assert fewest["switches"] <= said["plan"]["switches"]
    assert set(fewest["assignment"]) == set(said["plan"]["assignment"])
    assert "slower than the optimum" in shown.stdout
    none = json.loads(layerswitch("plan", profile, "--stability", "--max-switches", "0", "--json").stdout)
    assert ("simplest" in none) == (said["plan"]["switches"] == 0)  # of no optimum nothing is said
    both = json.loads(layerswitch("plan", profile, "--stability", "--curve", "--json").stdout)
    assert both["schema"] == "layerswitch/curve/1"
    assert both["points"]


def test_refine_writes_its_history(profile, tmp_path):
    folder = tmp_path / "refined"
    done = layerswitch(
        "refine", "squeezenet", "-b", BOARD, "-g", "block", "--profile", profile, "--rounds", 6, "-o", folder
    )
    assert done.returncode == 0, done.stderr
    assert "The plan no longer changes" in done.stdout
    history = json.loads((folder / "refinement.json").read_text())
    assert history["plan"] == json.loads((folder / "plan.json").read_text())
    steps = len(history["steps"])
    assert {path.name for path in folder.iterdir()} == {
        *("profile.json", "plan.json", "refinement.json"),
        *(f"comparison-{number}.json" for number in range(1, steps + 1)),
    }


def test_refine_refuses_what_does_not_fit(profile, tmp_path):
    done = layerswitch("refine", "alexnet", "-b", BOARD, "--profile", profile, "-o", tmp_path / "r")
    assert done.returncode == 2
    assert "give the same model and --group" in done.stderr
    assert not (tmp_path / "r").exists()
    file = tmp_path / "file"
    file.write_text("")
    done = layerswitch("refine", "alexnet", "-b", BOARD, "-o", file)
    assert done.returncode == 2
    assert "is a file" in done.stderr


def test_other_sessions_say_how_far_they_lie_apart(profile, tmp_path):
    out = tmp_path / "r.json"
    assert layerswitch("run", "squeezenet", "-b", BOARD, "-a", "CPU", "-g", "block", "-n", 6, "-o", out).returncode == 0
    saved = json.loads(out.read_text())
    out.write_text(json.dumps(saved | {"samples_ms": [2 * ms for ms in saved["samples_ms"]]}))
    alone = json.loads(layerswitch("plan", profile, "--stability", "--json").stdout)["stability"]
    both = json.loads(layerswitch("plan", profile, "--stability", "--session", out, "--json").stdout)["stability"]
    assert alone["spread"] == pytest.approx({"CPU": 0.0157, "GPU": 0.0157})
    assert both["spread"]["CPU"] > 0.1
    assert both["spread"]["GPU"] == alone["spread"]["GPU"]
    text = layerswitch("plan", profile, "--stability").stdout
    assert "This holds for another session too, if a device differs between sessions by so much: CPU 1.6%" in text
    bad = layerswitch("plan", profile, "--stability", "--session", __file__)
    assert bad.returncode == 2
    assert "not a profile, run or comparison" in bad.stderr
