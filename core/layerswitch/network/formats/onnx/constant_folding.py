"""The walk over the file's nodes: shapes of everything, constants folded, identities gone."""

import contextlib
import heapq
import math
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import onnx

from ....errors import ModelError
from ..budgets import check_operators
from . import folding_work, legacy, shapes
from .constants import RANDOM, SMALL, Computed, ConstantTable, Generated, Literal
from .node import OWN_DOMAINS, Node, TensorType, node_from, subgraphs
from .partial_network import Network
from .stored_tensors import NAMES, Array, StoredTensor, check_shape, dtype_name

UNPREDICTABLE = {*RANDOM, "RandomNormalLike", "RandomUniformLike", "Bernoulli", "Multinomial"}
"""Operators whose result is not a function of their inputs."""
DATA_DEPENDENT = {"NonZero", "Unique", "Compress"}
"""Operators whose output shape depends on values, but is never much bigger than their input."""

NEWEST = 1000
"""No operator set has a higher version; a file that says so is damaged."""


def read(proto: onnx.ModelProto, path: Path, given: Mapping[str, tuple[int, ...]]) -> Network:
    """The network with every shape known. Raises ModelError, InputShapeError."""
    return _Walk(proto, path, given).run()


class _Walk:
    """One reading of one file."""

    def __init__(self, proto: onnx.ModelProto, path: Path, given: Mapping[str, tuple[int, ...]]) -> None:
        self.graph, self.path, self.where = proto.graph, path, str(path)
        self.opsets = {("" if o.domain in OWN_DOMAINS else o.domain): o.version for o in proto.opset_import}
        for domain, version in self.opsets.items():
            if not 0 < version <= NEWEST:
                raise ModelError(f"operator set {domain or 'ai.onnx'!r} has version {version}", where=self.where)
        if self.graph.sparse_initializer:
            name = self.graph.sparse_initializer[0].values.name
            raise ModelError(f"constant {name!r} is sparse, which LayerSwitch does not read", where=self.where)
        self.constants = ConstantTable()
        for tensor in self.graph.initializer:
            if tensor.name in self.constants:
                raise ModelError(f"two constants are named {tensor.name!r}", where=self.where)
            self._store(tensor.name, tensor)
        self.types = shapes.input_types(self.graph, given, self.where)
        self.declared = shapes.declared_types(self.graph)
        self.aliases: dict[str, str] = {}
        self.steps_left = max(folding_work.ALL_AT_ONCE, folding_work.FOR_A_BYTE * proto.ByteSize())
        self.network = Network(self.where, list(self.types), [], self.types, self.constants)

    def run(self) -> Network:
        """Every node once, in execution order."""
        check_operators(len(self.graph.node), self.where)
        self._check_written_once()
        protos = _sorted(list(self.graph.node), {*self.types, *self.constants}, self.where)
        self.used = {name for proto in protos for name in _reads(proto)} | {value.name for value in self.graph.output}
        names = _Names(protos)
        for proto in protos:
            for node in self._nodes(proto, names.of(proto)):
                self._read(node)
        self._name_outputs()
        return self.network

    def _check_written_once(self) -> None:
        written = set(self.types) | set(self.constants)
        for proto in self.graph.node:
            for name in filter(None, proto.output):
                if name in written:
                    raise ModelError(f"tensor {name!r} is written twice", where=self.where)
                written.add(name)

    def _nodes(self, proto: onnx.NodeProto, name: str) -> Iterator[Node]:
        """The node, as the newer nodes that mean the same where its version is too old to be read directly."""
        captured = [n for n in _reads(proto)[len(proto.input) :] if n]
        proto.input[:] = [self.aliases.get(n, n) for n in proto.input]
        node = node_from(
            proto, name, self.opsets.get("" if proto.domain in OWN_DOMAINS else proto.domain, 1), self.where
        )
        node.inputs += [self.aliases.get(n, n) for n in captured]
        if not any(node.outputs):
            return
        condition = self.network.value(node.inputs[0]) if node.own and node.type == "If" and node.inputs else None
        if condition is not None and condition.size == 1:
            yield from self._branch(node, bool(condition.reshape(-1)[0]))
        else:
            yield from legacy.modernised(node, self.network)

    def _branch(self, node: Node, condition: bool) -> Iterator[Node]:
        """An If whose condition is known is the nodes of that branch."""
        body = node.attributes["then_branch" if condition else "else_branch"]
        for tensor in body.initializer:
            self._store(tensor.name, tensor)
        for inner in body.node:  # the branch is in order, or a node in it reads what nothing has written yet
            self.used.update(inner.input)
            if any(name in self.types or name in self.constants for name in inner.output):
                raise ModelError(f"{node.title} writes a tensor that exists outside it", where=self.where)
            yield from self._nodes(inner, f"{node.name}/{inner.name or inner.output[0]}")
        for result, output in zip(body.output, node.outputs, strict=False):
            source = self.aliases.get(result.name, result.name)
            yield Node(f"{node.name}/{output}", "Identity", [source], [output])

    def _read(self, node: Node) -> None:
        if node.own and node.type == "Constant":
            self._constant_node(node)
        elif node.own and node.type in ("Shape", "Size") and node.inputs:
            self._fold_shape(node)
        elif (source := self._passes(node)) is not None:
            self._alias(node, source)
        elif node.own and node.type in RANDOM and "seed" in node.attributes:
            kind = self._infer(node)[node.outputs[0]]
            self.constants.add(node.outputs[0], Generated(node, kind), kind)
        elif node.own and self._is_constant(node):
            self._fold(node)
        else:
            self.types.update(self._infer(node))
            self.network.nodes.append(node)

    def _is_constant(self, node: Node) -> bool:
        read = [name for name in node.inputs if name]
        whole = bool(read) and all(name in self.constants for name in read)
        return whole and node.type not in UNPREDICTABLE and not subgraphs(node)

    def _store(self, name: str, tensor: onnx.TensorProto) -> None:
        if not name:
            raise ModelError("a constant has no name", where=self.where)
        stored = StoredTensor(tensor, name, self.path)
        self.constants.add(name, stored, TensorType(stored.shape, stored.dtype))

    def _constant_node(self, node: Node) -> None:
        [(kind, value)] = list(node.attributes.items())[:1] or [("nothing", None)]
        if kind == "value" and isinstance(value, onnx.TensorProto):
            self._store(node.outputs[0], value)
            return
        dtypes = {"value_float": np.float32, "value_floats": np.float32, "value_int": np.int64, "value_ints": np.int64}
        if kind not in dtypes:
            raise ModelError(f"{node.title} holds a {kind}, which LayerSwitch does not read", where=self.where)
        self._literal(node.outputs[0], np.array(value, dtypes[kind]))

    def _fold_shape(self, node: Node) -> None:
        shape = self.network.shape(node.inputs[0])
        if node.type == "Size":
            self._literal(node.outputs[0], np.array(math.prod(shape), np.int64))
            return
        part = shape[slice(node.attributes.get("start", 0), node.attributes.get("end"))]
        self._literal(node.outputs[0], np.array(part, np.int64))

    def _literal(self, name: str, value: Array) -> None:
        kind = TensorType(value.shape, NAMES[onnx.helper.np_dtype_to_tensor_dtype(value.dtype)])
        self.constants.add(name, Literal(value), kind, value)

    def _passes(self, node: Node) -> str | None:
        """The input that the node hands on unchanged, if that is all it does."""
        if not node.own or not node.inputs or not node.inputs[0]:
            return None
        if node.type in ("Identity", "Dropout") or (
            node.type in ("Sum", "Max", "Min", "Mean") and len(node.inputs) == 1
        ):
            return node.inputs[0]
        if node.type == "Cast":
            same = NAMES.get(node.attributes.get("to", 0)) == self.network.type(node.inputs[0]).dtype
            return node.inputs[0] if same else None
        return None

    def _alias(self, node: Node, source: str) -> None:
        kind = self.network.type(source)
        if node.outputs[0]:
            self.aliases[node.outputs[0]] = source
        if node.type == "Dropout" and len(node.outputs) > 1 and node.outputs[1] in self.used:
            # at inference nothing is dropped: the mask is all ones
            mask = "bool" if node.opset >= 10 else kind.dtype
            size = math.prod(kind.shape)
            if size > SMALL:
                raise ModelError(f"the mask of {node.title} is used, which LayerSwitch does not read", where=self.where)
            self._literal(node.outputs[1], np.ones(kind.shape, np.dtype(mask)))

    def _infer(self, node: Node) -> dict[str, TensorType]:
        """The outputs' types; from the file's own notes where the operator is not known."""
        found = shapes.infer(node, self.network.type, self.constants, self.opsets, self.where)
        kinds = {}
        for name in filter(None, node.outputs):
            kind = found.get(name) or self.declared.get(name)
            if kind is None and name in self.used:
                raise ModelError(
                    f"the shape of {name!r} cannot be known: it is written by {node.title}",
                    where=self.where,
                    hint="state it in the file (value_info), or end the network before this operator",
                )
            if kind is not None:
                dtype_name(shapes.NUMBERS.get(kind.dtype, 0), f"tensor {name!r}", self.where)
                kinds[name] = TensorType(check_shape(kind.shape, f"tensor {name!r}", self.where), kind.dtype)
        return kinds

    def _fold(self, node: Node) -> None:
        """A node that reads constants only is itself a constant."""
        kinds = {} if node.type in DATA_DEPENDENT else self._infer(node)
        values: dict[str, Array] = {}
        read = [name for name in node.inputs if name]
        own = folding_work.steps(node, [self.constants.type(name) for name in read], list(kinds.values()))
        steps = own + sum(map(self.constants.steps, read))
        if own <= folding_work.AT_ONCE and self._all_small(read, kinds):
            self.steps_left -= own
            if self.steps_left >= 0:
                with contextlib.suppress(ModelError):  # it may never be needed; whoever does gets the error then
                    computed = Computed(node, node.outputs[0], self.constants, steps).all_outputs()
                    values = dict(zip((n for n in node.outputs if n), computed, strict=False))
        for name in filter(None, node.outputs):
            value = values.get(name)
            if value is not None:
                number = onnx.helper.np_dtype_to_tensor_dtype(value.dtype)
                kinds[name] = TensorType(value.shape, dtype_name(number, f"tensor {name!r}", self.where))
            if name in kinds:
                self.constants.add(name, Computed(node, name, self.constants, steps), kinds[name], value)
            elif name in self.used:
                raise ModelError(f"{node.title} cannot be computed while reading", where=self.where)

    def _all_small(self, read: list[str], written: Mapping[str, TensorType]) -> bool:
        """Whether all that is read and written is small, and numbers."""
        return (
            all(self.constants.small(name) is not None for name in read)
            and all(self.constants.type(name).dtype != "string" for name in read)
            and all(math.prod(kind.shape) <= SMALL for kind in written.values())
        )

    def _name_outputs(self) -> None:
        """The network's outputs by the names they have inside; where an identity ended it, its name is kept."""
        renamed: dict[str, str] = {}
        outputs = [value.name for value in self.graph.output]
        if not outputs:
            raise ModelError("the network has no outputs", where=self.where)
        for name in outputs:
            source = self.aliases.get(name, name)
            produced = source not in self.network.inputs and source not in self.constants
            if source != name and produced and source not in outputs and source not in renamed:
                renamed[source] = name
            if source not in self.types and source not in self.constants:
                raise ModelError(f"output {name!r} is written by no operator", where=self.where)
        for old, new in renamed.items():
            self.types[new] = self.types.pop(old)
        for node in self.network.nodes:
            node.inputs = [renamed.get(name, name) for name in node.inputs]
            node.outputs = [renamed.get(name, name) for name in node.outputs]
        final = [renamed.get(self.aliases.get(name, name), self.aliases.get(name, name)) for name in outputs]
        # a constant output needs no layer, so nothing of it is left to assign
        self.network.outputs = list(dict.fromkeys(name for name in final if name not in self.constants))


