"""A profile with what stands on it, as one value: what a new profile brings, and what undoing it brings back."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from layerswitch.measurement.profile import Profile
from layerswitch.network.assignment import Assignment
from layerswitch.network.graph import LayerGraph
from layerswitch.network.named_assignment import NamedAssignment
from layerswitch.planner.plan import Plan
from layerswitch.prediction.latency_model import LatencyModel

if TYPE_CHECKING:
    from .document_state import State


@dataclass(frozen=True)
class Profiled:
    """A profile, what was computed of it, and a person's work on top of it. Runs and comparisons belong to none."""

    profile: Profile | None
    latency: LatencyModel | None
    plan: Plan | None
    computed: tuple[NamedAssignment, ...]
    own: tuple[NamedAssignment, ...]
    assignment: Assignment
    pins: dict[str, str]

    @classmethod
    def of(cls, state: "State") -> "Profiled":
        """What is open; the profile's own latency model and plan, whatever is asked at the moment."""
        return cls(
            profile=state.profile,
            latency=state.actual_latency,
            plan=state.actual_plan,
            computed=state.computed,
            own=state.own,
            assignment=state.assignment,
            pins=state.pins,
        )

    def with_profile(self, profile: Profile, latency: LatencyModel, graph: LayerGraph) -> "Profiled":
        """The same work on another profile of the graph, as far as its devices run it; its plan is yet to come."""
        devices, samples = profile.devices, profile.samples

        def fits(layer: str, device: str) -> bool:
            return layer in samples.get(device, {})

        def whole(one: NamedAssignment) -> bool:
            return all(fits(layer, device) for layer, device in one.assignment.items())

        baselines = (NamedAssignment(one, "baseline", Assignment.uniform(graph, one)) for one in devices)
        first = {layer: next(device for device in devices if fits(layer, device)) for layer in graph.index}
        return Profiled(
            profile=profile,
            latency=latency,
            plan=None,
            computed=tuple(filter(whole, baselines)),
            own=tuple(filter(whole, self.own)),
            assignment=Assignment(first | {layer: one for layer, one in self.assignment.items() if fits(layer, one)}),
            pins={layer: device for layer, device in self.pins.items() if fits(layer, device)},
        )
