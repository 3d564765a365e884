"""The emulated Arm board over SSH: an OpenSSH server on it, the whole story over the wire, and faults on the way."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

from layerswitch import plan
from layerswitch.boards import emulated, registry, ssh
from layerswitch.boards.board import Board, RetryPolicy
from layerswitch.boards.check.board_check import check, small_network, works
from layerswitch.boards.registry import BoardEntry
from layerswitch.boards.ssh import ssh_channel
from layerswitch.errors import BoardError, LostError, ReachError
from layerswitch.experiments.compare import compare
from layerswitch.measurement.profile import ProfileSettings
from layerswitch.network.assignment import Assignment
from layerswitch.network.model import Model
from layerswitch.network.named_assignment import NamedAssignment
from layerswitch.prediction.latency_model import LatencyModel

pytestmark = [pytest.mark.board, pytest.mark.timeout(600)]
HERE = Path(__file__).parent
PASSWORD = "only-for-this-test"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


class Server:
    """make-sshd, running. Whatever it started ends with it."""

    def __init__(self, scratch, port):
        self.scratch, self.port = scratch, port
        self.process, self.board = None, emulated.folder()  # before a test has a home of its own

    def start(self):
        script = ["sh", str(HERE / "make-sshd"), str(self.board), str(self.scratch), str(self.port), PASSWORD]
        with (self.scratch / "log").open("ab") as log:
            self.process = subprocess.Popen(
                script, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        end = time.monotonic() + 500
        while True:
            if self.process.poll() == 3:  # not to be had here, as opposed to something going wrong
                pytest.skip((self.scratch / "log").read_text().strip().splitlines()[-1])
            assert self.process.poll() is None, (self.scratch / "log").read_text()
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            assert time.monotonic() < end, (self.scratch / "log").read_text()
            time.sleep(0.2)

    def stop(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(30)


class Proxy:
    """A wire that can be cut or go silent."""

    def __init__(self, target):
        self.target, self.silent, self.sockets, self.threads = target, False, [], []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self._begin(self._listen)

    def _begin(self, *call):
        thread = threading.Thread(target=call[0], args=call[1:])
        thread.start()
        self.threads.append(thread)

    def _listen(self):
        with contextlib.suppress(OSError):
            while True:
                ours, _ = self.listener.accept()
                theirs = socket.create_connection(("127.0.0.1", self.target), 5)
                theirs.settimeout(None)
                self.sockets += [ours, theirs]
                self._begin(self._pass, ours, theirs)
                self._begin(self._pass, theirs, ours)

    def _pass(self, source, target):
        with contextlib.suppress(OSError):
            while piece := source.recv(1 << 15):
                while self.silent:
                    time.sleep(0.05)
                target.sendall(piece)
        for one in (source, target):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def cut(self):
        for one in self.sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.silent = False
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.cut()
        for thread in self.threads:
            thread.join(30)
        for one in self.sockets:
            one.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """An OpenSSH server on the emulated board."""
    try:
        registry.find("emulated-arm")
    except BoardError:
        pytest.skip("there is no emulated Arm board here: make it with `make board`, as root")
    made = Server(tmp_path_factory.mktemp("sshd"), free_port())
    made.start()
    yield made
    made.stop()


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch, server):
    """A home that knows the server by the key it made itself."""
    (tmp_path / ".ssh").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    shutil.copy(server.scratch / "known_hosts", tmp_path / ".ssh/known_hosts")
    return tmp_path


@pytest.fixture
def proxy(server, home):
    """A wire to the server."""
    made = Proxy(server.port)
    known = (home / ".ssh/known_hosts").read_text()
    (home / ".ssh/known_hosts").write_text(known.replace(f":{server.port} ", f":{made.port} "))
    yield made
    made.close()


@pytest.fixture
def entry_of(server):
    """entry_of(port=..., key=True) -> the board's entry."""

    def make(port=0, key=True):
        return BoardEntry(
            "own:emulated",
            "Emulated over SSH",
            "emulated",
            "ssh",
            host="127.0.0.1",
            port=port or server.port,
            user="layerswitch",
            key_file=str(server.scratch / "client_key") if key else "",
        )

    return make


@pytest.fixture
def model():
    """Two activations: nothing that compiles for long."""
    return Model(small_network(), {})


class Person:
    """Knows the password, or thinks so."""

    def __init__(self, password):
        self.given = password

    def accept_host_key(self, host, kind, fingerprint):
        return True

    def password(self, prompt):
        return self.given

    def keyboard_interactive(self, who, title, instructions, prompts):
        return [self.given for _ in prompts]


@pytest.fixture
def agents(server):
    """agents() -> processes of our server that are agents: those of others who use the board are not ours to judge."""

    def find():
        found = []
        with contextlib.suppress(OSError):
            ours = Path(f"/proc/{server.process.pid}/ns/pid_for_children").readlink()
            for one in Path("/proc").glob("[0-9]*/cmdline"):
                with contextlib.suppress(OSError):
                    if b"/layerswitch/agents/agent-" in one.read_bytes() and (one.parent / "ns/pid").readlink() == ours:
                        found.append(int(one.parent.name))
        return found

    return find


@pytest.fixture
def gone(agents):
    """Waits until no agent is left, and fails where one is."""

    def wait():
        end = time.monotonic() + 90
        while agents():
            assert time.monotonic() < end, "an agent was left on the board"
            time.sleep(0.5)

    return wait


