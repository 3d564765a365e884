"""Fixtures that tests of the core share."""

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
