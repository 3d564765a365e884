"""Selecting layers from the menu Edit: by type, by block, and where the optimum differs."""

from ...document.document import Document
from ...widgets.commands import Command
from ..context import Context


def selection_commands(context: Context) -> tuple[Command, ...]:
    """The commands that select."""
    document, graph, selected = context.document, context.has_graph, context.has_selection
    return (
        Command("select_all", "Select &all layers", "Ctrl+A", "Select every layer", lambda: document.select(document.assignment), graph),
        Command("select_none", "Select &nothing", "Ctrl+Shift+A", "Clear the selection", lambda: document.select(()), selected),
        Command("select_type", "Select same &type", "Ctrl+Shift+T", "Select every layer of the selected types", lambda: document.select(alike(document, "type")[1]), selected),
        Command("select_block", "Select whole &block", "Ctrl+B", "Select the blocks of the selected layers", lambda: document.select(alike(document, "block")[1]), selected),
        Command("select_differing", "Select what &differs", "Ctrl+Shift+D", "Select the layers the optimum puts elsewhere", lambda: _select_differing(document), context.has_plan),
    )  # fmt: skip


def alike(document: Document, field: str) -> tuple[list[str], list[str]]:
    """The blocks or types (`field`) of the selected layers, and every layer of them."""
    graph = document.graph
    if graph is None:
        return [], []
    names = set(document.selection)
    wanted = dict.fromkeys(getattr(graph.layers[graph.index[name]], field) for name in document.selection)
    wanted.pop("", None)
    layers = [layer.name for layer in graph.layers if getattr(layer, field) in wanted or layer.name in names]
    return list(wanted), layers


def _select_differing(document: Document) -> None:
    if document.plan is not None:
        mine = document.assignment
        document.select(layer for layer, device in document.plan.assignment.items() if mine[layer] != device)
