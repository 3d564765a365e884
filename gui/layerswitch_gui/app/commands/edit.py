"""The menu Edit: undo, the selected layers' devices and pins, the clipboard, selections."""

from ...widgets.commands import Command
from ...widgets.text_safety import in_menu
from ..context import Context
from ..registry import LINE, Registry
from .clipboard import clipboard_commands
from .devices import device_commands
from .selection import selection_commands

MENU = "&Edit"


def add_edit_menu(registry: Registry, context: Context) -> None:
    """Fill the menu."""
    document, selected, stack = context.document, context.has_selection, context.document.undo_stack
    registry.add(MENU, (
        Command("undo", "&Undo", "Ctrl+Z", "Take the last edit back", stack.undo, stack.canUndo),
        Command("redo", "&Redo", "Ctrl+Shift+Z", "Do the last undone edit again", stack.redo, stack.canRedo),
        LINE,
        *(command for edit in ("assign", "block", "type") for command in device_commands(document, edit)),
        Command("flip", "&Flip selection", "X", "Put each selected layer on its other device", lambda: document.flip(document.selection), selected),
        Command("pin", "&Pin selection", "P", "Keep the selected layers on their device, in edits and plans", lambda: document.pin(document.selection), selected),
        Command("unpin", "U&npin selection", "Shift+P", "Let the selected layers move again", lambda: document.unpin(document.selection), selected),
        LINE,
        *clipboard_commands(context),
        LINE,
        *selection_commands(context),
    ))  # fmt: skip
    for name, word, changed, able in (
        ("undo", "&Undo", stack.undoTextChanged, stack.canUndoChanged),
        ("redo", "&Redo", stack.redoTextChanged, stack.canRedoChanged),
    ):
        action = registry[name]
        changed.connect(lambda text, action=action, word=word: action.setText(f"{word} {in_menu(text)}".strip()))
        able.connect(action.setEnabled)
