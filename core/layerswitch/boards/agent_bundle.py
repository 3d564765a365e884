"""The agent as one file: a zipapp that any Python 3.8 with numpy runs, named by its content."""

import hashlib
import io
import zipfile
from functools import cache
from typing import NamedTuple

from .client.local_channel import agent_folder

STAMP = (1980, 1, 1, 0, 0, 0)  # the same files give the same bytes


class Bundle(NamedTuple):
    """The zipapp's bytes, and a name that is the same only for the same bytes: agent-<hash>.pyz."""

    name: str
    content: bytes


@cache
def agent_bundle() -> Bundle:
    """The agent of this installation, run as `python agent-<hash>.pyz [--cache FOLDER]`."""
    folder, buffer = agent_folder(), io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*.py")):
            archive.writestr(zipfile.ZipInfo(path.relative_to(folder).as_posix(), STAMP), path.read_bytes())
    content = buffer.getvalue()
    return Bundle(f"agent-{hashlib.sha256(content).hexdigest()[:16]}.pyz", content)
