"""The wheel carries the networks and the boards, and works away from the checkout."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]


def command(*arguments, cwd, **env):
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder with the wheel unpacked as pip installs it, built from the sdist as pip builds it."""
    folder = tmp_path_factory.mktemp("wheel")
    command("-m", "build", "--no-isolation", "--outdir", folder, CHECKOUT, cwd=folder)
    (wheel,) = folder.glob("*.whl")
    command("-m", "pip", "install", "--quiet", "--no-deps", "--target", folder / "site", wheel, cwd=folder)
    return folder


def layerswitch(installed, *arguments):
    # The checkout's editable install comes after PYTHONPATH; the first line makes sure of it.
    program = (
        "import sys, layerswitch, layerswitch.cli; "
        f"assert layerswitch.__file__.startswith({str(installed / 'site')!r}), layerswitch.__file__; "
        "sys.argv[0] = 'layerswitch'; layerswitch.cli.main()"
    )
    return command("-c", program, *arguments, cwd=installed, PYTHONPATH=str(installed / "site"))


def test_models_travel(installed):
    models = json.loads(layerswitch(installed, "models", "--json"))
    assert len(models) == 9
    assert all(Path(model["path"]).is_relative_to(installed) for model in models)


def test_boards_travel_and_measure(installed):
    out = installed / "run.json"
    layerswitch(installed, "run", "squeezenet", "-b", "sim:khadas-vim3", "-a", "GPU", "-n", "3", "-o", out)
    assert len(json.loads(out.read_text())["samples_ms"]) == 3


def test_nothing_of_tests_or_tools_travels(installed):
    top = {path.name for path in (installed / "site").iterdir()}
    ours = {name for name in top if not name.endswith(".dist-info")}
    assert ours - {"bin", "share"} == {"layerswitch", "layerswitch_gui"}


def test_the_desktop_s_menu_finds_the_program_and_its_icon(installed):
    share = installed / "site" / "share"
    entry = (share / "applications" / "layerswitch.desktop").read_text(encoding="utf-8").splitlines()
    assert {"Exec=layerswitch", "Icon=layerswitch"} <= set(entry)
    assert (share / "icons" / "hicolor" / "scalable" / "apps" / "layerswitch.svg").is_file()


def test_the_window_has_its_icon(installed):
    program = "from layerswitch_gui.app.launch import application; print(application().windowIcon().isNull())"
    away = {"PYTHONPATH": str(installed / "site"), "QT_QPA_PLATFORM": "offscreen"}
    assert command("-c", program, cwd=installed, **away).split()[-1] == "False"
