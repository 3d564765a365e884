"""What goes with the preference across a network: the ratio of two devices' times against attributes of the layers.

Rank statistics only: times and sizes span orders of magnitude, and a few odd layers must not decide.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
from scipy import stats

from ..serialization import Value
from .device_times import OnDevice
from .kernel_purposes import part_of
from .layer_work import Work

MAP_BINS = (7.0, 14.0, 28.0, 56.0)
"""Lower ends of the groups of map sizes, as the paper's networks halve their maps."""
LARGE = 1e5
"""Numbers from here on are written in thousands."""
FEWEST = 8
"""Layers with less than this say nothing of a correlation."""
STRENGTHS = ((0.8, "very strong"), (0.6, "strong"), (0.4, "moderate"), (0.2, "weak"), (0.0, "very weak"))
"""Words for a rank correlation's size (Evans, "Straightforward Statistics for the Behavioral Sciences", 1996)."""


class Group(Value, frozen=True):
    """Layers alike in an attribute: how many, their median ratio within the quartiles, and how many have it over 1."""

    label: str
    layers: int
    median: float
    lower: float
    upper: float
    over: int


class Spot(Value, frozen=True):
    """A layer in a chart: the attribute's value (or word), and the ratio of its times."""

    layer: str
    value: float | str
    ratio: float


class Attribute(Value, frozen=True):
    """An attribute against the ratio. rho and tau are Spearman's and Kendall's rank correlations with their p-values.

    Of words (kernels, types) there is no rank: `p` is Kruskal and Wallis' then, that all groups are alike. None where
    there are too few layers, or all are alike. Layers that do not have the attribute are no spots.
    """

    name: str
    title: str
    unit: str
    spots: tuple[Spot, ...]
    groups: tuple[Group, ...]
    rho: float | None = None
    rho_p: float | None = None
    tau: float | None = None
    tau_p: float | None = None
    p: float | None = None


class Entry(Value, frozen=True):
    """A layer to be set against the others: its place from 0 on, type, work and times on two devices."""

    layer: str
    place: int
    type: str
    work: Work
    first: OnDevice
    second: OnDevice

    @property
    def ratio(self) -> float:
        """First device's ms over the second's: over 1 means that the second is faster."""
        return self.first.ms.median / self.second.ms.median


Reader = Callable[[Entry], float | str | None]


def way(one: OnDevice) -> str | None:
    """How a device does a layer, by its kernels: "Winograd", "depthwise", "im2col + gemm", "gemm", "gemv", or else."""
    names = [kernel.name.lower() for kernel in one.kernels]
    if not names:
        return None
    for word, label in (("winograd", "Winograd"), ("depthwise", "depthwise"), ("direct", "direct")):
        if any(word in name for name in names):
            return label
    if any("gemv" in name or "gemm_mv" in name for name in names):
        return "gemv"
    if any("gemm" in name for name in names):
        return "im2col + gemm" if any("im2col" in name for name in names) else "gemm"
    main = max(one.kernels, key=lambda kernel: (part_of(kernel.name) == "arithmetic", kernel.ms))
    return main.name


def _map(entry: Entry) -> float | None:
    """The side of the map; fully connected layers take theirs apart, and are a group of their own."""
    if entry.type == "FullyConnected" or not entry.work.map:
        return None
    return math.sqrt(entry.work.map[0] * entry.work.map[1])


def _convolution_map(entry: Entry) -> float | None:
    return _map(entry) if entry.type.endswith("Convolution") else None


def _kernel(entry: Entry) -> str | None:
    kernel = entry.work.kernel
    return f"{kernel[0]}x{kernel[1]}" if kernel else None


READERS: tuple[tuple[str, str, str, Reader], ...] = (
    ("map", "feature-map size", "pixels a side", _map),
    ("convolution map", "feature-map size of convolutions", "pixels a side", _convolution_map),
    ("place", "place in the network", "", lambda entry: float(entry.place + 1)),
    ("channels", "input channels", "", lambda entry: _real(entry.work.channels)),
    ("output channels", "output channels", "", lambda entry: _real(entry.work.output_channels)),
    ("intensity", "arithmetic intensity", "FLOP/byte", lambda entry: entry.work.intensity or None),
    ("macs", "multiply-accumulates", "", lambda entry: _real(entry.work.macs) or None),
    ("bytes", "bytes moved", "bytes", lambda entry: _real(entry.work.bytes) or None),
    ("kernel", "kernel size", "", _kernel),
    ("type", "type of layer", "", lambda entry: None if entry.work.macs is None else entry.type),
    ("way 1", "kernels of the first device", "", lambda entry: way(entry.first)),
    ("way 2", "kernels of the second device", "", lambda entry: way(entry.second)),
)


