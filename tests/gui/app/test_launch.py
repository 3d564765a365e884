"""The program started as people start it, in a process of its own: pictures, exit codes, nothing loaded too early."""

import os
import subprocess
import sys

from PySide6.QtGui import QImage


def python(code, tmp_path):
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_CONFIG_HOME": str(tmp_path / "config")}
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def picture(tmp_path, **options):
    path = tmp_path / "window.png"
    start = "import sys; from pathlib import Path; from layerswitch_gui.app.launch import run; "
    code = f"{start} sys.exit(run(screenshot=Path({str(path)!r}), **{options!r}))"
    return path, python(code, tmp_path)


def test_a_picture_of_a_profiled_network(tmp_path):
    path, done = picture(
        tmp_path, model="squeezenet", board="sim:khadas-vim3", profile_on_start=True, size=(1280, 800), theme="dark"
    )
    assert (done.returncode, done.stderr) == (0, "")
    image = QImage(str(path))
    assert (image.width(), image.height()) == (1280, 800)
    assert len({image.pixel(x, y) for x in range(0, 1280, 7) for y in range(0, 800, 7)}) > 20
    assert not (tmp_path / "config").exists()  # a person's settings stay as they are


def test_a_picture_of_what_cannot_be_opened_fails_with_the_reason(tmp_path):
    _, done = picture(tmp_path, model="nothing.onnx", size=(800, 600))
    assert done.returncode == 1
    assert "nothing.onnx" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_window_paints_before_anything_heavy_is_loaded(tmp_path):
    code = (
        "import sys; from layerswitch_gui.app import launch; from layerswitch_gui.app.main_window import MainWindow;"
        "from layerswitch_gui.platform.theme import Theme; qt = launch.application(); w = MainWindow(Theme('light'));"
        "w.show();"
        "qt.processEvents(); w.fill_choices();"
        "print([m for m in ('onnx', 'scipy', 'networkx', 'pyqtgraph') if m in sys.modules]); w.close()"
    )
    done = python(code, tmp_path)
    assert done.stdout.strip() == "[]", done.stderr
