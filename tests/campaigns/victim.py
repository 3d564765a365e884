"""For the campaign `window`: the real program, working at random and saying what it does, until somebody kills it.

Arguments: the folder for what it saves and exports, a seed, and "work" (until it is killed) or "close" (recover, save,
export everything, close). It prints one JSON list a line: ["state", text, precious], ["autosaved", text] ...
"""

import json
import random
import sys
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer

from layerswitch_gui.app import launch
from layerswitch_gui.app.main_window import MainWindow

FOLDER, SEED, TASK = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
NETWORK, BOARD = "squeezenet", "sim:khadas-vim3"
EXPORTS = (
    "export_report", "export_csv", "export_json", "export_plan", "export_runs", "export_graph", "export_latency",
    "export_timeline", "export_picture",
)  # fmt: skip
ACTS = (
    *("edit",) * 30, *("undo",) * 6, *("redo",) * 4, *("save",) * 8, *("export",) * 8, *("rerun",) * 2, "profile",
    *("keep",) * 2, *("select",) * 3,
)  # fmt: skip
ACT_MS, AUTOSAVE_MS = 15, 40


def say(*words: object) -> None:
    print(json.dumps(words), flush=True)


class Answers:
    """Answers what a person would be asked."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def recover(self, path: Path, more: int) -> str:
        say("offered", path.name, more)
        return "recover"

    def save_file(self, _title: str, proposal: str, filters: str) -> str:
        path = FOLDER / proposal
        return str(path.with_suffix(".png") if "PNG" in filters and self.chance.random() < 0.5 else path)

    def lose_work(self, _what: str, _losses: object) -> str:
        return "discard"

    def stop_work(self, _titles: list[str]) -> bool:
        return True


class Victim(MainWindow):
    """The window, and somebody at it."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        chance = random.Random(SEED)
        answers: Any = Answers(chance)
        super().__init__(*arguments, questions=answers, **options)
        self.chance = chance
        self.workbench.profile_runs = self.workbench.runs = 2
        self.told = self.restored = self.begun = False
        self.last = -1
        self.left = list(EXPORTS)
        document = self.document
        for signal in (
            document.assignment_changed, document.runs_changed, document.plan_changed, document.modified_changed,
            document.undo_stack.indexChanged,
        ):  # fmt: skip
            signal.connect(self.say_state)
        self.hand = QTimer(self, interval=ACT_MS)
        self.hand.timeout.connect(self.turn)
        self.hand.start()

    def say_state(self, *_: object) -> None:
        if self.document.graph is not None:
            say("state", self.document.assignment.text, self.document.precious)

    def turn(self) -> None:
        """Wait until the program has started, then do one thing."""
        document, recovery = self.document, self.recovery
        if recovery is None or document.entry is None:
            return
        if recovery._clock.interval() != AUTOSAVE_MS:
            recovery._clock.setInterval(AUTOSAVE_MS)
        if document.graph is None:
            if not self.workbench.runner.jobs and not self.begun:
                self.begun = True
                say("fresh")
                self.opening.open(NETWORK, profile=True)
            return
        if not self.told:
            self.told = True
            self.restored = not self.begun
            say("restored" if self.restored else "opened", document.assignment.text, document.precious)
        if document.precious and recovery._written == document.changes != self.last:
            self.last = document.changes
            say("autosaved", document.assignment.text)
        if self.messages.isVisible():
            say("error", self.messages.details)
            self.messages.dismiss()
        if not self.workbench.runner.work and document.plan is not None and self.graph_view is not None:
            self.finish_up() if TASK == "close" else self.act(self.chance.choice(ACTS))

    def act(self, what: str) -> None:
        document, actions = self.document, self.commands
        if what == "edit":
            document.flip(self.chance.sample(list(document.assignment), self.chance.choice((1, 1, 3))))
        elif what in ("undo", "redo"):
            actions[what].trigger()
        elif what == "keep":
            actions["keep_variant"].trigger()
        elif what == "select":
            document.select([self.chance.choice(list(document.assignment))])
        elif what == "save":
            say("saving", document.assignment.text)
            actions["save"].trigger()
            if not document.modified:
                say("saved", document.assignment.text)
        elif what == "export":
            self.export(self.chance.choice(EXPORTS))
        else:
            say(what)
            actions[what].trigger()

    def export(self, what: str) -> None:
        say("exporting", what)
        self.commands[what].trigger()

    def finish_up(self) -> None:
        """Save and export everything once, then close as one should."""
        if self.left:
            self.export(self.left.pop())
        else:
            self.act("save")
            self.close()


if __name__ == "__main__":
    launch.MainWindow = Victim  # type: ignore[misc]
    say("started")
    code = launch.run(board=BOARD)
    say("closed", code)
    sys.exit(code)
