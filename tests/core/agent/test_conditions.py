"""The board's state is read once before and once after a measurement, in numbers."""

import pytest

from layerswitch.agent import conditions, hardware


def test_the_state_before_and_after_is_among_the_result(monkeypatch):
    readings = [{"load": 0.1, "governors": ["x"]}, {"load": 2.0, "governors": ["x"]}]
    monkeypatch.setattr(hardware, "state", lambda: readings.pop(0))
    found = conditions.around(lambda: {"verified": True, "notes": {"inputs": "drawn"}})
    assert found == {
        "verified": True,
        "notes": {"inputs": "drawn"},
        "conditions": {"before": {"load": 0.1, "governors": ["x"]}, "after": {"load": 2.0, "governors": ["x"]}},
    }
    assert readings == []


def test_this_computer_has_a_state():
    found = hardware.state()
    assert set(found) <= {"clocks_mhz", "governors", "temperatures_c", "load", "free_bytes"}
    assert found["load"] >= 0.0
    assert found["free_bytes"] > 0


def test_clocks_are_by_cluster_and_sensors_of_one_name_stay_apart(monkeypatch):
    files = {
        "/cpu0/cpufreq/related_cpus": "0 1",
        "/cpu1/cpufreq/related_cpus": "0 1",
        "/cpu0/cpufreq/scaling_cur_freq": "1800000",
        "/cpu1/cpufreq/scaling_cur_freq": "1800000",
        "/cpu2/cpufreq/scaling_cur_freq": "2208000",
        "/cpu0/cpufreq/scaling_governor": "performance",
        "/cpu2/cpufreq/scaling_governor": "schedutil",
        "/zone0/type": "soc",
        "/zone0/temp": "45500",
        "/zone1/type": "soc",
        "/zone1/temp": "-1000",
        "/zone2/temp": "nonsense",
        "/proc/loadavg": "nonsense",
    }
    folders = {hardware.CPUS: ["/cpu0", "/cpu1", "/cpu2"]}
    monkeypatch.setattr(hardware, "read", lambda path: files.get(path, ""))
    monkeypatch.setattr(hardware.glob, "glob", lambda pattern: folders.get(pattern, ["/zone0", "/zone1", "/zone2"]))
    assert hardware.state() == {
        "clocks_mhz": {"cores 0 1": 1800.0, "cores 2": 2208.0},
        "governors": ["performance", "schedutil"],
        "temperatures_c": {"soc": 45.5, "soc 1": -1.0},
    }


def test_a_measurement_that_fails_fails_as_it_did():
    with pytest.raises(ZeroDivisionError):
        conditions.around(lambda: 1 / 0)
