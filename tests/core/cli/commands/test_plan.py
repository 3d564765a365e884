"""`import` and `plan`: curves, pins, names, and what an import does not know."""

import json

import pytest


@pytest.fixture
def profile(tmp_path, invoke):
    (tmp_path / "t.csv").write_text("layer,device,time_ms\na,CPU,1\na,GPU,2\nb,CPU,3\nb,GPU,1\nc,CPU,1\nc,GPU,4\n")
    assert invoke("import", tmp_path / "t.csv", "-o", tmp_path / "p.json").returncode == 0
    return tmp_path / "p.json"


def test_the_curve_as_json_holds_the_plan_and_its_last_point_is_the_plan(profile, invoke):
    curve = json.loads(invoke("plan", profile, "--curve", "--json").stdout)
    assert curve["schema"] == "layerswitch/curve/1"
    assert [point["switches"] for point in curve["points"]] == [0, 1, 2]
    assert curve["points"][-1]["predicted_ms"] == curve["plan"]["predicted_ms"] == 3.0
    assert curve["points"][-1]["assignment"] == curve["plan"]["assignment"]


def test_the_curve_ends_at_max_switches(profile, invoke):
    curve = json.loads(invoke("plan", profile, "--curve", "--max-switches", 1, "--json").stdout)
    assert [point["switches"] for point in curve["points"]] == [0, 1]
    huge = json.loads(invoke("plan", profile, "--curve", "--max-switches", 10**12, "--json").stdout)
    assert [point["switches"] for point in huge["points"]] == [0, 1, 2]


def test_switches_that_a_board_does_not_need_are_told(tmp_path, invoke):
    profile = tmp_path / "p.json"
    assert invoke("profile", "googlenet", "--board", "sim:khadas-vim3", "-n", 1, "-o", profile).returncode == 0
    pins = []  # the second layers of two branches beside each other
    for layer in [layer["name"] for layer in json.loads(profile.read_text())["graph"]["layers"]]:
        device = "GPU" if layer.startswith("inception_3a") and layer.endswith(("3x3", "5x5")) else "CPU"
        pins += ["--pin", f"{layer}={device}"]
    said = invoke("plan", profile, *pins, "--curve").stdout
    assert "Arm NN executes it with 2 switches" in said
    row = next(line for line in said.splitlines() if line.lstrip().startswith("4 "))
    assert row.split()[:2] == ["4", "2"]


def test_contradicting_pins_are_refused(profile, invoke):
    done = invoke("plan", profile, "--pin", "a=CPU", "--pin", "a=GPU")
    assert done.returncode == 2
    assert done.stderr == "layerswitch: --pin: 'a' is pinned to both CPU and GPU\n"


@pytest.mark.parametrize("name", ["", " ", "a\nb", "\udcff"])
def test_a_name_that_is_none_is_refused(profile, name, invoke):
    done = invoke("plan", profile, "--name", name, "-o", profile.with_name("plan.json"))
    assert (done.returncode, "--name" in done.stderr) == (2, True)
    assert not profile.with_name("plan.json").exists()


def test_free_transfers_are_said_at_import_and_at_planning(profile, invoke):
    for done in (invoke("import", profile.with_name("t.csv"), "-o", profile), invoke("plan", profile)):
        assert "note: transfers taken as free: CPU to GPU, GPU to CPU" in done.stderr


def test_a_csv_whose_name_is_no_text(tmp_path, invoke):
    strange = tmp_path / "t\udcff.csv"
    strange.write_text("layer,device,time_ms\na,CPU,1\n")
    assert invoke("import", strange, "-o", tmp_path / "p.json").returncode == 0
    assert invoke("plan", tmp_path / "p.json").returncode == 0
