"""What a person most likely meant is said: another kind of file, other letters, a name that is nearly right."""

import json
import os
import subprocess

import pytest
from command_line import COMMAND, layerswitch, process

BOARD = "sim:khadas-vim3"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hints")
    (folder / "t.csv").write_text("layer,device,time_ms\nconv1,CPU,1\nconv1,GPU,2\nconv2,CPU,3\nconv2,GPU,1\n")
    assert layerswitch("import", folder / "t.csv", "-o", folder / "p.json").returncode == 0
    assert layerswitch("plan", folder / "p.json", "-o", folder / "plan.json").returncode == 0
    return folder


def refused(done):
    assert done.returncode == 2, (done.stdout, done.stderr)
    (line,) = done.stderr.strip().splitlines()
    return line


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("plan", "plan.json"), "is a plan, not a profile"),
        (("run", "squeezenet", "-b", BOARD, "-a", "p.json"), "is a profile, not a plan, run or assignment"),
        (("show", "p.json"), "a profile of LayerSwitch, not an ONNX or TFLite model"),
        (("open", "plan.json", "--screenshot", "x.png"), "a plan of LayerSwitch, not an ONNX or TFLite model"),
    ],
)
def test_another_kind_of_our_own_files(folder, monkeypatch, arguments, said):
    monkeypatch.chdir(folder)
    run = process if arguments[0] == "open" else layerswitch  # a process has one Qt application
    assert said in refused(run(*arguments))


@pytest.mark.parametrize(
    ("letters", "hint"),
    [
        ("gpu", "did you mean GPU?"),
        ("plan", "did you mean plan.json?"),
        ("ggcb", "letters are capitals"),
        ("NPU", "CPU and GPU only"),
    ],
)
def test_letters_that_were_meant_for_something_else(folder, monkeypatch, letters, hint):
    monkeypatch.chdir(folder)
    assert hint in refused(layerswitch("run", "squeezenet", "-b", BOARD, "-a", letters))


def test_greedy_is_for_compare():
    assert "`compare`" in refused(layerswitch("run", "squeezenet", "-b", BOARD, "-a", "greedy"))


def test_a_pin_that_is_nearly_right(folder):
    assert "did you mean conv2 or conv1?" in refused(layerswitch("plan", folder / "p.json", "--pin", "conv=CPU"))
    assert "LAYER=CPU or LAYER=GPU" in refused(layerswitch("plan", folder / "p.json", "--pin", "conv1=cpu"))


def test_a_table_with_semicolons(folder):
    (folder / "semi.csv").write_text("layer;device;time_ms\nconv1;CPU;1,5\n")
    assert "commas" in refused(layerswitch("import", folder / "semi.csv", "-o", folder / "x.json"))


def test_an_empty_name_is_no_folder():
    assert "no network was named" in refused(layerswitch("show", ""))


def test_a_file_where_the_demo_s_folder_should_be(folder):
    assert "is a file (name a folder)" in refused(layerswitch("demo", "--out", folder / "t.csv"))


def test_refine_leaves_no_folder_behind_a_pin_that_is_wrong(tmp_path):
    out = tmp_path / "refined"
    assert "--pin" in refused(layerswitch("refine", "squeezenet", "-b", BOARD, "-o", out, "--pin", "nosuch=CPU"))
    assert not out.exists()


def test_board_alone_says_what_there_is():
    done = layerswitch("board")
    assert done.returncode == 2
    assert all(f"\n  {command} " in done.stdout + done.stderr for command in ("add", "check", "remove"))


def test_start_without_a_display_says_so(folder, monkeypatch):
    monkeypatch.chdir(folder)
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):  # the window would open, offscreen too, and stay
        monkeypatch.delenv(name, raising=False)
    (folder / "layerswitch-demo").write_text("in the way")  # the job itself has tests of its own
    done = layerswitch("start")
    assert "no display" in done.stderr.splitlines()[0]
    assert "layerswitch-demo" in done.stderr.splitlines()[0]
    assert done.returncode == 2


def test_json_of_our_own_without_a_known_tag_is_still_a_text_file(tmp_path):
    (tmp_path / "x.json").write_text(json.dumps({"schema": "other/1"}))
    assert "a text file" in refused(layerswitch("show", tmp_path / "x.json"))


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_that_lacks_a_sign_shows_another(folder, encoding):
    profile = (folder / "p.json").read_text(encoding="utf-8").replace("conv1", "conv→1")
    (folder / "arrow.json").write_text(profile, encoding="utf-8")
    command = [*COMMAND, "plan", str(folder / "arrow.json"), "--stability"]
    done = subprocess.run(command, capture_output=True, timeout=120, env={**os.environ, "PYTHONIOENCODING": encoding})
    assert done.returncode == 0, done.stderr
    assert b"conv?1" in done.stdout
    plain = subprocess.run(
        [*COMMAND, "plan", str(folder / "arrow.json"), "--json"],
        capture_output=True,
        timeout=120,
        env={**os.environ, "PYTHONIOENCODING": encoding},
    )
    assert "conv→1" in json.loads(plain.stdout)["assignment"]  # for programs: nothing may be lost
