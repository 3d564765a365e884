"""Board against the real agent with a scripted engine: profile, run, support, cancel, threads."""

import threading

import pytest

from layerswitch import plan, serialization
from layerswitch.errors import AssignmentError, BoardError, CancelledError, ProtocolError, UnsupportedLayerError
from layerswitch.experiments.results import Run
from layerswitch.measurement.profile import Profile, ProfileSettings
from layerswitch.network.assignment import Assignment
from layerswitch.prediction.latency_model import LatencyModel


def test_connecting_describes_the_board(board):
    one = board()
    assert one.description.name == "test:scripted"  # the entry's, whatever the engine calls it
    assert one.description.device_names == ("CPU", "GPU")
    assert one.alive


def test_an_engine_that_will_not_open_says_why(board):
    with pytest.raises(BoardError, match=r"test:scripted, here: will not open \(ask nicely\)"):
        board(refuse=True)


def test_profile_is_a_value_of_this_graph(board, model, tmp_path):
    profile = board().profile(model, ProfileSettings(runs=4, warmup=1, seed=2)).whole()
    assert profile.graph is model.graph
    assert profile.samples["GPU"]["c"] == (6.0,) * 4
    assert profile.settings.runs == 4
    assert profile.created
    cost = next(cost for cost in profile.transfer_costs if (cost.source, cost.target) == ("CPU", "GPU"))
    assert (cost.fixed_ms, cost.ms_per_byte) == pytest.approx((0.5, 1e-6))
    serialization.save(tmp_path / "profile.json", profile)
    assert serialization.load(tmp_path / "profile.json", Profile) == profile
    assert LatencyModel.from_profile(profile).predict(dict.fromkeys("abc", "CPU")).total_ms == pytest.approx(6.0)


def test_progress_is_told_while_working(board, model):
    seen = []
    board().profile(model, ProfileSettings(runs=3, warmup=0), progress=seen.append).whole()
    assert [step.done for step in seen] == [0, 1, 2, 3, 4, 5]
    assert (seen[0].total, seen[0].text) == (100, "working")


def test_run_is_a_value(board, model, tmp_path):
    run = board().run(model, {"a": "CPU", "b": "GPU", "c": "CPU"}, runs=3, warmup=2, name="mine").whole()
    assert run.samples_ms == (3.0, 4.0, 5.0)
    assert (run.name, run.fingerprint, run.warmup) == ("mine", model.graph.fingerprint, 2)
    serialization.save(tmp_path / "run.json", run)
    assert serialization.load(tmp_path / "run.json", Run) == run


def test_assignments_are_checked_before_they_are_sent(board, model):
    one = board(unsupported={"GPU": {"b": "too wide"}})
    with pytest.raises(AssignmentError, match="unknown device 'NPU'"):
        one.run(model, dict.fromkeys("abc", "NPU")).whole()
    with pytest.raises(AssignmentError, match="'b' cannot run on GPU: too wide"):
        one.run(model, Assignment.uniform(model.graph, "GPU")).whole()
    assert one.run(model, {"a": "GPU", "b": "CPU", "c": "GPU"}, runs=1).whole().samples_ms


def test_what_one_device_cannot_run_is_in_the_profile(board, model):
    one = board(unsupported={"GPU": {"b": "too wide"}})
    assert one.unsupported(model) == {"GPU": {"b": "too wide"}}
    profile = one.profile(model, ProfileSettings(runs=1)).whole()
    assert profile.unsupported == {"GPU": {"b": "too wide"}}
    assert set(profile.samples["GPU"]) == {"a", "c"}


def test_what_turned_out_not_to_run_while_measuring_is_in_the_profile_and_stays(board, model):
    one = board(unsupported={"GPU": {"b": "too wide"}}, late={"GPU": {"c": "no kernel"}})
    profile = one.profile(model, ProfileSettings(runs=1)).whole()
    assert profile.unsupported == one.unsupported(model) == {"GPU": {"b": "too wide", "c": "no kernel"}}
    assert set(profile.samples["GPU"]) == {"a"}
    found = plan(LatencyModel.from_profile(profile), profile.board)
    assert (found.assignment["b"], found.assignment["c"]) == ("CPU", "CPU")
    with pytest.raises(AssignmentError, match="'c' cannot run on GPU: no kernel"):
        one.run(model, {"a": "GPU", "b": "CPU", "c": "GPU"}).whole()


@pytest.mark.parametrize("late", [{"NPU": {"a": "no"}}, {"GPU": {"z": "no"}}])
def test_what_turned_out_is_checked(board, model, late):
    with pytest.raises(ProtocolError, match="does not have"):
        board(late=late).profile(model, ProfileSettings(runs=1)).whole()


def test_a_layer_that_can_run_nowhere_stops_profiling(board, make_model, network):
    one, model = board(), make_model(network("a", "odd", unknown=("odd",)))
    assert set(one.unsupported(model)) == {"CPU", "GPU"}
    for measure in (
        lambda: one.profile(model).whole(),
        lambda: one.run(model, dict.fromkeys(("a", "odd"), "CPU")).whole(),
    ):
        with pytest.raises(UnsupportedLayerError, match=r"layer 'odd' \(Fancy\) can run on no device: .*Fancy"):
            measure()


