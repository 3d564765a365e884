"""Targets and seeds of what is read on the way to a board, what boards say of themselves, and people's own texts."""

import contextlib
import json
import os
from functools import cache
from pathlib import Path
from typing import Any

from layerswitch.errors import LayerSwitchError

NAMES = ("desk", "board.local", "[board.local]:2222", "192.168.1.7", "fe80::1%eth0", "*")


class Accepting:
    """Accepts every machine, and answers nothing else."""

    def accept_host_key(self, _host: str, _kind: str, _fingerprint: str) -> bool:
        return True

    def password(self, _prompt: str) -> None:
        return None

    def keyboard_interactive(self, *_: object) -> None:
        return None


@cache
def _keys() -> tuple[Any, ...]:
    import paramiko

    return paramiko.ECDSAKey.generate(), paramiko.RSAKey.generate(1024)


def known_hosts(path: Path, scratch: Path) -> None:
    """Lines about machines; a machine that is then accepted is known from then on."""
    from layerswitch.boards.ssh import known_hosts
    from layerswitch.boards.ssh.ssh_config import Hop

    own = scratch / "own_known_hosts"
    own.unlink(missing_ok=True)
    known_hosts.own_file = lambda: own
    known_hosts.files = lambda: (own, path)
    refusal = None
    for name in NAMES:
        hop = Hop(name, "anna", 22, name)
        known_hosts.kinds(hop)
        for key in _keys():
            try:
                known_hosts.check(hop, key, Accepting(), "desk")
            except LayerSwitchError as error:
                refusal = error
                continue
            known_hosts.check(hop, key, Accepting(), "desk")
            assert any(one.key == key.asbytes() for one in known_hosts.known(hop))
    if refusal:
        raise refusal


def ssh_config(path: Path, scratch: Path) -> None:
    """The way to boards as ~/.ssh/config says."""
    from layerswitch.boards.registry import BoardEntry
    from layerswitch.boards.ssh import ssh_config

    ssh_config.ssh_folder = lambda: scratch
    for host, more in ("desk", {}), ("board.local", {"user": "anna", "port": 2222, "key_file": "~/key"}), ("far", {}):
        for hop in ssh_config.route(BoardEntry("own:desk", "Desk", "measured", "ssh", host=host, **more), path):
            assert 0 < hop.port < 65536
            assert hop.host


def told(path: Path, _scratch: Path) -> None:
    """What the programs of the check and of the upload print on a board."""
    from layerswitch.boards.check import board_check, step_rules
    from layerswitch.boards.check.step_rules import Facts, Import
    from layerswitch.boards.ssh import agent_upload
    from layerswitch.boards.ssh.client import Finished

    text = path.read_bytes().decode("utf-8", "replace")
    shell = lambda _words: board_check.Ended(0, text, text[:100])  # noqa: E731
    facts, found = board_check._asked(shell, "python3", Facts), board_check._asked(shell, "python3", Import, "armnn")
    steps = [step_rules.armnn(found if isinstance(found, Import) else Import(error=found))]
    if isinstance(facts, Facts):
        steps += [step_rules.python(facts, "python3"), step_rules.numpy(facts), step_rules.disk(facts)]
        steps += [step_rules.clock(facts, 1.8e9), step_rules.gpu_device(facts)]
    for step in steps:
        assert step.detail.isprintable()
        assert type(step).from_dict(step.to_dict()) == step
    login: Any = type("Said", (), {"where": "desk", "run": lambda *_, **__: Finished(0, text, "")})()
    agent_upload._prepare(login, "python3", "agent-1.pyz", "0" * 64)


def arm_profile(path: Path, _scratch: Path) -> None:
    """Arm NN's profile of an inference, as the agent reads it."""
    from layerswitch.agent.engines.armnn import profiler_events
    from layerswitch.agent.engines.base import EngineError

    text = path.read_bytes().decode("utf-8", "replace")
    order = [("Input", "input"), ("Convolution2d", "L0_conv"), ("Activation", "L0_relu"), ("Concat", "L1_join")]
    refusal = None
    for gpu in (True, False):
        try:
            json.dumps(profiler_events.times(text, order, gpu))
        except EngineError as error:
            refusal = error
    if refusal:
        raise LayerSwitchError(refusal.what) from refusal


