"""The agent as a bare process that tests speak frames with."""

import os
import queue
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from layerswitch import agent as package
from layerswitch.agent import protocol

FOLDER = Path(package.__file__).parent
ENGINES = Path(__file__).parent.parent / "boards"  # where the scripted engine is


class Agent:
    """An agent process; `send` frames or raw bytes, `answer` with the next message."""

    def __init__(self, *arguments, environment=None, scripted=True):
        arguments = (*arguments, "--engine", "scripted_engine:Scripted") if scripted else arguments
        self.process = subprocess.Popen(
            [sys.executable, str(FOLDER), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ENGINES), **(environment or {})},
        )
        self.inbox = queue.Queue()
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self):
        try:
            while True:
                self.inbox.put(protocol.read(self.process.stdout.read).header)
        except EOFError:
            self.inbox.put(None)

    def raw(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, payload=b"", **header):
        self.raw(b"".join(protocol.pack(header, payload)))

    def answer(self):
        """The next message, None when the output has ended."""
        return self.inbox.get(timeout=30)

    def ask(self, **header):
        """The end of a request, and the events before it."""
        self.send(**header)
        events = []
        while True:
            answer = self.answer()
            if answer is None or answer["event"] in ("result", "error"):
                return answer, events
            events.append(answer)

    def load(self, *names, **settings):
        """Open the engine with settings, and load layers of these names."""
        assert self.ask(id=1, op="open", engine="simulated", settings=settings)[0]["event"] == "result"
        network = {"layers": [{"name": name} for name in names]}
        assert self.ask(id=2, op="load", network=network, constants={})[0]["event"] == "result"

    def end(self):
        """Close its input; its exit code and log."""
        self.process.stdin.close()
        code = self.process.wait(30)
        self.reader.join(30)
        log = self.process.stderr.read().decode()
        self.process.stdout.close()
        self.process.stderr.close()
        return code, log


@pytest.fixture
def start(tmp_path):
    """start(*arguments, ...) -> Agent, ended after the test."""
    started = []

    def begin(*arguments, **options):
        started.append(Agent("--cache", str(tmp_path / "cache"), *arguments, **options))
        return started[-1]

    yield begin
    for one in started:
        if not one.process.stdin.closed:
            one.end()


@pytest.fixture
def agent(start):
    """An agent with the scripted engine."""
    return start()
