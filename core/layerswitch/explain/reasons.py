"""The reason of a layer's preference, in one or two sentences made of clauses (layer_character.py, causes.py)."""

import math

from ..measurement.statistics import FEWEST
from . import causes, layer_character
from .clauses import DRIFT, Case, Clause, Saying

MOST_CAUSES = 2


def reason(case: Case) -> tuple[Clause, ...]:
    """The clauses of a layer's reason: what it is, then which device is faster and why.

    No cause is given when a difference is within noise, is not known to be more, or when one device alone runs it.
    """
    first = [clause for rule in layer_character.RULES if (clause := rule(case))]
    return (*first, *_second(case))


def sentences(clauses: tuple[Clause, ...]) -> str:
    """One or two sentences of a reason's clauses."""
    of = {clause.rule: clause.text for clause in clauses}
    what = ", ".join(of[rule] for rule in ("kind", "intensity", "constants") if rule in of)
    bound = f": {of['bound']}" if "bound" in of else ""
    rest = [clause.text for clause in clauses if clause.rule not in ("kind", "intensity", "constants", "bound")]
    second = f" {rest[0]}{': ' if rest[1:] else ''}{'; '.join(rest[1:])}." if rest else ""
    return f"{what}{bound}.{second}"


def _second(case: Case) -> tuple[Clause, ...]:
    verdict = case.verdict
    if verdict.startswith("only "):
        return (_alone(case),)
    if verdict in ("noise", "too few samples"):
        return (_undecided(case, verdict),)
    found = [clause for rule in causes.RULES if (clause := rule(case))]
    return (_preference(case), *(found[:MOST_CAUSES] or [causes.unknown(case)]))


def _alone(case: Case) -> Clause:
    say, one = Saying("alone"), case.times[0]
    others = [f"{device}: {why}" for device, why in case.unsupported.items()]
    because = f" ({'; '.join(others)})" if others else ""
    return say.clause(f"Only the {one.device} runs it, in {say.number(f'ms {one.device}', one.ms.median)} ms{because}")


def _undecided(case: Case, verdict: str) -> Clause:
    """Two times whose order is not known."""
    say = Saying(verdict)
    texts = []
    for one in (case.fast, case.slow):
        median = say.number(f"ms {one.device}", one.ms.median)
        if verdict == "noise":
            low, high = say.number(f"low {one.device}", one.ms.low), say.number(f"high {one.device}", one.ms.high)
            texts.append(f"{one.device} {median} ms ({low} to {high})")
        else:
            count = say.whole(f"samples {one.device}", one.ms.samples)
            texts.append(f"{one.device} {median} ms ({count} sample{'s' if one.ms.samples != 1 else ''})")
    overlap = case.fast.ms.high >= case.slow.ms.low
    near = (
        "overlap" if overlap or verdict != "noise" else f"lie within {say.percent('drift', DRIFT)}, as drift can make"
    )
    why = (
        f"the intervals {near}, so the difference is within noise and there is nothing to explain"
        if verdict == "noise"
        else f"too few samples to tell a difference from noise, which takes {say.whole('needed', FEWEST)} of each"
    )
    return say.clause(f"{' and '.join(texts)}: {why}")


def _preference(case: Case) -> Clause:
    """Which device is faster, and by how much."""
    say, fast, slow = Saying("preference"), case.fast, case.slow
    less = say.number(f"ms {fast.device}", fast.ms.median)
    more = say.number(f"ms {slow.device}", slow.ms.median)
    ratio = slow.ms.median / fast.ms.median if fast.ms.median else math.inf
    times = f", {say.number('ratio', ratio)} times as long" if math.isfinite(ratio) else ""
    return say.clause(f"The {fast.device} takes {less} ms, the {slow.device} {more} ms{times}")
