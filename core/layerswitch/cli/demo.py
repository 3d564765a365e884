"""`demo`: the whole job on a bundled network and a simulated board, without a display."""

from pathlib import Path
from typing import Annotated

import typer

from .. import schema
from ..errors import FileError
from ..profile import ProfileSettings
from . import options
from .output import measuring, say
from .tables import print_comparison, print_plan, print_profile


def demo(
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where the files go.")] = Path(
        "layerswitch-demo"
    ),
    model: Annotated[str, typer.Option("--model", help="The network.")] = "googlenet",
    board: Annotated[str, typer.Option("--board", "-b", help="The board.")] = "sim:khadas-vim3",
    rounds: Annotated[int, typer.Option("--rounds", min=1, help="Rounds of the comparison.")] = 20,
    seed: options.Seed = 0,
) -> None:
    """Profile, plan, rerun and compare; write every file, a picture of the window, and a report."""
    from ..boards.board import Board
    from ..boards.catalog import find
    from ..comparison import compare
    from ..formats import open_model
    from ..latency import LatencyModel
    from ..planner import greedy, plan
    from ..report import write_report
    from .assignments import Assignment

    entry = find(board)
    opened = open_model(model)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"cannot be made: {error.strerror}", where=str(out)) from error
    with Board.connect(entry) as connected:
        with measuring(f"profiling {opened.graph.name}") as (show, cancel):
            measured = connected.profile(opened, ProfileSettings(seed=seed), progress=show, cancel=cancel)
        print_profile(measured)
        schema.save(out / "profile.json", measured)
        latency = LatencyModel.from_profile(measured)
        best = plan(latency, measured.board)
        print_plan(best)
        schema.save(out / "plan.json", best)
        candidates = {best.name: Assignment(best.assignment), "greedy": greedy(latency)}
        with measuring("comparing") as (show, cancel):
            comparison = compare(
                connected, opened, candidates, predicted=latency, rounds=rounds, seed=seed, progress=show, cancel=cancel
            )
    print_comparison(comparison)
    schema.save(out / "comparison.json", comparison)
    picture = out / "window.png"
    _draw_window(picture, opened.graph.name, out)
    write_report(out / "report.html", measured, best, comparison, picture=picture if picture.exists() else None)
    say(f"window:  {picture}\nreport:  {out / 'report.html'}\nfiles:   {out}/profile.json, plan.json, comparison.json")


def _draw_window(picture: Path, model: str, folder: Path) -> None:
    """Draw the window showing these results, in a process of its own: the terminal must not need Qt to work."""
    raise NotImplementedError
