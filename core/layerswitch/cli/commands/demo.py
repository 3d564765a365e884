"""`demo`: the whole job on a bundled network and a simulated board, without a display."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from ... import serialization
from ...measurement.profile import ProfileSettings
from ...network.named_assignment import NamedAssignment
from .. import completion, options
from ..console import measuring, say
from ..tables import print_comparison, print_plan, print_profile

FILES = ("comparison.json", "demo.layerswitch", "plan.json", "profile.json", "report.html", "window.png")


FOLDER = Path("layerswitch-demo")


def demo(
    out: Annotated[Path, typer.Option("--out", metavar="FOLDER", help="Where the files go.")] = FOLDER,
    model: Annotated[str, typer.Option("--model", help="The network.", autocompletion=completion.models)] = "googlenet",
    board: Annotated[
        str, typer.Option("--board", "-b", help="The board.", autocompletion=completion.boards)
    ] = "sim:khadas-vim3",
    rounds: Annotated[int, typer.Option("--rounds", min=1, help="Rounds of the comparison.")] = 20,
    seed: options.Seed = 0,
) -> None:
    """Profile, plan, rerun and compare; write every file, a picture of the window, and a report."""
    from ...boards.board import Board
    from ...boards.registry import find
    from ...experiments.compare import compare
    from ...network.formats import open_model
    from ...planner.greedy import greedy
    from ...planner.optimum import plan
    from ...prediction.latency_model import LatencyModel
    from ...report import write_report
    from ...session import SUFFIX, Session, save_session

    entry = find(board)
    opened = open_model(model)
    options.make_folder(out)
    for name in FILES:
        options.check_folder(out / name)
    with Board.connect(entry) as connected:
        with measuring(f"profiling {opened.graph.name}") as (show, cancel):
            measured = connected.profile(opened, ProfileSettings(seed=seed), progress=show, cancel=cancel).whole()
        print_profile(measured)
        serialization.save(out / "profile.json", measured)
        latency = LatencyModel.from_profile(measured)
        best = plan(latency, measured.board)
        print_plan(best)
        serialization.save(out / "plan.json", best)
        candidates = [
            NamedAssignment(best.name, "plan", best.assignment),
            NamedAssignment("greedy", "greedy", greedy(latency)),
        ]
        with measuring("comparing") as (show, cancel):
            comparison = compare(
                connected,
                opened,
                candidates,
                predicted=latency,
                rounds=rounds,
                seed=seed,
                profile_created=measured.created,
                progress=show,
                cancel=cancel,
            ).part()
    print_comparison(comparison)
    serialization.save(out / "comparison.json", comparison)
    session = Session(
        source=model,
        board=entry.name,
        assignment=best.assignment,
        profile=measured,
        plan=best,
        named=tuple(NamedAssignment(entry.name, entry.kind, entry.assignment) for entry in comparison.entries),
        comparison=comparison,
        created=comparison.created,
    )
    save_session(out / f"demo{SUFFIX}", session)
    picture = _draw_window(out / f"demo{SUFFIX}", out / "window.png")
    write_report(out / "report.html", measured, best, comparison, picture=picture)
    files = ", ".join(name for name in FILES if (out / name).exists())
    say(f"Report: {out / 'report.html'}\nWindow: {picture or 'could not be drawn'}\nIn {out}: {files}")


def _draw_window(session: Path, picture: Path) -> Path | None:
    """Draw the window showing these results, in a process of its own: the terminal must not need Qt's libraries."""
    command = [sys.executable, "-E", "-P", "-m", "layerswitch", "open", str(session), "--screenshot", str(picture)]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return picture
    reason = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
    say(f"The window could not be drawn: {reason}")
    return None
