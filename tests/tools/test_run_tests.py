"""The suite in two processes: nothing is left out, nothing is run twice, and what fails is told."""

import importlib.util
from collections import deque
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def runner():
    spec = importlib.util.spec_from_file_location("run_tests", ROOT / "tools" / "run_tests.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_file_of_tests_is_run_once(runner):
    shares = [list(runner.MEASURING), *runner.shares(ROOT)]
    for path in (ROOT / "tests").rglob("test_*.py"):
        name = path.relative_to(ROOT).as_posix()
        holding = [one for share in shares for one in share if name == one or name.startswith(f"{one}/")]
        assert len(holding) == 1, f"{name}: {holding}"


@pytest.mark.parametrize(
    ("texts", "failed"),
    [
        (("", ""), False),
        (("def test(): pass", "import pytest\n@pytest.mark.board\ndef test(): assert False"), False),
        (("def test(): assert False", "def test(): pass"), True),
        (("def test(): pass", "1 / 0"), True),
    ],
    ids=["nothing", "all pass", "one fails", "one cannot be read"],
)
def test_a_lane_runs_its_own_and_then_the_rest(runner, tmp_path, texts, failed):
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = board\naddopts = -m 'not board' -p no:cacheprovider\n")
    for name, text in zip(("test_own.py", "test_rest.py"), texts, strict=True):
        (tmp_path / name).write_text(text)
    rest = deque([["test_rest.py"]])
    with (tmp_path / "printed").open("w+") as printed:
        lane = runner.Lane(tmp_path, [["test_own.py"]], rest, printed)
        lane.run()
        printed.seek(0)
        said = printed.read()
    assert lane.failed is failed
    assert not rest
    assert said.index("test_own.py:") < said.index("test_rest.py:")
