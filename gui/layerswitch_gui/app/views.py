"""Making the window's views: the light ones with it, those that load pyqtgraph one short step at a time."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QStackedWidget, QWidget

from ..jobs.analysis import Analysis
from ..jobs.refinement import Refining
from ..platform.theme import Theme
from ..views.comparison.comparison_panel import ComparisonPanel
from ..views.inspector.inspector import Inspector
from ..views.inspector.why import Why
from ..views.refinement.refinement_panel import RefiningPanel
from ..widgets.commands import Commands
from .commands import view
from .context import Context
from .docks import Docks
from .registry import Registry

if TYPE_CHECKING:
    from ..views.graph.graph_panel import GraphView


class Views:
    """The graph in the stack, the other views in the docks, their commands in the registry."""

    def __init__(self, context: Context, theme: Theme, analysis: Analysis, docks: Docks, stack: QStackedWidget) -> None:
        self._context, self._document, self._theme = context, context.document, theme
        self._analysis, self._docks, self._stack = analysis, docks, stack
        self.graph: GraphView | None = None

    def view_of(self, title: str) -> QWidget | None:
        """The view of a panel, or the "Graph"; None until it is made."""
        return self.graph if title == "Graph" else self._docks.widgets[title].widget()

    def make_light(self, refining: Refining) -> None:
        """The views that cost nothing: in place before the window is first painted."""
        inspector = Inspector(self._document, self._theme)
        why = Why(self._document, self._theme, self._analysis)
        why.roofline_asked.connect(lambda: self._context.navigation.bring("Roofline"))
        inspector.add_reasons(why)
        comparison = ComparisonPanel(self._document, self._theme)
        comparison.colour_asked.connect(self._colour)
        self._docks.set_panel("Inspector", inspector)
        self._docks.set_panel("Comparison", comparison)
        self._docks.set_panel("Refinement", RefiningPanel(self._document, refining))

    def _colour(self, one: Any, other: Any) -> None:
        """Colour the graph by the difference of two rows of the comparison."""
        if self.graph is not None:
            self.graph.compare_to(other.name, other.assignment, (one.name, one.assignment))

    def makers(self, registry: Registry) -> tuple[Callable[[], None], ...]:
        """What makes each view that loads pyqtgraph, one short step of the interface thread each."""

        def commands() -> None:
            for title, dock in self._docks.widgets.items():
                made = getattr(dock.widget(), "commands", None)
                if isinstance(made, Commands):
                    registry.contribute(f"{view.MENU}/{title}", made.actions)

        charts = ("Latency", "Layers", "Timeline", "Switches", "Roofline", "Attributes")
        return (partial(self._make_graph, registry), *(partial(self._make, title) for title in charts), commands)

    def _make_graph(self, registry: Registry) -> None:
        from ..views.graph.graph_panel import GraphView

        self.graph = GraphView(self._document, self._theme)
        self._stack.addWidget(self.graph)
        registry.contribute(f"{view.MENU}/&Graph", self.graph.commands.actions)

    def _make(self, title: str) -> None:
        from ..views.charts import LatencyChart, SwitchCurve, Timeline
        from ..views.charts.attributes_chart import AttributesChart
        from ..views.charts.roofline_chart import RooflineChart
        from ..views.table import LayerTable

        document, theme = self._document, self._theme
        if title == "Switches":
            curve = SwitchCurve(document, theme)
            curve.wanted.connect(lambda: self._context.workbench.curve(curve.show_points))
            made: QWidget = curve
        elif title in ("Roofline", "Attributes"):
            made = (RooflineChart if title == "Roofline" else AttributesChart)(document, theme, self._analysis)
        else:
            made = {"Latency": LatencyChart, "Layers": LayerTable, "Timeline": Timeline}[title](document, theme)
        self._docks.set_panel(title, made)
