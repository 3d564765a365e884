"""Plain sentences of what goes with the preference across a network, each only when its numbers carry it."""

from collections.abc import Sequence

from .clauses import Clause, Saying
from .correlations import FEWEST, Attribute, Group

SURE = 0.005
"""The p-value under which a trend is spoken of: ten attributes are looked at, and together may err in 5 % of cases."""
ENOUGH = 3
"""Layers a group needs to be spoken of."""

WORDS = {
    "map": ("larger maps", "smaller maps"),
    "convolution map": ("convolutions of larger maps", "convolutions of smaller maps"),
    "place": ("later layers", "earlier layers"),
    "channels": ("layers with more input channels", "layers with fewer input channels"),
    "output channels": ("layers with more output channels", "layers with fewer output channels"),
    "intensity": ("layers of higher intensity", "layers of lower intensity"),
    "macs": ("layers with more multiply-accumulates", "layers with fewer multiply-accumulates"),
    "bytes": ("layers that move more bytes", "layers that move fewer bytes"),
}


def findings(found: Sequence[Attribute], first: str, second: str, connected: Sequence[str] = ()) -> tuple[Clause, ...]:
    """What the attributes say: of map sizes (the paper's finding), of every rank, and of fully connected layers.

    `connected` are the verdicts on the fully connected layers.
    """
    by_name = {one.name: one for one in found}
    said: list[Clause | None] = [_maps(by_name.get("map"), first, second, "maps")]
    if "convolution map" in by_name:
        said.append(_maps(by_name["convolution map"], first, second, "maps of convolutions"))
    said += [_trend(one, first, second) for one in found if one.name in WORDS]
    said.append(_connected(connected, first, second) if connected else None)
    return tuple(clause for clause in said if clause)


def _trend(one: Attribute, first: str, second: str) -> Clause | None:
    """Whether the ratio goes with an attribute: only when Spearman's and Kendall's tests both say so."""
    if one.rho is None or one.rho_p is None or one.tau is None or one.tau_p is None:
        return None
    say = Saying(f"trend {one.name}")
    rho, tau = say.number("rho", one.rho), say.number("tau", one.tau)
    numbers = f"(Spearman {rho}, Kendall {tau}, {say.whole('layers', len(one.spots))} layers)"
    if not _seen(one):
        return say.clause(f"No trend with {one.title} can be distinguished from chance {numbers}.")
    which = WORDS[one.name][0 if one.rho > 0 else 1]
    return say.clause(f"The {second} does better against the {first} with {which} {numbers}.")


def _seen(one: Attribute) -> bool:
    """Whether the ratio goes with an attribute: both rank tests say so, and go the same way."""
    if one.rho is None or one.rho_p is None or one.tau is None or one.tau_p is None:
        return False
    return max(one.rho_p, one.tau_p) <= SURE and one.rho * one.tau > 0


def _maps(maps: Attribute | None, first: str, second: str, what: str) -> Clause:
    """Do large maps prefer the second device and small ones the first, as the paper found; is it otherwise; or open?"""
    say = Saying(f"large {what}")
    if maps is None:
        return say.clause(
            f"Whether large {what} prefer a device is unknown: the profile does not tell the layers' maps."
        )
    groups = [group for group in maps.groups if group.layers >= ENOUGH]
    if len(groups) >= 2 and maps.rho is None and len(maps.spots) >= FEWEST:  # there is nothing to rank
        same = say.number("ratio", maps.spots[0].ratio)
        return say.clause(
            f"No {what} prefer a device more than others: the {first}/{second} time is {same} at all of them."
        )
    if len(groups) < 2 or maps.rho is None:
        each = f"{say.whole('layers', FEWEST)} layers in two groups of {say.whole('each', ENOUGH)} or more are needed"
        return say.clause(f"Too few layers to tell whether large {what} prefer a device: {each}.")
    small, large = groups[0], groups[-1]
    numbers = (
        f"the median {first}/{second} time is {say.number('large', large.median)} at {large.label} pixels a side"
        f" and {say.number('small', small.median)} at {small.label}"
    )
    for label in (large.label, small.label):
        for word in label.split():
            if word.isdigit():
                say.whole("edge", int(word))
    if not _seen(maps):
        return say.clause(f"Whether large {what} prefer a device cannot be distinguished from chance: {numbers}.")
    if maps.rho > 0 and large.median > 1 > small.median:
        return say.clause(f"Large {what} prefer the {second}, small ones the {first}: {numbers}.")
    if maps.rho < 0 and large.median < 1 < small.median:
        return say.clause(f"Large {what} prefer the {first}, small ones the {second}: {numbers}.")
    better = second if maps.rho > 0 else first
    ends = [_mostly(group, first, second) for group in (small, large)]
    always = ends[0] if ends[0] == ends[1] else ""
    word = "and" if always == better else "though"
    though = f", {word} the {always} is faster for most at both ends" if always else ""
    return say.clause(f"The {better} does the better the larger the {what}{though}: {numbers}.")


def _mostly(group: Group, first: str, second: str) -> str:
    """The device that is faster for more than half of a group, which its median alone does not say; "" for neither."""
    if 2 * group.over > group.layers:
        return second
    return first if group.median < 1 and 2 * group.over < group.layers else ""


def _connected(verdicts: Sequence[str], first: str, second: str) -> Clause:
    """Where the fully connected layers are faster of these two, noise heeded."""
    say = Saying("fully connected")
    here, there = list(verdicts).count(first), list(verdicts).count(second)
    counts = f"{say.whole(f'faster {first}', here)} faster on the {first}"
    counts += f", {say.whole(f'faster {second}', there)} on the {second}"
    alone = [(device, list(verdicts).count(f"only {device}")) for device in (first, second)]
    rest = len(verdicts) - here - there - sum(number for _, number in alone)
    others = "".join(
        f", {say.whole(f'only {device}', number)} run by the {device} alone" for device, number in alone if number
    )
    others += f", {say.whole('undecided', rest)} undecided" if rest else ""
    mixed = " (mixed)" if here and there else ""
    of = f"{say.whole('layers', len(verdicts))} fully connected layer{'' if len(verdicts) == 1 else 's'}"
    return say.clause(f"Of {of}{mixed} {counts}{others}.")
