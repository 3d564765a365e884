"""GraphView: the layer graph in the window, joined to the document."""

from collections.abc import Mapping

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QLabel, QToolTip, QVBoxLayout, QWidget

from layerswitch.network.graph import LayerGraph

from ...document.document import Document
from ...platform.theme import Theme
from ...platform.theme_snapshot import Look
from ...widgets import hover_card
from ...widgets.commands import Commands
from ...widgets.picture import Picture as FilePicture
from . import keyboard_navigation
from .drawn_graph import Picture, blocks, picture
from .graph_commands import graph_commands
from .graph_painting import Snapshot
from .graph_toolbar import Toolbar
from .graphics_view import Canvas
from .interaction import Interaction
from .layered_layout import Direction, Drawing
from .layout_runner import LayoutRunner
from .legend import NO_GRAPH, Overlay, legend
from .minimap import Minimap
from .node_colours import Mode, Painter
from .node_painting import measure
from .scene import GraphScene

READABLE = 0.55  # a graph that fits only below this zoom opens at its beginning instead


class GraphView(QWidget):
    """Reads the document and sends it selections and edits. `commands` are its actions by name, for the menus.

    Its own state is how it looks at the graph: folded blocks, direction, colours, zoom.
    """

    def __init__(self, document: Document, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Layer graph view")
        self.document, self.theme = document, theme
        self.folded: set[str] = set()
        self.direction: Direction = "down"
        self.mode: Mode = "device"
        self.reference: tuple[str, Mapping[str, str]] | None = None  # what "difference" compares to; None: the plan
        self.compared: tuple[str, Mapping[str, str]] | None = (
            None  # and what it compares; None: the assignment as it is
        )
        self._hits: list[str] = []
        self._keep: tuple[str, QPoint] | None = None  # a card that stays where it is on screen through a new drawing
        self._look = Look.of(theme)
        self.scene = GraphScene()
        self.canvas = Canvas(self.scene, self)
        self.canvas.setToolTip("")
        self.commands = Commands(self, "graph", graph_commands(self))
        self.toolbar = Toolbar(self.commands, self)
        self.minimap = Minimap(self.canvas, self.scene, lambda: self._look)
        self._legend = Overlay("Legend of the layer graph", self.canvas)
        self._nothing = QLabel(NO_GRAPH, self.canvas)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.toolbar)
        column.addWidget(self.canvas, 1)
        self.setFocusProxy(self.canvas)
        self._runner = LayoutRunner(self)
        self._drawn: LayerGraph | None = None  # the network that the scene shows
        self._fresh = True  # the next drawing is of a new network
        self._untouched = False  # nobody has moved the view since the network opened: it may follow the window's size
        self._interaction = Interaction(self)
        self._connect()
        self._take_theme()
        self._take_graph()

    def _connect(self) -> None:
        self._runner.drawn.connect(self._show)
        canvas, document, toolbar = self.canvas, self.document, self.toolbar
        canvas.hovered.connect(lambda key, spot: QToolTip.showText(spot, self.hover_text(key), canvas))
        canvas.moved.connect(self._touched)
        canvas.resized.connect(self._resized)
        document.graph_changed.connect(self._take_graph)
        document.prediction_changed.connect(self._restyle)
        document.plan_changed.connect(self._restyle)
        document.trust.changed.connect(lambda: self._restyle() if self.mode == "stability" else None)
        document.pins_changed.connect(self._restyle)
        document.assignment_changed.connect(self._take_edit)
        document.selection_changed.connect(self._take_selection)
        self.theme.changed.connect(self._take_theme)
        toolbar.mode.activated.connect(lambda _index: self.choose_mode(toolbar.mode.currentData()))
        toolbar.search.textChanged.connect(self.search)
        toolbar.search.next_asked.connect(lambda: self.next_hit(1))
        toolbar.search.previous_asked.connect(lambda: self.next_hit(-1))
        toolbar.search.left.connect(self.canvas.setFocus)

    # how it looks at the graph ---------------------------------------------------------------------------------------

    def set_mode(self, mode: Mode) -> None:
        """Colour cards by another quantity."""
        self.mode = mode
        self.toolbar.mode.setCurrentIndex(self.toolbar.mode.findData(mode))
        self._restyle()

    def choose_mode(self, mode: Mode) -> None:
        """Colour cards as a person chose in the bar or the menu: a difference is that to the plan then."""
        self.reference = self.compared = None
        self.set_mode(mode)

    def compare_to(
        self, name: str, assignment: Mapping[str, str], compared: tuple[str, Mapping[str, str]] | None = None
    ) -> None:
        """Colour cards by the difference of the current assignment, or of `compared` (name, assignment), to this."""
        self.reference, self.compared = (name, assignment), compared
        self.set_mode("difference")

    def turn(self) -> None:
        """Lay the graph out the other way."""
        self.direction = "right" if self.direction == "down" else "down"
        self._fresh = True
        self._draw()

    def fold(self, block: str) -> None:
        """Fold a block, or unfold it."""
        self.folded ^= {block}
        self._hold(block)
        self._draw()

    def fold_all(self) -> None:
        """Show every block as one card."""
        self.folded = set(blocks(self.document.graph)) if self.document.graph else set()
        self._fresh = True
        self._draw()

    def unfold_all(self) -> None:
        """Show every layer as a card of its own."""
        self.folded = set()
        self._fresh = True
        self._draw()

    def fit(self) -> None:
        """Show the whole graph."""
        self.canvas.look_at(self.scene.content())

    def picture(self) -> FilePicture | None:
        """The whole graph at full size, as it is folded, turned and coloured."""
        size = self.scene.content().size().toSize()
        return FilePicture(size, self.snapshot().paint, anywhere=True) if self.document.graph else None

    def snapshot(self) -> Snapshot:
        """The graph as it is now, for a picture made on a thread."""
        return Snapshot(self.scene.parts(), self._look, self.scene.content().topLeft())

    # search ----------------------------------------------------------------------------------------------------------

    def search(self, text: str) -> None:
        """Mark the cards that hold every word of the text, and go to the first."""
        graph = self.document.graph
        texts = [f"{layer.name} {layer.type} {layer.block}".casefold() for layer in graph.layers] if graph else []
        self._hits = keyboard_navigation.find(self.scene.picture, texts, text)
        self._interaction.current = ""
        self.toolbar.hits.setText(
            "" if not text.strip() else "nothing found" if not self._hits else f"{len(self._hits)} found"
        )
        self._show_selection()
        if self._hits:
            self.next_hit(1)

    def next_hit(self, step: int) -> None:
        """Go to the next (1) or previous (-1) card found, and select its layers."""
        if not self._hits:
            return
        if (current := self._interaction.current) in self._hits:
            place = (self._hits.index(current) + step) % len(self._hits)
        else:
            place = 0 if step > 0 else len(self._hits) - 1
        self.toolbar.hits.setText(f"{place + 1} of {len(self._hits)}")
        self._interaction.go(self._hits[place])

    def focus_search(self) -> None:
        """Give the search field the keyboard."""
        self.toolbar.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.toolbar.search.selectAll()

    def hover_text(self, key: str) -> str:
        """What the hover card of a card says, as rich text."""
        node, names = self.scene.nodes[key].node, self.scene.layers_of([key])
        return (
            hover_card.layer_card(self.document, names[0])
            if not node.folded
            else hover_card.block_card(self.document, node.title, names)
        )

    # following the document ------------------------------------------------------------------------------------------

    def _take_graph(self) -> None:
        self.folded, self.reference, self.compared, self._hits = set(), None, None, []
        self._fresh = True
        self.toolbar.search.clear()
        self._draw()

    def _draw(self) -> None:
        graph = self.document.graph
        self._nothing.setVisible(graph is None)
        if graph is None:
            self._show(Picture((), (), ()), Drawing(), self.direction, (1.0, 1.0))
            return
        shown = picture(graph, self.folded)
        self._runner.ask(shown, self.direction, measure(shown.nodes, self.theme.font()))

    def _show(self, shown: Picture, drawing: Drawing, direction: Direction, size: tuple[float, float]) -> None:
        graph = self._drawn = self.document.graph
        if graph is not None and len(shown.node_of) == len(graph.layers):
            self.scene.show_picture(graph, shown, drawing, direction, size, self.theme.font())
        else:
            self.scene.clear_picture()
        self._restyle()
        self.minimap.refresh(moved=True)
        if self._fresh:
            self._fresh = False
            self._first_view()
        elif self._keep is not None and (item := self.scene.nodes.get(self._keep[0])) is not None:
            self.canvas.scroll_by(self.canvas.mapFromScene(item.pos()) - self._keep[1])
        self._keep = None
        if self.toolbar.search.text():
            self.search(self.toolbar.search.text())

    def _first_view(self) -> None:
        """The whole graph if its texts can be read then, else its beginning."""
        area = self.scene.content()
        self.canvas.look_at(area)
        if self.scene.nodes and self.canvas.zoom < READABLE:
            view = self.canvas.viewport().rect()
            across = view.width() / area.width() if self.direction == "down" else view.height() / area.height()
            largest = 0.9 if min(view.width(), 1.5 * view.height()) < 1000 else 1.2  # a large screen is far away
            zoom = min(max(across, READABLE), largest)
            first = self.scene.nodes[self.scene.picture.nodes[0].key].pos()
            if self.direction == "down":
                middle = area.center().x() if area.width() * zoom <= view.width() else first.x()
                self.canvas.set_view(zoom, QPointF(middle, area.top() + view.height() / 2 / zoom))
            else:
                middle = area.center().y() if area.height() * zoom <= view.height() else first.y()
                self.canvas.set_view(zoom, QPointF(area.left() + view.width() / 2 / zoom, middle))
        self._untouched = True

    def _touched(self) -> None:
        self._untouched = False

    def _resized(self) -> None:
        if self._untouched:
            self._first_view()
        self._place_overlays()

    def _hold(self, block: str) -> None:
        """Keep what is around a block in its place on screen through the next drawing."""
        if self.document.graph is not None:
            first = next(place for place, layer in enumerate(self.document.graph.layers) if layer.block == block)
            key = self.scene.picture.node_of[max(first - 1, 0)]  # the card before it is there folded and unfolded
            self._keep = key, self.canvas.mapFromScene(self.scene.nodes[key].pos())

    def _painter(self) -> Painter:
        other = self.reference[1] if self.reference else self.document.plan.assignment if self.document.plan else None
        document = self.document
        return Painter(
            self._look,
            self.mode,
            document.latency,
            document.assignment or None,
            other,
            document.pins,
            self.compared[1] if self.compared else None,
            tuple(node.places for node in self.scene.picture.nodes) if self.folded and self.mode == "time" else (),
            document.trust.stability.shares if document.trust.stability else None,
        )

    @property
    def _current(self) -> bool:
        """Whether the scene shows the document's network: a large one is laid out on a thread, and comes later."""
        return bool(self.scene.nodes) and self._drawn is self.document.graph

    def _restyle(self) -> None:
        if self._current:
            self.scene.restyle(self._painter())
            self.scene.mark_switches(self.document.prediction)
        self.minimap.refresh()
        self._show_selection()
        self._tell_legend()

    def _take_edit(self, names: tuple[str, ...]) -> None:
        if self._current:
            keys = self.scene.keys_of(names)
            self.scene.restyle(self._painter(), keys)
            self.scene.mark_switches(self.document.prediction, names)
            self.minimap.recolour(keys)

    def _take_selection(self) -> None:
        self._show_selection()
        keys = self.scene.keys_of(self.document.selection)
        if keys and not self.canvas.hasFocus():
            self.canvas.reveal(self.scene.nodes[keys[0]])

    def _show_selection(self) -> None:
        self.scene.show_selection(self.document.selection, self._hits)

    def _take_theme(self) -> None:
        self.canvas.look = self._look = Look.of(self.theme)
        self.scene.version += 1
        self.canvas.buffer.forget()
        self.canvas.setBackgroundBrush(self._look.base)
        self._legend.tint(self._look)
        self._draw()

    def _tell_legend(self) -> None:
        reference = (
            self.reference[0]
            if self.reference
            else self.document.plan.name
            if self.document.plan
            else "the optimum (none yet)"
        )
        mine = self.compared[0] if self.compared else ""
        document = self.document
        said = f"{document.origin}, what if" if document.what_if else document.origin
        self._legend.tell(legend(self._look, self.mode, document.devices, said, reference, mine))
        self._legend.setVisible(self.document.graph is not None)
        self._place_overlays()

    def _place_overlays(self) -> None:
        view = self.canvas.viewport().rect()
        self._legend.fit(view.width() - (0 if self.minimap.isHidden() else self.minimap.width() + 8) - 16)
        self._legend.move(8, view.bottom() - self._legend.height() - 6)
        self._nothing.setGeometry(view)