def lock(path: Path, _scratch: Path) -> None:
    """What another user's agent wrote into the board's lock."""
    from layerswitch.agent import machine_lock

    handle = os.open(path, os.O_RDONLY)
    try:
        who, since, resting = machine_lock._said(handle)
    finally:
        os.close(handle)
    assert (who + since).isprintable()
    assert isinstance(resting, bool)


def given(path: Path, _scratch: Path) -> None:
    """An assignment as it is given in the terminal: a file, and its lines as letters, pins, shapes and transfers."""
    from layerswitch.cli import assignment_text, options
    from layerswitch.measurement.profile_import import parse_transfer
    from layerswitch.network.assignment import Assignment

    from .conversation import small_model

    graph, devices = small_model().graph, ("CPU", "GPU")
    file = path.with_suffix(".json")
    file.write_bytes(path.read_bytes())
    refusal = None
    try:
        for line in path.read_bytes().decode("utf-8", "surrogateescape").splitlines()[:20]:
            for read in (
                lambda text: Assignment.parse(text, graph, devices),
                lambda text: assignment_text.read(text, graph, devices),
                lambda text: assignment_text.read_pins([text], graph, devices),
                lambda text: options.input_shapes([text]),
                parse_transfer,
            ):
                with contextlib.suppress(LayerSwitchError):
                    read(line)
        assignment_text.read(str(file), graph, devices)
    except LayerSwitchError as error:
        refusal = error
    finally:
        file.unlink()
    if refusal:
        raise refusal


def own_board(path: Path, scratch: Path) -> None:
    """A saved board: what is read is written and read again the same, and reached or refused."""
    from layerswitch.boards import user_boards
    from layerswitch.boards.registry import reached

    board = user_boards.read(path)
    folder = scratch / "saved"
    again = user_boards.read(user_boards.save("one", board, replace=True, own=folder))
    assert again == board
    reached(board, "own:one").engine_settings()


def settings(path: Path, scratch: Path) -> None:
    """What the window remembers between starts, as Qt keeps it."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QByteArray, QSettings
    from PySide6.QtWidgets import QApplication

    from layerswitch_gui.platform.preferences import Preferences
    from layerswitch_gui.platform.theme import Theme

    application = QApplication.instance() or QApplication([])
    folder = scratch / "config"
    (folder / "LayerSwitch").mkdir(parents=True, exist_ok=True)
    (folder / "LayerSwitch" / "LayerSwitch.conf").write_bytes(path.read_bytes())
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(folder))
    preferences = Preferences()
    theme = Theme(str(preferences.get("theme", "system")), preferences.get("scale", 1.0), application)
    theme.apply()
    assert 0.1 < theme.scale < 10
    assert theme.choice in ("system", "light", "dark")
    assert set(preferences.get("hidden", [])) is not None
    assert all(isinstance(one, str) for one in preferences.recent)
    for key in ("board", "model", "level"):
        str(preferences.get(key, ""))
    for key in ("geometry", "state"):
        value = preferences.get(key)
        assert not isinstance(value, QByteArray) or len(value) >= 0
    theme.deleteLater()
    QApplication.sendPostedEvents()


PLAIN = {
    "known-hosts": known_hosts, "ssh-config": ssh_config, "told": told, "arm-profile": arm_profile,
    "lock": lock, "given": given, "own-board": own_board, "settings": settings,
}  # fmt: skip


def seeds(target: str) -> list[bytes]:
    """Small valid files of these kinds."""
    return [one if isinstance(one, bytes) else one.encode() for one in _SEEDS[target]()]


def _known_hosts() -> list[str]:
    import paramiko

    first, second = _keys()
    hashed = paramiko.HostKeys.hash_host("board.local")
    lines = [
        f"desk,192.168.1.* {first.get_name()} {first.get_base64()} a comment",
        f"[board.local]:2222,!board.local {second.get_name()} {second.get_base64()}",
        f"{hashed} {first.get_name()} {first.get_base64()}",
        f"@revoked * {second.get_name()} {second.get_base64()}",
        f"@cert-authority *.local {second.get_name()} {second.get_base64()}",
        "# a comment",
        "",
    ]
    return ["\n".join(lines), "\n".join(lines[:3]), lines[2]]


CONFIG = """Include other.conf
Host desk
    HostName 192.168.1.7
    User anna
    Port 2222
    IdentityFile ~/.ssh/key "/tmp/a key" %d/.ssh/%h-%r
    IdentitiesOnly yes
    HostKeyAlias thedesk
