"""Groups of operators that exporters write for one: Swish, HardSwish, Mish, GELU, HardSigmoid, LayerNormalization.

A pattern is a nested tuple, read from the last operator back: (type, operand, ...). An operand is again a pattern, a
number (a constant with that one value), "x" (any activation, the same at each mention), "$role" (any constant) or
"%name" (a constant with one value, handed on as an attribute). Add and Mul match with their operands in either order.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from .node import Node
from .partial_network import Network

Pattern = Any  # nested tuples; see above
Found = dict[str, str]  # "x" and "$role" -> tensor

COMMUTATIVE = {"Add", "Mul"}
SIXTH = 1 / 6


class Rule(NamedTuple):
    """A pattern, the type it becomes, and that node's attributes; `check` may refuse what was found."""

    pattern: Pattern
    type: str
    attributes: dict[str, Any] = {}
    roles: tuple[str, ...] = ()
    check: Callable[[Network, Found, dict[str, Node]], dict[str, Any] | None] | None = None


def _normalizes_last_axes(network: Network, found: Found, producers: dict[str, Node]) -> dict[str, Any] | None:
    """The axis of a LayerNormalization pattern, if both means run over the trailing axes and scale and bias fit."""
    rank = len(network.shape(found["x"]))
    epsilon = network.value(found["%epsilon"])
    axes = set()
    for mean in (found["&mean"], found["&variance"]):
        try:
            chosen = network.argument(producers[mean], "axes", 1)
        except LookupError:
            return None
        axes.add(tuple(sorted(axis % rank for axis in chosen or ())))
    first = min(axes)
    if len(axes) != 1 or not first or first != tuple(range(first[0], rank)):
        return None
    axis = first[0]
    wanted = network.shape(found["x"])[axis:]
    fits = all(network.shape(found[role]) == wanted for role in ("$scale", "$bias"))
    return {"axis": axis, "epsilon": float(epsilon.reshape(-1)[0])} if fits and epsilon is not None else None


def _layer_norm(square: Callable[[Pattern], Pattern]) -> Pattern:
    centred = ("Sub", "x", ("ReduceMean&mean", "x"))
    variance = ("ReduceMean&variance", square(centred))
    return ("Add", ("Mul", ("Div", centred, ("Sqrt", ("Add", variance, "%epsilon"))), "$scale"), "$bias")


def _gelu() -> Iterator[Rule]:
    inner: Pattern
    for inner in (("Div", "x", math.sqrt(2)), ("Mul", "x", math.sqrt(0.5))):
        error = ("Add", ("Erf", inner), 1.0)
        for whole in (
            ("Mul", ("Mul", "x", error), 0.5),
            ("Mul", ("Mul", "x", 0.5), error),
            ("Mul", "x", ("Mul", error, 0.5)),
        ):
            yield Rule(whole, "Gelu", {"approximate": "none"})
    for cube in (("Pow", "x", 3.0), ("Mul", "x", ("Mul", "x", "x"))):
        inner = ("Mul", ("Add", "x", ("Mul", cube, 0.044715)), math.sqrt(2 / math.pi))
        tanh = ("Add", ("Tanh", inner), 1.0)
        for whole in (
            ("Mul", ("Mul", "x", tanh), 0.5),
            ("Mul", ("Mul", "x", 0.5), tanh),
            ("Mul", "x", ("Mul", tanh, 0.5)),
        ):
            yield Rule(whole, "Gelu", {"approximate": "tanh"})


def _hard() -> Iterator[Rule]:
    shifted = ("Clip", ("Add", "x", 3.0), 0.0, 6.0)
    gates = (("Div", shifted, 6.0), ("Mul", shifted, SIXTH))
    yield Rule(("Div", ("Mul", "x", shifted), 6.0), "HardSwish")
    yield Rule(("Mul", ("Mul", "x", shifted), SIXTH), "HardSwish")
    for gate in (*gates, ("HardSigmoid@sixth", "x")):
        yield Rule(("Mul", "x", gate), "HardSwish")
    for gate in gates:
        yield Rule(gate, "HardSigmoid", {"alpha": SIXTH, "beta": 0.5})


RULES = (
    *(
        Rule(_layer_norm(square), "LayerNormalization", {}, ("$scale", "$bias"), _normalizes_last_axes)
        for square in (lambda c: ("Pow", c, 2.0), lambda c: ("Mul", c, c))
    ),
    *_gelu(),
    *_hard(),
    Rule(("Mul", "x", ("Tanh", ("Softplus", "x"))), "Mish"),
    Rule(("Mul", "x", ("Sigmoid", "x")), "Swish"),
)
"""Tried in this order at every node."""


