"""`open --screenshot` and `demo` where what they are given, or where they should write, is no good."""

import json
import os

import pytest
from command_line import process

from layerswitch.cli.commands import demo

pytestmark = pytest.mark.slow(20)

OFFSCREEN = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}


@pytest.mark.parametrize("name", ["nosuchnet", "cut.layerswitch", "empty.onnx"])
def test_a_picture_of_what_cannot_be_opened(tmp_path, name):
    (tmp_path / "cut.layerswitch").write_text('{"schema": "layerswitch/session/2", "sour')
    (tmp_path / "empty.onnx").write_text("")
    done = process("open", name, "--screenshot", "window.png", cwd=tmp_path, env=OFFSCREEN)
    assert (done.returncode, name in done.stderr, len(done.stderr.strip().splitlines())) == (2, True, 1)
    assert not (tmp_path / "window.png").exists()


def test_a_picture_of_a_network_with_a_free_size_asks_for_it(tmp_path, wheel_models):
    model = wheel_models["ch_PP-OCRv4_rec_infer.onnx"]
    done = process("open", model, "--screenshot", "window.png", cwd=tmp_path, env=OFFSCREEN)
    assert (done.returncode, "--input-shape" in done.stderr) == (2, True)
    assert not (tmp_path / "window.png").exists()


def test_a_session_whose_model_is_gone_is_drawn_with_what_was_measured(tmp_path, invoke):
    (tmp_path / "t.csv").write_text("layer,device,time_ms\na,CPU,1\na,GPU,2\n")
    assert invoke("import", "t.csv", "-o", "p.json", cwd=tmp_path).returncode == 0
    profile = json.loads((tmp_path / "p.json").read_text())
    session = {"schema": "layerswitch/session/2", "source": "gone.onnx", "assignment": {"a": "CPU"}, "profile": profile}
    (tmp_path / "s.layerswitch").write_text(json.dumps(session))
    done = process("open", "s.layerswitch", "--screenshot", "window.png", cwd=tmp_path, env=OFFSCREEN)
    assert (done.returncode, "gone.onnx" in done.stderr) == (2, True)
    assert (tmp_path / "window.png").read_bytes().startswith(b"\x89PNG")


def test_an_imported_profile_is_drawn_and_a_cut_one_is_said(tmp_path, invoke):
    (tmp_path / "t.csv").write_text("layer,device,time_ms\na,CPU,1\na,GPU,2\n")
    assert invoke("import", "t.csv", "-o", "p.json", cwd=tmp_path).returncode == 0
    done = process("open", "p.json", "--screenshot", "window.png", cwd=tmp_path, env=OFFSCREEN)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "window.png").read_bytes().startswith(b"\x89PNG")
    (tmp_path / "cut.json").write_text((tmp_path / "p.json").read_text()[:300])
    done = process("open", "cut.json", "--screenshot", "no.png", cwd=tmp_path, env=OFFSCREEN)
    assert (done.returncode, "cut.json" in done.stderr, len(done.stderr.strip().splitlines())) == (2, True, 1)
    assert not (tmp_path / "no.png").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_demo_finds_out_where_it_may_not_write_before_it_measures(tmp_path, invoke):
    tmp_path.chmod(0o555)
    done = invoke("demo", "--out", tmp_path)
    assert (done.returncode, done.stdout) == (2, "")


def test_demo_where_a_result_would_replace_a_folder(tmp_path, invoke):
    (tmp_path / "plan.json").mkdir()
    done = invoke("demo", "--out", tmp_path)
    assert (done.returncode, done.stdout, "plan.json: is a folder" in done.stderr) == (2, "", True)


def test_demo_draws_with_what_is_installed(tmp_path, planted, capsys):
    (tmp_path / "cut.layerswitch").write_text("{")
    assert demo._draw_window(tmp_path / "cut.layerswitch", tmp_path / "window.png") is None
    assert "cut.layerswitch" in capsys.readouterr().err
