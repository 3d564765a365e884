"""How the suite is shared out among the processes of pytest-xdist: file by file, those that take long first."""

import pytest
from hypothesis import settings

settings.register_profile("suite", deadline=None)  # no test depends on how fast the machine is, or how busy
settings.load_profile("suite")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """A test without a group of its own goes with its file, whose fixtures are then made once."""
    if not hasattr(config, "workerinput"):
        return
    seconds = {}
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.relative_to(config.rootpath).as_posix()))
        slow = item.get_closest_marker("slow")
        seconds[group(item)] = max(seconds.get(group(item), 0), slow.args[0] if slow else 0)
    items.sort(key=lambda item: -seconds[group(item)])


def group(item):
    return item.get_closest_marker("xdist_group").args[0]
