"""Writes the table of all modules into docs/architecture.md: every module with the first sentence of its docstring.

    python tools/module_table.py

Run it after a module was added, moved or described otherwise. What stands outside the two markers is left as it is;
tests/tools/test_module_table.py fails while the page and the code differ.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "architecture.md"
BEGIN = "<!-- modules: written by tools/module_table.py, do not edit by hand -->"
END = "<!-- end of modules -->"
FOLDERS = ("core/layerswitch", "gui/layerswitch_gui", "models", "tools", "bench")


def description(path: Path) -> str:
    """The first paragraph of a module's docstring as one line. Raises ValueError where there is none."""
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    if not text:
        raise ValueError(f"{path}: no docstring; its first line says what the module is")
    return " ".join(text.partition("\n\n")[0].split())


def sections(root: Path = ROOT) -> Iterator[str]:
    """A heading and a table for each folder that has modules, in Markdown."""
    for top in FOLDERS:
        folders = {path.parent for path in (root / top).rglob("*.py")}
        for folder in sorted(folders):
            name = folder.relative_to(root).as_posix()
            yield f"### {name}\n\n{_about(folder)}{_table(folder, root)}"


def _about(folder: Path) -> str:
    package = folder / "__init__.py"
    return f"{_escaped(description(package))}\n\n" if package.is_file() else ""


def _table(folder: Path, root: Path) -> str:
    rows = [
        f"| [{path.name}](../{path.relative_to(root).as_posix()}) | {_escaped(description(path))} |"
        for path in sorted(folder.glob("*.py"))
        if path.name != "__init__.py"
    ]
    return "\n".join(["| module | what it is |", "|---|---|", *rows]) + "\n" if rows else ""


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")


def updated(page: str, root: Path = ROOT) -> str:
    """The page's text with its table as the code has it now. Raises ValueError where a marker is missing."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page lacks the line {BEGIN if not begin else END!r}")
    table = "\n".join(sections(root))
    return f"{before}{BEGIN}\n\n{table}\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(updated(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