class _Names:
    """Node names as people will see them: the file's own, else the output's, made unique."""

    def __init__(self, protos: list[onnx.NodeProto]) -> None:
        self._taken = {proto.name for proto in protos if proto.name}
        self._given: set[str] = set()
        self._last: dict[str, int] = {}

    def of(self, proto: onnx.NodeProto) -> str:
        output = next(filter(None, proto.output), "")
        wanted = proto.name.strip() and proto.name
        if not wanted:
            wanted = proto.op_type if not output.strip() or output.isdigit() else output
        name = wanted
        while name in self._given or (name in self._taken and name != proto.name):
            self._last[wanted] = self._last.get(wanted, 1) + 1
            name = f"{wanted}_{self._last[wanted]}"
        self._given.add(name)
        return name


def _reads(proto: onnx.NodeProto) -> list[str]:
    """Tensors a node reads: its inputs, then what the bodies of an If, Loop or Scan take from outside."""
    found = list(proto.input)
    seen = set(found)
    for attribute in proto.attribute:
        for body in (*([attribute.g] if attribute.HasField("g") else []), *attribute.graphs):
            inner = {value.name for value in body.input} | {tensor.name for tensor in body.initializer}
            for node in body.node:
                found += [name for name in _reads(node) if _is_new(name, inner, seen)]
                inner.update(node.output)
            found += [value.name for value in body.output if _is_new(value.name, inner, seen)]
    return found


