"""Runs on the board, as text given to its Python: says what the agent would find there, as one line of JSON.

Any Python 3 parses it. With the argument "armnn" it imports pyarmnn, which is asked by itself because it may crash.
"""

import glob
import grp
import json
import os
import pwd
import sys
import time

GPUS = ("/dev/mali*", "/dev/dri/renderD*", "/dev/kgsl-3d0")


def user() -> str:
    """The user's name, or number where it has none."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def group(number: int) -> str:
    """A group's name, or its number."""
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)


def gpus() -> "list[dict[str, object]]":
    """The device files of GPUs, and whether this user may use them."""
    found = []
    for pattern in GPUS:
        for path in sorted(glob.glob(pattern)):
            about = os.stat(path)
            found.append({"path": path, "group": group(about.st_gid), "usable": os.access(path, os.R_OK | os.W_OK)})
    return found


def free_bytes() -> "dict[str, object]":
    """What is free where the agent keeps weights."""
    folder = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    while not os.path.isdir(folder) and os.path.dirname(folder) != folder:
        folder = os.path.dirname(folder)
    about = os.statvfs(folder)
    return {"folder": folder, "free": about.f_bavail * about.f_frsize, "writable": os.access(folder, os.W_OK)}


def numpy() -> "dict[str, str]":
    """numpy's version, or why it cannot be imported."""
    try:
        import numpy as found

        return {"version": str(found.__version__)}
    except Exception as error:
        return {"error": "%s" % (error,)}


def armnn() -> "dict[str, str]":
    """pyarmnn's version, or why it cannot be imported."""
    import warnings

    warnings.simplefilter("ignore")
    try:
        import pyarmnn

        ask = getattr(pyarmnn, "GetVersion", str)
        return {"version": str(getattr(pyarmnn, "ARMNN_VERSION", "") or ask() or "")}
    except Exception as error:
        return {"error": "%s" % (error,)}


if __name__ == "__main__":
    if sys.argv[1:] == ["armnn"]:
        answer = dict(armnn())  # type: dict[str, object]
    else:
        answer = {"python": list(sys.version_info[:3]), "user": user(), "machine": os.uname()[4]}
        answer.update({"time": time.time(), "numpy": numpy(), "cache": free_bytes(), "gpus": gpus()})
    sys.stdout.write("\n" + json.dumps(answer) + "\n")
