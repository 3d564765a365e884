"""The check over SSH: it passes on a good board, and names what is in the way on a bad one."""

import shutil

import msgspec
import pytest

from layerswitch.boards.check.board_check import TITLES, check, works
from layerswitch.boards.registry import boards
from layerswitch.boards.ssh import known_hosts


@pytest.fixture
def simulated(server, entry_of):
    """A board over SSH that runs a simulated one."""
    return msgspec.structs.replace(entry_of(server), settings=boards()[0].settings)


def by_name(steps):
    return {step.name: step for step in steps}


def test_a_good_board(simulated, person, server):
    steps = list(check(simulated, person))
    assert [step.name for step in steps] == list(TITLES)
    assert works(steps), [step for step in steps if step.state == "failed"]
    assert [one[0] for one in person.asked] == ["host key", "password"]  # each once, also for the agent's own login
    assert not any("s3cret" in str(step) for step in steps)
    assert not any("s3cret" in command for command in server.commands)


def test_nothing_planted_on_the_board_is_imported(simulated, person, server, planted):
    for module in planted.parent.glob("foreign/*.py"):
        shutil.copy(module, server.home)  # where commands are run
    server.isolated, server.environment = True, {"PYTHONPATH": str(server.home)}
    assert works(list(check(simulated, person)))


def test_nobody_to_ask(simulated):
    steps = by_name(check(simulated))
    assert (steps["reach"].state, steps["host key"].state, steps["login"].state) == ("ok", "failed", "skipped")


def test_another_key_than_before(simulated, person, make_server):
    import paramiko

    other = paramiko.ECDSAKey.generate()
    path = known_hosts.own_file()
    path.parent.mkdir(parents=True)
    path.write_text(f"[127.0.0.1]:{simulated.port} {other.get_name()} {other.get_base64()}\n")
    steps = by_name(check(simulated, person))
    assert steps["host key"].state == "failed"
    assert "remove this line" in steps["host key"].fix
    assert person.asked == []


def test_a_wrong_password(simulated, person):
    person.passwords = ["no", "no", "no", "no"]
    steps = by_name(check(simulated, person))
    assert (steps["host key"].state, steps["login"].state, steps["python"].state) == ("ok", "failed", "skipped")


def test_no_python(simulated, person):
    steps = by_name(check(msgspec.structs.replace(simulated, python="/no/such python; $(x)"), person))
    assert (steps["login"].state, steps["python"].state) == ("ok", "failed")
    assert "apt install python3" in steps["python"].fix


def test_a_cache_folder_that_others_can_write(simulated, person, server):
    planted = server.home / ".cache" / "layerswitch"
    planted.mkdir(parents=True)
    planted.chmod(0o777)
    steps = by_name(check(simulated, person))
    assert (steps["numpy"].state, steps["agent"].state, steps["inference"].state) == ("ok", "failed", "skipped")
    assert "written by others" in steps["agent"].detail


def test_a_board_whose_disk_is_full(simulated, person, server):
    server.full = True
    steps = by_name(check(simulated, person))
    assert steps["agent"].state == "failed"
    assert "df -h" in steps["agent"].fix
