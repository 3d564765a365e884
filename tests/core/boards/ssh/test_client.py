"""Logging in: every way of doing so, and every way of failing, each said with what to do."""

import contextlib
import logging
import socket
import threading
import types

import keyring.core
import keyring.errors
import paramiko
import pytest

from layerswitch.boards import ssh
from layerswitch.boards.ssh import Nobody, authentication, client, credentials, log_in
from layerswitch.errors import ReachError


def reach(entry, ask=None):
    """The error of a login that must fail."""
    with pytest.raises(ReachError) as caught, log_in(entry, ask):
        pass
    assert caught.value.step in ssh.STEPS
    assert caught.value.where.startswith("own:desk")
    return caught.value


def test_a_password_and_a_command(server, person, entry_of):
    with log_in(entry_of(server), person) as one:
        assert one.run(["printf", "%s|", "a b", "$HOME;x", "", "'\"\n"]) == (0, "a b|$HOME;x||'\"\n|", "")
        assert one.run(["sh", "-c", "cat; echo bad >&2; exit 3"], content=b"x" * 100_000) == (3, "x" * 100_000, "bad\n")
    assert person.asked[1] == ("password", f"Password of anna@[127.0.0.1]:{server.port}")
    assert person.threads == {threading.current_thread()}


def test_a_wrong_password_three_times(server, person, entry_of):
    person.passwords = ["no", "never", "wrong"]
    error = reach(entry_of(server), person)
    assert error.step == "login"
    assert not error.again
    assert "does not let 'anna' in: the password was refused" in error.what
    assert "check the user's name" in error.hint
    assert server.asked.count("password") == 3
    for secret in ("never", "wrong"):
        assert secret not in str(error)


def test_the_second_password_is_right(server, person, entry_of):
    person.passwords = ["no", "s3cret"]
    log_in(entry_of(server), person).close()
    assert person.passwords == []


def test_no_such_user_reads_like_a_refused_one(server, person, entry_of):
    person.passwords = ["s3cret"] * 3
    assert "does not let 'bob' in" in reach(entry_of(server, user="bob"), person).what


def test_giving_up(server, person, entry_of):
    person.passwords = []
    assert "given up" in reach(entry_of(server), person).what


def test_a_key_file_with_a_hostile_name(server, person, entry_of, key_file):
    log_in(entry_of(server, key_file=str(key_file())), person).close()
    assert [question[0] for question in person.asked] == ["host key"]


def test_a_locked_key_file(server, person, entry_of, key_file):
    person.passwords = ["wrong", "right"]
    path = key_file("right")
    log_in(entry_of(server, key_file=str(path)), person).close()
    assert person.asked[-1] == ("password", f"Passphrase of {path}")


def test_a_key_the_server_refuses(server, entry_of, person, key_file):
    server.ways = ["publickey"]
    path = key_file(let_in=False)
    error = reach(entry_of(server, key_file=str(path)), person)
    assert error.step == "login"
    assert f"key {path} was refused" in error.what
    assert f"ssh-copy-id -i '{path}.pub' -p {server.port} anna@127.0.0.1" in error.hint


@pytest.mark.parametrize(("text", "said"), [(None, "cannot be read: No such file"), ("rubbish", "is no private key")])
def test_a_key_file_that_is_none(server, entry_of, person, tmp_path, text, said):
    server.ways = ["publickey"]
    if text:
        (tmp_path / "key").write_text(text)
    assert said in reach(entry_of(server, key_file=str(tmp_path / "key")), person).what


def test_keyboard_interactive_is_asked_in_the_thread_that_connects(server, person, entry_of):
    server.ways = ["keyboard-interactive"]
    log_in(entry_of(server), person).close()
    question = ("Two factors", "Look at your phone", (("Password: ", False), ("Code: ", True)))
    assert person.asked[-1] == ("interactive", f"anna@[127.0.0.1]:{server.port}", *question)
    assert person.threads == {threading.current_thread()}


def test_keyboard_interactive_that_asks_for_too_much(server, person, entry_of, monkeypatch):
    server.ways = ["keyboard-interactive"]
    question = paramiko.InteractiveQuery("", "", *[("Password: ", False)] * 9)
    session = type(server)._listen.__globals__["Session"]
    monkeypatch.setattr(session, "check_auth_interactive", lambda *_: question)
    assert "asks for 9 answers at once" in reach(entry_of(server), person).what
    assert "interactive" not in [question[0] for question in person.asked]


@pytest.mark.parametrize("answers", [[], [["only one"]]])
def test_keyboard_interactive_given_up(server, person, entry_of, answers):
    server.ways, person.answers = ["keyboard-interactive"], answers
    assert reach(entry_of(server), person).step == "login"


