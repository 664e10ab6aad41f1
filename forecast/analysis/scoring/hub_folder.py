"""The model output of a whole hub: one table from `model-output/<model>/<round>-<model>.csv` (or `.parquet`)."""

from pathlib import Path

import numpy as np

from forecast.analysis.scoring.csv_table import Table, joined_tables, read_table
from forecast.errors import Finding

__all__ = ["ORACLE_FILE", "read_hub"]

#: Where a hub keeps what came, relative to its folder.
ORACLE_FILE = Path("target-data/oracle-output.csv")


def read_hub(folder: Path, findings: list[Finding]) -> Table | None:
    """Read every table of a hub's model output; None, with findings, if one cannot be read or there is none.

    Every row gets the name of its folder as `model_id`; a file that lacks a column of another has it empty.
    """
    accepted = "the folder of a hub, with model-output/<team>-<model>/<round>-<team>-<model>.csv"
    paths = sorted(path for ending in ("csv", "parquet") for path in folder.glob(f"model-output/*/*.{ending}"))
    if not paths:
        message = "there is no model output in this folder"
        findings.append(Finding("error", message, str(folder), key="--forecasts", accepted=accepted))
        return None
    tables = [(path.parent.name, table) for path in paths if (table := read_table(path, findings)) is not None]
    if len(tables) < len(paths):
        return None
    columns = list(dict.fromkeys(name for _, table in tables for name in table.columns if name != "model_id"))
    joined = joined_tables(str(folder), [table for _, table in tables], columns)
    models = list(dict.fromkeys(model for model, _ in tables))
    numbers = np.array([models.index(model) for model, _ in tables], dtype=np.int32)
    assert joined.of_file is not None
    return joined.with_columns(("model_id", *columns), {"model_id": (numbers[joined.of_file], models)})
