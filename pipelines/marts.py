"""The small façade through which notebooks read a finished run for statistics."""

from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.parquet as pq

from pipelines.errors import Problem, StoreError
from pipelines.publication import Store

CHECKOUT = Path(__file__).parents[1]


class Marts:
    """The marts of the version shown under `out` (the checkout unless named)."""

    def __init__(self, out: Path = CHECKOUT) -> None:
        """Find the version shown.

        Raises:
            StoreError: if nothing has been run there yet, or it was run for casework.
        """
        store = Store(Path(out))
        store.require("statistics")
        current, manifest = store.current(), store.manifest()
        if current is None or manifest is None:
            message = "der er ingen marts endnu. Kør 'virker demo' eller 'virker run' først"
            raise StoreError([Problem(str(out), message)])
        self.manifest = manifest
        self._folders = {name: current / name for name in ("published", "restricted")}

    def published(self, mart_id: str) -> pd.DataFrame:
        """Return a published mart: small cells are hidden (NULL, with `is_suppressed`)."""
        return self._read("published", mart_id)

    def restricted(self, mart_id: str) -> pd.DataFrame:
        """Return a restricted mart: rows about single persons, not to be passed on."""
        return self._read("restricted", mart_id)

    def warehouse(self) -> duckdb.DuckDBPyConnection:
        """Open every table between the raw rows and the marts, for following a number to its rows.

        The files are only read, so several notebooks may look at once. Restricted.
        """
        folder = self._folders["restricted"]
        connection = duckdb.connect(folder / "warehouse.duckdb", read_only=True)
        raw = str(folder / "raw.duckdb").replace("'", "''")
        # A cell run twice shares the open database, where raw is attached already.
        connection.execute(f"ATTACH IF NOT EXISTS '{raw}' AS raw (READ_ONLY)")
        return connection

    def _read(self, kind: str, mart_id: str) -> pd.DataFrame:
        path = self._folders[kind] / f"{mart_id}.parquet"
        if not path.exists():
            known = ", ".join(sorted(p.stem for p in self._folders[kind].glob("*.parquet")))
            raise StoreError([Problem(mart_id, f"findes ikke blandt {kind}; der er {known}")])
        table: pd.DataFrame = pq.read_table(path).to_pandas()
        return table
