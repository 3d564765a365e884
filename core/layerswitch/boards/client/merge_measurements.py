"""What was measured before and after a link was lost, made one; the result says that it was two sittings."""

import msgspec

from ...experiments.results import Run
from ...measurement.profile import Profile, ProfileSettings
from ...measurement.transfer_fit import fit_transfers
from .partial_results import INCOMPLETE

SITTINGS = "sittings"
"""The condition that says in how many sittings something was measured, and why."""

LEAST = 5  # inferences that a further sitting of a profile takes at least: whole-network runs need some


def missing(profile: Profile) -> int:
    """How many inferences a further sitting needs, so that every device has as many as were asked for."""
    counts = [
        len(profile.samples.get(device, {}).get(layer, ()))
        for device in profile.devices
        for layer in profile.graph.index
        if layer not in profile.unsupported.get(device, {})
    ]
    wanted = profile.settings.runs
    return max(min(LEAST, wanted), wanted - min(counts, default=wanted))


def joined(first: Profile, second: Profile, settings: ProfileSettings) -> Profile:
    """Layers' samples and transfers of both, the samples up to as many as were asked for; whole runs of the second.

    An incomplete second one gives an incomplete one. `settings` are those that were asked for.
    """
    samples = {
        device: {
            layer: (first.samples.get(device, {}).get(layer, ()) + second.samples.get(device, {}).get(layer, ()))[
                : settings.runs
            ]
            for layer in first.graph.index
            if layer in first.samples.get(device, {}) or layer in second.samples.get(device, {})
        }
        for device in first.devices
    }
    unsupported = second.unsupported or first.unsupported
    samples = {
        device: {layer: taken for layer, taken in layers.items() if layer not in unsupported.get(device, {})}
        for device, layers in samples.items()
    }
    moved = first.transfer_samples + second.transfer_samples
    conditions = {**{name: text for name, text in first.conditions.items() if name != INCOMPLETE}, **second.conditions}
    return msgspec.structs.replace(
        second,
        samples=samples,
        transfer_samples=moved,
        transfer_costs=fit_transfers(moved),
        unsupported=unsupported,
        settings=settings,
        conditions=_said(conditions),
    )


def joined_runs(first: Run, second: Run) -> Run:
    """The whole inferences of both. Segments' and transfers' times are the second's, as the first's were lost."""
    return msgspec.structs.replace(
        second,
        samples_ms=first.samples_ms + second.samples_ms,
        conditions=_said({**first.conditions, **second.conditions}),
    )


def _said(conditions: dict[str, str]) -> dict[str, str]:
    before = conditions.get(SITTINGS, "1")
    count = int(before.split()[0]) + 1 if before.split()[0].isdigit() else 2
    return {**conditions, SITTINGS: f"{count} (the link to the board was lost in between)"}
