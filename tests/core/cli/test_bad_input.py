"""Bad input is one line that says what and where, exit code 2, and nothing written or overwritten."""

import json

import pytest
from command_line import layerswitch

BOARD = "sim:khadas-vim3"


def refused(done, *words):
    assert done.returncode == 2, (done.returncode, done.stdout, done.stderr)
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in lines[0], lines[0]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bad")
    (folder / "t.csv").write_text("layer,device,time_ms\na,CPU,1\na,GPU,2\nb,CPU,3\nb,GPU,1\n")
    for name in ("p", "kept"):
        assert layerswitch("import", folder / "t.csv", "-o", folder / f"{name}.json").returncode == 0
    assert layerswitch("plan", folder / "p.json", "-o", folder / "plan.json").returncode == 0
    return folder


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x00" * 100, b"\x08\x07" + b"\xff" * 50])
@pytest.mark.parametrize("suffix", [".onnx", ".tflite", ".bin"])
def test_broken_models(tmp_path, content, suffix):
    (tmp_path / f"m{suffix}").write_bytes(content)
    refused(layerswitch("show", tmp_path / f"m{suffix}"), f"m{suffix}")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "nosuchnet"), ["nosuchnet"]),
        (("show", "absent.onnx"), ["absent.onnx"]),
        (("show", "squeezenet", "--input-shape", "data=axb"), ["--input-shape"]),
        (("profile", "squeezenet", "-b", "sim:khadas", "-o", "x.json"), ["sim:khadas", "sim:khadas-vim3"]),
        (("profile", "squeezenet", "-b", BOARD, "-o", "absent/x.json"), ["absent"]),
        (("run", "squeezenet", "-b", BOARD, "-a", "GGXB"), ["GGXB", "X"]),
        (("run", "squeezenet", "-b", BOARD, "-a", "GGB"), ["3 letters"]),
        (("run", "squeezenet", "-b", BOARD, "-a", "absent.json"), ["absent.json"]),
        (("run", "squeezenet", "-b", BOARD, "-a", "C" * 5000), ["5000 letters"]),  # no file has such a name
        (("show", "n" * 5000), ["no such file"]),
        (("plan", "/dev/zero"), ["/dev/zero", "a device"]),
        (("compare", "squeezenet", "-b", BOARD, "-a", "greedy"), ["--profile"]),
        (("open", "squeezenet", "--screenshot", "x.png", "--size", "big"), ["--size"]),
    ],
)
def test_what_is_not_there(tmp_path, arguments, words):
    refused(layerswitch(*arguments, cwd=tmp_path), *words)
    assert list(tmp_path.iterdir()) == []


def test_a_plan_of_another_network(folder):
    refused(layerswitch("run", "squeezenet", "-b", BOARD, "-a", folder / "plan.json"), "plan.json", "another network")


def test_a_profile_of_another_network(folder):
    done = layerswitch("compare", "squeezenet", "-b", BOARD, "--profile", folder / "p.json", "--rounds", "1")
    refused(done, "p.json", "another network")


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda p: p["samples"]["CPU"].update(a=[-1.0]), "samples"),
        (lambda p: p["samples"]["CPU"].update(a=[]), "a"),
        (lambda p: p["samples"]["CPU"].update(zzz=[1.0]), "zzz"),
        (lambda p: p.update(schema="layerswitch/profile/99"), "schema"),
        (lambda p: p["graph"].update(outputs=["q"]), "q"),
        (lambda p: p.pop("board"), "board"),
    ],
)
def test_a_profile_that_does_not_fit(folder, change, word):
    profile = json.loads((folder / "p.json").read_text())
    change(profile)
    (folder / "broken.json").write_text(json.dumps(profile))
    refused(layerswitch("plan", folder / "broken.json", "-o", folder / "kept.json"), "broken.json", word)
    assert json.loads((folder / "kept.json").read_text())["schema"] == "layerswitch/profile/2"


def test_nan_is_no_time(folder):
    text = (folder / "p.json").read_text().replace("3.0", "NaN")
    assert "NaN" in text
    (folder / "nan.json").write_text(text)
    refused(layerswitch("plan", folder / "nan.json"), "nan.json")


@pytest.mark.parametrize("pin", ["zzz=CPU", "a=NPU", "a", "=CPU"])
def test_bad_pins(folder, pin):
    refused(layerswitch("plan", folder / "p.json", "--pin", pin), "--pin")


def test_an_assignment_that_names_unknown_layers(folder, tmp_path):
    shown = json.loads(layerswitch("show", "squeezenet", "--json").stdout)
    plan = json.loads((folder / "plan.json").read_text())
    plan |= {"fingerprint": shown["fingerprint"], "assignment": {"zzz": "CPU"}}
    (tmp_path / "a.json").write_text(json.dumps(plan))
    refused(layerswitch("run", "squeezenet", "-b", BOARD, "-a", tmp_path / "a.json"), "a.json", "zzz")


def test_usage_errors_are_exit_code_2_too():
    assert layerswitch("plan").returncode == 2
    assert layerswitch("nonsense").returncode == 2
