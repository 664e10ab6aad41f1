"""A workspace with many scenarios and many live forecasts of each, recorded through the ledger; nothing is fitted."""

import math
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from forecast.canonical import canonical_json, sha256
from forecast.ledger.records import Answer, Forecast, content_id
from forecast.ledger.store import LEDGER_FILE, open_ledger
from forecast.model.as_of import snapshot
from forecast.model.evidence_set import evidence_set, to_content
from forecast.model.version import settings
from forecast.scenario.read import read_scenario
from forecast.scenario.record import Scenario

FIRST = date(2023, 1, 1)

CODEBOOK = """\
regimes:
  durable: {means: it lasts, prior: 0.4, stays: {years: [2, 10]}, goes_to: {strained: 2, fragile: 1}}
  strained: {means: it is in trouble, prior: 0.3, stays: {years: [1, 4]}, goes_to: {durable: 1, fragile: 1}}
  fragile: {means: it breaks, prior: 0.3, stays: {years: [0.5, 2]}, goes_to: {durable: 1}}
indicators:
  meeting: {kind: event, means: Leaders meet, counts_as: one meeting,
            per_year: {durable: [1, 3], strained: [0.4, 1.5], fragile: [0.1, 0.5]}}
  dispute: {kind: event, means: They quarrel in public, counts_as: one quarrel,
            per_year: {durable: [0.1, 0.5], strained: [0.5, 2], fragile: [1, 3]}}
"""


def make_workspace(folder: Path, n_scenarios: int, n_forecasts: int) -> Path:
    """Scenarios with 30 reports and five questions each, and weekly live forecasts of them."""
    book = folder / "scenarios/codebooks/alliance.yaml"
    book.parent.mkdir(parents=True)
    book.write_text(CODEBOOK)
    for number in range(n_scenarios):
        _write_scenario(folder / "scenarios" / _name(number), _name(number), number)
        record(folder, number, n_forecasts)
    return folder


def record(folder: Path, number: int, n_forecasts: int) -> None:
    """Record so many forecasts of a scenario; those that are on record already are not recorded again."""
    with open_ledger(folder / LEDGER_FILE, create=True) as ledger:
        for forecast, evidence, model in _forecasts(read_scenario(folder, _name(number)), n_forecasts, number):
            ledger.append_forecast(forecast, evidence, model)


def _name(number: int) -> str:
    return f"alliance-{number:02}"


def _write_scenario(folder: Path, name: str, number: int) -> None:
    random_ = random.Random(number)
    rows = []
    for row in range(30):
        day = FIRST + timedelta(days=random_.randrange(700))
        kind = random_.choice(("meeting", "dispute"))
        rows.append(
            f"  - {{id: R{row}, indicator: {kind}, event: {kind}-{row}, when: {day}, known: {day + timedelta(days=3)}, "
            f"claim: 'Somebody in {name} says that a {kind} took place, number {row}.', asserted_as: fact, "
            f"origin: origin-{row % 9}, grade: {random_.choice('ABC')}{random_.randint(1, 3)}}}"
        )
    files = {
        "scenario.yaml": f"id: {name}\ntitle: Alliance number {number}\n"
        "actors: {AAA: {name: Arland}, BBB: {name: Borland}}\ncodebook: alliance\nstep: month\nstart: 2022-06-01\n"
        "searched_until: 2024-12-31\nquestions:\n"
        "  - {id: regime-2026, ask: Which regime holds on 1 January 2026?, kind: state, on: 2026-01-01}\n"
        "  - {id: unbroken-2026, ask: Does it last until 2026?, kind: stays, in: [durable], until: 2026-01-01}\n"
        "  - {id: meeting-2025, ask: Do they meet in 2025?, kind: occurs, indicator: meeting,\n"
        "     between: [2025-01-01, 2025-12-31]}\n"
        "  - {id: dispute-2023, ask: Do they quarrel in 2023?, kind: occurs, indicator: dispute,\n"
        "     between: [2023-01-01, 2023-12-31]}\ndefault_model: v1\n",
        "sources.yaml": "paper: {title: An article, published: 2023-01-07, url: 'https://example.org/a'}\n",
        "evidence/reports.yaml": "defaults: {source: paper, coded_by: xy, coded_on: 2024-12-31}\nreports:\n"
        + "\n".join(rows)
        + "\n",
        "models/v1.yaml": "version: v1\nfamily: regime\nnotes: as it is\ntau: 0.5\n",
        "resolutions.yaml": "dispute-2023: {outcome: %s, on: 2023-12-31, source: paper}\n"
        % ("yes" if number % 3 else "no"),
    }
    for file, text in files.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def _forecasts(
    scenario: Scenario, n_forecasts: int, number: int
) -> Iterator[tuple[Forecast, dict[str, Any], dict[str, Any]]]:
    model = settings(scenario, "v1")
    content = {"name": "v1", "case": scenario.id}
    since = None
    for place in range(n_forecasts):
        day = FIRST + timedelta(days=7 * place)
        evidence = to_content(evidence_set(snapshot(scenario, "v1", day), scenario.start, model))
        forecast = Forecast(
            scenario=scenario.id,
            title=scenario.title,
            model="v1",
            family="regime",
            model_identity=sha256(canonical_json(content)),
            evidence_identity=sha256(canonical_json(evidence)),
            as_of=day.isoformat(),
            made_at=datetime(day.year, day.month, day.day, 12, tzinfo=UTC).isoformat(),
            kind="live",
            key=sha256(f"{scenario.id} {place}"),
            seed=place,
            method={"name": "nuts", "chains": 4, "draws": 1000, "rhat": 1.002, "ess": 1840.5, "divergences": 0},
            fit=None,
            versions={"forecast": "0.1.0", "python": "3.13.0"},
            questions=tuple(row.model_dump(mode="json", by_alias=True) for row in scenario.file.questions),
            evidence_counts={"reports": 30, "counted": 30, "events": len(evidence["events"]), "origins": 9, "new": 1},
            warnings=(),
            since=since,
            answers=tuple(_answers(scenario, place, number)),
        )
        since = content_id(forecast.to_content())
        yield forecast, evidence, content


def _answers(scenario: Scenario, place: int, number: int) -> Iterator[Answer]:
    for row in scenario.file.questions:
        outcomes = ("durable", "strained", "fragile") if row.kind == "state" else ("yes", "no")
        first = 0.35 + 0.25 * math.sin(place / 9 + number + len(row.id))
        rest = [(1 - first) * share for share in ((0.6, 0.4) if len(outcomes) == 3 else (1.0,))]
        for outcome, p in zip(outcomes, (first, *rest), strict=True):
            low, high = max(0.001, p - 0.2), min(0.999, p + 0.2)
            is_closed = row.id == "dispute-2023" and place > 52
            yield Answer(
                row.id,
                row.ask,
                row.kind,
                outcome,
                *((None,) * 4 if is_closed else (p, 0.004, low, high)),
                closed=is_closed,
                resolved=None,
            )
