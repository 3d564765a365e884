"""The menu Measure: what the board does, the boards one can have, and how often it measures."""

from ...jobs.reachability import Reachability
from ...jobs.refinement import Refining
from ...widgets.commands import Command
from ..context import Context
from ..registry import LINE, Registry
from ..user_boards import UserBoards

MENU = "&Measure"


def add_measure_menu(
    registry: Registry, context: Context, refining: Refining, boards: UserBoards, reachability: Reachability
) -> None:
    """Fill the menu."""
    bench, board = context.workbench, context.can_measure
    registry.add(MENU, (
        Command("profile", "&Profile", "F5", "Measure every layer on every device of the board", bench.profile, board),
        Command("plan", "P&lan again", "F6", "Find the best assignment around the pinned layers", bench.plan, context.has_profile),
        Command("rerun", "&Measure current", "F7", "Run the assignment as it is now on the board; Stop keeps the runs done", bench.rerun, board, short="Measure"),
        Command("compare", "&Compare assignments", "F8", "Measure the baselines and every named assignment in turns, and compare them; Stop keeps the rounds done", bench.compare, board, short="Compare"),
        Command("compare_decided", "Compare &until decided…", "Shift+F8", "Measure in turns until it is known which is faster, in at most so many rounds; Stop keeps the rounds done", lambda: _compare_until_decided(context), board),
        Command("refine", "Re&fine the plan", "F9", "Run the plan, correct transfer costs and layer times by it, plan again, until the plan no longer changes; Stop keeps the steps done", refining.start, board),
        LINE,
        Command("add_board", "&Add board…", "Ctrl+Shift+N", "Connect a real board over SSH: enter it, test it, save it", boards.add),
        Command("edit_board", "&Edit board…", "Ctrl+Shift+B", "Change, test or remove the chosen board, if you added it", boards.edit, lambda: boards.chosen != ""),
        Command("ask_boards", "&Which boards answer", "Ctrl+Shift+K", "Ask every board over SSH whether it answers; nobody logs in", lambda: reachability.ask(tell=True)),
        LINE,
        Command("settings", "&Number of runs…", "Ctrl+Shift+R", "How many inferences profile, measure and compare count", lambda: _ask_counts(context)),
        Command("stop", "&Stop", "Ctrl+.", "Stop everything that is running", bench.runner.cancel_all, lambda: bool(bench.runner.work)),
    ))  # fmt: skip


def _compare_until_decided(context: Context) -> None:
    if limit := context.questions.limit(5 * context.workbench.rounds):
        context.workbench.compare(limit)


def _ask_counts(context: Context) -> None:
    bench = context.workbench
    if counts := context.questions.counts(bench.profile_runs, bench.runs, bench.rounds):
        bench.profile_runs, bench.runs, bench.rounds = counts
