"""How the suite is shared out among the processes of pytest-xdist: by files, the longest first."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent
LONGEST = (
    *("gui/test_story.py", "gui/test_stalls.py", "gui/app/test_picture_export.py", "gui/app/test_main_window.py"),
    *("fuzz/test_corpus.py", "campaigns/test_campaigns.py", "core/cli/test_pictures_and_demo.py"),
)
"""Files that take more than ten seconds: one of them that is begun last is waited for."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """A test without a group of its own goes with its file, whose fixtures are then made once."""
    if not hasattr(config, "workerinput"):
        return
    places = {name: place for place, name in enumerate(LONGEST)}
    files = {item: item.path.relative_to(HERE).as_posix() for item in items}
    items.sort(key=lambda item: places.get(files[item], len(places)))
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(files[item]))
