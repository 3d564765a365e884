"""What measurements show, and whether they can be trusted, in sentences."""

from collections.abc import Iterable, Mapping

import numpy as np

from ..boards import state
from ..profile import Profile
from ..results import Comparison
from ..statistics import notes, sentence, steadiness
from .output import say


def warn(lines: Iterable[str]) -> None:
    """One line each on standard error."""
    for line in lines:
        say(f"note: {line}")


def profile_notes(profile: Profile) -> list[str]:
    """Warm-up, drift and outliers of each device's whole runs, and of its layers' times added up per inference."""
    said: list[str] = []
    for device in profile.devices:
        if whole := profile.baselines.get(device, ()):
            said += notes(steadiness(whole), len(whole), f"{device}, whole network")
        layers = list(profile.samples.get(device, {}).values())
        if layers and len(set(map(len, layers))) == 1:
            sums = np.sum(np.array(layers), axis=0).tolist()
            said += notes(steadiness(sums), len(sums), f"{device}, layer by layer")
    return said


def state_notes(conditions: Mapping[str, str]) -> list[str]:
    """What the board's state before and after warns of: throttling, heat, other work, a lost link."""
    return [warning.text for warning in state.warnings(conditions)]


def comparison_notes(result: Comparison) -> list[str]:
    """Each verdict as a sentence, whether it was decided, what was odd about the samples, and what the board's state
    in the rounds warns of."""
    said = [
        f"{sentence(entry.name, result.reference, entry.gain, entry.verdict, entry.more_rounds)}."
        for entry in result.entries
        if entry.gain is not None and entry.verdict != "reference"
    ]
    if result.decided is not None:
        end = "Decided" if result.decided else "Not decided"
        said.append(f"{end} after {result.rounds} rounds, of {result.max_rounds} at most.")
    if result.pairs > 1:
        said.append(f"Intervals are so wide that all hold together with 95 % (among {result.pairs} pairs).")
    for entry in result.entries:
        if entry.steadiness is not None:
            said += [f"note: {line}" for line in notes(entry.steadiness, len(entry.samples_ms), entry.name)]
    said += [f"note: {warning.text}" for warning in state.warnings_of_rounds(result.conditions)]
    return said