def test_keyboard_interactive_with_wrong_answers(server, person, entry_of):
    server.ways, person.answers = ["keyboard-interactive"], [["a", "b"]] * 3
    assert "the answers were refused" in reach(entry_of(server), person).what


def test_who_cannot_be_asked_is_refused(server, entry_of, key_file):
    error = reach(entry_of(server, key_file=str(key_file())), Nobody())
    assert error.step == "host key"
    assert "was not accepted" in error.what
    assert server.asked == []


def test_a_name_that_is_not_known(server, entry_of, monkeypatch):
    def fail(*args):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(client.socket, "create_connection", fail)
    error = reach(entry_of(server, host="vim4.invalid"))
    assert (error.step, error.again) == ("name", False)
    assert "'vim4.invalid' is not known" in error.what


def test_nothing_listens(server, entry_of):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    error = reach(entry_of(server, port=port))
    assert (error.step, error.again) == ("refused", True)
    assert "apt install openssh-server" in error.hint


@pytest.mark.parametrize(
    ("raised", "step"), [(TimeoutError("timed out"), "timeout"), (OSError(113, "No route to host"), "route")]
)
def test_no_answer_and_no_route(server, entry_of, monkeypatch, raised, step):
    def fail(*args):
        raise raised

    monkeypatch.setattr(client.socket, "create_connection", fail)
    error = reach(entry_of(server))
    assert (error.step, error.again) == (step, True)


@pytest.mark.parametrize("said", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b""], ids=["another server", "silence"])
def test_what_is_no_ssh_server(server, entry_of, monkeypatch, said):
    monkeypatch.setattr(client, "CONNECT_SECONDS", 1.5)
    with socket.create_server(("127.0.0.1", 0)) as other:

        def answer():
            sock, _ = other.accept()
            with sock:
                sock.sendall(said)
                sock.recv(100)
                sock.recv(100)

        thread = threading.Thread(target=answer)
        thread.start()
        error = reach(entry_of(server, port=other.getsockname()[1]))
        thread.join(30)
    assert error.step == "refused"
    assert "SSH server" in error.what


def test_nothing_secret_is_logged_or_printed(server, person, entry_of, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    person.passwords = ["hunter2", "s3cret"]
    with log_in(entry_of(server), person) as one:
        server.hang_up()
        with pytest.raises(ReachError):
            one.run(["true"])
    out, err = capfd.readouterr()
    assert "hunter2" not in caplog.text + out + err
    assert err == ""
    assert not logging.getLogger("paramiko").propagate


class Keyring:
    """The system's keyring."""

    def __init__(self, monkeypatch):
        self.kept = {}
        monkeypatch.setattr(credentials, "kept_password", lambda user, host: self.kept.get((user, host)))
        monkeypatch.setattr(
            credentials, "keep_password", lambda user, host, password: self.kept.update({(user, host): password})
        )
        monkeypatch.setattr(credentials, "forget_password", lambda user, host: self.kept.pop((user, host), None))


@pytest.mark.parametrize("remember", [True, False])
def test_the_keyring_is_used_only_if_asked(server, person, entry_of, monkeypatch, remember):
    ring, host = Keyring(monkeypatch), f"[127.0.0.1]:{server.port}"
    log_in(entry_of(server, remember_password=remember), person).close()
    assert ring.kept == ({("anna", host): "s3cret"} if remember else {})
    if remember:
        log_in(entry_of(server, remember_password=True), person).close()
        assert [question[0] for question in person.asked].count("password") == 1


def test_a_kept_password_that_is_wrong_is_forgotten(server, person, entry_of, monkeypatch):
    ring = Keyring(monkeypatch)
    ring.kept["anna", f"[127.0.0.1]:{server.port}"] = "old"
    person.passwords = []
    reach(entry_of(server, remember_password=True), person)
    assert ring.kept == {}


class Locked:
    """A keyring whose person does not unlock it, or that raises, or takes everything and keeps nothing."""

    priority = 5
    error = keyring.errors.KeyringLocked("Failed to unlock the collection!")

    def get_password(self, *_):
        if self.error:
            raise self.error

    set_password = delete_password = get_password


@pytest.fixture
def locked(monkeypatch):
    """The system's keyring, locked; `error` is what it raises."""
    ring = Locked()
    monkeypatch.setattr(keyring, "get_keyring", lambda: ring)
    monkeypatch.setattr(keyring.core, "get_keyring", lambda: ring)
    return ring


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (keyring.errors.KeyringLocked("Failed to unlock the collection!"), "the system's keyring is locked"),
        (keyring.errors.PasswordSetError("no\n  room"), "the system's keyring refused it (no room)"),
        (RuntimeError("cannot store s3cret"), "the system's keyring refused it (RuntimeError)"),
        (RuntimeError(), "the system's keyring refused it (RuntimeError)"),
        (None, "the system's keyring did not take it"),
    ],
)
def test_a_keyring_that_fails_is_no_failure_and_says_why(locked, error, why):
    locked.error = error
    assert credentials.kept_password("a", "b") is None
    assert credentials.keep_password("a", "b", "s3cret") == why
    credentials.forget_password("a", "b")
    locked.priority = 0
    assert credentials.keep_password("a", "b", "s3cret") == "there is no keyring of the system here"


