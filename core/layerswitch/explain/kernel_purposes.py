"""What kernels do, by their names, and how a layer's time divides among them.

The names are those of the Arm Compute Library (20.08 to 23.08, NEON and OpenCL kernels) and of the simulated boards. A
name that fits no rule counts as arithmetic: that is the cautious side, for a reason speaks of the other parts only.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from ..measurement.profile import Kernel, Peaks
from ..serialization import Value

Part = Literal["launches", "data movement", "Winograd transforms", "arithmetic", "outside kernels"]
PARTS: tuple[Part, ...] = ("launches", "data movement", "Winograd transforms", "arithmetic", "outside kernels")

COVERED = 0.9
"""Kernels that make up this much of a layer's time make up all of it."""

_TRANSFORM = re.compile(r"winograd.*(transform|permute)|transform.*winograd", re.I)
_PRODUCT = re.compile(r"gemm_?mm|gemmlowp_?mm|gemm_mv|matrixmultiply", re.I)
_MOVING = re.compile(
    r"im2col|col2im|border|copy|memcpy|memset|fill|permute|transpose1x|interleave|gemm_?reshape|reshape|concat"
    r"|upsample|transposekernel|strided_?slice|depth_?to_?space|space_?to_?depth|(^|_|[a-z])pad(_|$|layer|kernel)|^(pad|split|slice|transpose|cast|gather|tile|expand|resize)$",
    re.I,
)


class Shares(Value, frozen=True):
    """How the time of a layer on a device divides: `parts` add up to 1, `names` are the kernels behind each part."""

    parts: dict[Part, float]
    names: dict[Part, tuple[str, ...]]


def part_of(kernel: str) -> Part:
    """What a kernel does, by its name."""
    if _TRANSFORM.search(kernel):
        return "Winograd transforms"
    if _PRODUCT.search(kernel):
        return "arithmetic"
    return "data movement" if _MOVING.search(kernel) else "arithmetic"


def winograd(kernels: Sequence[Kernel]) -> bool:
    """Whether a convolution is run as Winograd: with fewer multiplications than its MACs say."""
    return any("winograd" in kernel.name.lower() for kernel in kernels)


def shares(kernels: Sequence[Kernel], layer_ms: float, peaks: Peaks | None) -> Shares | None:
    """How a layer's raw median time divides among its kernels; None when it is not known which ran.

    The launches' part is taken out of the kernels' times, where the peaks say what one launch takes. What the kernels
    do not cover lies outside of them, if it is a tenth of the time or more: less may be drift between the two, and so
    may be kernels that add up to more than the median; the parts are then of the kernels' sum.
    """
    total = sum(kernel.ms for kernel in kernels)
    if total < COVERED * layer_ms:
        total = layer_ms
    if not kernels or total <= 0:
        return None
    launch = peaks.launch_ms if peaks and peaks.launch_ms else 0.0
    ms: dict[Part, float] = dict.fromkeys(PARTS, 0.0)
    names: dict[Part, list[str]] = {}
    for kernel in kernels:
        starting = min(kernel.ms, kernel.launches * launch)
        part = part_of(kernel.name)
        ms["launches"] += starting
        ms[part] += kernel.ms - starting
        names.setdefault(part, []).append(kernel.name)
    ms["outside kernels"] = max(0.0, total - sum(kernel.ms for kernel in kernels))
    return Shares(
        {part: value / total for part, value in ms.items()},
        {part: tuple(dict.fromkeys(found)) for part, found in names.items()},
    )


def label(part: Part, names: Mapping[Part, Sequence[str]]) -> str:
    """A part in words; data movement by what its kernels do where all do the same."""
    if part != "data movement":
        return part
    kinds = {next((word for word in WORDS if word in name.lower()), "") for name in names.get(part, ())}
    return WORDS.get(kinds.pop(), part) if len(kinds) == 1 else part


WORDS = {
    "im2col": "spreading the input out for the product (im2col)",
    "border": "border filling",
    "concat": "joining tensors",
    "permute": "reordering",
    "upsample": "spreading the input out",
}
