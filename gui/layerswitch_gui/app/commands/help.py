"""The menu Help: first steps, every command with its key, and what this program is."""

from html import escape

from PySide6.QtGui import QKeySequence

from layerswitch import __version__

from ...dialogs.questions import Questions
from ...widgets.commands import Command
from ..registry import Registry

MENU = "&Help"
FIRST_STEPS = """\
<ol><li>Choose a network and a board on the start page, and press Profile.</li>
<li>Each layer is measured on CPU and GPU; the graph shows the best assignment: blue C = CPU, orange G = GPU.</li>
<li>Click a layer: the inspector says what moving it would do.</li>
<li>Press C, G or X to move the selected layers; the numbers above change at once. Ctrl+Z takes it back.</li>
<li>Press F7 to run your assignment on the board, F8 to run all of them in turns and see which is really faster.</li>
<li>Ctrl+K finds every command.</li></ol>"""
NEAR = "Keys listed under View and the name of a view mean something while that view has the focus."
ABOUT = f"""\
<p><b>LayerSwitch {__version__}</b><br>CPU-GPU layer-switched inference: profile, plan, edit, measure, compare.</p>
<p>It implements Aghapour, Sapra, Pimentel, Pathania: <i>CPU-GPU Layer-Switched Low Latency CNN Inference</i>,
DSD 2022, doi 10.1109/DSD57027.2022.00051.</p>"""


def add_help_menu(registry: Registry, questions: Questions) -> None:
    """Fill the menu."""
    registry.add(MENU, (
        Command("first_steps", "&First steps", "F1", "What to do first, in six lines", lambda: questions.tell("First steps", FIRST_STEPS)),
        Command("keys", "&Keys", "Ctrl+F1", "Every command with its key", lambda: questions.page("Keys", keys_page(registry))),
        Command("about", "&About LayerSwitch", "Shift+F1", "Version, and the paper this implements", lambda: questions.tell("About LayerSwitch", ABOUT)),
    ))  # fmt: skip


def keys_page(registry: Registry) -> str:
    """Every command that is in the menus now and has a key, in their order, as rich text."""
    keys = [
        (text, action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)) for text, action in registry.listed()
    ]
    rows = "".join(
        f"<tr><td>{escape(text)} &nbsp; </td><td><b>{escape(key)}</b></td></tr>" for text, key in keys if key
    )
    return f"<p>{NEAR}</p><table>{rows}</table>"
