"""The inspector: everything known of the selected layer, and what moving it would do."""

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from layerswitch.network.graph import Layer

from ...document.document import Document
from ...platform.theme import Theme
from ...widgets import formatting
from ...widgets.makers import button
from ...widgets.rich_label import RichLabel
from ...widgets.text_safety import breakable, one_line
from . import layer_metrics
from .sample_plot import SampleStrip

MOST = 24  # selected layers listed by name
LONGEST = 200  # characters of a name


class Inspector(QWidget):
    """Text from the document's values, a strip plot of the samples, and buttons for the edits."""

    def __init__(self, document: Document, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document, self._theme = document, theme
        self._explained = False
        self.setAccessibleName("Inspector")
        self.setMinimumWidth(240)
        self.text = RichLabel("The selected layer")
        self.strip = SampleStrip(document, theme)
        self.more = RichLabel("What moving the layer would do")
        self.flip = button("Flip (X)", "Put the selected layers on their other device")
        self.pin = button("Pin (P)", "Keep the selected layers on their device, in edits and plans")
        self.flip.clicked.connect(lambda: document.flip(document.selection))
        self.pin.clicked.connect(self._toggle_pin)
        buttons = QHBoxLayout()
        for widget in (self.flip, self.pin):
            buttons.addWidget(widget)
        buttons.addStretch()
        inside = QWidget()
        column = self._column = QVBoxLayout(inside)
        for part in (self.text, self.strip):
            column.addWidget(part)
        column.addLayout(buttons)
        column.addWidget(self.more)
        column.addStretch()
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)  # texts wrap instead
        area.setAccessibleName("Everything known of the selection")
        area.setWidget(inside)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)
        for signal in (
            document.graph_changed, document.prediction_changed, document.plan_changed, document.assignment_changed,
            document.selection_changed, document.pins_changed, theme.changed,
        ):  # fmt: skip
            signal.connect(self.refresh)
        self.refresh()

    def add_reasons(self, widget: QWidget) -> None:
        """Put what explains the selected layer before what moving it would do; its rates then stand there."""
        self._column.insertWidget(self._column.indexOf(self.more), widget)
        self._explained = True
        self.refresh()

    def refresh(self) -> None:
        """Show the selection as it is."""
        document = self._document
        names = document.selection
        graph = document.graph
        for part in (self.flip, self.pin, self.more):
            part.setVisible(bool(names))
        self.pin.setText("Unpin (Shift+P)" if names and all(n in document.pins for n in names) else "Pin (P)")
        self.strip.show_layer(names[0] if len(names) == 1 else None)
        if graph is None:
            self.text.setText("Open a network to see its layers.")
        elif not names:
            self.text.setText(self._network())
        elif len(names) == 1:
            self.text.setText(self._layer(graph.layers[graph.index[names[0]]]))
            self.more.setText(self._moves(names[0]))
        else:
            self.text.setText(self._many(names))
            self.more.setText(self._moving_many(names))

    def _network(self) -> str:
        graph = self._document.graph
        assert graph is not None
        rows = [
            ("Layers", f"{len(graph.layers)}"),
            *_work(graph.layers),
            *(("Input", formatting.shape(one.shape)) for name in graph.inputs if (one := graph.tensors[name]).bytes),
        ]
        prediction = self._document.prediction
        if prediction is not None:
            for column, device in enumerate(self._document.devices):
                here = prediction.layers_ms[prediction.choice == column]
                rows.append(
                    (
                        self._device(device),
                        f"{formatting.counted(len(here), 'layer')}, <b>{formatting.ms(float(here.sum()))}</b>",
                    )
                )
            count = prediction.transfer_count
            rows.append(("Transfers", f"{count}, <b>{formatting.ms(prediction.transfers_ms)}</b>"))
        hint = "Select a layer (in the graph, the bars or the table) to see its times and what moving it would do."
        return f"<h3>{_shown(graph.name)}</h3>{_table(rows)}<p>{hint}</p>"

    def _layer(self, layer: Layer) -> str:
        document = self._document
        graph = document.graph
        assert graph is not None

        def shapes(tensors: tuple[str, ...]) -> str:
            return "<br>".join(
                f"{formatting.shape(graph.tensors[t].shape)} <small>{escape(graph.tensors[t].dtype)}, "
                f"{formatting.size(graph.tensors[t].bytes)}</small>"
                for t in tensors
            )

        main = next((o for o in layer.operators if o.type == layer.type), None)
        kernel = (main.attributes.get("kernel") if main else None) or ()
        rows = [
            ("Type", _shown(layer.type) + (_shown(f" {'×'.join(map(str, kernel))}") if kernel else "")),
            ("Block", _shown(layer.block)) if layer.block else ("", ""),
            ("Reads", shapes(layer.inputs)),
            ("Writes", shapes(layer.outputs)),
            *_work([layer]),
        ]
        if len(layer.operators) > 1:
            rows.append(("Made of", _shown(", ".join(operator.type for operator in layer.operators))))
        now = document.assignment[layer.name]
        pinned = " · pinned" if layer.name in document.pins else ""
        head = f"<h3>{_shown(layer.name)}</h3><p>Layer {graph.index[layer.name] + 1} of {len(graph.layers)}, "
        return (
            f"{head}on {self._device(now)}{pinned}</p>{_table(rows)}{self._times(layer.name)}{self._work(layer.name)}"
        )

    def _times(self, name: str) -> str:
        document = self._document
        profile = document.profile
        if profile is None:
            return "<p>No times yet: profile the network (F5).</p>"
        rows = []
        for device in document.devices:
            if not document.can_run(name, device):
                why = profile.unsupported.get(device, {}).get(name, "not supported")
                rows.append((self._device(device), f"cannot run: {_shown(why)}"))
                continue
            samples = profile.samples[device][name]
            low, high = formatting.ms(min(samples), unit=False), formatting.ms(max(samples))
            text = f"<b>{formatting.ms(document.layer_ms(name, device))}</b> "
            text += f"<small>samples {low} to {high}, n = {len(samples)}</small>"
            scale = document.latency.scales.get(device, 1.0) if document.latency else 1.0
            if abs(scale - 1) >= 0.0005:
                text += f"<br><small>their median × {scale:.3f}: scaled to end-to-end time</small>"
            kernels = profile.kernels.get(device, {}).get(name, ())
            whole = sum(kernel.ms for kernel in kernels)
            for kernel in kernels:
                part = f", {formatting.percent(kernel.ms / whole)}" if len(kernels) > 1 and whole > 0 else ""
                text += f"<br><small>kernel {_shown(kernel.name)}: {formatting.ms(kernel.ms)}{part}</small>"
            rows.append((self._device(device), text))
        return f"<h4>Time, {formatting.origin(document.origin)}</h4>{_table(rows)}"

    def _work(self, name: str) -> str:
        """How hard the layer works on each device."""
        graph, found = self._document.graph, layer_metrics.achieved(self._document, name)
        if graph is None or not found or self._explained:
            return ""
        counts = graph.layers[graph.index[name]].macs > 0
        rows = []
        for one in found:
            rate = f"<b>{one.gflops:.3g} GFLOP/s</b>, " if counts else ""
            text = f"{rate}{one.gbytes:.3g} GB/s"
            if counts:
                text += f"<br><small>{formatting.percent(one.share)} of this network's best layer there</small>"
            rows.append((self._device(one.device), text))
        each = layer_metrics.intensity(graph, name)
        foot = f"<p><small>{each:.3g} operations for each byte it must move.</small></p>" if counts else ""
        return f"<h4>Achieved, {formatting.origin(self._document.origin)}</h4>{_table(rows)}{foot}"

    def _moves(self, name: str) -> str:
        document = self._document
        if document.prediction is None:
            return ""
        lines = []
        other = document.other_device(name)
        flip = layer_metrics.flipped(document, name)
        if other == document.assignment[name]:
            lines.append("No other device can run this layer.")
        else:
            lines.append(f"Moving it alone to {self._device(other)}: {_effect(document.effect_of({name: other}))}")
        if flip is not None:
            own, moved = _signed(flip.own_ms), _signed(flip.transfers_ms)
            lines.append(f"<small>its own time {own}, transfers {moved}</small>")
        graph = document.graph
        assert graph is not None
        layer = graph.layers[graph.index[name]]
        reads, writes = document.prediction.model.dataflow.touching(graph.index[name])
        paid = document.prediction.transfers_of((*reads, *writes))
        if paid:
            lines.append(f"Its switches cost {formatting.ms(sum(transfer.ms for transfer in paid))}:")
        else:
            lines.append("It pays for no switch.")
        for transfer in paid:
            way = "in" if transfer.tensor in layer.inputs else "out"
            devices = _shown(f"{transfer.source} → {transfer.target}")
            lines.append(
                f"<small>transfer {way}, {devices}, {formatting.size(transfer.bytes)}: "
                f"{formatting.ms(transfer.ms)}</small>"
            )
        if document.plan is not None:
            best = document.plan.assignment[name]
            agrees = best == document.assignment[name]
            lines.append(f"The optimum {'agrees' if agrees else 'puts it on'}: {self._device(best)}")
        return f"<h4>Moving it, predicted, {document.times_are}</h4>" + "<br>".join(lines)

    def _many(self, names: tuple[str, ...]) -> str:
        document = self._document
        graph = document.graph
        assert graph is not None
        layers = [graph.layers[graph.index[name]] for name in names]
        rows = _work(layers)
        for device in document.devices:
            times = [document.layer_ms(name, device) for name in names]
            if document.profile and all(time is not None for time in times):
                rows.append((self._device(device), f"<b>{formatting.ms(sum(t for t in times if t is not None))}</b>"))
        on = [document.assignment[name] for name in names]
        rows.append(("Assigned", ", ".join(f"{on.count(device)} {_shown(device)}" for device in dict.fromkeys(on))))
        if document.plan is not None:
            moved = sum(document.plan.assignment[name] != document.assignment[name] for name in names)
            rows.append(("Optimum", "agrees with all of them" if not moved else f"puts {moved} of them elsewhere"))
        return f"<h3>{len(names)} layers</h3>{_table(rows)}"

    def _moving_many(self, names: tuple[str, ...]) -> str:
        document = self._document
        lines = [
            f"All of them to {self._device(device)}: {_effect(document.effect_of(dict.fromkeys(names, device)))}"
            for device in document.devices
            if document.prediction is not None
        ]
        listed = [(self._device(document.assignment[name]), _shown(name)) for name in names[:MOST]]
        more = f"<p>and {len(names) - MOST} more</p>" if len(names) > MOST else ""
        return "<br>".join(lines) + f"<h4>Selected</h4>{_table(listed)}{more}"

    def _device(self, name: str) -> str:
        background = self._theme.device(name).name()
        text = self._theme.device_text(name).name()
        return f'<span style="background:{background};color:{text}">&nbsp;{escape(one_line(name))}&nbsp;</span>'

    def _toggle_pin(self) -> None:
        names = self._document.selection
        if all(name in self._document.pins for name in names):
            self._document.unpin(names)
        else:
            self._document.pin(names)


def _work(layers: Sequence[Layer]) -> list[tuple[str, str]]:
    """What layers have to do together; nothing of imported ones, whose operators nobody knows."""
    if not any(layer.operators for layer in layers):
        return []
    return [
        ("MACs", formatting.count(sum(layer.macs for layer in layers))),
        ("Parameters", formatting.count(sum(layer.parameters for layer in layers))),
    ]


def _shown(name: str) -> str:
    """A name as rich text, wrapped within long words too."""
    return escape(breakable(one_line(name, LONGEST)))


def _signed(ms: float) -> str:
    sign = "+" if ms > 0 else "−" if ms < 0 else "±"
    return f"{sign}{formatting.ms(abs(ms))}"


def _effect(ms: float | None) -> str:
    if ms is None:
        return "–"
    if ms == float("inf"):
        return "cannot run there"
    if abs(ms) < 0.0005:
        return "no change"
    return f"<b>{formatting.ms(abs(ms))} {'slower' if ms > 0 else 'faster'}</b>, predicted"


def _table(rows: list[tuple[str, str]]) -> str:
    body = "".join(f"<tr><td style='padding-right:12px'>{k}</td><td>{v}</td></tr>" for k, v in rows if k)
    return f"<table cellspacing='2'>{body}</table>"
