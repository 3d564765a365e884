"""docs/architecture.svg shows the packages and the imports that the code has."""

import re
from collections import Counter

import pytest

import architecture_picture as drawn


def statements(svg):
    """The texts of boxes and arrows, whatever the places that the layout library gives them."""
    return sorted(re.findall(r"<(?:title|text)[^>]*>([^<]*)<", svg))


def test_the_picture_says_what_the_code_says():
    picture = drawn.PICTURE.read_text(encoding="utf-8")
    assert statements(picture) == statements(drawn.picture()), "run: python tools/architecture_picture.py"


def test_the_picture_has_every_package():
    boxes = re.findall(r'class="name"[^>]*>([a-z_]+)<', drawn.picture())
    packages = {path.parent.name for path in drawn.ROOT.glob("*/layerswitch*/*/__init__.py")}
    assert packages <= set(boxes)
    assert len(boxes) == len(set(boxes))


@pytest.fixture
def house(tmp_path):
    def write(**files):
        for name, text in files.items():
            path = tmp_path / "core" / "layerswitch" / name.replace("__", "/")
            path = path / "__init__.py" if not name.endswith("_py") else path.with_name(path.name[:-3] + ".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f'"""What {path.stem} is."""\n{text}\n')
        return tmp_path

    return write


def test_imports_are_counted_by_package_late_ones_too_but_not_those_for_annotations(house):
    root = house(
        errors_py="",
        network="from ..errors import Bad",
        planner="from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ..boards import Board",
        planner__cut_py="from ..network import graph\nfrom .. import errors\ndef late():\n    from .. import network",
        boards="import layerswitch.network",
    )
    assert drawn.uses(root) == {
        ("layerswitch.network", "layerswitch.errors"): 1,
        ("layerswitch.planner", "layerswitch.network"): 2,
        ("layerswitch.planner", "layerswitch.errors"): 1,
        ("layerswitch.boards", "layerswitch.network"): 1,
    }
    assert drawn.shared(drawn.uses(root), drawn.modules(root)) == ["layerswitch.errors"]


def test_in_a_circle_the_fewest_imports_go_against_the_order():
    edges = Counter({("a", "b"): 5, ("b", "c"): 5, ("c", "a"): 1, ("c", "d"): 3})
    assert drawn.against(edges) == {("c", "a")}


def test_what_a_longer_way_says_has_no_arrow_of_its_own(house):
    svg = drawn.picture(house(network="", planner="from .. import network", cli="from .. import network, planner"))
    arrows = re.findall(r"<title>(\S+ uses \S+):", svg)
    assert arrows == ["layerswitch.cli uses layerswitch.planner", "layerswitch.planner uses layerswitch.network"]
