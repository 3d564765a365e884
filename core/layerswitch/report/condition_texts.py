"""A board's conditions as texts by label, for people."""

from ..measurement.conditions import BoardState, Conditions


def condition_texts(conditions: Conditions) -> dict[str, str]:
    """label -> text: the state before, that after where it was another, and in how many parts it was measured."""
    before, after = _state_texts(conditions.before), _state_texts(conditions.after)
    texts = before | {f"{label} after": text for label, text in after.items() if before.get(label) != text}
    if resumed := conditions.resumed:
        texts["measured in"] = f"{resumed.parts} parts: {resumed.reason} in between"
    return texts


def _state_texts(state: BoardState) -> dict[str, str]:
    texts = {
        "clocks": ", ".join(f"{cluster} {mhz:.0f} MHz" for cluster, mhz in state.clocks_mhz.items()),
        "governor": ", ".join(state.governors),
        "temperatures": ", ".join(f"{sensor} {degrees:.0f} °C" for sensor, degrees in state.temperatures_c.items()),
        "load": "" if state.load is None else f"{state.load:g}",
        "free memory": "" if state.free_bytes is None else f"{state.free_bytes / 1e6:.0f} MB",
    }
    return {label: text for label, text in texts.items() if text}
