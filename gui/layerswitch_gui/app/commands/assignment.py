"""The menu Assignment: whole assignments, the what-if question, and what is remembered under names and numbers."""

from functools import partial

from layerswitch.network.named_assignment import Kind

from ...document.document import Document
from ...document.numbered_variants import MOST, Variants
from ...widgets.commands import Command
from ..context import Context
from ..registry import LINE, Registry
from .devices import device_commands

MENU = "&Assignment"


def add_assignment_menu(registry: Registry, context: Context, variants: Variants) -> None:
    """Fill the menu."""
    document, graph, plan = context.document, context.has_graph, context.has_plan
    registry.add(MENU, (
        Command("reset_optimum", "Reset to &optimum", "Ctrl+1", "Take the planner's assignment", lambda: _load(document, "plan"), plan, short="Optimum"),
        *device_commands(document, "reset"),
        Command("reset_greedy", "G&reedy", "Ctrl+4", "Each layer on its faster device, switches ignored", lambda: _load(document, "greedy"), plan),
        LINE,
        Command("what_if", "&What if: transfer cost", "Ctrl+Shift+W", "Go to the slider that scales what transfers cost", context.navigation.show_what_if, plan),
        Command("what_if_reset", "Transfer cost as &measured", "Ctrl+Alt+W", "End the what-if: back to the profile's transfer cost", lambda: context.workbench.what_if(1.0), plan),
        LINE,
        Command("keep", "&Keep under a name…", "Ctrl+D", "Remember this assignment, to compare or load it later", lambda: _remember(context), graph),
        Command("keep_variant", "Keep as next &variant", "K", "Remember this assignment under the next free number", variants.keep, graph),
        Command("previous_kept", "Pre&vious kept", "Ctrl+PgUp", "Load the named assignment before this one", lambda: variants.step(-1), graph),
        Command("next_kept", "Ne&xt kept", "Ctrl+PgDown", "Load the named assignment after this one", lambda: variants.step(1), graph),
        *(Command(f"variant_{n}", f"Variant &{n}", str(n), f"Load the variant kept as number {n}", partial(variants.recall, n), visible=partial(variants.has, n))
          for n in range(1, MOST + 1)),
    ))  # fmt: skip


def _load(document: Document, kind: Kind) -> None:
    """Load what was computed; of a what-if, the optimum asked about."""
    plan, one = document.plan, document.of_kind(kind)
    if kind == "plan" and plan is not None and document.what_if:
        document.load(plan.assignment, "Reset to the what-if optimum")
    elif one is not None:
        document.load(one.assignment, f"Reset to {one.name}")


def _remember(context: Context) -> None:
    if name := context.questions.text("Keep assignment", "Name", "mine"):
        remembered = context.document.keep_as(name)
        context.document.notice.emit(f"Kept as {remembered}")
