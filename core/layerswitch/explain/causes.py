"""Why one device is faster, in clauses. Each speaks only of what makes up the difference, as far as kernels tell.

The difference of the two times is the sum of the differences of their parts (launches, data movement, Winograd
transforms, arithmetic, outside kernels): a part is named when it makes up enough of it.
"""

import math

from .clauses import Case, Clause, Rule, Saying, listed
from .kernel_purposes import PARTS, Part, label, winograd
from .layer_character import bound_by

HALF = 0.5
"""What named parts must make up of the difference together."""
NOTABLE = 0.2
"""What a part must make up of the difference to be named."""
SLOW = 0.7
"""Of its usual rate: a device that reaches less with this layer does badly with it."""


def overhead(case: Case) -> Clause | None:
    """The slower device's launches, copies and transforms, when they make up at least half of the difference."""
    costs: dict[Part, float] = {}
    for part in PARTS:
        excess = case.excess(part)
        if excess is None:
            return None
        if part != "arithmetic" and excess >= NOTABLE * case.difference:
            costs[part] = excess
    slow, fast = case.slow, case.fast
    if not (costs and slow.shares and fast.shares) or sum(costs.values()) < HALF * case.difference:
        return None
    say, key = Saying("overhead"), "+".join(costs)
    share = say.percent(f"share {slow.device} {key}", sum(slow.shares.parts[part] for part in costs))
    time = say.number(f"ms {slow.device}", slow.ms.median)
    other = sum(fast.shares.parts[part] for part in costs)
    there = say.percent(f"share {fast.device} {key}", other) if other else "none"
    inside = [label(part, slow.shares.names) for part in costs if part != "outside kernels"]
    where = [f"on {listed(inside)}"] if inside else []
    where += ["outside of its kernels"] if "outside kernels" in costs else []
    words = " and ".join(where)
    return say.clause(f"the {slow.device} spends {share} of {time} ms {words} ({there} on the {fast.device})")


def direct(case: Case) -> Clause | None:
    """The faster device's kernels neither move nor transform data, while the slower's do for a tenth of its time."""
    slow, fast = case.slow.shares, case.fast.shares
    if not (slow and fast and case.work.macs):
        return None
    parts: tuple[Part, ...] = ("data movement", "Winograd transforms")
    if any(fast.parts[part] for part in parts) or sum(slow.parts[part] for part in parts) < 0.1:
        return None
    return Saying("direct").clause(f"the {case.fast.device} kernel is direct")


def arithmetic(case: Case) -> Clause | None:
    """The kernels that compute, when they make up at least half of the difference."""
    excess, slow, fast = case.excess("arithmetic"), case.slow, case.fast
    if excess is None or excess < HALF * case.difference or not (slow.shares and fast.shares):
        return None
    say = Saying("arithmetic")
    longer = say.number(f"arithmetic ms {slow.device}", slow.shares.parts["arithmetic"] * slow.ms.median)
    shorter = say.number(f"arithmetic ms {fast.device}", fast.shares.parts["arithmetic"] * fast.ms.median)
    return say.clause(f"the computing itself takes {longer} ms on the {slow.device}, {shorter} ms on the {fast.device}")


def method(case: Case) -> Clause | None:
    """One device multiplies by Winograd, which needs fewer multiplications, and the other does not."""
    if not (case.slow.kernels and case.fast.kernels):
        return None
    ways = {one.device: winograd(one.kernels) for one in (case.fast, case.slow)}
    if ways[case.fast.device] == ways[case.slow.device]:
        return None
    user, other = sorted(ways, key=lambda device: not ways[device])
    return Saying("method").clause(f"the {user} runs it as Winograd, the {other} does not")


def roofs(case: Case) -> Clause | None:
    """Both bound by the same thing, of which the faster device has more: enough for half of the ratio of the times."""
    words = {bound_by(case, case.fast), bound_by(case, case.slow)}
    fast, slow = case.roofs[case.fast.device], case.roofs[case.slow.device]
    say = Saying("roofs")
    if words == {"memory-bound"} and _carries(fast.gb_per_s, slow.gb_per_s, case):
        more = say.number(f"peak GB/s {fast.device}", fast.gb_per_s or 0.0)
        less = say.number(f"peak GB/s {slow.device}", slow.gb_per_s or 0.0)
        return say.clause(f"the {fast.device}'s memory gives up to {more} GB/s, the {slow.device}'s {less}")
    if words == {"compute-bound"} and _carries(fast.gflops, slow.gflops, case):
        more = say.number(f"peak GFLOP/s {fast.device}", fast.gflops or 0.0)
        less = say.number(f"peak GFLOP/s {slow.device}", slow.gflops or 0.0)
        return say.clause(f"the {fast.device} computes up to {more} GFLOP/s, the {slow.device} {less}")
    return None


def _carries(more: float | None, less: float | None, case: Case) -> bool:
    """Whether a ratio of peaks makes up at least half of the ratio of the times, as factors."""
    if not (more and less and more > less and case.fast.ms.median > 0):
        return False
    return math.log(more / less) >= HALF * math.log(case.slow.ms.median / case.fast.ms.median)


def unusual(case: Case) -> Clause | None:
    """The slower device does worse with this layer than it does with its type, and worse so than the faster one."""
    slow, fast = case.slow, case.fast
    usual, other = case.typical.get(slow.device), case.typical.get(fast.device)
    if not (usual and other and slow.gflops and fast.gflops):
        return None
    if slow.gflops >= SLOW * usual or slow.gflops / usual >= SLOW * fast.gflops / other:
        return None
    say = Saying("unusual")
    reached = say.number(f"GFLOP/s {slow.device}", slow.gflops)
    part = say.percent(f"of typical {slow.device}", slow.gflops / usual)
    there = say.percent(f"of typical {fast.device}", fast.gflops / other)
    return say.clause(
        f"the {slow.device} reaches {reached} GFLOP/s, {part} of its median over layers of this type"
        f" ({there} on the {fast.device})"
    )


RULES: tuple[Rule, ...] = (overhead, arithmetic, direct, method, unusual, roofs)
"""In the order of what they explain: what makes up the difference first."""


def unknown(case: Case) -> Clause:
    """No rule spoke: the rates, if known, and that the profile does not say why."""
    say, slow, fast = Saying("unknown"), case.slow, case.fast
    if slow.gflops and fast.gflops:
        rates = [
            f"{say.number(f'GFLOP/s {one.device}', one.gflops or 0.0)} GFLOP/s on the {one.device}"
            for one in (fast, slow)
        ]
        return say.clause(f"{' against '.join(rates)}, and the profile does not tell why")
    lacking = [
        word
        for word, known in (("operators", case.layer.operators), ("kernels", slow.kernels and fast.kernels))
        if not known
    ]
    if lacking:
        return say.clause(f"why cannot be known, for the profile has no {' and no '.join(lacking)}")
    return say.clause("the profile does not tell why")
