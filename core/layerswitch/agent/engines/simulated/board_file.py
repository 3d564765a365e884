"""A simulated board's file, checked: its devices' coefficients, transfers and noise."""

from typing import Any, Dict, List, Tuple

from ..base import EngineError
from .device_model import Coefficients, number
from .noise import Noise

FORM = "layerswitch/simulated-board/1"
PACE = 0.05  # real seconds per simulated second, where the file does not say


class BoardFile:
    """The content of a board file (assets/boards/*.toml) as the client parsed it. Raises EngineError."""

    def __init__(self, data: Dict[str, Any]) -> None:
        name = str(data.get("name") or "simulated board")
        if data.get("schema") != FORM:
            raise EngineError("not a simulated board of form {}".format(FORM), name, kind="request")
        try:
            self.name, self.title = str(data["name"]), str(data["title"])
            self.details = {str(key): str(text) for key, text in data.get("details", {}).items()}
            self.conditions = {str(key): str(text) for key, text in data.get("conditions", {}).items()}
            self.devices = list(data["devices"])
            self.tables = {device: dict(data["devices"][device]) for device in self.devices}
            self.coefficients = {device: Coefficients.from_dict(self.tables[device]) for device in self.devices}
            self.noise = {device: Noise(self.tables[device]["noise"]) for device in self.devices}
            self.transfers = {
                (str(one["source"]), str(one["target"])): (
                    number(one, "fixed_ms"),
                    number(one, "ms_per_megabyte") / 1e6,
                )
                for one in data["transfers"]
            }
            self.transfer_jitter = number(data, "transfer_jitter")
            self.pace = number({"pace": PACE, **data}, "pace")
            for source in self.devices:
                for target in self.devices:
                    if source != target:
                        self.transfers[source, target]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            what = "the board file is incomplete or wrong: {}".format(error)
            raise EngineError(what, name, "restore the board file", "request") from error

    def describe(self) -> Dict[str, Any]:
        """The BoardDescription fields."""
        return {
            "name": self.name,
            "title": self.title,
            "origin": "simulated",
            "devices": [
                {
                    "name": device,
                    "processor": str(self.tables[device].get("processor", "")),
                    "backend": str(self.tables[device].get("backend", "")),
                }
                for device in self.devices
            ],
            "engine": "simulated",
            "details": self.details,
        }

    def transfer_ms(self, source: str, target: str, size: float) -> float:
        """Expected ms of moving `size` bytes."""
        fixed, per_byte = self.transfers[source, target]
        return fixed + per_byte * size

    def pairs(self) -> List[Tuple[str, str]]:
        """Every direction of transfer."""
        return [(source, target) for source in self.devices for target in self.devices if source != target]
