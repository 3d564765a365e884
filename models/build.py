"""Write the bundled networks: `python models/build.py [--out FOLDER] [NAME ...]`, the same bytes every time."""

import argparse
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from networks import NETWORKS  # noqa: E402  (found beside this file, wherever it is run from)


def main() -> None:
    """Build the named networks, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(NETWORKS)} (all)")
    parser.add_argument("--out", type=Path, default=HERE, help="folder to write to (models/)")
    arguments = parser.parse_args()
    if unknown := [name for name in arguments.names if name not in NETWORKS]:
        parser.error(f"no network {unknown[0]!r}; there are {', '.join(NETWORKS)}")
    for name in arguments.names or NETWORKS:
        data = NETWORKS[name]().SerializeToString(deterministic=True)
        (arguments.out / f"{name}.onnx").write_bytes(data)
        print(f"{name:14} {len(data) / 1000:6.1f} kB")


if __name__ == "__main__":
    main()
