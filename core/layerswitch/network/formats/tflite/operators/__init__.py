"""TFLite's operators in LayerSwitch's vocabulary (docs/operators.md): one function each, Node -> Steps.

The functions compute output shapes as TFLite's interpreter does when it prepares a network, so that another batch or
map size goes through. They raise ModelError when an operator contradicts itself, UntranslatableError when the
vocabulary has no word for it.
"""

from collections.abc import Callable

from ..node import Node, Step
from .activations import ACTIVATION_OPERATORS
from .arithmetic import ARITHMETIC
from .convolutions import CONVOLUTIONS
from .custom_operators import CUSTOM
from .movement import MOVEMENT
from .pooling import POOLS
from .slices import SLICES
from .unknown_operators import FOREIGN, nothing

TRANSLATIONS: dict[str, Callable[[Node], list[Step]]] = (
    CONVOLUTIONS | POOLS | ACTIVATION_OPERATORS | ARITHMETIC | MOVEMENT | SLICES | FOREIGN
)


def translation(code: str, custom: bool) -> Callable[[Node], list[Step]]:
    """The function for an operator of the file; a custom one is not the built-in one of that name."""
    return (CUSTOM if custom else TRANSLATIONS).get(code, nothing)
