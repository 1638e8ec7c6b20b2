"""scripts/rekey.py: results whose keys are of yesterday are found again, unchanged."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from gncviz.network import Network
from gncviz.sweeps import Store
from gncviz.sweeps.findings import DescentFinding
from gncviz.sweeps.points import DescentPoint
from gncviz.sweeps.store import read_table, write_table
from gncviz.task import TaskSettings
from tests.sweeps.small import DESCENT

ROOT = Path(__file__).parents[1]
POINT = DescentPoint(task=TaskSettings(), network=Network(), descent=DESCENT)
FOUND = DescentFinding(0.25, 1e-11, "converged", 17, 0.5, "cpu")


def test_points_and_tables_get_the_keys_of_today(tmp_path: Path) -> None:
    Store(tmp_path).put(POINT, FOUND)
    (path,) = tmp_path.rglob("*.parquet")
    path.rename(path.with_name("yesterday.parquet"))
    table = tmp_path / "table.parquet"
    write_table(table, [(POINT, FOUND, {"machine": "mine"})])
    rows = pq.read_table(table)
    place = rows.schema.get_field_index("key")
    pq.write_table(rows.set_column(place, "key", pa.array(["yesterday"])), table)
    assert Store(tmp_path).get(POINT) is None
    assert Store(tables=[table]).get(POINT) is None

    script = [sys.executable, str(ROOT / "scripts" / "rekey.py"), str(tmp_path)]
    subprocess.run(script, check=True, timeout=60)
    assert Store(tmp_path).get(POINT) == FOUND
    assert Store(tmp_path).provenance(POINT)["versions"]
    assert Store(tables=[table]).get(POINT) == FOUND
    ((point, found, made),) = read_table(table)
    assert (point.settings, found, made) == (POINT.settings, FOUND, {"machine": "mine"})
