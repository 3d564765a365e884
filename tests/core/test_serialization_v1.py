"""Files that the program wrote before results had kinds: they open, and each assignment is what it was."""

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from layerswitch.cli import assignment_text
from layerswitch.errors import FileError
from layerswitch.experiments.refine import Refinement
from layerswitch.experiments.results import Comparison, Run
from layerswitch.measurement.profile import Profile
from layerswitch.planner.plan import Plan
from layerswitch.serialization import load, save
from layerswitch.serialization_v1 import upgraded
from layerswitch.session import load_session, save_session

OLD = Path(__file__).parent / "data_v1"


def kinds(named):
    return [(one.name, one.kind) for one in named]


def test_a_session_opens_with_what_people_named_and_what_was_computed():
    session = load_session(OLD / "session.layerswitch")
    assert kinds(session.named) == [
        ("CPU", "baseline"), ("GPU", "baseline"), ("greedy", "greedy"), ("optimum", "plan"), ("refined", "refined"),
        ("variant 1", "own"), ("mine", "own"),
    ]  # fmt: skip
    assert session.assignment == session.named[-1].assignment
    assert session.plan.assignment == session.named[3].assignment
    assert session.runs == (replace(load(OLD / "run.json", Run), profile_created=session.profile.created),)
    assert session.comparison.profile_created == session.profile.created
    assert session.pins == {"conv1": "GPU"}


def test_what_a_person_called_as_the_program_calls_its_own_stays_a_persons():
    session = load_session(OLD / "unmeasured.layerswitch")
    assert session.profile is None
    assert kinds(session.named) == [("CPU", "baseline"), ("optimum", "own"), ("CPU 2", "own")]


def test_results_open():
    plan, run = load(OLD / "plan.json", Plan), load(OLD / "run.json", Run)
    assert (plan.kind, run.kind, run.name) == ("plan", "plan", "optimum")
    assert run.assignment == plan.assignment
    assert load(OLD / "profile.json", Profile).graph.fingerprint == plan.fingerprint
    compared = load(OLD / "comparison.json", Comparison)
    assert kinds(compared.entries) == [
        ("CPU", "baseline"), ("GPU", "baseline"), ("optimum", "plan"), ("greedy", "greedy"), ("GGCGGGCC", "own"),
    ]  # fmt: skip
    assert compared.reference_entry.kind == "baseline"
    refined = load(OLD / "refinement.json", Refinement)
    assert (refined.plan.kind, len(refined.steps)) == ("refined", 2)


@pytest.mark.parametrize("name", ["plan", "run", "assignment"])
def test_each_is_taken_for_an_assignment(name):
    graph = load(OLD / "profile.json", Profile).graph
    given = assignment_text.read(str(OLD / f"{name}.json"), graph, ("CPU", "GPU"))
    assert set(given.named.assignment) == set(graph.index)
    assert given.named.kind == ("own" if name == "assignment" else "plan")


def test_what_is_saved_again_is_of_the_new_version_and_holds_the_same(tmp_path):
    session = load_session(OLD / "session.layerswitch")
    save_session(tmp_path / "new.layerswitch", session)
    assert json.loads((tmp_path / "new.layerswitch").read_bytes())["schema"] == "layerswitch/session/2"
    assert load_session(tmp_path / "new.layerswitch") == session


def test_a_damaged_one_is_refused_in_one_line(tmp_path):
    text = (OLD / "comparison.json").read_text()
    for old, new, says in (
        ('"rounds": 3', '"rounds": "3"', r"Expected `int`, got `str` - at `\$\.rounds`"),
        ('"entries": [', '"entries": [3, ', "not a LayerSwitch comparison file"),
    ):
        path = tmp_path / "damaged.json"
        assert old in text
        path.write_text(text.replace(old, new))
        with pytest.raises(FileError, match=says) as caught:
            load(path, Comparison)
        assert "\n" not in str(caught.value)


def test_anything_else_is_left_alone():
    for data in (
        {"schema": "layerswitch/plan/2"},
        {"schema": "layerswitch/assignment/1"},
        {},
        [],
        None,
        {"schema": []},
    ):
        assert upgraded(data) is data
    with pytest.raises(FileError, match="is a plan, not a run"):
        load(OLD / "plan.json", Run)


def test_a_new_file_that_does_not_fit_says_so_of_the_new_form(tmp_path):
    run = load(OLD / "run.json", Run)
    save(tmp_path / "run.json", run)
    data = json.loads((tmp_path / "run.json").read_bytes())
    (tmp_path / "run.json").write_text(json.dumps({**data, "kind": "unheard of"}))
    with pytest.raises(FileError, match=r"Invalid enum value 'unheard of' - at `\$.kind`"):
        load(tmp_path / "run.json", Run)


@pytest.mark.parametrize(
    ("name", "kind", "field"),
    [("run.json", Run, "assignment"), ("plan.json", Plan, "name"), ("comparison.json", Comparison, "entries")],
)
def test_what_a_damaged_file_lacks_is_named(name, kind, field):
    data = json.loads((OLD / name).read_text())
    del data[field]
    with pytest.raises(FileError, match=f"missing required field `{field}`"):
        kind.from_dict(data)


def test_a_damaged_entry_is_named():
    data = json.loads((OLD / "comparison.json").read_text())
    del data["entries"][1]["name"]
    with pytest.raises(FileError, match=r"required field `name` - at `\$\.entries\[1\]`"):
        Comparison.from_dict(data)
