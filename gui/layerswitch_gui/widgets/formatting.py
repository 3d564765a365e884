"""How numbers are written for people: milliseconds, bytes, counts, shapes, and where they come from."""

import math
from typing import TYPE_CHECKING

from layerswitch.measurement.statistics import FEWEST

if TYPE_CHECKING:
    from layerswitch.measurement.sample_summary import Interval

WHAT_IF = "what if, not measured"
"""Beside every prediction while the transfer cost is not the profile's."""
NOTHING = 1e-6
"""Fewer ms than that are what sums of others leave over: no clock tells them apart."""


def ms(value: float | None, *, unit: bool = True) -> str:
    """Milliseconds with two or three digits: "12.3 ms", "0.045 ms"; a dash for none, "cannot run" for infinity."""
    if value is None or math.isnan(value):
        return "–"
    if math.isinf(value):
        return "cannot run"
    if abs(value) < NOTHING:
        return "0 ms" if unit else "0"
    size = abs(value)
    digits = 0 if size >= 1000 else 1 if size >= 10 else 2 if size >= 1 else 3
    text = f"{value:,.{digits}f}" if size >= 0.01 else number(value, 2)
    return f"{text} ms" if unit else text


def interval(low: float, high: float) -> str:
    """From low to high in ms, with as many digits as it takes to tell the two apart: "99.92 to 100.08 ms"."""
    width = high - low
    fine = max(0, 1 - math.floor(math.log10(width))) if width > 0 else 0
    digits = min(4 if high >= 0.1 else 7, max(fine, 0 if high >= 100 else 1 if high >= 10 else 2 if high >= 1 else 3))
    return f"{low:,.{digits}f} to {high:,.{digits}f} ms"


def number(value: float, digits: int = 3) -> str:
    """So many significant digits, never an exponent: "0.00419", "50.0", "1,230"; as `explain.clauses.significant`."""
    if not math.isfinite(value):
        return "–"
    rounded = float(f"{value:.{digits}g}")
    power = int(f"{rounded:e}".partition("e")[2]) if rounded else 0
    return f"{rounded:,.{max(0, digits - 1 - power)}f}"


def signed_ms(value: float) -> str:
    """A difference: "+3.00 ms", "−0.120 ms", "±0 ms"."""
    sign = "±" if abs(value) < NOTHING else "+" if value > 0 else "−"
    return f"{sign}{ms(abs(value))}"


def counted(number: int, word: str) -> str:
    """How many there are of a thing: "1 switch", "2 switches"."""
    plural = f"{word}es" if word.endswith(("ch", "sh", "s", "x")) else f"{word}s"
    return f"{number:,} {word if number == 1 else plural}"


def covering(samples: int) -> str:
    """What an interval of so many samples is: of fewer than six none covers 95 %, and their whole range is shown."""
    return "95 % interval" if samples >= FEWEST else f"range of {counted(samples, 'sample')}"


def size(count: float) -> str:
    """Bytes as people read them, in powers of 1000: "3.21 MB"."""
    return f"{_scaled(count)}B"


def count(number: float) -> str:
    """A large count: "1.58 G", "62.4 k", "512"."""
    return _scaled(number).rstrip()


def shape(dimensions: tuple[int, ...]) -> str:
    """A tensor's shape: "1 x 64 x 56 x 56" with proper signs; "scalar" for none."""
    return " × ".join(map(str, dimensions)) or "scalar"


def percent(fraction: float | None, *, signed: bool = False) -> str:
    """A fraction in percent: "4.7 %"; a dash for none."""
    if fraction is None or not math.isfinite(fraction):
        return "–"
    value = round(100 * fraction, 1) + 0.0  # never "-0.0"
    return f"{value:+.1f} %" if signed else f"{value:.1f} %"


def gain(value: "Interval") -> str:
    """A gain within its interval: "+4.7 % (+3.9 to +5.5)"."""
    return f"{percent(value.median, signed=True)} ({between(value.low, value.high).removesuffix(' %')})"


def between(low: float, high: float) -> str:
    """From one fraction to another, in percent: "+3.9 to +5.5 %", "-0.435 to -0.002 %"; what rounds to 0 is no -0."""
    digits, nearer = 1, min(abs(low), abs(high))
    while low * high > 0 and digits < 4 and not round(100 * nearer, digits):
        digits += 1  # an end that is not 0 must not look like it
    one, other = (f"{round(100 * end, digits) + 0.0:+.{digits}f}" for end in (low, high))
    return f"{one} to {other} %"


def times(ratio: float) -> str:
    """A ratio, with the multiplication sign."""
    if not math.isfinite(ratio):
        return "–"
    return f"{ratio:.3g}×" if 1e-3 <= ratio < 999.5 else f"{number(ratio)}×"


def origin(word: str) -> str:
    """The word every time carries: "simulated", "emulated", "imported"; measured ones say "measured"."""
    return word or "measured"


def _scaled(number: float) -> str:
    for limit, prefix in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(number) >= 0.9995 * limit:  # what rounds to a thousand takes the next prefix
            return f"{number / limit:.3g} {prefix}"
    return f"{number:.0f} "
