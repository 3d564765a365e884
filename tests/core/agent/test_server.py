"""The loop, spoken to in frames: bad requests, cancelling, ends of input."""

import signal
import struct

import pytest

from layerswitch.agent import protocol

RUN = {"op": "run", "assignment": {"a": "CPU"}, "warmup": 0, "seed": 0}
PROFILE = {"op": "profile", "runs": 1, "warmup": 0, "seed": 0}


def test_hello(agent):
    answer, events = agent.ask(id=0, op="hello")
    assert (answer["event"], answer["id"], answer["protocol"], events) == ("result", 0, protocol.PROTOCOL, [])
    assert "simulated" in answer["engines"]
    assert agent.end()[0] == 0


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({}, "'op' must be text"),
        ({"op": 7}, "'op' must be text"),
        ({"op": "fly"}, "no operation 'fly'"),
        ({"op": "open", "engine": "simulated"}, "'settings' must be an object"),
        ({"op": "open", "engine": ["x"], "settings": {}}, "'engine' must be text"),
        ({**PROFILE, "runs": "many"}, "'runs' must be a whole number"),
        ({**PROFILE, "runs": True}, "'runs' must be a whole number"),
        ({**PROFILE, "runs": 0}, "'runs' must be 1 to"),
        ({**PROFILE, "runs": 2**70}, "'runs' must be 1 to"),
        ({**PROFILE, "seed": -1}, "'seed' must be"),
        ({**PROFILE, "warmup": 1.5}, "'warmup' must be"),
        ({**RUN, "runs": 1, "assignment": {"a": "CPU", "z": "CPU"}}, "not of exactly"),
        ({**RUN, "runs": 1, "assignment": {}}, "not of exactly"),
        ({**RUN, "runs": 1, "assignment": {"a": "TPU"}}, "no device 'TPU'"),
        ({**RUN, "runs": 1, "assignment": {"a": ["CPU"]}}, "no device"),
        ({"op": "load", "network": [], "constants": {}}, "'network' must be an object"),
        ({"op": "load", "network": {}, "constants": {}}, "not a network"),
        ({"op": "load", "network": {"layers": [7]}, "constants": {}}, "not a network"),
        ({"op": "load", "network": {"layers": []}, "constants": {"w": {"sha256": "../x"}}}, "constant 'w'"),
        (
            {"op": "need", "constants": {"w": {"sha256": "0" * 64, "dtype": "<f4", "shape": [-1], "bytes": -4}}},
            "a length is -1",
        ),
        ({"op": "need", "constants": {"w": {"sha256": "0" * 64, "dtype": "O", "shape": [1], "bytes": 8}}}, "bad entry"),
        (
            {"op": "need", "constants": {"w": {"sha256": "0" * 64, "dtype": "<f4", "shape": [2], "bytes": 9}}},
            "must be 8",
        ),
        (
            {"op": "need", "constants": {"w": {"sha256": "../../x", "dtype": "<f4", "shape": [2], "bytes": 8}}},
            "no hash",
        ),
        ({"op": "store", "sha256": "../x", "bytes": 1, "offset": 0}, "no SHA-256"),
        ({"op": "store", "sha256": "0" * 64, "bytes": 9, "offset": 3}, "out of order"),
    ],
)
def test_a_bad_request_changes_nothing(agent, request_, said):
    agent.load("a")
    answer, events = agent.ask(id=5, **request_)
    assert (answer["event"], answer["kind"], answer["id"], events) == ("error", "request", 5, [])
    assert said in answer["what"] + answer["where"]
    answer, events = agent.ask(id=6, runs=1, **RUN)
    assert (answer["event"], [one.get("ms") for one in events if one["event"] == "sample"]) == ("result", [1.0])


@pytest.mark.parametrize("number", [None, "7", -1, 1.5, True, [1]])
def test_an_id_that_is_none(agent, number):
    answer, _ = agent.ask(id=number, op="hello")
    assert (answer["event"], answer["id"]) == ("error", None)
    assert agent.ask(id=1, op="hello")[0]["event"] == "result"


