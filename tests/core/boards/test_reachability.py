"""Whether boards answer: one that does, one that does not, one that is silent, and none waits for another."""

import contextlib
import socket
import threading
import time

import pytest

from layerswitch.boards import reachability
from layerswitch.boards.reachability import ask
from layerswitch.boards.registry import BoardEntry, boards


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A home without any configuration of SSH."""
    (tmp_path / ".ssh").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def listener():
    """listener(said) -> the port of a server that says so to everyone, and nothing more; None: it hangs up."""
    sockets, threads = [], []

    def serve(server, said):
        with contextlib.suppress(OSError):
            while True:
                client, _ = server.accept()
                sockets.append(client)
                if said is None:
                    client.close()
                else:
                    client.sendall(said)

    def make(said):
        server = socket.create_server(("127.0.0.1", 0))
        sockets.append(server)
        threads.append(threading.Thread(target=serve, args=(server, said)))
        threads[-1].start()
        return server.getsockname()[1]

    yield make
    for one in sockets:
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()
    for thread in threads:
        thread.join(30)


@pytest.fixture
def closed():
    """A port where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def board(name, port, **fields):
    return BoardEntry(f"own:{name}", name, "measured", "ssh", **{"host": "127.0.0.1", "port": port, **fields})


def told(*entries, **options):
    return {answer.name.removeprefix("own:"): answer for answer in ask(entries, **options)}


def test_each_board_has_its_answer(listener, closed):
    good, other, rude = listener(b"welcome\r\nSSH-2.0-x\r\n"), listener(b"HTTP/1.1 400\r\n" * 1000), listener(None)
    found = told(board("good", good), board("closed", closed), board("other", other), board("rude", rude))
    assert found["good"].text == "answers"
    assert found["closed"].text == f"does not answer: nothing listens at 127.0.0.1 port {closed}"
    assert found["other"].text == f"does not answer: what listens at 127.0.0.1 port {other} is no SSH server"
    assert found["rude"].state == "does not answer"


def test_a_silent_board_keeps_no_other_waiting(listener):
    silent, good = listener(b""), listener(b"SSH-2.0-x\r\n")
    answers = ask([board("silent", silent), board("good", good)], seconds=0.4)
    assert next(answers).name == "own:good"
    assert next(answers).text == "does not answer: nothing was heard within 0.4 s"
    assert list(answers) == []


def test_a_name_server_that_is_silent_is_not_waited_for(monkeypatch):
    hanging = threading.Event()
    monkeypatch.setattr(reachability.socket, "getaddrinfo", lambda *_, **__: hanging.wait(30) and [])
    assert told(board("lost", 22), seconds=0.2)["lost"].state == "does not answer"
    hanging.set()


def test_a_name_that_is_not_known(monkeypatch):
    def fail(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(reachability.socket, "getaddrinfo", fail)
    assert told(board("lost", 22, host="vim4.invalid"))["lost"].why == "the name 'vim4.invalid' is not known"


def test_the_second_address_counts_as_well(listener, closed, monkeypatch):
    good, real = listener(b"SSH-2.0-x\r\n"), socket.getaddrinfo
    monkeypatch.setattr(
        reachability.socket,
        "getaddrinfo",
        lambda *_, **__: [*real("127.0.0.1", closed, type=1), *real("127.0.0.1", good, type=1)],
    )
    assert told(board("two", 22))["two"].state == "answers"


def test_what_is_behind_another_machine_is_not_said_to_answer(listener, closed, home):
    good = listener(b"SSH-2.0-x\r\n")
    (home / ".ssh/config").write_text(
        f"Host inside\n  HostName 10.0.0.9\n  ProxyJump 127.0.0.1:{good}\n"
        f"Host far\n  HostName 10.0.0.9\n  ProxyJump 127.0.0.1:{closed}\n"
        "Host odd\n  HostName 10.0.0.9\n  ProxyCommand touch ran\n"
    )
    found = told(board("in", 0, host="inside"), board("far", 0, host="far"), board("odd", 0, host="odd"))
    assert found["in"].text.startswith(f"not checked: it is behind [127.0.0.1]:{good}, which answers")
    assert found["far"].text == f"does not answer: nothing listens at 127.0.0.1 port {closed}"
    assert found["odd"].state == "not checked"
    assert not list(home.rglob("ran"))


def test_boards_on_this_computer_answer_and_broken_ones_say_why(tmp_path):
    (tmp_path / "bad.toml").write_text("title = ")
    bad = BoardEntry("own:bad", "Bad", "simulated", "simulated", str(tmp_path / "bad.toml"))
    found = told(boards()[0], bad)
    assert found[boards()[0].name].text == "answers"
    assert found["bad"].state == "does not answer"


def test_nobody_is_waited_for_after_cancelling(listener):
    cancel, before = threading.Event(), set(threading.enumerate())
    answers = ask([board("silent", listener(b""))], seconds=60, cancel=cancel)
    threading.Timer(0.1, cancel.set).start()
    assert list(answers) == []
    end = time.monotonic() + 20
    while [one for one in set(threading.enumerate()) - before if one.name.startswith("does ")]:
        assert time.monotonic() < end
        time.sleep(0.02)
