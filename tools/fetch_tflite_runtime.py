#!/usr/bin/env python3
"""Put LiteRT (ai-edge-litert, Apache-2.0) into .cache/tflite-runtime/: the judge of what TFLite networks compute.

Only tests and tools/check_networks use it, by that path: it is no dependency and is not installed. Where it has no
wheel for this Python, nothing is there, and what needs it says so. A second call finds the stamp and does nothing.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / ".cache" / "tflite-runtime"
WHEEL = "ai-edge-litert==2.3.0"


def main() -> int:
    """0 when it is there."""
    stamp = FOLDER / "complete"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == WHEEL:
        return 0
    FOLDER.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=FOLDER.parent, prefix=".fetching-") as temporary:
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        code = subprocess.call([*command, "--only-binary=:all:", "--no-compile", "--target", temporary, WHEEL])
        if code != 0:
            print("error: pip could not fetch LiteRT; TFLite networks will not be compared with it", file=sys.stderr)
            return code
        Path(temporary, "complete").write_text(WHEEL, encoding="utf-8")
        shutil.rmtree(FOLDER, ignore_errors=True)
        shutil.copytree(temporary, FOLDER)
    return 0


if __name__ == "__main__":
    sys.exit(main())
