"""Fixtures that tests of the core share."""

import os
from pathlib import Path

import pytest

TEST_MODELS = Path(__file__).resolve().parents[2] / ".cache" / "test-models"


@pytest.fixture(scope="session")
def wheel_models() -> dict[str, Path]:
    """The real trained networks out of published wheels: file name -> path. Fails when they were not fetched."""
    if not (TEST_MODELS / "complete").is_file():
        pytest.fail(
            f"the test networks are not there: run `python tools/fetch_test_models.py` (looked in {TEST_MODELS})"
        )
    return {path.name: path for path in sorted(TEST_MODELS.iterdir()) if path.suffix in (".tflite", ".onnx")}


PLANTED = ("sitecustomize", "pyarmnn", "numpy", "json", "types", "pathlib", "socket", "tempfile", "layerswitch", "grp")


@pytest.fixture
def planted(tmp_path, monkeypatch):
    """A folder of modules that leave a mark when they are imported; the current folder, and PYTHONPATH. The mark."""
    folder, mark = tmp_path / "foreign", tmp_path / "imported"
    folder.mkdir()
    for name in PLANTED:
        text = f"open({str(mark)!r}, 'a').write('{name} ')\nraise ImportError('planted')\n"
        (folder / f"{name}.py").write_text(text)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["", str(folder)]))
    yield mark
    assert not mark.exists(), f"these were imported: {mark.read_text()}"
