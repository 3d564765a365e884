"""docs/formats.md names every field of every value object that LayerSwitch's files hold, and no other."""

import re
import types
import typing
from pathlib import Path

import pytest

from layerswitch.boards.registry import BoardEntry
from layerswitch.boards.user_boards import UserBoard
from layerswitch.experiments.refine import Refinement
from layerswitch.experiments.results import AssignmentFile
from layerswitch.explain import Explanation
from layerswitch.planner.stability import Stability
from layerswitch.serialization import Value
from layerswitch.session import Session

CHECKOUT = Path(__file__).parents[1]
FORMATS = (CHECKOUT / "docs" / "formats.md").read_text(encoding="utf-8")


def values_in(kind, found):
    """Every Value that a type can hold, at any depth."""
    if isinstance(kind, type) and issubclass(kind, Value):
        if kind not in found:
            found.append(kind)
            for hint in typing.get_type_hints(kind).values():
                values_in(hint, found)
    elif not isinstance(kind, (str, types.NoneType)):
        for part in typing.get_args(kind):
            values_in(part, found)
    return found


ROOTS = (Session, AssignmentFile, BoardEntry, UserBoard, Refinement, Stability, Explanation)
KINDS = list(dict.fromkeys(kind for root in ROOTS for kind in values_in(root, [])))


def documented(name):
    """The fields in the first column of the table under **name**."""
    section = re.search(rf"^\*\*{name}\*\*(.*?)(?=^\*\*|^#|\Z)", FORMATS, re.MULTILINE | re.DOTALL)
    assert section, f"docs/formats.md has no table **{name}**"
    firsts = re.findall(r"^\|([^|]*)\|", section[1], re.MULTILINE)
    return {field for first in firsts for field in re.findall(r"`(\w+)`", first)}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_field_is_documented_and_no_other(kind):
    tag = kind.__struct_config__.tag_field
    assert documented(kind.__name__) == set(kind.__struct_fields__) | ({tag} if tag else set())


@pytest.mark.parametrize("kind", [k for k in KINDS if k.__struct_config__.tag], ids=lambda kind: kind.__name__)
def test_every_schema_tag_is_documented(kind):
    assert f"`{kind.__struct_config__.tag}`" in FORMATS


def test_all_the_file_kinds_are_looked_at():
    assert {"Profile", "LayerGraph", "Plan", "Run", "Comparison", "Session", "TransferCost"} <= {
        k.__name__ for k in KINDS
    }


def test_every_tag_that_the_program_writes_is_documented():
    source = "".join(path.read_text(encoding="utf-8") for path in (CHECKOUT / "core").rglob("*.py"))
    tags = set(re.findall(r'"(layerswitch/[a-z-]+/\d+)"', source))
    assert {tag for tag in tags if f"`{tag}`" not in FORMATS} == set()
    assert len(tags) > 10
