"""An empty ledger of a new workspace."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from forecast.ledger.store import LEDGER_FILE, Ledger, open_ledger


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / LEDGER_FILE


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    with open_ledger(path, create=True, busy_seconds=0.05) as opened:
        yield opened