def test_another_network_is_loaded_in_between(board, make_model, network, model):
    one, other = board(), make_model(network("x", "y"))
    assert set(one.profile(other, ProfileSettings(runs=1)).whole().samples["CPU"]) == {"x", "y"}
    assert set(one.profile(model, ProfileSettings(runs=1)).whole().samples["CPU"]) == {"a", "b", "c"}
    assert one.run(other, {"x": "CPU", "y": "GPU"}, runs=1).whole().samples_ms == (2.0,)


def test_a_bad_request_leaves_the_agent_usable(board, model):
    one = board()
    with pytest.raises(BoardError, match="'runs' must be 1 to"):
        one.run(model, dict.fromkeys("abc", "CPU"), runs=0).whole()
    with pytest.raises(BoardError, match="'seed' must be"):
        one.profile(model, ProfileSettings(seed=2**63)).whole()
    assert one.run(model, dict.fromkeys("abc", "CPU"), runs=1).whole().samples_ms


def test_a_defect_of_the_engine_leaves_the_agent_usable(board, model):
    one = board(at=1, failure="raise")
    outcome = one.run(model, dict.fromkeys("abc", "CPU"), runs=5)
    with pytest.raises(BoardError, match="ZeroDivisionError: a defect"):
        outcome.whole()
    assert outcome.value.samples_ms == (3.0,)
    assert one.run(model, dict.fromkeys("abc", "CPU"), runs=1).whole().samples_ms


def test_a_time_that_is_no_number_never_leaves_the_agent(board, model):
    one = board(at=0, failure="nan")
    with pytest.raises(BoardError, match="ValueError"):
        one.run(model, dict.fromkeys("abc", "CPU"), runs=1).whole()
    assert one.alive


@pytest.mark.parametrize("deaf", [False, True], ids=["listening", "deaf"])
def test_cancel_keeps_what_was_measured_and_the_agent(board, model, deaf):
    one, cancel = board(seconds=0.15, deaf=deaf), threading.Event()
    outcome = one.run(model, dict.fromkeys("abc", "CPU"), runs=14, progress=lambda _: cancel.set(), cancel=cancel)
    with pytest.raises(CancelledError):
        outcome.whole()
    assert 0 < len(outcome.value.samples_ms) < 14 or not deaf
    assert one.run(model, dict.fromkeys("abc", "CPU"), runs=2).whole().samples_ms == (3.0, 4.0)


def test_a_partial_profile_is_a_profile_marked_incomplete(board, model):
    one, cancel, seen = board(seconds=0.01), threading.Event(), []

    def stop(step):
        seen.append(step)
        if len(seen) == 3:
            cancel.set()

    outcome = one.profile(model, ProfileSettings(runs=50), progress=stop, cancel=cancel)
    with pytest.raises(CancelledError):
        outcome.whole()
    partial = outcome.value
    assert isinstance(partial, Profile)
    assert 2 <= len(partial.samples["CPU"]["a"]) < 50
    assert "incomplete" in partial.notes


def test_cancelled_before_it_began(board, model):
    one, cancel = board(), threading.Event()
    cancel.set()
    with pytest.raises(CancelledError):
        one.profile(model, cancel=cancel).whole()
    assert one.profile(model, ProfileSettings(runs=1)).whole()


def test_a_failing_progress_stops_the_job(board, model):
    one = board(seconds=0.05)

    def fail(_):
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        one.run(model, dict.fromkeys("abc", "CPU"), runs=100000, progress=fail).whole()
    assert one.run(model, dict.fromkeys("abc", "CPU"), runs=1).whole().samples_ms == (3.0,)


def test_a_call_from_within_progress_is_refused(board, model):
    one = board()
    with pytest.raises(BoardError, match="within another"):
        one.run(model, dict.fromkeys("abc", "CPU"), runs=1, progress=lambda _: one.unsupported(model)).whole()
    assert one.unsupported(model) == {}


def test_threads_take_turns(board, make_model, network):
    one, results = board(seconds=0.005), {}

    def work(name):
        names = tuple(f"{name}{place}" for place in range(len(name)))
        results[name] = one.run(make_model(network(*names)), dict.fromkeys(names, "CPU"), runs=5).whole().samples_ms

    threads = [threading.Thread(target=work, args=("x" * length,)) for length in range(1, 6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert {name: samples[0] for name, samples in results.items()} == {"x" * n: float(n) for n in range(1, 6)}


def test_waiting_for_a_turn_can_be_cancelled(board, model):
    one, cancel, other = board(seconds=0.02), threading.Event(), threading.Event()
    busy = threading.Event()

    def hold():
        with pytest.raises(CancelledError):
            one.run(
                model, dict.fromkeys("abc", "CPU"), runs=100000, progress=lambda _: busy.set(), cancel=other
            ).whole()

    thread = threading.Thread(target=hold)
    thread.start()
    assert busy.wait(30)
    cancel.set()
    with pytest.raises(CancelledError):
        one.unsupported(model, cancel=cancel)
    other.set()
    thread.join(30)
    assert not thread.is_alive()
