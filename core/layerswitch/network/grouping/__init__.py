"""Operators -> the layers people assign -> blocks: group(graph, level).

A layer is an operator with what an engine computes along with it: bias, batch-norm, activation, padding, quantizing,
a change of shape that moves no data (fusion.py). A block is a module as papers draw it (regions.py, blocks.py).
Layers and blocks are convex: no path leaves one and comes back, so each can run in one go. In the execution order the
layers of a block stand together, and so do the operators of a layer.
"""

from .group import group

__all__ = ["group"]
