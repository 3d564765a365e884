"""The agent needs nothing but its own folder, Python 3.8 and numpy: by reading it, and by running it far away."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from layerswitch import agent as package
from layerswitch.agent import protocol

FOLDER = Path(package.__file__).parent
ALLOWED = set(sys.stdlib_module_names) | {"numpy", "layerswitch_agent", "pyarmnn"}


def converse(command, requests, log=None, **options):
    """The last answer to each request; the process must then end well."""
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, **options) as process:
        answers = []
        for request in requests:
            process.stdin.write(b"".join(protocol.pack(request)))
            process.stdin.flush()
            answers.append(protocol.read(process.stdout.read).header)
        process.stdin.close()
        assert process.wait(30) == 0
        said = process.stderr.read().decode()
    assert "AssertionError" not in said
    if log is not None:
        log.append(said)
    return answers


@pytest.mark.parametrize("path", sorted(FOLDER.rglob("*.py")), ids=lambda path: str(path.relative_to(FOLDER)))
def test_imports(path):
    tree = ast.parse(path.read_text("utf-8"), feature_version=(3, 8))
    depth = len(path.relative_to(FOLDER).parts)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert node.level <= depth
            assert node.level or node.module.split(".")[0] in ALLOWED
        elif isinstance(node, ast.Import):
            assert {alias.name.split(".")[0] for alias in node.names} <= ALLOWED


@pytest.mark.parametrize("path", sorted((FOLDER / "engines").glob("*.py")), ids=lambda path: path.name)
def test_what_engines_share_knows_no_engine(path):
    packages = {one.parent.name for one in (FOLDER / "engines").glob("*/__init__.py")}
    imports = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.ImportFrom)]
    assert packages >= {"armnn", "simulated"}
    assert not [node.module for node in imports if packages & set((node.module or "").split("."))]


def test_it_runs_where_layerswitch_cannot_be_imported(tmp_path):
    shutil.copytree(FOLDER, tmp_path / "agent", ignore=shutil.ignore_patterns("__pycache__"))
    # -I: no PYTHONPATH, no user site; the blocker stands in for a Python without LayerSwitch
    blocker = (
        "import sys, runpy\n"
        "class Blocker:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in ('layerswitch', 'msgspec', 'scipy', 'networkx', 'platformdirs'):\n"
        "            raise AssertionError('the agent imports ' + name)\n"
        "sys.meta_path.insert(0, Blocker())\n"
        f"sys.argv = ['agent']\nrunpy.run_path({str(tmp_path / 'agent')!r}, run_name='__main__')\n"
    )
    engines = [path.stem for path in (FOLDER / "engines").glob("*.py") if path.stem not in ("__init__", "base")]
    requests = [{"id": 0, "op": "hello"}]
    requests += [{"id": 1, "op": "open", "engine": name, "settings": {}} for name in engines]
    answers = converse([sys.executable, "-I", "-c", blocker], requests)
    assert answers[0]["protocol"] == protocol.PROTOCOL
    assert len(answers) == len(requests)
    assert "cannot be used here: the agent imports" not in str(answers)


def test_standard_output_belongs_to_the_frames(tmp_path):
    noisy = tmp_path / "noisy.py"
    noisy.write_text(
        "import os\nprint('from Python')\nos.write(1, b'from C')\nos.system('echo from a child')\n"
        "from layerswitch_agent.engines.base import Engine\nclass Noisy(Engine):\n    pass\n"
    )
    command = [sys.executable, str(FOLDER), "--engine", "noisy:Noisy"]
    log = []
    (answer,) = converse(command, [{"id": 0, "op": "hello"}], log=log, env={"PYTHONPATH": str(tmp_path)})
    assert answer["event"] == "result"
    for words in ("from Python", "from C", "from a child"):
        assert words in log[0]
