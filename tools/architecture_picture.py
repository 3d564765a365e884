"""Draws docs/architecture.svg from the imports in core/ and gui/: a box for each package, an arrow to what it uses.

    python tools/architecture_picture.py

Run it after imports between packages changed; tests/tools/test_architecture_picture.py fails while the picture and the
code differ. An arrow is left out where a longer way of arrows says the same, and what nearly every package uses
(errors, serialization ...) is a strip at the bottom without arrows. Where packages import each other in a circle, the
order with the fewest imports against it is drawn, and what goes against it is dashed.
"""

import ast
import textwrap
from collections import Counter
from collections.abc import Iterator
from html import escape
from itertools import pairwise, permutations
from pathlib import Path

import networkx

from layerswitch_gui.views.graph.layered_layout import Drawing, layout
from module_table import description

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "architecture.svg"
ROOTS = {"core": "layerswitch", "gui": "layerswitch_gui"}
WIDTH, HEIGHT, MARGIN, STRIP, LEGEND = 210.0, 74.0, 24.0, 54.0, 40.0
FILLS = {"gui": "#dbeaf5", "core": "#f4f1ea", "board": "#fbe6c8"}
STYLE = """text { font: 11px sans-serif; fill: #222 } .name { font-weight: bold; font-size: 14px }
.box { stroke: #555; rx: 6px } .arrow { fill: none; stroke: #555; marker-end: url(#head) }
.against { stroke: #b00020; stroke-dasharray: 6 4 }"""

Edge = tuple[str, str]


def modules(root: Path = ROOT) -> dict[str, Path]:
    """Every module's dotted name and file."""
    paths = {path: (root / side) for side in ROOTS for path in (root / side).rglob("*.py")}
    return {
        ".".join(path.relative_to(top).with_suffix("").parts).removesuffix(".__init__"): path
        for path, top in paths.items()
    }


