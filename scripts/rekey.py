"""Gives stored results the keys that points have today; their settings and numbers stay.

python scripts/rekey.py gncviz/paper/tables results/points
"""

from __future__ import annotations

import argparse
from pathlib import Path

from gncviz.sweeps.files import about
from gncviz.sweeps.store import POINTS, read_table, write_table


def rekey(path: Path) -> None:
    """Writes a table with new keys, or renames the file of a point."""
    told = about(path)
    if "settings" in told:
        point = POINTS[told["kind"]].model_validate(told["settings"])
        path.replace(path.with_name(f"{point.key}.parquet"))
    else:
        write_table(path, read_table(path))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    for folder in parser.parse_args().folders:
        for path in sorted(folder.rglob("*.parquet")):
            rekey(path)


if __name__ == "__main__":
    main()