@pytest.mark.parametrize("text", [b"{", b"[]", b'{"id": NaN}', b"[" * 100000])
def test_a_bad_header_is_survived(agent, text):
    agent.raw(struct.pack("<4sIQ", b"LSW1", len(text), 0) + text)
    assert agent.answer()["event"] == "error"
    assert agent.ask(id=1, op="hello")[0]["event"] == "result"


@pytest.mark.parametrize("data", [b"GET / HTTP/1.1\r\n\r\n", struct.pack("<4sIQ", b"LSW1", 2**31, 0)])
def test_a_broken_stream_is_the_end(agent, data):
    agent.raw(data)
    assert agent.answer()["kind"] == "protocol"
    assert agent.answer() is None
    assert agent.process.wait(30) == 3


def test_before_open_and_load(agent):
    assert "no engine" in agent.ask(id=1, **PROFILE)[0]["what"]
    agent.ask(id=2, op="open", engine="x", settings={})
    assert "no network" in agent.ask(id=3, **PROFILE)[0]["what"]
    agent.ask(id=4, op="close")
    assert "no engine" in agent.ask(id=5, op="load", network={"layers": []}, constants={})[0]["what"]


def test_an_unknown_engine_is_refused_and_no_module_can_be_named(start):
    agent = start(scripted=False)
    for name in ("nothing", "base", "scripted_engine:Scripted", "os", "../x", "simulation"):
        answer, _ = agent.ask(id=1, op="open", engine=name, settings={})
        assert (answer["event"], answer["kind"]) == ("error", "request")


def test_what_a_library_prints_is_no_frame(agent):
    agent.load("a")
    code, log = agent.end()
    assert code == 0
    assert "printed by a library" in log


def test_cancel_is_heard_at_once_and_by_its_target_only(agent):
    agent.load("a", seconds=0.02)
    agent.send(id=5, runs=100000, **RUN)
    agent.send(op="cancel", target=99)
    agent.send(op="cancel", target="x")
    agent.send(id=6, runs=1, **RUN)
    agent.send(id=7, runs=100000, **RUN)
    assert agent.answer()["event"] == "progress"
    agent.send(op="cancel", target=5)
    agent.send(op="cancel", target=7)  # which has not begun
    ends = []
    while len(ends) < 3:
        answer = agent.answer()
        if answer["event"] in ("result", "error"):
            ends.append((answer["id"], answer.get("kind", "result")))
    assert ends == [(5, "cancelled"), (6, "result"), (7, "cancelled")]


def test_too_many_requests_and_an_id_in_use(agent):
    agent.load("a", seconds=0.02)
    agent.send(id=5, runs=100000, **RUN)
    agent.send(id=5, op="hello")
    for number in range(100, 130):
        agent.send(id=number, op="hello")
    refused = []
    while len(refused) < 16:
        answer = agent.answer()
        if answer["event"] == "error":
            refused.append(answer["what"])
    assert refused[0] == "id 5 is in use"
    assert set(refused[1:]) == {"too many requests are waiting"}
    agent.send(op="cancel", target=5)


@pytest.mark.parametrize("deaf", [False, True], ids=["listening", "deaf"])
def test_the_end_of_input_ends_a_job(agent, deaf):
    agent.load("a", seconds=0.05, deaf=deaf)
    agent.send(id=5, runs=100000, **RUN)
    assert agent.answer()["event"] == "progress"
    code, log = agent.end()
    assert code == 0
    assert ("closed in good order" in log) is not deaf


def test_a_defect_is_logged_with_its_place(agent):
    agent.load("a", at=0, failure="raise")
    answer, _ = agent.ask(id=5, runs=1, **RUN)
    assert (answer["kind"], answer["what"]) == ("engine", "ZeroDivisionError: a defect")
    assert "scripted_engine.py" in agent.end()[1]


def test_a_signal_from_the_terminal_is_not_swallowed(agent):
    agent.load("a")
    agent.process.send_signal(signal.SIGTERM)
    assert agent.answer() is None
