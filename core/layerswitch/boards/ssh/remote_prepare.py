"""Runs on the board, as text given to its Python: looks after the folder of agents, and says what is there.

Arguments: the agent's file name, its SHA-256. Prints one line of JSON. Any Python 3 parses it, so that an old one
can be told.
"""

import fcntl
import hashlib
import json
import os
import stat
import sys
import time

OLD_SECONDS = 30 * 86400.0  # an agent nobody started for so long is removed


def planted(path: str) -> str:
    """Why a folder cannot be trusted; "" where it can."""
    found = os.lstat(path)
    if stat.S_ISLNK(found.st_mode):
        return "%s is a link" % path
    if not stat.S_ISDIR(found.st_mode):
        return "%s is not a folder" % path
    if found.st_uid != os.getuid():
        return "%s belongs to another user (number %d)" % (path, found.st_uid)
    if found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return "%s can be written by others" % path
    return ""


def remove(path: str) -> None:
    """Remove an agent that no process holds: the clock may have been set since it was started."""
    try:
        with open(path, "rb") as file:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.unlink(path)
    except OSError:
        pass


def prepare(name: str, sha256: str) -> "dict[str, object]":
    """Make the folder, check that it is the user's alone, check the agent in it, remove old ones."""
    home = os.path.expanduser("~")
    base = os.environ.get("XDG_CACHE_HOME")
    if not base or not os.path.isabs(base):
        base = os.path.join(home, ".cache")
    ours = os.path.join(base, "layerswitch")
    folder = os.path.join(ours, "agents")
    path = os.path.join(folder, name)
    os.makedirs(base, 0o700, True)
    for one in (ours, folder):
        try:
            os.mkdir(one, 0o700)
        except FileExistsError:
            pass
        why = planted(one)
        if why:
            return {"refused": why}
    now, have = time.time(), False
    for one in os.listdir(folder):
        other = os.path.join(folder, one)
        found = os.lstat(other)
        if one == name:
            if stat.S_ISREG(found.st_mode) and found.st_uid == os.getuid():
                with open(other, "rb") as file:
                    have = hashlib.sha256(file.read()).hexdigest() == sha256
            if have:
                os.utime(other, None)
            else:
                os.unlink(other)
        elif stat.S_ISREG(found.st_mode) and now - found.st_mtime > (3600.0 if ".part-" in one else OLD_SECONDS):
            remove(other)
    return {"path": path, "have": have}


if __name__ == "__main__":
    try:
        answer = prepare(sys.argv[1], sys.argv[2])
    except OSError as error:
        answer = {"refused": "%s: %s" % (error.filename, error.strerror)}
    answer["python"] = list(sys.version_info[:3])
    sys.stdout.write("\n" + json.dumps(answer) + "\n")
