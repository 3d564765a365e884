"""SIGKILL of the window at random moments of save, autosave, export, profile and edit: what the next start finds.

Each process is the real program (victim.py), which first recovers what the killed one before it left. After each
kill every file must be whole, what was saved or autosaved must be there or something newer, no process may be left;
at the end one that closes as it should must leave nothing hidden, no autosave and no temporary file.
"""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from xml.etree import ElementTree

from layerswitch.errors import LayerSwitchError
from layerswitch.session import load_session

HERE = Path(__file__).parent
TOKEN = "LAYERSWITCH_CAMPAIGN"
PATIENCE = 120.0  # seconds for a start on a busy machine
TOLD = 1500  # characters of what went wrong
ENDS = {".png": b"IEND\xaeB`\x82", ".html": b"</html>", ".csv": b"\n"}
OFTEN = ("saving", "exporting", "autosaved", "state")
MOMENTS = (*OFTEN, *OFTEN, "profile", "rerun", "offered", "restored", "started")
LONGEST = 60.0  # seconds of work until a victim is ended that has not come to the moment


class Running:
    """One victim, and what it has said."""

    def __init__(self, root: Path, seed: int, task: str, environment: dict[str, str]) -> None:
        self.said: list[list[object]] = []
        self.new = threading.Condition()
        self.errors = (root / "errors").open("w+")
        command = [sys.executable, "-m", "tests.campaigns.victim", str(root / "files"), str(seed), task]
        self.process = subprocess.Popen(
            command, cwd=HERE.parents[1], env=environment, stdout=subprocess.PIPE, stderr=self.errors, text=True
        )
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self.new, contextlib.suppress(ValueError):  # the last line may be half
                self.said.append(json.loads(line))
                self.new.notify()

    def wait_for(self, word: str, seconds: float, count: int = 1) -> bool:
        """Whether it has said that, so often."""
        with self.new:
            return self.new.wait_for(lambda: [one[0] for one in self.said].count(word) >= count, seconds)

    def end(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.close()

    def close(self) -> None:
        self.process.wait(PATIENCE)
        self.reader.join(PATIENCE)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def tracebacks(self) -> str:
        """What it wrote of exceptions."""
        self.errors.seek(0)
        text = self.errors.read()
        self.errors.close()
        return text if "Traceback" in text else ""


class Expected:
    """What the next start and the session's file must hold."""

    def __init__(self) -> None:
        self.must_offer, self.offerable, self.saveable = False, set[object](), set[object]()
        self.saved = False

    def follow(self, said: list[list[object]]) -> list[str]:
        """Take in what a victim said until it was killed; what was wrong with its start."""
        wrong, begun = [], False
        for word, *rest in said:
            begun = begun or word in ("fresh", "restored")
            if word == "fresh" and self.must_offer:
                wrong.append("what was autosaved was not offered")
            elif word == "offered" and rest[1]:
                wrong.append(f"{rest[1]} more are offered than there can be")
            elif word == "restored":
                if rest[0] not in self.offerable or not rest[1]:
                    wrong.append("it recovered something that never was, or that counts as saved")
                self.must_offer, self.offerable = True, {rest[0]}
                self.saveable.add(rest[0])
            elif word == "fresh":
                self.offerable = set()
            elif word == "error":
                wrong.append(f"the window said {rest[0]}")
            elif word == "state" and begun:
                self.offerable.add(rest[0])
                self.saveable.add(rest[0])
                self.must_offer = self.must_offer and bool(rest[1])
            elif word == "autosaved":
                self.must_offer, self.offerable = True, {rest[0]}
            elif word == "saving":
                self.must_offer = False  # it goes once the session is saved
            elif word == "saved":
                self.saved, self.saveable = True, {rest[0]}
        return wrong


def processes(token: str) -> set[int]:
    """Those that were started by victims, directly or not."""
    found, mark = set(), f"{TOKEN}={token}".encode()
    for one in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if mark in one.read_bytes().split(b"\0"):
                found.add(int(one.parent.name))
    return found


def gone(token: str) -> bool:
    """Whether every process has ended, a few seconds after its window."""
    end = time.monotonic() + 15
    while processes(token) and time.monotonic() < end:
        time.sleep(0.05)
    return not processes(token)


def broken_files(folder: Path, expected: Expected) -> list[str]:
    """Files that are not whole, or older than what was said to be saved."""
    wrong = []
    for path in sorted(folder.glob("[!.]*")):
        data = path.read_bytes()
        try:
            if path.suffix == ".layerswitch":
                text = load_session(path).assignment.text
                if text not in expected.saveable:
                    wrong.append(f"{path.name} is older than what was saved")
            elif path.suffix == ".json":
                json.loads(data)
            elif path.suffix == ".svg":
                ElementTree.fromstring(data)
            elif not data.endswith(ENDS[path.suffix]):
                wrong.append(f"{path.name} has no end")
        except (LayerSwitchError, ValueError, ElementTree.ParseError) as error:
            wrong.append(f"{path.name}: {error}")
    if expected.saved and not list(folder.glob("*.layerswitch")):
        wrong.append("the session that was saved is gone")
    return wrong


def strike(victim: Running, chance: random.Random) -> str:
    """Wait for a moment and kill; the moment."""
    word = chance.choice(MOMENTS)
    if not victim.wait_for("started", PATIENCE):
        word = "never started"
    elif not victim.wait_for(word, LONGEST, chance.choice((1, 2, 5)) if word in OFTEN else 1):
        word = f"no {word}"
    time.sleep(chance.random() * chance.choice((0.003, 0.03, 0.3)))
    victim.end()
    return word


def campaign(times: int, seed: int) -> dict[str, int]:
    """Kill the window `times` times; what came of it."""
    chance, expected, token = random.Random(seed), Expected(), f"{os.getpid()}-{seed}"
    figures = dict.fromkeys(("killed", "recovered", "temporary files left by the killed", "broken"), 0)
    moments: dict[str, int] = {}
    with tempfile.TemporaryDirectory(prefix="layerswitch-window-") as name:
        root = Path(name)
        for one in ("files", "config", "state", "tmp", "cache", "data"):
            (root / one).mkdir()
        environment = {
            "QT_QPA_PLATFORM": "offscreen", **os.environ, TOKEN: token, "XDG_CONFIG_HOME": str(root / "config"),
            "XDG_STATE_HOME": str(root / "state"), "XDG_CACHE_HOME": str(root / "cache"), "TMPDIR": str(root / "tmp"),
        }  # fmt: skip
        for turn in range(times + 1):
            last = turn == times
            victim = Running(root, seed + turn, "close" if last else "work", environment)
            if last:
                victim.wait_for("closed", 3 * PATIENCE)
                victim.close()
                moment = "closing"
            else:
                moment = strike(victim, chance)
                figures["killed"] += 1
                moments[moment] = moments.get(moment, 0) + 1
            wrong = expected.follow(victim.said)
            figures["recovered"] += any(one[0] == "restored" for one in victim.said)
            if not gone(token):
                wrong.append(f"processes are left: {processes(token)}")
            wrong += broken_files(root / "files", expected)
            if text := victim.tracebacks():
                wrong.append(text)
            hidden = [one.name for one in (*(root / "files").glob(".*"), *(root / "state").rglob(".*"))]
            figures["temporary files left by the killed"] += len(hidden)
            if last:
                wrong += [f"left: {one}" for one in (*hidden, *_left(root))]
                if victim.process.returncode:
                    wrong.append(f"it ended with {victim.process.returncode}")
            figures["broken"] += bool(wrong or moment == "never started")
            for line in dict.fromkeys(wrong):  # the same again and again is told once
                print(f"turn {turn} ({moment}): {line[-TOLD:]}", flush=True)
    print(", ".join(f"{count} at {word!r}" for word, count in sorted(moments.items())), flush=True)
    return figures


def _left(root: Path) -> list[str]:
    """What nothing is left of after a window that closed as it should."""
    return [
        str(one.relative_to(root)) for part in ("state", "tmp") for one in (root / part).rglob("*") if one.is_file()
    ]
