"""Conditions of files of version 1, which were text by label: made numbers as far as they can be read."""

import re
from typing import Any

AFTER = " after"
"""What a label ended in that was read after the measurement; only what had changed had one."""
TEMPERATURE = re.compile(r"(.*\S) (-?\d+) °C")


def with_numbers(data: dict[str, Any]) -> dict[str, Any]:
    """A decoded profile, run or comparison with conditions as numbers; what has none, or other ones, as it is."""
    conditions: Any = data.get("conditions")
    if _is_text(conditions):
        numbers, notes = conditions_and_notes(conditions)
        return {**data, "conditions": numbers, "notes": {**notes, **data.get("notes", {})}}
    if isinstance(conditions, list):
        return {**data, "conditions": [conditions_and_notes(one)[0] if _is_text(one) else one for one in conditions]}
    return data


def conditions_and_notes(texts: dict[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """(Conditions, notes) as plain JSON; a text that cannot be read is a note under its label."""
    states: dict[str, dict[str, Any]] = {"": {}, AFTER: {}}
    conditions: dict[str, Any] = {}
    notes: dict[str, str] = {}
    for label, text in texts.items():
        when = AFTER if label.endswith(AFTER) else ""
        if label == "sittings" and (count := re.match(r"\d{1,6}\b", text)):
            conditions["resumed"] = {"parts": int(count[0])}
        elif state := _state(label.removesuffix(AFTER), text):
            states[when].update(state)
        else:
            notes[label] = text
    if states[""] or states[AFTER]:
        conditions |= {"before": states[""], "after": {**states[""], **states[AFTER]}}
    return conditions, notes


def _is_text(value: Any) -> bool:
    return isinstance(value, dict) and bool(value) and all(isinstance(text, str) for text in value.values())


def _state(label: str, text: str) -> dict[str, Any]:
    """The fields of a BoardState that a label's text gives; none where it cannot be read."""
    if label == "clocks" and re.fullmatch(r"\d{1,9}(, \d{1,9})* MHz", text):
        return {"clocks_mhz": {f"core {n}": float(one) for n, one in enumerate(re.findall(r"\d+", text))}}
    if label == "governor" and re.fullmatch(r"\w+(, \w+)*", text):
        return {"governors": text.split(", ")}
    if label == "load" and re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text):
        return {"load": float(text)}
    if label == "free memory" and (size := re.fullmatch(r"(\d{1,12}) MB", text)):
        return {"free_bytes": int(size[1]) * 1_000_000}
    if label == "temperatures":
        read = [TEMPERATURE.fullmatch(one) for one in text.split(", ")]
        if all(read):
            degrees: dict[str, float] = {}
            for one in filter(None, read):
                degrees[one[1] if one[1] not in degrees else f"{one[1]} {len(degrees) + 1}"] = float(one[2])
            return {"temperatures_c": degrees}
    return {}
