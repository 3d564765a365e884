"""What is odd about a profile, in sentences: how steady its samples were, and what it had to do without."""

import numpy as np

from .profile import Profile
from .statistics import Note, notes, steadiness

UNKNOWN = ("transfers taken as free", "transfer sizes")
"""Notes of an imported profile that say what its plans have to do without."""


def unsteady(profile: Profile) -> list[Note]:
    """Warm-up, drift and outliers of each device's whole runs, and of its layers' times added up per inference."""
    said: list[Note] = []
    for device in profile.devices:
        if whole := profile.baselines.get(device, ()):
            said += notes(steadiness(whole), len(whole), f"{device}, whole network")
        layers = list(profile.samples.get(device, {}).values())
        if layers and len(set(map(len, layers))) == 1:
            sums = np.sum(np.array(layers), axis=0).tolist()
            said += notes(steadiness(sums), len(sums), f"{device}, layer by layer")
    return said


def unknown(profile: Profile) -> list[str]:
    """What a profile does not know: it changes which plan is best, or how sure it is."""
    said = [f"{label}: {profile.notes[label]}" for label in UNKNOWN if label in profile.notes]
    counts = [len(samples) for layers in profile.samples.values() for samples in layers.values()]
    if max(counts, default=0) == 1:
        said.append("one sample of each layer: how much they vary is not known, and is in no interval")
    return said
