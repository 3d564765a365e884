"""The fewest switches that a profile does not show to be slower than its optimum.

An optimum is the best on its samples, however little it gains by its last switch. As with trees, of which the smallest
is asked for that is no worse than the best by more than its error (the one-standard-error rule: Breiman, Friedman,
Olshen & Stone, Classification and Regression Trees, 1984, section 3.4.3), so with switches: each point of the switch
curve is held against the optimum on the same resampled profiles, and what noise flatters the optimum by is taken off.

It says what a profile is evidence for, not what to run: the optimum is still the better guess (docs/measurement.md).
"""

import numpy as np

from ..measurement.sample_summary import Interval
from ..prediction.resampling import Resamples, middle
from ..serialization import Count, Value
from .stability import Stability
from .switch_curve import switch_curve

MOST = 32
"""Plans of more switches are not looked at: a curve of thousands of points takes many seconds."""


class Simplest(Value, frozen=True, tag_field="schema", tag="layerswitch/simplest/1"):
    """A plan of few switches that is not shown to be slower than the optimum.

    `slower` is how much slower than the optimum it is predicted to be, as a fraction, with the middle 95 % over
    resampled profiles; `flattered` what is to be taken off for the optimum having been chosen on these samples
    (`Stability.optimism`). `optimum` tells whether it is the optimum itself: then every plan of fewer switches is
    shown to be slower.
    """

    switches: Count
    assignment: dict[str, str]
    predicted_ms: float
    slower: Interval
    flattered: float
    optimum: bool

    @property
    def sentence(self) -> str:
        """What it says of switching, in words."""
        return self.sentence_about("The best plan")

    def sentence_about(self, plan: str) -> str:
        """The sentence with what the plan is called where it is shown."""
        count = f"{self.switches} switch{'' if self.switches == 1 else 'es'}"
        if self.optimum:
            if not self.switches:
                return "The optimum has no switch."
            return f"Every plan of fewer switches is shown to be slower than the optimum's {count}."
        ms = self.slower
        noise = f", of which noise may explain {100 * self.flattered:.1f} %" if self.flattered >= 5e-4 else ""
        return (
            f"{plan} with {count} is predicted {100 * ms.median:.1f} % slower than the optimum "
            f"({100 * ms.low:+.1f} to {100 * ms.high:+.1f}){noise}: it is not shown to be slower. "
            "A comparison on the board can tell."
        )


def simplest(sure: Stability, drawn: Resamples) -> Simplest | None:
    """The plan of fewest switches that is not shown to be slower than `sure`'s optimum.

    `drawn` are the resamples that `sure` was made with. None where `sure` is of no optimum, where more than `MOST`
    switches would be needed, and where the network is too wide for an exact switch curve.
    """
    if sure.optimism is None:
        return None
    model = drawn.model
    choice = model.choice(sure.assignment)
    least, ms = drawn.predicted(choice), model.cost(choice)
    for point in switch_curve(model, pins=sure.pins, up_to=MOST, table_only=True):
        other = model.choice(point.assignment)
        same = bool((other == choice).all()) or point.predicted_ms <= ms
        ratios = np.ones(1) if ms <= 0 or (least <= 0).any() else drawn.predicted(other) / least
        slower = middle((ratios - 1.0).tolist(), point.predicted_ms / ms - 1.0 if ms > 0 else 0.0)
        if same or slower.low <= sure.optimism:
            return Simplest(point.switches, dict(point.assignment), point.predicted_ms, slower, sure.optimism, same)
    return None
