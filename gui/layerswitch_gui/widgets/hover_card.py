"""The card that appears when the pointer rests on a layer, the same in every view: shapes and exact numbers."""

from html import escape

import numpy as np

from layerswitch.measurement.statistics import FEWEST, summarize
from layerswitch.network.graph import LayerGraph

from ..document.document import Document
from . import formatting
from .text_safety import breakable, one_line

MOST_TENSORS = 4


def layer_card(document: Document, name: str) -> str:
    """Rich text about one layer; "" if the network has no such layer."""
    graph = document.graph
    if graph is None or name not in graph.index:
        return ""
    place = graph.index[name]
    layer = graph.layers[place]
    rows = [("Type", one_line(layer.type))]
    if layer.block:
        rows.append(("Block", one_line(layer.block)))
    rows += [("Reads", _tensors(graph, layer.inputs)), ("Writes", _tensors(graph, layer.outputs))]
    if layer.macs:
        rows.append(("MACs", f"{formatting.count(layer.macs)} ({layer.macs:,})"))
    if layer.parameters:
        rows.append(("Parameters", f"{formatting.count(layer.parameters)} ({layer.parameters:,})"))
    rows += [(device, time_text(document, name, device)) for device in document.devices if document.profile]
    rows.append(("Assigned", document.assignment.get(name, "–") + (" (pinned)" if name in document.pins else "")))
    if document.plan and (best := document.plan.assignment.get(name)):
        rows.append((document.plan.name.capitalize(), best))
    if sure := document.trust.sentence(name):
        rows.append(("Plan stability", sure))
    effect = document.effect_of({name: document.other_device(name)}) if document.assignment else None
    if effect is not None and np.isfinite(effect):
        rows.append(("Flip alone", f"{'+' if effect > 0 else '−' if effect < 0 else '±'}{formatting.ms(abs(effect))}"))
    return _table(f"{place + 1}. {one_line(name)}", rows, document.times_are if document.origin else "")


def block_card(document: Document, title: str, names: list[str]) -> str:
    """Rich text about a folded block."""
    rows = [("Layers", str(len(names)))]
    for device in document.devices if document.latency else ():
        total = sum(document.layer_ms(name, device) or 0.0 for name in names)
        rows.append((device, formatting.ms(total)))
    on = [document.assignment[name] for name in names if name in document.assignment]
    rows.append(("Assigned", ", ".join(f"{on.count(device)} {device}" for device in dict.fromkeys(on))))
    return _table(one_line(title), rows, document.origin)


def plain(text: str) -> str:
    """A name as it reads inside rich text, on one line."""
    return escape(one_line(text))


def time_text(document: Document, name: str, device: str) -> str:
    """A layer's time on a device in words: predicted ms, the interval that the bars' whiskers show, and its samples.

    Fewer than six samples have no interval of 95 %, only their range.
    """
    profile, predicted = document.profile, document.layer_ms(name, device)
    if profile is None or predicted is None:
        return "–"
    samples = profile.samples.get(device, {}).get(name)
    if not samples:
        reason = profile.unsupported.get(device, {}).get(name, "")
        return "cannot run" + (f": {reason}" if reason else "")
    text = f"{formatting.number(predicted, 4)} ms"
    if len(samples) > 1:
        scale = document.latency.scales.get(device, 1.0) if document.latency else 1.0
        found = summarize(samples)
        low, high, least, most = (
            formatting.number(ms * scale, 4) for ms in (found.low, found.high, min(samples), max(samples))
        )
        sure = f"95 % interval of the median: {low} … {high}; " if len(samples) >= FEWEST else ""
        text += f" ({sure}{len(samples)} samples {least} … {most})"
    return text


def _tensors(graph: LayerGraph, names: tuple[str, ...]) -> str:
    tensors = [graph.tensors[name] for name in names[:MOST_TENSORS]]
    lines = [f"{formatting.shape(one.shape)} {one.dtype}, {formatting.size(one.bytes)}" for one in tensors]
    if len(names) > MOST_TENSORS:
        lines.append(f"and {len(names) - MOST_TENSORS} more")
    return "\n".join(lines) or "nothing"


def _lines(text: str) -> str:
    return escape(breakable(text)).replace("\n", "<br>")


def _table(title: str, rows: list[tuple[str, str]], origin: str) -> str:
    body = "".join(
        f"<tr><td style='padding-right:10px'>{escape(label)}</td><td>{_lines(text)}</td></tr>" for label, text in rows
    )
    foot = f"<p>Times are {escape(origin)}.</p>" if origin else "<p>No times yet.</p>"
    return f"<p style='white-space:pre'><b>{escape(title)}</b></p><table>{body}</table>{foot}"
