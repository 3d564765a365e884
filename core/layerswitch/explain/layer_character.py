"""What a layer is, in clauses: its kind, its intensity, and what bounds it on each device."""

from .clauses import Case, Clause, Rule, Saying, spaced
from .device_times import OnDevice
from .kernel_purposes import winograd
from .roofline import Roofline

NEAR_ROOF = 0.3
"""A layer that reaches less of its roof is bound by something else than arithmetic or memory."""
MOSTLY = 0.9
"""The share of constants in the bytes from which they are worth a word."""


def kind(case: Case) -> Clause | None:
    """The type, with its kernel and matrix product where it is one operator's: "Convolution 3x3 (49 x 512 x 4608)"."""
    say = Saying("kind")
    text = spaced(case.layer.type)
    if not case.layer.operators:
        return say.clause(f"{text} layer whose operators are not known")
    if case.work.kernel and len(case.work.products) <= 1:
        height, width = case.work.kernel
        text += f" {say.whole('kernel height', height)}x{say.whole('kernel width', width)}"
    if len(case.work.products) == 1 and case.work.products[0].n > 1:
        one = case.work.products[0]
        times = f", {say.whole('batches', one.batches)} times" if one.batches > 1 else ""
        text += f" ({say.whole('m', one.m)} x {say.whole('n', one.n)} x {say.whole('k', one.k)}{times})"
    return say.clause(text)


def intensity(case: Case) -> Clause | None:
    """FLOP per byte; of a layer without multiply-accumulates the bytes."""
    say, work = Saying("intensity"), case.work
    if work.bytes is None or work.macs is None or work.intensity is None:
        return None
    if work.macs == 0:
        return say.clause(f"no multiply-accumulates, {say.number('megabytes', work.bytes / 1e6)} MB moved")
    least = "at most " if len(work.products) > 1 else ""  # what moves between a block's layers is not known
    return say.clause(f"{least}{say.number('intensity', work.intensity)} FLOP/byte")


def constants(case: Case) -> Clause | None:
    """Where nearly all bytes are weights: what a fully connected layer is about."""
    say, work = Saying("constants"), case.work
    if not work.bytes or work.constant_bytes is None or work.constant_bytes < MOSTLY * work.bytes:
        return None
    return say.clause(f"{say.percent('constants', work.constant_bytes / work.bytes)} of the bytes constants")


def bound(case: Case) -> Clause | None:
    """Memory-bound or compute-bound by the roofline, or far from its roof; only where peaks were measured."""
    say = Saying("bound")
    found = {}
    for one in case.times:
        word = bound_by(case, one)
        if word is None:
            return None
        found[one.device] = word
    words = list(dict.fromkeys(found.values()))
    if words == ["far"]:
        parts = [f"{_portion(say, case, one)} of what the {one.device} can attain" for one in case.times]
        return say.clause(f"reaches only {' and '.join(parts)}")
    if len(words) == 1 and len(found) > 1:
        return say.clause(f"{words[0]} on {'both' if len(found) == 2 else 'all'}")
    texts = []
    for one in case.times:
        word = found[one.device]
        if word == "far":
            word = f"at only {_portion(say, case, one)} of what it can attain"
        texts.append(f"{word} on the {one.device}")
    return say.clause(", ".join(texts))


def _portion(say: Saying, case: Case, one: OnDevice) -> str:
    return say.percent(f"roof {one.device}", _reached(case, one, case.roofs[one.device]) or 0.0)


def bound_by(case: Case, one: OnDevice) -> str | None:
    """ "memory-bound", "compute-bound", or "far" from either roof; None where the peaks or the work are not known.

    Of a convolution run as Winograd the rate is of more multiplications than the device makes, so that it may be far
    from its arithmetic's roof where the rate is near: None.
    """
    roof = case.roofs[one.device]
    reached = _reached(case, one, roof)
    if reached is None or case.work.intensity is None or roof.ridge is None:
        return None
    if reached < NEAR_ROOF:
        return "far"
    if case.work.intensity < roof.ridge:
        return "memory-bound"
    return None if winograd(one.kernels) else "compute-bound"


def _reached(case: Case, one: OnDevice, roof: Roofline) -> float | None:
    """The part of its roof that a layer reaches: of the memory's alone when it multiplies nothing.

    None of a block of several products: its bytes are too far under what really moves.
    """
    if not roof.measured or case.work.intensity is None or not roof.gb_per_s or len(case.work.products) > 1:
        return None
    if not case.work.macs:
        return one.gb_per_s / roof.gb_per_s if one.gb_per_s else None
    top = roof.roof(case.work.intensity)
    return one.gflops / top if one.gflops and top else None


RULES: tuple[Rule, ...] = (kind, intensity, constants, bound)
