"""The typer application: commands are registered here, and nowhere else."""

from typing import Annotated

import typer

from .. import __version__
from . import demo, listing, measuring, planning, window

app = typer.Typer(
    name="layerswitch",
    help="CPU-GPU layer-switched CNN inference: profile, plan, edit, rerun, compare.",
    no_args_is_help=False,
    add_completion=False,
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
    _version: Annotated[bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say it.")] = False,
) -> None:
    """Without a command: the window."""
    if context.invoked_subcommand is None:
        raise typer.Exit(window.show())


app.command("open")(window.open_)
app.command("start")(window.start)
app.command("models")(listing.models)
app.command("boards")(listing.boards)
app.command("show")(listing.show)
app.command("profile")(measuring.profile)
app.command("import")(planning.import_)
app.command("plan")(planning.plan)
app.command("run")(measuring.run)
app.command("compare")(measuring.compare)
app.command("demo")(demo.demo)
