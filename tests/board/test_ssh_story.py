"""The whole job on the emulated board over SSH, through the command line: add, check, profile, plan, run, compare.

On the front of squeezenet, up to where its first fire module is joined. LAYERSWITCH_STORY_NETWORK names another
network to take: squeezenet as a whole took 24 minutes beside much other work.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from layerswitch.boards import emulated, registry
from layerswitch.errors import BoardError
from layerswitch.network import formats

pytestmark = [pytest.mark.board, pytest.mark.timeout(1800)]
HERE = Path(__file__).parent
END = "fire3/relu_squeeze1x1"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """(port, its scratch folder) of an OpenSSH server on the emulated board."""
    try:
        registry.find("emulated-arm")
    except BoardError:
        pytest.skip("there is no emulated Arm board here: make it with `make board`, as root")
    scratch = tmp_path_factory.mktemp("sshd")
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    script = ["sh", str(HERE / "make-sshd"), str(emulated.folder()), str(scratch), str(port), "only-for-this-test"]
    with (scratch / "log").open("ab") as log:
        process = subprocess.Popen(script, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait(process, port, scratch / "log")
        yield port, scratch
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)


def _wait(process, port, log):
    end = time.monotonic() + 500
    while True:
        if process.poll() == 3:  # not to be had here, as opposed to something going wrong
            pytest.skip(log.read_text().strip().splitlines()[-1])
        assert process.poll() is None, log.read_text()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        assert time.monotonic() < end, log.read_text()
        time.sleep(0.2)


@pytest.fixture
def home(tmp_path, server):
    """A person's home that knows the server by the key it made itself."""
    (tmp_path / ".ssh").mkdir()
    shutil.copy(server[1] / "known_hosts", tmp_path / ".ssh/known_hosts")
    return tmp_path


@pytest.fixture
def invoke(home):
    """invoke(*arguments) -> standard output of the command line, which must go well, and what it said besides."""
    variables = {name: text for name, text in os.environ.items() if name != "SSH_AUTH_SOCK"}
    variables |= {"HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"), "XDG_CACHE_HOME": str(home / "cache")}

    def run(*arguments):
        command = [sys.executable, "-m", "layerswitch", *map(str, arguments)]
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=1500,
            check=False,
            cwd=home,
            env=variables,
        )
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
        return done.stdout, done.stderr

    return run


@pytest.fixture
def network(home):
    """The network to take: the layers of squeezenet up to END, with weights of their own, which travel to the board."""
    if wanted := os.environ.get("LAYERSWITCH_STORY_NETWORK"):
        return wanted
    whole = next(bundled.path for bundled in formats.bundled_models() if bundled.name == "squeezenet")
    onnx.utils.extract_model(str(whole), str(home / "front.onnx"), ["data"], [END])
    model, random = onnx.load(home / "front.onnx"), np.random.default_rng(0)
    for node in [node for node in model.graph.node if node.op_type == "RandomNormal"]:
        given = {one.name: onnx.helper.get_attribute_value(one) for one in node.attribute}
        drawn = random.normal(given.get("mean", 0.0), given.get("scale", 1.0), given["shape"]).astype(np.float32)
        model.graph.initializer.append(numpy_helper.from_array(drawn, node.output[0]))
        model.graph.node.remove(node)
    onnx.save(model, home / "front.onnx")
    return "front.onnx"


def test_the_whole_job_over_ssh(invoke, home, server, network):
    port, scratch = server
    key = scratch / "client_key"
    invoke("board", "add", "arm", "--host", "127.0.0.1", "-p", port, "-u", "layerswitch", "-k", key, "--emulated")
    listed = {one["name"]: one for one in json.loads(invoke("boards", "--check", "--json")[0])}
    assert listed["own:arm"]["now"] == "answers"

    checked = json.loads(invoke("board", "check", "arm", "--json")[0])
    assert checked["works"]
    assert {step["name"] for step in checked["steps"] if step["state"] == "ok"} >= {
        "login",
        "CpuAcc",
        "GpuAcc",
        "inference",
    }

    shown, _ = invoke("profile", network, "-b", "arm", "-n", "2", "-o", "p.json")
    assert "(emulated)" in shown
    profile = json.loads((home / "p.json").read_text())
    layers = [layer["name"] for layer in profile["graph"]["layers"]]
    assert set(profile["samples"]) == {"CPU", "GPU"}
    for device, samples in profile["samples"].items():
        assert set(samples) | set(profile.get("unsupported", {}).get(device, {})) == set(layers)
        assert {len(taken) for taken in samples.values()} == {2}
    assert profile["board"]["origin"] == "emulated"
    assert profile["conditions"]["before"]["load"]
    assert {(cost["source"], cost["target"]) for cost in profile["transfer_costs"]} == {("CPU", "GPU"), ("GPU", "CPU")}

    shown, _ = invoke("plan", "p.json", "-o", "plan.json")
    plan = json.loads((home / "plan.json").read_text())
    assert plan["optimal"]
    assert plan["predicted_ms"] <= min(plan["baselines_ms"].values()) * 1.000001
    assert plan["board"]["origin"] == "emulated"

    # one switch in the middle, whatever the plan is: what crosses it must arrive
    halves = "C" * (len(layers) // 2) + "G" * (len(layers) - len(layers) // 2)
    shown, _ = invoke("run", network, "-b", "arm", "-a", halves, "-n", "2", "-o", "run.json")
    assert "1 switches" in shown
    run = json.loads((home / "run.json").read_text())
    assert run["verified"] is True  # its outputs are those of all layers on the CPU
    assert len(run["samples_ms"]) == 2
    assert run["conditions"]["before"]["load"]

    shown, _ = invoke(
        "compare",
        network,
        "-b",
        "arm",
        "-a",
        "plan.json",
        "-a",
        halves,
        "--profile",
        "p.json",
        "--rounds",
        "2",
        "-o",
        "c.json",
    )
    comparison = json.loads((home / "c.json").read_text())
    by_name = {entry["name"]: entry for entry in comparison["entries"]}
    assert {"CPU", "GPU", "optimum"} <= set(by_name)
    assert comparison["reference"] in ("CPU", "GPU")
    assert all(len(entry["samples_ms"]) == 2 for entry in comparison["entries"])
    assert by_name["optimum"]["predicted_ms"] == pytest.approx(plan["predicted_ms"])
    assert len(comparison["conditions"]) == 2
    assert "(emulated" in shown

    invoke("board", "remove", "arm")
    assert not list(home.glob("config/layerswitch/boards/*"))
    _nothing_left()


def _nothing_left():
    """No agent of that user is on the board any more."""
    end = time.monotonic() + 90
    while found := [one for one in Path("/proc").glob("[0-9]*/cmdline") if _is_agent(one)]:
        assert time.monotonic() < end, found
        time.sleep(0.5)


def _is_agent(cmdline):
    with contextlib.suppress(OSError):
        return "/home/layerswitch/.cache/layerswitch/agents/agent-" in cmdline.read_bytes().decode("utf-8", "replace")
    return False