Host far *.far !near
    ProxyJump anna@hop1:22,hop2
    ProxyCommand ssh -W %h:%p hop
Match host hop2 user anna
    ProxyJump none
    Port=22
Host *
    ConnectTimeout 5
"""


def _told() -> list[str]:
    facts = {
        "python": [3, 11, 2], "user": "anna", "machine": "aarch64", "time": 1.8e9, "numpy": {"version": "1.24"},
        "cache": {"folder": "/home/anna/.cache", "free": 10**10, "writable": True},
        "gpus": [{"path": "/dev/mali0", "group": "video", "usable": False}],
    }  # fmt: skip
    prepared = {"python": [3, 11, 2], "path": "/home/anna/.cache/layerswitch/agents/agent-1.pyz", "have": True}
    return [json.dumps(facts), json.dumps({"version": "28.0.0"}), json.dumps({"error": "no"}), json.dumps(prepared)]


def _arm_profiles() -> list[str]:
    def measured(name: str, *raw: float) -> dict[str, Any]:
        return {name: {"type": "Measurement", "raw": list(raw), "unit": "us"}}

    kernels = measured("OpenClKernelTimer/0: im2col GWS[4,16,4]_#5", 7.0, 1000.0)
    conv = {"type": "Event", **measured("Wall clock time_#5", 5.0, 200.0), **kernels}
    relu = {"type": "Event", **measured("Wall clock time_#6", 5.0, 100.0)}
    found = []
    for names in (
        ("ClConvolution2dWorkload_Execute_#5", "ClActivationWorkload_Execute_#6"),
        ("L0_conv_NeonConvolution2dWorkload_Execute_#5", "fused-L1_relu-into-L0_conv_Execute_#6"),
    ):
        execute = {"type": "Event", **measured("Wall clock time_#4", 9.0, 9000.0), names[0]: conv, names[1]: relu}
        inference = {"type": "Event", **measured("Wall clock time_#1", 10.0, 10000.0), "Execute_#4": execute}
        found.append(json.dumps({"ArmNN": {"inference_measurements_#1": inference}}))
    return found


def _given() -> list[str]:
    named = {"schema": "layerswitch/assignment/1", "name": "mine", "assignment": dict.fromkeys("abcd", "GPU")}
    texts = "CGGC\na=CPU,b=GPU,c=CPU,d=GPU\nb=GPU\nin=1x3x16x16\nCPU:GPU=0.70+0.353/MB\nGPU:CPU=1e-3\nplan.json\nCPU\n"
    return [json.dumps({**named, "network": "small"}), texts]


def _own_boards() -> list[str]:
    more = 'user = "anna"\nport = 2222\nkey_file = "~/.ssh/key"\n'
    more += 'python = "/opt/py/bin/python3"\nremember_password = true\n'
    return [
        f'title = "Desk"\nkind = "ssh"\nhost = "192.168.1.7"\n{more}',
        'title = "Desk"\nkind = "ssh"\nhost = "fe80::1%eth0"\norigin = "emulated"\n',
        'title = "Desk"\nkind = "simulated"\nsettings = "one.toml"\n',
    ]


CONF = """[General]
board=sim:khadas-vim3
geometry=@ByteArray(\\x1\\xd9\\xd0\\xcb\\0\\x3\\0\\0)
hidden=Timeline, Roofline
level=layer
model=googlenet
recent=/tmp/a.onnx, "/tmp/b, c.tflite"
scale=1.1
state=@ByteArray(\\0\\0\\0\\xff\\0\\0\\0\\x1)
theme=dark
"""

_SEEDS: dict[str, Any] = {
    "known-hosts": _known_hosts,
    "ssh-config": lambda: [CONFIG, "\n".join(CONFIG.split("\n")[1:7])],
    "told": _told,
    "arm-profile": _arm_profiles,
    "lock": lambda: [json.dumps({"who": "anna on desk", "since": 1.7e9, "resting": True})],
    "given": _given,
    "own-board": _own_boards,
    "settings": lambda: [CONF, CONF.replace("hidden=Timeline, Roofline", "hidden=@Invalid()")],
}
