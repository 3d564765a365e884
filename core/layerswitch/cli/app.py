"""The typer application: commands are registered here, and nowhere else."""

import sys
from typing import Annotated

import typer

from .. import __version__
from . import EXIT_BAD_INPUT, completion
from .commands import board, demo, explain, measure, plan, refine, show
from .commands import open as window

_CLICK_EXCEPTION = typer.BadParameter.__mro__[2]
"""The base of wrong usage; typer has moved its module about from release to release."""

app = typer.Typer(
    name="layerswitch",
    help="CPU-GPU layer-switched CNN inference: profile, plan, edit, measure, compare.",
    no_args_is_help=False,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"layerswitch {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _main(
    context: typer.Context,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_say_version, is_eager=True, help="Say which version this is, and exit."),
    ] = False,
) -> None:
    """Without a command: the window."""
    if context.invoked_subcommand is None:
        raise typer.Exit(window.show())


app.command("open")(window.open_)
app.command("start")(window.start)
app.command("models")(show.models)
app.command("boards")(show.boards)
app.add_typer(board.app, name="board")
app.command("show")(show.show)
app.command("profile")(measure.profile)
app.command("import")(plan.import_)
app.command("plan")(plan.plan)
app.command("explain")(explain.explain)
app.command("run")(measure.run)
app.command("compare")(measure.compare)
app.command("refine")(refine.refine)
app.command("demo")(demo.demo)


def run() -> int:
    """Carry out what the arguments ask for; the exit code. What goes wrong is raised, but for wrong usage, said here.

    Not typer's own way of running, which has exit code 1 when the reader of our output goes away.
    """
    command = typer.main.get_command(app)
    if completion.wanted():
        return completion.answer(command)
    try:
        with command.make_context("layerswitch", sys.argv[1:]) as context:
            command.invoke(context)
    except typer.Exit as done:
        return EXIT_BAD_INPUT if done.exit_code == 1 else done.exit_code  # 1 is typer's, for an unknown shell
    except typer.Abort:
        raise KeyboardInterrupt from None
    except Exception as error:
        if not isinstance(error, _CLICK_EXCEPTION):
            raise
        error.show()  # type: ignore[attr-defined]
        return EXIT_BAD_INPUT
    return 0