def _is_new(name: str, inner: set[str], seen: set[str]) -> bool:
    """Whether a name is of a tensor outside a body, and was not `seen` yet; it is then."""
    new = bool(name) and name not in inner and name not in seen
    if new:
        seen.add(name)
    return new


def _sorted(protos: list[onnx.NodeProto], known: set[str], where: str) -> list[onnx.NodeProto]:
    """The nodes in the file's order as far as their inputs allow. Raises ModelError on a cycle or a missing tensor."""
    writer = {name: place for place, proto in enumerate(protos) for name in proto.output if name}
    waiting, followers = [], [list[int]() for _ in protos]
    for place, proto in enumerate(protos):
        sources = set()
        for name in filter(None, _reads(proto)):
            if name in writer:
                sources.add(writer[name])
            elif name not in known:
                title = f"operator {proto.name or proto.op_type!r}"
                raise ModelError(f"{title} reads tensor {name!r}, which nothing writes", where=where)
        waiting.append(len(sources))
        for source in sources:
            followers[source].append(place)
    ready = [place for place, count in enumerate(waiting) if not count]
    order = []
    while ready:
        place = heapq.heappop(ready)
        order.append(protos[place])
        for follower in followers[place]:
            waiting[follower] -= 1
            if not waiting[follower]:
                heapq.heappush(ready, follower)
    if len(order) < len(protos):
        stuck = next(proto for place, proto in enumerate(protos) if waiting[place])
        raise ModelError(f"the network has a cycle through operator {stuck.name or stuck.op_type!r}", where=where)
    return order
