"""A scenario of two partners and some others, with the shared codebook, and a way to import rows into it."""

import csv
import io
import json
import shutil
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from forecast.coding.imported import Imported, import_events
from forecast.scenario.check import check
from forecast.scenario.read import read_scenario
from forecast.scenario.record import Scenario

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT.parent / "shared/data/events_samples"
TODAY = date(2026, 11, 24)

SCENARIO = """\
id: pair
title: Two and their neighbours
actors:
  AAA: {name: Arland, aliases: [Arlish Republic]}
  BBB: {name: Borland}
  CCC: {name: Corland}
  SAU: {name: Saudi Arabia}
  EGY: {name: Egypt}
  PRK: {name: North Korea}
  KOR: {name: South Korea}
  USA: {name: United States}
  DEU: {name: Germany}
  DZA: {name: Algeria}
  ARG: {name: Argentina}
codebook: alliance
start: 1965-01-01
questions:
  - {id: regime-2027, ask: Which regime holds?, kind: state, on: 2027-01-07}
default_model: v1
"""

MODEL = "version: v1\nfamily: regime\nnotes: the first one\n"


class Pair:
    """The scenario in its folder."""

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace
        self.folder = workspace / "scenarios/pair"

    def read(self) -> Scenario:
        return read_scenario(self.workspace, "pair")

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
        return path

    def run(self, file: Path, importer: str, *between: str, **options: Any) -> Imported:
        """Import, and see that the scenario can be read afterwards without any error or warning."""
        found = import_events(self.read(), file, importer, between=between, today=TODAY, **options)
        odd = [finding for finding in check(self.read(), TODAY) if finding.level != "note"]
        assert odd == []
        return found

    def rows(self, name: str) -> list[dict[str, str]]:
        """The rows of an evidence file."""
        path = self.folder / f"evidence/{name}.csv"
        if not path.exists():
            return []
        with path.open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    codebooks = tmp_path / "ws/scenarios/codebooks"
    codebooks.mkdir(parents=True)
    shutil.copy(ROOT / "scenarios/codebooks/alliance.yaml", codebooks)
    pair = Pair(tmp_path / "ws")
    pair.write("scenario.yaml", SCENARIO)
    pair.write("models/v1.yaml", MODEL)
    return pair


type Gdelt = Callable[..., Path]


@pytest.fixture
def gdelt(tmp_path: Path) -> Gdelt:
    """Write rows of GDELT 2.0 as they are published: (day, actor, code, target, address[, day added])."""

    def write(*rows: Sequence[str], name: str = "events.csv") -> Path:
        text = io.StringIO()
        for number, (day, actor, code, target, address, *added) in enumerate(rows):
            cells = [""] * 61
            cells[0], cells[1] = str(1000 + number), day
            cells[7], cells[17], cells[26] = actor, target, code
            cells[59], cells[60] = (added[0] if added else day) + "120000", address
            text.write("\t".join(cells) + "\n")
        path = tmp_path / name
        path.write_text(text.getvalue(), encoding="utf-8")
        return path

    return write


def columns_of(layout: str) -> list[str]:
    """The columns that ../shared/data/events_samples/headers.json lists for a data set."""
    if not SAMPLES.exists():
        pytest.skip("the samples of ../shared are not here")
    headers = json.loads((SAMPLES / "headers.json").read_text())
    (columns,) = (entry["columns"] for name, entry in headers.items() if name.startswith(layout))
    return list(columns)


def sample(name: str) -> Path:
    """A sample file of ../shared."""
    if not (SAMPLES / name).exists():
        pytest.skip(f"the sample {name} of ../shared is not here")
    return SAMPLES / name
