"""The model output of a whole hub: one table from `model-output/<model>/<round>-<model>.csv`."""

from pathlib import Path

from forecast.analysis.scoring.csv_table import Cells, Table, read_table
from forecast.errors import Finding

__all__ = ["ORACLE_FILE", "read_hub"]

#: Where a hub keeps what came, relative to its folder.
ORACLE_FILE = Path("target-data/oracle-output.csv")


def read_hub(folder: Path, findings: list[Finding]) -> Table | None:
    """Read every CSV file of a hub's model output; None, with findings, if one cannot be read or there is none.

    Every row gets the name of its folder as `model_id`; a file that lacks a column of another has it empty.
    """
    accepted = "the folder of a hub, with model-output/<team>-<model>/<round>-<team>-<model>.csv"
    paths = sorted(folder.glob("model-output/*/*.csv"))
    if not paths:
        message = "there is no model output in this folder"
        findings.append(Finding("error", message, str(folder), key="--forecasts", accepted=accepted))
        return None
    tables = [(path.parent.name, table) for path in paths if (table := read_table(path, findings)) is not None]
    if len(tables) < len(paths):
        return None
    columns = dict.fromkeys(name for _, table in tables for name in table.columns if name != "model_id")
    absent = dict.fromkeys(columns, "")
    rows = tuple(
        Cells(cells.file, cells.line, {**absent, **cells.cells, "model_id": model})
        for model, table in tables
        for cells in table
    )
    return Table(str(folder), ("model_id", *columns), rows)
