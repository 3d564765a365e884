"""What may import what, over the source of both trees: the window is an end, data flows one way, nothing goes round."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import networkx
import pytest

ROOT = Path(__file__).resolve().parents[2]
TREES = {"layerswitch": ROOT / "core", "layerswitch_gui": ROOT / "gui"}
GUI = "layerswitch_gui."

ROUND = {
    "layerswitch.cli": "the entry point imports the commands when it runs; they take the exit codes from its package",
}
"""Packages in which modules import each other all the same, with the reason; typing alone is no import here."""
ACROSS = {
    ("layerswitch_gui.document.numbered_variants", "layerswitch_gui.views.comparison.rows"),  # who named an assignment
}
"""Imports from below up into the views; each with the reason in a comment."""


def modules() -> dict[str, Path]:
    """Name -> file of every module of both trees."""
    found = {}
    for package, root in TREES.items():
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def is_typing(node: ast.AST) -> bool:
    """Whether a statement is `if TYPE_CHECKING:`: what stands under it is never run."""
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def statements(node: ast.AST, *, late: bool) -> Iterator[ast.Import | ast.ImportFrom]:
    """The imports that are run: when the module is loaded, and with `late` those inside functions as well."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child
        elif not is_typing(child) and (late or not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)):
            yield from statements(child, late=late)


@cache
def imports(*, late: bool) -> dict[str, set[str]]:
    """Module -> the modules of both trees it imports, other than those of typing only."""
    known, found = modules(), {}
    for name, path in known.items():
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        wanted: set[str] = set()
        for node in statements(ast.parse(path.read_text(encoding="utf-8")), late=late):
            if isinstance(node, ast.Import):
                wanted.update(alias.name for alias in node.names)
                continue
            base = ".".join(package.split(".")[: len(package.split(".")) - node.level + 1]) if node.level else ""
            source = ".".join(part for part in (base, node.module or "") if part)
            for alias in node.names:
                whole = f"{source}.{alias.name}"
                wanted.add(whole if whole in known else source)
        found[name] = {one for one in wanted if one in known and one != name}
    return found


def crossing(late: bool = True) -> Iterator[tuple[str, str]]:
    """Every import: (who, what)."""
    for name, wanted in imports(late=late).items():
        for one in wanted:
            yield name, one


def test_the_source_is_seen_as_it_is() -> None:
    found = imports(late=True)
    assert f"{GUI}document.document" in found[f"{GUI}app.main_window"]
    assert f"{GUI}views.charts" in found[f"{GUI}app.views"]  # inside a function
    assert f"{GUI}views.charts" not in imports(late=False)[f"{GUI}app.views"]
    assert len(found) > 300


def test_only_the_app_knows_the_main_window() -> None:
    window = f"{GUI}app.main_window"
    assert [who for who, what in crossing() if what == window] == [f"{GUI}app.launch"]


def test_nothing_but_the_app_imports_the_app() -> None:
    app = f"{GUI}app"
    assert [(who, what) for who, what in crossing() if what.startswith(app) and not who.startswith(app)
            and who not in (f"{GUI}__main__", "layerswitch.cli.commands.open")] == []  # fmt: skip


def test_views_share_through_widgets_alone() -> None:
    def package(name: str) -> str:
        return ".".join(name.split(".")[:3]) if name.startswith(f"{GUI}views.") else ""

    wrong = [
        (who, what)
        for who, what in crossing()
        if package(what) and package(who) != package(what) and not who.startswith(f"{GUI}app")
    ]
    assert {*wrong} - ACROSS == set()


@pytest.mark.parametrize("package", TREES)
def test_no_module_imports_itself_in_a_circle(package: str) -> None:
    graph = networkx.DiGraph([pair for pair in crossing() if pair[0].split(".")[0] == package])
    circles = [sorted(circle) for circle in networkx.strongly_connected_components(graph) if len(circle) > 1]
    assert [circle for circle in circles if not all(name.startswith(tuple(ROUND)) for name in circle)] == []
