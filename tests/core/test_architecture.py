"""The walls of the house: no Qt below core/, nothing of core/ in the agent, Python 3.8 syntax there."""

import ast
from pathlib import Path

import pytest

CORE = Path(__file__).parents[2] / "core" / "layerswitch"
AGENT = CORE / "agent"
QT = {"PySide6", "PyQt6", "pyqtgraph", "shiboken6", "qtpy"}


def imports(path):
    """(module, relative level) of every import in a file."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, 0
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "", node.level


@pytest.mark.parametrize("path", sorted(CORE.rglob("*.py")), ids=lambda path: str(path.relative_to(CORE)))
def test_no_qt_below_core(path):
    for module, _ in imports(path):
        assert module.split(".")[0] not in QT
        if path != CORE / "cli" / "commands" / "open.py":  # the one door to the window
            assert not module.startswith("layerswitch_gui")


@pytest.mark.parametrize("path", sorted(AGENT.rglob("*.py")), ids=lambda path: str(path.relative_to(AGENT)))
def test_the_agent_stands_alone(path):
    ast.parse(path.read_text("utf-8"), feature_version=(3, 8))
    depth = len(path.relative_to(AGENT).parts)
    for module, level in imports(path):
        assert level <= depth, f"{module} leaves the agent's folder"
        assert level or module.split(".")[0] != "layerswitch" or module.startswith("layerswitch.agent")


@pytest.mark.parametrize("path", sorted(CORE.rglob("*.py")), ids=lambda path: str(path.relative_to(CORE)))
def test_the_simulator_is_an_engine_among_others(path):
    """Nobody looks inside it; what it shares with the rest, as an operator's shapes, is beside the engines."""
    if "simulated" not in path.parts:
        for module, _ in imports(path):
            assert "simulated" not in module.split(".")
