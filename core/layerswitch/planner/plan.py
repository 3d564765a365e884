"""Plan: an assignment found by the planner, with its predicted latency and the proof that none is better."""

from typing import Literal

from ..measurement.profile import BoardDescription
from ..network.assignment import Assignment
from ..prediction.transfer import Transfer
from ..serialization import Count, Milliseconds, Value


class Plan(Value, frozen=True, tag_field="schema", tag="layerswitch/plan/2"):
    """An assignment with its predicted latency, found by the planner, and the proof that none is better.

    `lower_bound_ms` is a bound that no assignment can be under; `optimal` says that it equals `predicted_ms`
    (to rounding). `baselines_ms` are predicted all-on-one-device latencies (absent where a layer has no support),
    `greedy_ms` that of each layer on its faster device. `fingerprint` is that of the network. A
    "refined" one is the fastest assignment that a refinement measured.
    """

    name: str
    network: str
    fingerprint: str
    board: BoardDescription
    assignment: Assignment
    predicted_ms: Milliseconds
    lower_bound_ms: Milliseconds
    optimal: bool
    baselines_ms: dict[str, Milliseconds]
    switches: Count
    transfers: tuple[Transfer, ...] = ()
    greedy_ms: Milliseconds | None = None
    gain: float | None = None
    pins: dict[str, str] = {}
    max_switches: Count | None = None
    method: str = ""
    kind: Literal["plan", "refined"] = "plan"

    @property
    def letters(self) -> str:
        """The assignment as one letter per layer."""
        return self.assignment.text_on(self.board.device_names)