def test_a_password_that_is_not_kept_is_said_once(server, person, entry_of, locked):
    entry, ask = entry_of(server, remember_password=True), credentials.Remembering(person)
    for _ in range(2):
        log_in(entry, ask).close()
    who = f"anna@[127.0.0.1]:{server.port}"
    said = f"The password of {who} was not kept, since the system's keyring is locked: it is asked for each time"
    assert person.told == [said]
    log_in(entry_of(server), ask).close()
    assert person.told == [said]


@pytest.mark.parametrize("remember", [True, False])
def test_answers_that_were_to_be_kept_and_are_not_are_said(server, person, entry_of, remember):
    server.ways = ["keyboard-interactive"]
    log_in(entry_of(server, remember_password=remember), person).close()
    assert len(person.told) == remember
    assert not remember or "The answers for anna@" in person.told[0]


def test_answers_are_asked_once_for_several_logins(server, person, entry_of):
    ask = credentials.Remembering(person)
    for _ in range(3):
        log_in(entry_of(server), ask).close()
    assert [question[0] for question in person.asked] == ["host key", "password"]
    assert "s3cret" not in repr(ask)


def test_no_machine_gets_what_was_answered_to_another(make_server, person, entry_of, client_home):
    gate, board = make_server(), make_server()
    gate.ways = board.ways = ["keyboard-interactive"]  # both ask in the very same words
    gate.password, board.password = "gate's", "board's"
    person.answers = [["gate's", "123456"], ["board's", "123456"]]
    (client_home / ".ssh" / "config").write_text(f"Host 127.0.0.1\n ProxyJump anna@localhost:{gate.port}\n")
    ask = credentials.Remembering(person)
    for _ in range(2):
        log_in(entry_of(board), ask).close()
    assert gate.answers == [["gate's", "123456"]] * 2
    assert board.answers == [["board's", "123456"]] * 2
    asked = [question[1] for question in person.asked if question[0] == "interactive"]
    assert asked == [f"anna@[localhost]:{gate.port}", f"anna@[127.0.0.1]:{board.port}"]


def test_an_answer_that_turns_out_wrong_is_asked_again(server, person, entry_of):
    ask = credentials.Remembering(person)
    log_in(entry_of(server), ask).close()
    server.password, person.passwords = "changed", ["changed"]
    log_in(entry_of(server), ask).close()
    assert person.passwords == []


def test_the_agents_keys_are_tried_first(server, person, entry_of, monkeypatch):
    key = paramiko.ECDSAKey.generate()
    key.comment = "anna's"
    server.keys.add(key.get_base64())

    class Agent:
        def get_keys(self):
            return (key,)

        def close(self):
            pass

    monkeypatch.setattr(authentication.paramiko, "Agent", Agent)
    log_in(entry_of(server), person).close()
    assert [question[0] for question in person.asked] == ["host key"]


def test_a_greeting_without_an_end(entry_of, person, monkeypatch):
    monkeypatch.setattr(client, "CONNECT_SECONDS", 60.0)  # it is too long before it takes too long
    sent = []

    def greet(listener):
        sock, _ = listener.accept()
        with sock, contextlib.suppress(OSError):
            while True:
                sent.append(sock.send(b"x" * 4096))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=greet, args=(listener,))
        thread.start()
        address = types.SimpleNamespace(port=listener.getsockname()[1])
        error = reach(entry_of(address), person)
        thread.join()
    assert (error.step, "banner" in error.what.lower()) == ("refused", True)
    assert sum(sent) < 32 << 20  # what the system holds for the two


WEAK = [("ciphers", "3des-cbc"), ("ciphers", "aes256-cbc"), ("digests", "hmac-sha1"), ("digests", "hmac-md5")]


@pytest.mark.parametrize(("kind", "weak"), WEAK)
def test_a_server_that_knows_only_what_is_broken(server, entry_of, person, monkeypatch, kind, weak):
    start = paramiko.Transport.start_server

    def start_server(transport, *arguments, **options):
        setattr(transport.get_security_options(), kind, [weak])
        start(transport, *arguments, **options)

    monkeypatch.setattr(paramiko.Transport, "start_server", start_server)
    assert "no algorithm in common" in reach(entry_of(server), person).what
