"""`models`, `boards` and `show`: what there is, before anything is measured."""

from typing import Annotated, Any

import msgspec
import typer

from ...network.graph import Layer, LayerGraph
from .. import options
from ..console import print_json, print_table


def models(json: options.Json = False) -> None:
    """List the bundled networks."""
    from ...network.formats import bundled_models, open_model

    found = [(bundled, open_model(bundled.path).graph) for bundled in bundled_models()]
    if json:
        print_json(
            [
                {
                    "name": bundled.name,
                    "title": bundled.title,
                    "layers": len(graph.layers),
                    "macs": graph.macs,
                    "parameters": graph.parameters,
                    "path": str(bundled.path),
                }
                for bundled, graph in found
            ]
        )
        return
    print_table(
        ["name", "title", ">layers", ">MMACs", ">M parameters"],
        [
            (
                bundled.name,
                bundled.title,
                len(graph.layers),
                f"{graph.macs / 1e6:,.0f}",
                f"{graph.parameters / 1e6:,.2f}",
            )
            for bundled, graph in found
        ],
    )


def boards(
    check: Annotated[
        bool, typer.Option("--check", help="Ask each board whether it answers; a few seconds at most for all of them.")
    ] = False,
    json: options.Json = False,
) -> None:
    """List the boards that can be measured on, and how each is reached."""
    from ...boards.registry import boards as known
    from .board import answers_of, print_boards

    entries = known()
    answers = answers_of(entries) if check else None
    if not json:
        print_boards(entries, answers)
    elif answers is None:
        print_json(entries)
    else:
        answered = ({"now": answers[entry.name].state, "why": answers[entry.name].why} for entry in entries)
        print_json([{**msgspec.to_builtins(entry), **now} for entry, now in zip(entries, answered, strict=True)])


def show(
    model: options.Model,
    group: options.Group = "layer",
    input_shape: options.InputShape = [],  # noqa: B006 (typer reads the default, nobody writes it)
    json: options.Json = False,
) -> None:
    """Show a network's layers."""
    from ...network.formats import open_model

    graph = open_model(model, input_shapes=options.input_shapes(input_shape), level=group).graph
    if json:
        print_json(_described(graph))
        return
    title = (
        f"{graph.name}: {len(graph.layers)} {group}s, {graph.macs / 1e6:,.1f} MMACs, {graph.parameters:,} parameters"
    )
    rows = [
        (
            place,
            layer.name,
            layer.type,
            "x".join(map(str, graph.tensors[layer.outputs[0]].shape)) if layer.outputs else "",
            f"{layer.macs / 1e6:,.2f}",
            f"{layer.parameters:,}",
            layer.block,
        )
        for place, layer in enumerate(graph.layers, 1)
    ]
    print_table([">#", "layer", "type", "output", ">MMACs", ">parameters", "block"], rows, title=title)


def _described(graph: LayerGraph) -> dict[str, Any]:
    return {
        "schema": "layerswitch/show/1",
        "name": graph.name,
        "level": graph.level,
        "source": graph.source,
        "layout": graph.layout,
        "fingerprint": graph.fingerprint,
        "macs": graph.macs,
        "parameters": graph.parameters,
        "inputs": [graph.tensors[name] for name in graph.inputs],
        "outputs": [graph.tensors[name] for name in graph.outputs],
        "layers": [_layer(layer, graph) for layer in graph.layers],
    }


def _layer(layer: Layer, graph: LayerGraph) -> dict[str, Any]:
    outputs = [graph.tensors[name] for name in layer.outputs]
    return {
        "name": layer.name,
        "type": layer.type,
        "block": layer.block,
        "macs": layer.macs,
        "parameters": layer.parameters,
        "inputs": layer.inputs,
        "outputs": layer.outputs,
        "output_shape": outputs[0].shape if outputs else (),
        "output_bytes": sum(tensor.bytes for tensor in outputs),
        "supported": not any(operator.attributes.get("unknown") for operator in layer.operators),
        "operators": [
            {"name": operator.name, "type": operator.type, "attributes": operator.attributes}
            for operator in layer.operators
        ],
    }