def _real(value: int | None) -> float | None:
    return None if value is None else float(value)


def attributes(entries: Sequence[Entry]) -> tuple[Attribute, ...]:
    """Every attribute that at least one of the layers has, against the ratio."""
    found = []
    for name, title, unit, read in READERS:
        spots = [Spot(entry.layer, value, entry.ratio) for entry in entries if (value := read(entry)) is not None]
        if not spots:
            continue
        if name.startswith("way"):
            device = entries[0].first.device if name == "way 1" else entries[0].second.device
            name, title = f"kernels {device}", f"kernels on the {device}"
        words = isinstance(spots[0].value, str)
        found.append((_of_words if words else _of_numbers)(name, title, unit, spots))
    return tuple(found)


def _of_numbers(name: str, title: str, unit: str, spots: Sequence[Spot]) -> Attribute:
    values = np.array([float(spot.value) for spot in spots])
    ratios = np.array([spot.ratio for spot in spots])
    rho = rho_p = tau = tau_p = None
    ranked = np.array([_as_shown(ratio) for ratio in ratios.tolist()])
    if len(spots) >= FEWEST and np.ptp(values) > 0 and np.ptp(ranked) > 0:
        spearman, kendall = stats.spearmanr(values, ranked), stats.kendalltau(values, ranked)
        rho, rho_p = float(spearman.statistic), float(spearman.pvalue)
        tau, tau_p = float(kendall.statistic), float(kendall.pvalue)
    maps = name in ("map", "convolution map")
    whole = maps or bool(np.all(values == np.round(values)))
    quarters = np.quantile(values, (0.25, 0.5, 0.75))
    edges = MAP_BINS if maps else tuple(np.unique(np.ceil(quarters) if whole else quarters).tolist())
    groups = _binned(values, ratios, edges, whole=whole and max(edges) < LARGE)
    return Attribute(name, title, unit, tuple(spots), groups, rho, rho_p, tau, tau_p)


def _as_shown(ratio: float) -> float:
    """A ratio to as many digits as times have at most: what two equal ones differ by after rounding has no rank."""
    return float(f"{ratio:.9g}")


def _binned(values: "np.ndarray", ratios: "np.ndarray", edges: Sequence[float], *, whole: bool) -> tuple[Group, ...]:
    """Groups between the edges, each edge with the group over it; `whole` values have labels such as 14 to 27."""
    places = np.searchsorted(np.array(edges), values, side="right")
    groups = []
    for number in range(len(edges) + 1):
        mine = ratios[places == number]
        low = _short(edges[number - 1]) if number else ""
        high = _short(edges[number]) if number < len(edges) else ""
        if whole and high and low:
            high = _short(edges[number] - 1)
        text = f"{low} to {'' if whole else 'under '}{high}" if low and high else ""
        text = text or (f"{low} and more" if low else f"under {high}")
        if len(mine):
            groups.append(_group(text, mine))
    return tuple(groups)


def _short(value: float) -> str:
    """A number for a label: 96, 0.5, 320 k, 3.2 M."""
    for least, size, letter in ((1e9, 1e9, "G"), (1e6, 1e6, "M"), (LARGE, 1e3, "k")):
        if value >= least:
            return f"{value / size:.3g} {letter}"
    return f"{value:.0f}" if value == round(value) else f"{value:.3g}"


def _of_words(name: str, title: str, unit: str, spots: Sequence[Spot]) -> Attribute:
    members: dict[str, list[float]] = {}
    for spot in spots:
        members.setdefault(str(spot.value), []).append(spot.ratio)
    ordered = sorted(members.items(), key=lambda item: -len(item[1]))
    large = [list(map(_as_shown, ratios)) for _, ratios in ordered if len(ratios) >= 3]
    p = None
    if len(large) >= 2 and len({ratio for ratios in large for ratio in ratios}) > 1:
        p = float(stats.kruskal(*large).pvalue)
    groups = tuple(_group(word, np.array(ratios)) for word, ratios in ordered)
    return Attribute(name, title, unit, tuple(spots), groups, p=p)


def _group(label: str, ratios: "np.ndarray") -> Group:
    lower, median, upper = (float(one) for one in np.quantile(ratios, (0.25, 0.5, 0.75)))
    over = sum(_as_shown(ratio) > 1 for ratio in ratios.tolist())
    return Group(label, len(ratios), median, lower, upper, over)


def strength(rho: float) -> str:
    """How strong a rank correlation is, in words: "strong" for one of 0.6 to 0.8 or -0.6 to -0.8."""
    return next(word for least, word in STRENGTHS if abs(rho) >= least)
