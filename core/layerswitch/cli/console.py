"""How commands speak: tables and progress for people, JSON for programs."""

import math
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec

from ..boards.progress import Progress
from ..serialization import encode

_shown: list[Any] = []
"""The progress bar on the terminal now, if any."""
_before_questions: list[list[Any] | None] = []
"""How the terminal was before the question that is open now, if one is."""


def print_json(value: Any) -> None:
    """Print a value object, or plain data, as indented JSON: in UTF-8, whatever the terminal's language."""
    sys.stdout.flush()
    sys.stdout.buffer.write(msgspec.json.format(encode(value), indent=2) + b"\n")


def print_table(columns: Sequence[str], rows: Sequence[Sequence[object]], *, title: str = "") -> None:
    """Print rows under their columns; numbers (and columns starting with '>') to the right."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    class Quiet(Console):
        def on_broken_pipe(self) -> None:  # rich would exit with 1
            raise BrokenPipeError

    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        right = column.startswith(">")
        table.add_column(column.removeprefix(">"), justify="right" if right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))  # Text: a name with [brackets] is not markup
    # Piped output keeps its full width: a program that reads it wants no folding.
    console = Quiet(width=None if sys.stdout.isatty() else 200, highlight=False)
    if title:  # not the table's own title, which would be folded to the table's width
        console.print(Text(title))
    console.print(table)


def counted(number: int, what: str) -> str:
    """A number of things: "1 round", "2 rounds"."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def milliseconds(ms: float) -> str:
    """A time in ms to the microsecond, and to three digits where that would leave less of it."""
    digits = 3 if ms >= 0.01 or ms < 1e-12 else 2 - math.floor(math.log10(ms))  # under a femtosecond nothing is left
    return f"{ms:.{digits}f}"


def say(text: str) -> None:
    """A line for the person, out of the way of what programs read."""
    sys.stdout.flush()  # what was printed before stays before it
    print(text, file=sys.stderr)


@contextmanager
def measuring(title: str, *, quiet: bool = False) -> Iterator[tuple[Callable[[Progress], None], threading.Event]]:
    """A progress bar on standard error, and an event that Ctrl-C sets so that the board can stop in good order."""
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    cancel = threading.Event()
    before = signal.signal(signal.SIGINT, lambda *_: cancel.set())
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[text]}"), TimeRemainingColumn())
    try:
        with Bars(*columns, console=Console(stderr=True), disable=quiet or not sys.stderr.isatty()) as bars:
            task = bars.add_task(title, total=None, text="")
            _shown.append(bars)

            def show(progress: Progress) -> None:
                bars.update(task, completed=progress.done, total=progress.total, text=progress.text)

            yield show, cancel
    finally:
        _shown.clear()
        _leave_questions()
        signal.signal(signal.SIGINT, before)


@contextmanager
def aside() -> Iterator[None]:
    """Have the terminal for a question, without a progress bar; from any thread, one at a time.

    On the main thread Ctrl-C ends the question at once, as KeyboardInterrupt. On another one, which reconnects, it ends
    the measurement, which leaves the terminal as it was before the question.
    """
    main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, signal.default_int_handler) if main else None
    _before_questions.append(_terminal_state())
    for bars in _shown:
        bars.stop()
    try:
        yield
    finally:
        if main:
            signal.signal(signal.SIGINT, before)
        _before_questions.clear()
        for bars in _shown:
            bars.start()


def _terminal_state() -> list[Any] | None:
    try:
        import termios
    except ImportError:  # another system
        return None
    try:
        return termios.tcgetattr(sys.stdin.fileno())
    except (termios.error, OSError, ValueError):  # no terminal
        return None


def _leave_questions() -> None:
    """Put the terminal back for a question that is still open: it may hide what is typed, and its thread never ends."""
    for state in _before_questions:
        if state is not None:
            import termios

            termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, state)
