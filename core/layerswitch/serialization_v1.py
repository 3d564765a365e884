"""Files of version 1 as those of version 2. They held no kinds: what an assignment is, is derived from its name here,
once, and nowhere else. Their conditions were text (conditions_v1.py).

Version 1 was of profiles, plans, runs, comparisons, refinements and sessions; all other files have not changed.
"""

from collections.abc import Mapping
from typing import Any

from .measurement.conditions_v1 import with_numbers

CHANGED = ("profile", "plan", "run", "comparison", "refinement")
NEW = {f"layerswitch/{what}/1": f"layerswitch/{what}/2" for what in CHANGED}
SESSION = "layerswitch/session/1"


def upgraded(data: Any) -> Any:
    """The same in version 2, as plain JSON types; the very same object where it is not of version 1.

    Nothing is checked: what does not fit stays as it is, for the reader of version 2 to refuse.
    """
    schema = data.get("schema") if isinstance(data, dict) else None
    if schema != SESSION and (not isinstance(schema, str) or schema not in NEW):
        return data
    try:
        return _session(data) if schema == SESSION else _result(data)
    except (
        AttributeError,
        KeyError,
        TypeError,
    ):  # damaged, no object where one belongs: the reader of version 2 says where
        return {**data, "schema": schema.removesuffix("1") + "2"}


def _result(data: dict[str, Any], plan: Mapping[str, Any] = {}, profile: str = "") -> dict[str, Any]:
    """A profile, plan, run, comparison or refinement; `plan` and `profile` are those of the session it is in."""
    schema = data["schema"]
    newer = {**with_numbers(data), "schema": NEW[schema]}
    if schema == "layerswitch/plan/1" and data.get("name") == "refined":
        newer["kind"] = "refined"
    if schema == "layerswitch/run/1":
        newer["kind"] = _kind(data.get("name", ""), data.get("assignment", {}), plan)
    if schema == "layerswitch/comparison/1" and "entries" in data:
        newer["entries"] = [
            {**entry, "kind": _kind(entry.get("name", ""), entry.get("assignment", {}), plan)}
            for entry in data["entries"]
        ]
    if schema == "layerswitch/refinement/1" and "plan" in data:
        newer["plan"] = _result(data["plan"])
    if profile and schema in ("layerswitch/run/1", "layerswitch/comparison/1"):
        newer["profile_created"] = profile
    return newer


def _session(data: dict[str, Any]) -> dict[str, Any]:
    """A session. All its results are of the profile it holds: version 1 dropped those of an earlier one."""
    plan, profile = data.get("plan") or {}, (data.get("profile") or {}).get("created", "")
    newer = {**data, "schema": "layerswitch/session/2"}
    newer["named"] = [
        {"name": name, "kind": _kind(name, one, plan, named=True), "assignment": one}
        for name, one in data.get("named", {}).items()
    ]
    newer["runs"] = [_result(run, plan, profile) for run in data.get("runs", ())]
    for part in ("profile", "plan", "comparison"):
        if data.get(part):
            newer[part] = _result(data[part], plan, profile)
    return newer


def _kind(name: str, assignment: Mapping[str, str], plan: Mapping[str, Any], *, named: bool = False) -> str:
    """What an assignment of this name was. Among those that people could name themselves, as `named` in a session, the
    computed ones are recognized by what they say."""
    if set(assignment.values()) == {name}:
        return "baseline"
    if name == "refined":
        return "refined"
    if named:
        if plan and name == plan.get("name"):
            return "plan" if assignment == plan.get("assignment") else "own"
        return "greedy" if plan and name == "greedy" else "own"
    if name in ("optimum", "plan", plan.get("name")):
        return "plan"
    return {"greedy": "greedy", "best so far": "refined"}.get(name, "own")
