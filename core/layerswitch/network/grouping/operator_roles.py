"""Operator types (docs/operators.md) by the part they play in grouping."""

CONVOLUTIONS = frozenset({"Convolution", "DepthwiseConvolution", "TransposedConvolution"})
MAIN = CONVOLUTIONS | {"FullyConnected", "MatMul"}
"""Operators with the arithmetic: the heart of a layer and of a block."""

ACTIVATIONS = frozenset(
    {"Relu", "Clip", "LeakyRelu", "PRelu", "Elu", "Selu", "Gelu", "Sigmoid", "HardSigmoid", "Tanh"}
    | {"Swish", "HardSwish", "Mish", "Softplus"}
)
ELEMENTWISE = frozenset({"Add", "Subtract", "Multiply", "Divide", "Maximum", "Minimum", "Power"})
SCALING = frozenset({"Add", "Subtract", "Multiply", "Divide"})
"""With a constant operand, one number per channel: a bias or a scale that folds into the weights before it."""

NORMALIZATIONS = frozenset(
    {"BatchNormalization", "InstanceNormalization", "LayerNormalization", "GroupNormalization"}
    | {"LocalResponseNormalization", "L2Normalization"}
)
POOLS = frozenset({"MaxPool", "AveragePool", "LpPool"})
ACTIVATED = MAIN | ELEMENTWISE | {"BatchNormalization"}
"""Layers that take an activation in: those whose kernels have one built in on some engine (Arm NN's list)."""

ENLARGING = frozenset({"Resize", "TransposedConvolution", "DepthToSpace"})
"""Operators that make maps larger: a region with one inside is a decoder, not a module."""

AUXILIARY = frozenset({"Pad", "Reshape", "Quantize", "Dequantize"})
"""Operators that give a layer its name only when it has nothing else."""


def importance(kind: str) -> int:
    """Which of a layer's operators names it: the one with the lowest number, the first of those."""
    return 0 if kind in MAIN else 3 if kind in AUXILIARY else 2 if kind in ACTIVATIONS else 1
