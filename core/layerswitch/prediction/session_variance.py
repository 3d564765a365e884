"""How far a device's speed lies from one session to the next: what the samples of no single session show.

A device that is 1.5 % slower for a minute than usual is so in every sample of a profile that takes seconds. Where
other sessions of the same network on the same board are known, their whole-network runs tell how far they lie apart;
few sessions tell little, so the published spread counts as four degrees of freedom beside them (the scale of a scaled
inverse chi-square posterior, the mean of the sessions not being known: Gelman et al., Bayesian Data Analysis, 2013,
section 3.3).
"""

import math
from collections.abc import Iterable, Mapping

from ..experiments.results import Comparison, Run
from ..measurement.profile import Profile
from ..measurement.statistics import summarize

PUBLISHED = 0.0157
"""The relative standard deviation between published sessions of a Khadas VIM3's CPU, the larger of its two devices'
(docs/simulated-boards.md): what is taken where nothing else is known."""
KNOWN_AS = 4.0
"""So many degrees of freedom the published spread counts for."""

Session = Profile | Run | Comparison
"""What one session measured."""


def spread_of(profile: Profile, others: Iterable[Session] = ()) -> dict[str, float]:
    """Device -> the relative standard deviation of its speed between sessions.

    Of `others`, those of the same network and board count, each as one session, by their whole-network runs on that
    device alone; the same file given twice is one session.
    """
    sessions: list[Session] = [profile]
    for one in others:
        if one not in sessions and alike(one, profile):
            sessions.append(one)
    spread = {}
    for device in profile.devices:
        logs = [math.log(ms) for one in sessions if (ms := whole_ms(one, device))]
        free = max(0, len(logs) - 1)
        middle = sum(logs) / len(logs) if logs else 0.0
        squares = sum((one - middle) ** 2 for one in logs)
        spread[device] = math.sqrt((KNOWN_AS * PUBLISHED**2 + squares) / (KNOWN_AS + free))
    return spread


def alike(one: Session, profile: Profile) -> bool:
    """Whether it is of the same network, at any level, on the same board."""
    graph = one.graph.fingerprint if isinstance(one, Profile) else one.fingerprint
    return graph == profile.graph.fingerprint and one.board.name == profile.board.name


def whole_ms(one: Session, device: str) -> float | None:
    """The median ms of the whole network on a device; None where that was not measured."""
    samples: tuple[float, ...] = ()
    if isinstance(one, Profile):
        samples = one.baselines.get(device, ())
    elif isinstance(one, Run):
        samples = one.samples_ms if _alone(one.assignment, device) else ()
    else:
        samples = next((entry.samples_ms for entry in one.entries if _alone(entry.assignment, device)), ())
    return summarize(samples).median if samples else None


def _alone(assignment: Mapping[str, str], device: str) -> bool:
    return set(assignment.values()) == {device}
