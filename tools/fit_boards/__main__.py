"""Writes assets/boards/*.toml and the tables of docs/simulated-boards.md from a folder of published measurements.

Run it as `cd tools && python -m fit_boards DATA`.
"""

import argparse
from pathlib import Path

from . import boards, published, reporting, writing

HOME = Path(__file__).parents[2]


def main() -> None:
    """Fit both boards, write their files, and say how well they fit."""
    parser = argparse.ArgumentParser(prog="fit_boards", description=__doc__)
    parser.add_argument("data", type=Path, help="folder of the published measurements (CSV files)")
    parser.add_argument("--out", type=Path, default=HOME / "assets" / "boards", help="where board files go")
    parser.add_argument(
        "--report", type=Path, default=HOME / "docs" / "simulated-boards.md", help="whose tables to write"
    )
    arguments = parser.parse_args()
    data = boards.Data(arguments.data)
    fitted = boards.fit(data, list(published.NETWORKS))
    for board in boards.BOARDS:
        path = arguments.out / f"{board}.toml"
        writing.write(path, boards.text(data, board, fitted[board]))
        print(path)
    document = arguments.report.read_text(encoding="utf-8")
    writing.write(arguments.report, reporting.insert(document, reporting.tables(data, fitted)))
    print(arguments.report)


if __name__ == "__main__":
    main()
