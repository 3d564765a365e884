"""Writes assets/boards/*.toml from a folder of published measurements: `cd tools && python -m fit_boards DATA`."""

import argparse
from pathlib import Path

from . import boards, published, writing

ASSETS = Path(__file__).parents[2] / "assets" / "boards"


def main() -> None:
    """Fit both boards and write their files."""
    parser = argparse.ArgumentParser(prog="fit_boards", description=__doc__)
    parser.add_argument("data", type=Path, help="folder of the published measurements (CSV files)")
    parser.add_argument("--out", type=Path, default=ASSETS, help="where board files go (default: %(default)s)")
    arguments = parser.parse_args()
    data = boards.Data(arguments.data)
    train = list(published.NETWORKS)
    fitted = boards.fit(data, train)
    for board in boards.BOARDS:
        path = arguments.out / f"{board}.toml"
        writing.write(path, boards.text(data, board, fitted[board]))
        print(path)


if __name__ == "__main__":
    main()
