"""How the suite is shared out among the processes of pytest-xdist: file by file, those that take long first."""

from hypothesis import settings

settings.register_profile("suite", deadline=None)  # no test depends on how fast the machine is, or how busy
settings.load_profile("suite")


def pytest_collection_modifyitems(config, items):
    """Whichever process is free takes the next file, in the order of the tests."""
    if not hasattr(config, "workerinput"):
        return
    seconds = {}
    for item in items:
        slow = item.get_closest_marker("slow")
        seconds[item.path] = max(seconds.get(item.path, 0), slow.args[0] if slow else 0)
    items.sort(key=lambda item: -seconds[item.path])
