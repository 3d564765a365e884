"""Host keys: unknown ones are shown once, changed ones refused with the lines that say otherwise."""

import subprocess
import sys
import textwrap

import paramiko
import pytest

from layerswitch.boards.ssh import known_hosts, log_in
from layerswitch.errors import ReachError


@pytest.fixture
def theirs(client_home):
    """OpenSSH's own file."""
    return client_home / ".ssh" / "known_hosts"


def line(server, key, name=None):
    return f"{name or f'[127.0.0.1]:{server.port}'} {key.get_name()} {key.get_base64()}\n"


def refused(entry, person):
    with pytest.raises(ReachError) as caught:
        log_in(entry, person)
    assert caught.value.step == "host key"
    assert not caught.value.again
    return caught.value


def test_an_unknown_machine_is_shown_once(server, person, entry_of):
    for _ in range(2):
        person.passwords = ["s3cret"]
        log_in(entry_of(server), person).close()
    name = f"[127.0.0.1]:{server.port}"
    shown = [question for question in person.asked if question[0] == "host key"]
    assert shown == [("host key", name, "ecdsa-sha2-nistp256", server.key.fingerprint)]
    assert shown[0][3].startswith("SHA256:")
    assert known_hosts.own_file().read_text() == line(server, server.key)


def test_what_is_not_accepted_is_not_kept_and_learns_no_password(server, person, entry_of):
    person.accepts = False
    error = refused(entry_of(server), person)
    assert server.key.fingerprint in error.what
    assert "ssh-keygen -lf" in error.hint
    assert server.asked == []
    assert not known_hosts.own_file().exists()


@pytest.mark.parametrize("hashed", [True, False])
def test_openssh_knows_it(server, person, entry_of, theirs, hashed):
    name = f"[127.0.0.1]:{server.port}"
    named = paramiko.HostKeys.hash_host(name) if hashed else f"other,{name}"
    theirs.write_text("# a comment\n\nbroken\n" + line(server, server.key, named))
    log_in(entry_of(server), person).close()
    assert [question[0] for question in person.asked] == ["password"]


def test_a_changed_key_names_every_line_that_knows_another(server, person, entry_of, theirs):
    old = paramiko.ECDSAKey.generate()
    known_hosts.own_file().parent.mkdir(parents=True)
    known_hosts.own_file().write_text("# ours\n" + line(server, old))
    theirs.write_text(line(server, old))
    error = refused(entry_of(server), person)
    for said in (f"{known_hosts.own_file()}, line 2", f"{theirs}, line 1", old.fingerprint, server.key.fingerprint):
        assert said in error.what
    assert "remove these lines" in error.hint
    assert person.asked == server.asked == []
    assert known_hosts.own_file().read_text() == "# ours\n" + line(server, old)


def test_a_key_of_another_kind_is_a_change_as_well(server, person, entry_of, theirs):
    theirs.write_text(line(server, paramiko.RSAKey.generate(2048)))
    assert "has another key than before" in refused(entry_of(server), person).what
    assert person.asked == []


def test_a_revoked_key(server, person, entry_of, theirs):
    theirs.write_text(line(server, server.key) + "@revoked " + line(server, server.key, "*"))
    assert f"was revoked in {theirs}, line 2" in refused(entry_of(server), person).what


@pytest.mark.parametrize(
    ("names", "name", "matches"),
    [
        ("board", "board", True),
        ("BOARD,other", "board", True),
        ("*.lan", "vim3.lan", True),
        ("*.lan,!vim3.lan", "vim3.lan", False),
        ("[board]:2222", "[board]:2222", True),
        ("[board]:2222", "board", False),
        ("[a-z]oard", "board", False),
        ("b?ard", "board", True),
        ("|1|broken", "board", False),
    ],
)
def test_names(names, name, matches):
    assert known_hosts._matches(names, name) is matches


@pytest.fixture
def option(client_home):
    """option(line) writes ~/.ssh/config with that line for every machine."""
    return lambda line: (client_home / ".ssh" / "config").write_text(f"Host *\n {line}\n")


@pytest.mark.parametrize("line", ["StrictHostKeyChecking yes", "BatchMode yes"])
def test_a_person_who_wants_no_questions_is_not_asked(server, person, entry_of, option, line):
    option(line)
    assert "was not accepted" in refused(entry_of(server), person).what
    assert person.asked == []


def test_another_file_of_known_hosts(server, person, entry_of, option, tmp_path):
    (tmp_path / "more").write_text(line(server, server.key))
    option(f"UserKnownHostsFile {tmp_path / 'none'} {tmp_path / 'more'}")
    log_in(entry_of(server), person).close()
    assert [question[0] for question in person.asked] == ["password"]


@pytest.mark.parametrize(
    ("text", "says"), [("{key} lost", "was revoked"), ("SSHKRL\n\0\xff", "cannot be read"), ("", "")]
)
def test_a_file_of_revoked_keys(server, person, entry_of, option, tmp_path, text, says):
    key = f"{server.key.get_name()} {server.key.get_base64()}"
    (tmp_path / "revoked").write_bytes(text.format(key=key).encode("latin-1"))
    option(f"RevokedHostKeys {tmp_path / 'revoked'}")
    if says:
        assert says in refused(entry_of(server), person).what
        assert person.asked == []
    else:
        log_in(entry_of(server), person).close()


def test_ways_of_logging_in_that_are_switched_off(server, person, entry_of, option):
    option("PasswordAuthentication no")
    with pytest.raises(ReachError, match="password is switched off in"):
        log_in(entry_of(server), person)
    assert "password" not in server.asked


def test_several_processes_accept_machines_at_once_and_none_is_lost(client_home):
    program = """
        import sys, paramiko
        from layerswitch.boards.ssh import known_hosts
        for number in range(20):
            known_hosts._keep(f"host-{sys.argv[1]}-{number}", paramiko.ECDSAKey.generate(), "here")
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    processes = [subprocess.Popen([*command, str(number)]) for number in range(4)]
    assert [one.wait(120) for one in processes] == [0] * 4
    names = [line.split()[0] for line in known_hosts.own_file().read_text().splitlines()]
    assert sorted(names) == sorted(f"host-{number}-{key}" for number in range(4) for key in range(20))
    assert known_hosts.own_file().stat().st_mode & 0o777 == 0o600


def test_a_file_that_cannot_be_written_is_said(server, person, entry_of):
    known_hosts.own_file().parent.parent.mkdir(parents=True)
    known_hosts.own_file().parent.write_text("a file in the way")
    assert "cannot be kept" in refused(entry_of(server), person).what