def imported(name: str, path: Path, known: dict[str, Path]) -> Iterator[str]:
    """The modules of ours that a module imports, at its top or late, but not those for annotations alone."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for branch in ast.walk(tree):
        if isinstance(branch, ast.If) and "TYPE_CHECKING" in ast.unparse(branch.test):
            branch.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom):
            package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
            start = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*start, *([node.module] if node.module else [])])
            for alias in node.names:
                whole = f"{module}.{alias.name}"
                if whole in known or module in known:
                    yield whole if whole in known else module


def uses(root: Path = ROOT) -> Counter[Edge]:
    """(package, package it uses) -> how many imports; a module beside the packages counts as one."""
    known = modules(root)
    pairs = ((_package(name), _package(used)) for name, path in known.items() for used in imported(name, path, known))
    tops = set(ROOTS.values())
    return Counter((user, used) for user, used in pairs if user != used and not {user, used} & tops)


def _package(name: str) -> str:
    package = ".".join(name.split(".")[:2])
    return name.split(".")[0] if package.endswith("__main__") else package


def shared(edges: Counter[Edge], known: dict[str, Path]) -> list[str]:
    """Modules beside the packages that use no package themselves: errors, serialization and the like."""
    graph = networkx.DiGraph(edges.keys())
    packages = {name for name in graph if known[name].name == "__init__.py"}
    return sorted(set(graph) - packages - set().union(*(networkx.ancestors(graph, name) for name in packages)))


def against(edges: Counter[Edge]) -> set[Edge]:
    """The edges that go against the order of packages with the fewest imports against it."""
    found: set[Edge] = set()
    for circle in networkx.strongly_connected_components(networkx.DiGraph(edges.keys())):
        inner = {edge: count for edge, count in edges.items() if set(edge) <= circle}

        def backward(order: tuple[str, ...], inner: dict[Edge, int] = inner) -> list[Edge]:
            place = {name: number for number, name in enumerate(order)}
            return [(user, used) for user, used in inner if place[user] > place[used]]

        found.update(
            min(map(backward, permutations(sorted(circle))), key=lambda wrong: sum(inner[edge] for edge in wrong))
        )
    return found


def picture(root: Path = ROOT) -> str:
    """The picture as SVG text."""
    known, edges = modules(root), uses(root)
    under = shared(edges, known)
    above = Counter({edge: count for edge, count in edges.items() if not set(edge) & set(under)})
    wrong = against(above)
    forward = networkx.DiGraph(sorted(edge for edge in above if edge not in wrong))
    forward.add_nodes_from(name for edge in above for name in edge)
    arrows = sorted(networkx.transitive_reduction(forward).edges)
    drawing = layout(list(networkx.lexicographical_topological_sort(forward)), arrows, "down", (WIDTH, HEIGHT))
    return _svg(drawing, [*arrows, *sorted(wrong)], above, under, known)


def _svg(drawing: Drawing, arrows: list[Edge], counts: Counter[Edge], under: list[str], known: dict[str, Path]) -> str:
    places = {name: drawing.positions[name] for name in sorted(drawing.positions)}
    points = [*places.values(), *(point for bend in drawing.bends.values() for point in bend)]
    left = min(x for x, _ in points) - WIDTH / 2 - MARGIN
    top = min(y for _, y in points) - HEIGHT / 2 - MARGIN - LEGEND
    width = max(x for x, _ in points) + WIDTH / 2 + MARGIN - left
    bottom = max(y for _, y in points) + HEIGHT / 2 + MARGIN
    height = bottom + STRIP + MARGIN - top
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{left:.0f} {top:.0f} {width:.0f} {height:.0f}">',
        "<title>The packages of LayerSwitch and what each uses</title>",
        f"<style>{STYLE}</style>",
        '<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path d="M0 0 8 4 0 8z" fill="#555"/></marker></defs>',
        f'<rect x="{left:.0f}" y="{top:.0f}" width="{width:.0f}" height="{height:.0f}" fill="#fff"/>',
        *_legend(left + MARGIN, top + MARGIN),
        *(_arrow(edge, counts[edge], drawing) for edge in arrows),
        *(part for name, (x, y) in places.items() for part in _box(name, x, y, known[name])),
        *_strip(left + MARGIN, bottom, width - 2 * MARGIN, under, known),
    ]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _legend(x: float, y: float) -> Iterator[str]:
    texts = {"gui": "the window (gui/)", "core": "the library (core/)", "board": "runs on the board"}
    for number, (kind, text) in enumerate(texts.items()):
        at = x + 150 * number
        yield _rectangle(at, y - 12, 18, 14, kind)
        yield f'<text x="{at + 24:.0f}" y="{y:.0f}">{text}</text>'
    yield f'<text x="{x + 450:.0f}" y="{y:.0f}">arrow: uses; dashed: imports against the order</text>'


def _arrow(edge: Edge, count: int, drawing: Drawing) -> str:
    (x, y), (to_x, to_y) = (drawing.positions[name] for name in edge)
    side = HEIGHT / 2 if y < to_y else -HEIGHT / 2
    against = y >= to_y
    shift = WIDTH / 4 if against else 0.0  # beside the arrows that go the usual way
    points = [(x + shift, y + side), *drawing.bends.get(edge, ()), (to_x + shift, to_y - side)]
    path = f"M{points[0][0]:.0f} {points[0][1]:.0f}"
    for (ax, ay), (bx, by) in pairwise(points):
        middle = (ay + by) / 2
        path += f" C{ax:.0f} {middle:.0f} {bx:.0f} {middle:.0f} {bx:.0f} {by:.0f}"
    user, used = edge
    kind = "arrow against" if against else "arrow"
    return f'<path class="{kind}" d="{path}"><title>{user} uses {used}: {count} imports</title></path>'


def _box(name: str, x: float, y: float, path: Path) -> Iterator[str]:
    kind = "board" if name == "layerswitch.agent" else "gui" if name.startswith("layerswitch_gui") else "core"
    left, top = x - WIDTH / 2, y - HEIGHT / 2
    yield _rectangle(left, top, WIDTH, HEIGHT, kind)
    yield f'<text class="name" x="{left + 10:.0f}" y="{top + 19:.0f}">{name.split(".")[1]}</text>'
    for number, line in enumerate(textwrap.wrap(description(path), 36, max_lines=3, placeholder=" …")):
        yield f'<text x="{left + 10:.0f}" y="{top + 36 + 14 * number:.0f}">{escape(line)}</text>'


def _strip(left: float, top: float, width: float, under: list[str], known: dict[str, Path]) -> Iterator[str]:
    names = ", ".join(known[name].name for name in under)
    text = "What every package may use; they use no package themselves."
    yield _rectangle(left, top, width, STRIP, "core")
    yield f'<text class="name" x="{left + 10:.0f}" y="{top + 21:.0f}">{names}</text>'
    yield f'<text x="{left + 10:.0f}" y="{top + 40:.0f}">{text}</text>'


def _rectangle(x: float, y: float, width: float, height: float, kind: str) -> str:
    size = f'width="{width:.0f}" height="{height:.0f}"'
    return f'<rect class="box" x="{x:.0f}" y="{y:.0f}" {size} fill="{FILLS[kind]}"/>'


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