def test_the_check_passes(entry_of, gone):
    steps = list(check(entry_of()))
    assert works(steps), [step for step in steps if step.state == "failed"]
    assert {step.name for step in steps if step.state == "ok"} >= {"login", "pyarmnn", "CpuAcc", "GpuAcc", "inference"}
    gone()


def test_profile_plan_run_and_compare(entry_of, model, gone):
    with Board.connect(entry_of()) as board:
        assert board.description.origin == "emulated"
        assert [device.backend for device in board.description.devices] == ["CpuAcc", "GpuAcc"]
        profile = board.profile(model, ProfileSettings(runs=2, warmup=1)).whole()
        assert {device: set(layers) for device, layers in profile.samples.items()} == {
            "CPU": {"first", "second"},
            "GPU": {"first", "second"},
        }
        found = plan(LatencyModel.from_profile(profile), board.description)
        switched = Assignment({"first": "CPU", "second": "GPU"})
        run = board.run(model, switched, runs=2, warmup=1).whole()
        assert run.verified is True
        assignments = [
            NamedAssignment("plan", "plan", found.assignment),
            NamedAssignment("switched", "own", switched),
        ]
        compared = compare(board, model, assignments, predicted=LatencyModel.from_profile(profile), rounds=2).whole()
        assert all(entry.samples_ms for entry in compared.entries)
    gone()


def test_a_password_lets_in_and_a_wrong_one_does_not(entry_of):
    from layerswitch.boards import ssh

    with ssh.log_in(entry_of(key=False), Person(PASSWORD)) as login:
        assert login.run(["id", "-un"]).output.strip() == "layerswitch"
    with pytest.raises(ReachError) as refused:
        ssh.log_in(entry_of(key=False), Person("wrong"))
    assert refused.value.step == "login"
    assert "wrong" not in str(refused.value)


def test_another_host_key_is_refused(entry_of, home, server):
    other = subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(home / "other")], check=True, timeout=60
    )
    assert other.returncode == 0
    kind, key, *_ = (home / "other.pub").read_text().split()
    (home / ".ssh/known_hosts").write_text(f"[127.0.0.1]:{server.port} {kind} {key}\n")
    steps = {step.name: step for step in check(entry_of(), Person(PASSWORD))}
    assert (steps["reach"].state, steps["host key"].state, steps["login"].state) == ("ok", "failed", "skipped")
    assert "another key" in steps["host key"].detail


def test_a_killed_agent_is_said_and_a_new_one_measures(entry_of, model, agents, gone):
    with Board.connect(entry_of()) as board:
        for pid in agents():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with pytest.raises(LostError):
            board.run(model, Assignment.uniform(model.graph, "CPU"), runs=1).whole()
        board.restart()
        assert board.run(model, Assignment.uniform(model.graph, "CPU"), runs=1).whole().samples_ms
    gone()


def test_a_cut_wire_leaves_no_agent_behind(entry_of, model, proxy, gone):
    with Board.connect(entry_of(port=proxy.port)) as board:
        proxy.cut()
        with pytest.raises(BoardError):
            board.run(model, Assignment.uniform(model.graph, "CPU"), runs=1).whole()
    gone()


def test_a_server_that_dies_takes_its_agents_along(entry_of, model, server, gone):
    with Board.connect(entry_of()) as board:
        server.stop()
        try:
            with pytest.raises(BoardError):
                board.run(model, Assignment.uniform(model.graph, "CPU"), runs=1).whole()
            gone()
        finally:
            server.start()
    assert next(iter(check(entry_of()))).state == "ok"


RUNS = 200  # words come at most 20 times a second, so that few are told of fewer runs on an idle machine


def at(word, do, then=None):
    """Progress that does something at the so-manieth word of layers, and another once the board is tried again."""
    seen = []

    def show(step):
        seen.append(step.text)
        if "profiling layers" in step.text and sum("profiling layers" in text for text in seen) == word:
            do()
        if then and "trying again" in step.text and not show.fixed:
            show.fixed = True
            then()

    show.fixed = False
    return show


def whole(profile, runs):
    """Whether every layer was measured so often on either device, in two parts."""
    counts = {len(taken) for layers in profile.samples.values() for taken in layers.values()}
    return counts == {runs} and profile.conditions.resumed.parts == 2


def test_a_profile_goes_on_once_the_server_is_back(entry_of, model, server, gone):
    with Board.connect(entry_of(), retry=RetryPolicy()) as board:
        show = at(3, server.stop, server.start)
        profile = board.profile(model, ProfileSettings(runs=RUNS, warmup=1), progress=show).whole()
    assert show.fixed
    assert whole(profile, RUNS)
    gone()


def test_a_profile_goes_on_once_a_silent_wire_carries_again(entry_of, model, proxy, monkeypatch, gone):
    monkeypatch.setattr(ssh_channel, "PULSE_SECONDS", 1.0)
    monkeypatch.setattr(ssh_channel, "LOST_SECONDS", 6.0)
    monkeypatch.setattr(ssh, "SILENT_SECONDS", 12.0)  # the first agent holds the board for longer than the app waits
    with Board.connect(entry_of(port=proxy.port), retry=RetryPolicy()) as board:
        show = at(3, lambda: setattr(proxy, "silent", True), lambda: setattr(proxy, "silent", False))
        profile = board.profile(model, ProfileSettings(runs=RUNS, warmup=1), progress=show).whole()
    assert show.fixed
    assert whole(profile, RUNS)
    gone()
