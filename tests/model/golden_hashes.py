"""What identifies a model version, its evidence and a forecast, for every shipped scenario: computed and written down.

`uv run python -m tests.model.golden_hashes` writes `golden_hashes.json` again. Do so only after a change that is meant
to make old forecasts different ones: new evidence, another range, another engine.
"""

import json
import tempfile
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

from forecast.canonical import canonical_json, sha256
from forecast.errors import InputError
from forecast.ledger.store import LEDGER_FILE, open_ledger
from forecast.model.as_of import snapshot
from forecast.model.evidence_set import evidence_identity, evidence_set
from forecast.model.version import model_identity, settings
from forecast.plan import Request, plan
from forecast.scenario.read import read_scenario
from forecast.scenario.record import Scenario

type Hashes = dict[str, dict[str, dict[str, dict[str, str | None]]]]

FILE = Path(__file__).with_suffix(".json")
WORKSPACE = Path(__file__).parents[2]

#: The day on which all of these forecasts would be made: each is a replay.
TODAY = date(2026, 11, 30)

#: Beginning, middle and end of the collected evidence, the days of the README, and a day after the last report.
DAYS = {
    "armenia-csto": ("2018-12-31", "2021-06-30", "2023-01-05", "2024-12-31", "2026-06-25"),
    "dprk-russia": ("2022-06-30", "2024-01-07", "2024-07-31", "2025-06-30", "2026-11-29"),
    "iran-russia": ("2021-06-30", "2022-12-31", "2024-01-31", "2025-06-30", "2026-04-07"),
    "philippines-us": ("2016-12-31", "2018-06-30", "2020-02-29", "2022-06-30", "2024-06-30"),
}


@cache
def golden_hashes(name: str, workspace: Path = WORKSPACE) -> dict[str, dict[str, dict[str, str | None]]]:
    """By version and day: identities of model and evidence, hash of the plan's identity, key of the forecast.

    The last two are None on a day as of which every question is over.
    """
    scenario = read_scenario(workspace, name)
    return {
        version: {day: _hashes(scenario, version, date.fromisoformat(day)) for day in DAYS[name]}
        for version in sorted(scenario.models)
    }


def _hashes(scenario: Scenario, version: str, day: date) -> dict[str, str | None]:
    model = settings(scenario, version)
    evidence = evidence_set(snapshot(scenario, version, day), scenario.start, model)
    hashes: dict[str, str | None] = {
        "model_identity": model_identity(model),
        "evidence_identity": evidence_identity(evidence),
    }
    with (
        tempfile.TemporaryDirectory() as folder,
        open_ledger(Path(folder) / LEDGER_FILE, read_only=True) as ledger,
    ):
        try:
            made = plan(scenario, Request(model=version, as_of=day), TODAY, ledger)
        except InputError as error:
            if "every question" not in str(error):
                raise
            return hashes | {"plan_identity": None, "forecast_key": None}
    return hashes | {"plan_identity": sha256(canonical_json(made.identity)), "forecast_key": made.key}


def committed_hashes() -> Hashes:
    """What the file holds."""
    hashes: Hashes = json.loads(FILE.read_text())
    return hashes


def all_hashes() -> Mapping[str, object]:
    """The hashes of all shipped scenarios."""
    return {name: golden_hashes(name) for name in DAYS}


if __name__ == "__main__":
    FILE.write_text(json.dumps(all_hashes(), indent=1) + "\n")
