"""What discarding the open document would lose: what is in no file of a person's, in a few words each."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from layerswitch.experiments.results import Comparison, Run
from layerswitch.measurement.profile import Profile
from layerswitch.network.named_assignment import NamedAssignment

from ..widgets import formatting
from .undo_commands import Edit

if TYPE_CHECKING:
    from .document import Document


@dataclass(frozen=True)
class Saved:
    """What the session's file holds of what takes time or thought to make again."""

    profile: Profile | None = None
    own: tuple[NamedAssignment, ...] = ()
    runs: tuple[Run, ...] = ()
    comparison: Comparison | None = None


def losses(document: "Document") -> list[str]:
    """As in ["3 named assignments", "2 runs", "1 comparison"]; [] where nothing would be lost.

    A simulated profile is none: it is the same again within seconds.
    """
    if not document.modified:
        return []
    saved, profile, comparison = document.in_file, document.profile, document.comparison
    counts = (
        ("profile", profile is not None and profile is not saved.profile and document.origin != "simulated"),
        ("named assignment", sum(one not in saved.own for one in document.own)),
        ("run", sum(run not in saved.runs for run in document.runs)),
        ("comparison", comparison is not None and comparison is not saved.comparison),
        ("edit", _edits(document)),
    )
    return [formatting.counted(int(count), what) for what, count in counts if count]


def _edits(document: "Document") -> int:
    """The steps between the document as it is in its file and as it is now; at least one where none leads there."""
    stack = document.undo_stack
    now, clean = stack.index(), stack.cleanIndex()
    steps = map(stack.command, range(min(now, max(clean, 0)), max(now, clean)))
    count = sum(isinstance(step, Edit) and step.loses for step in steps)
    return max(count, 1) if clean < 0 else count
