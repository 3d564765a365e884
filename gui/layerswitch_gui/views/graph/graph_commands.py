"""The layer graph's own commands. Keys that mean something in other views too work while the graph has the focus."""

from functools import partial
from typing import TYPE_CHECKING

from ...widgets.commands import Command
from .graphics_view import STEP

if TYPE_CHECKING:
    from .graph_panel import GraphView


def graph_commands(view: "GraphView") -> tuple[Command, ...]:
    """What the graph's toolbar and the menus offer."""
    canvas, colour = view.canvas, view.choose_mode
    return (
        Command("fit", "Fit graph", "F", "Show the whole graph", view.fit),
        Command("zoom_in", "Zoom in", "+", "Enlarge the graph", lambda: canvas.zoom_by(STEP)),
        Command("zoom_out", "Zoom out", "-", "Make the graph smaller", lambda: canvas.zoom_by(1 / STEP)),
        Command("turn", "Turn graph", "Ctrl+Shift+L", "Lay the graph out from left to right, or from top to bottom", view.turn, anywhere=True),
        Command("fold_all", "Fold all blocks", "Ctrl+Shift+F", "Show every block as one card", view.fold_all, anywhere=True),
        Command("unfold_all", "Unfold all blocks", "Ctrl+Shift+U", "Show every layer as a card of its own", view.unfold_all, anywhere=True),
        Command("colour_device", "Colour by device", "Alt+Shift+1", "Colour cards by the device they are assigned to", partial(colour, "device")),
        Command("colour_time", "Colour by time", "Alt+Shift+2", "Colour cards by their predicted time", partial(colour, "time")),
        Command("colour_ratio", "Colour by CPU/GPU ratio", "Alt+Shift+3", "Colour cards by which device is faster, and how much", partial(colour, "ratio")),
        Command("colour_difference", "Colour by difference to the optimum", "Alt+Shift+4", "Mark what the optimum puts elsewhere", partial(colour, "difference")),
        Command("colour_stability", "Colour by stability", "Alt+Shift+5", "Mark the layers whose device hardly matters", partial(colour, "stability")),
        Command("search", "Find layer", "Ctrl+F", "Find layers by name, type or block", view.focus_search, anywhere=True),
        Command("next", "Next hit", "F3", "Go to the next layer found", lambda: view.next_hit(1), anywhere=True),
        Command("previous", "Previous hit", "Shift+F3", "Go to the previous layer found", lambda: view.next_hit(-1), anywhere=True),
    )  # fmt: skip