def replace(network: Network) -> None:
    """Put one node in the place of each pattern, where its last operator was."""
    producers, consumers = network.producers(), network.consumers()
    outputs = set(network.outputs)
    gone = set[int]()
    for place in range(len(network.nodes) - 1, -1, -1):
        last = network.nodes[place]
        if id(last) in gone or not last.own:
            continue
        for rule in (rule for rule in RULES if rule.pattern[0].split("@")[0] == last.type):
            match = _Match(network, producers)
            if not match.fits(last, rule.pattern) or "x" not in match.found:
                continue
            inner = match.nodes[1:]
            if any(id(node) in gone for node in match.nodes) or not _private(inner, match.nodes, consumers, outputs):
                continue
            more = rule.check(network, match.found, producers) if rule.check else {}
            if more is None:
                continue
            gone.update(id(node) for node in inner)
            inputs = [match.found["x"], *(match.found[role] for role in rule.roles)]
            network.nodes[place] = Node(
                last.name, rule.type, inputs, last.outputs, {**rule.attributes, **more}, opset=max(last.opset, 17)
            )
            gone.add(id(last))
            break
    network.nodes = [node for node in network.nodes if id(node) not in gone]


def _private(inner: list[Node], matched: list[Node], consumers: dict[str, list[Node]], outputs: set[str]) -> bool:
    """Whether nothing outside the match reads what the nodes inside write."""
    written = [name for node in inner for name in node.outputs if name]
    own = {id(node) for node in matched}
    return not outputs.intersection(written) and all(id(n) in own for name in written for n in consumers.get(name, ()))


class _Match:
    """One attempt at one pattern: what the names in it stand for, and the nodes it takes in, the last one first."""

    def __init__(self, network: Network, producers: dict[str, Node]) -> None:
        self.network, self.producers = network, producers
        self.found: Found = {}
        self.nodes: list[Node] = []

    def fits(self, node: Node, pattern: Pattern) -> bool:
        """Whether the node and what it reads are the pattern."""
        kind, tag = pattern[0].partition("&")[0], pattern[0].partition("&")[2]
        kind, _, sixth = kind.partition("@")
        if node.type != kind or not node.own:
            return False
        if sixth and not _is_sixth(node):
            return False
        if tag:
            self.found[f"&{tag}"] = node.outputs[0]
        if all(known is not node for known in self.nodes):
            self.nodes.append(node)
        operands = self._operands(node)
        if operands is None or len(operands) < len(pattern) - 1:
            return False
        orders = [operands, operands[::-1]] if kind in COMMUTATIVE else [operands]
        for order in orders:
            saved = dict(self.found), list(self.nodes)
            if all(self._operand(name, wanted) for name, wanted in zip(order, pattern[1:], strict=False)):
                return True
            self.found, self.nodes = saved
        return False

    def _operands(self, node: Node) -> list[str | float] | None:
        """What the node reads; of a Clip, its limits as numbers wherever they are kept."""
        if node.type != "Clip":
            return list(node.inputs)
        try:
            limits = [self.network.argument(node, side, place) for place, side in enumerate(("min", "max"), start=1)]
        except LookupError:
            return None
        if any(not isinstance(limit, float | int) for limit in limits):
            return None
        return [node.inputs[0], *limits]

    def _operand(self, name: str | float, wanted: Pattern) -> bool:
        if isinstance(name, float | int):
            return isinstance(wanted, float) and math.isclose(name, wanted, rel_tol=1e-3)
        if isinstance(wanted, float):
            value = self._number(name)
            return value is not None and math.isclose(value, wanted, rel_tol=1e-3)
        if isinstance(wanted, tuple):
            return name in self.producers and self.fits(self.producers[name], wanted)
        if wanted.startswith("%") and self._number(name) is None:
            return False
        if self.network.constant(name) != (wanted[0] in "$%"):
            return False
        return self.found.setdefault(wanted, name) == name

    def _number(self, name: str) -> float | None:
        value = self.network.value(name)
        return float(np.reshape(value, -1)[0]) if value is not None and value.size == 1 else None


def _is_sixth(node: Node) -> bool:
    alpha, beta = node.attributes.get("alpha", 0.2), node.attributes.get("beta", 0.5)
    return math.isclose(alpha, SIXTH, rel_tol=1e-3) and math.isclose(beta, 0.5, rel_tol=1e-3)
