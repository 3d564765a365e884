"""The board's state is read before and after a measurement; what an engine says itself goes before."""

from layerswitch.agent import conditions


def test_what_changed_is_said_twice(monkeypatch):
    readings = [{"load": "0.1", "governor": "x"}, {"load": "2.0", "governor": "x"}]
    monkeypatch.setattr(conditions.hardware, "conditions", lambda: readings.pop(0))
    free = [3e9, 2e9]
    monkeypatch.setattr(conditions.hardware, "free_memory", lambda: free.pop(0))
    found = conditions.around(lambda: {"samples_ms": [1.0], "conditions": {"inputs": "drawn", "governor": "its own"}})
    assert found == {
        "samples_ms": [1.0],
        "conditions": {
            "load": "0.1",
            "load after": "2.0",
            "governor": "its own",
            "free memory": "3000 MB",
            "free memory after": "2000 MB",
            "inputs": "drawn",
        },
    }


def test_this_computer_has_a_state():
    found = conditions.now()
    assert set(found) <= {"clocks", "governor", "temperatures", "load", "free memory"}
    assert float(found["load"]) >= 0.0


def test_a_measurement_that_fails_fails_as_it_did():
    try:
        conditions.around(lambda: 1 / 0)
    except ZeroDivisionError:
        return
    raise AssertionError
