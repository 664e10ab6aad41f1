"""Regimes of the past: read strictly, with places; and never by a forecast."""

from pathlib import Path

import jsonschema
import pytest

from forecast.errors import InputError
from forecast.model.as_of import snapshot
from forecast.model.evidence_set import evidence_identity, evidence_set
from forecast.model.version import model_identity, settings
from forecast.plan import Request, plan
from forecast.scenario.check import check
from forecast.scenario.json_schema import json_schema
from forecast.scenario.read import read_scenario
from forecast.scenario.regimes import read_regimes

from ..workspaces import DAY, write_toy

GOOD = """\
# hindsight
periods:
  - {from: 2023-07-01, to: 2023-12-31, regime: fragile, why: quarrels, source: us}
  - {from: 2023-01-01, to: 2023-06-30, regime: durable, why: calm, source: us}
"""


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    return write_toy(tmp_path)


def put(toy: Path, text: str) -> None:
    (toy / "scenarios/toy/regimes.yaml").write_text(text)


def errors(toy: Path) -> list[str]:
    with pytest.raises(InputError) as raised:
        read_regimes(read_scenario(toy, "toy"))
    return [str(finding) for finding in raised.value.findings()]


def test_periods_come_in_their_order(toy):
    put(toy, GOOD)
    periods = read_regimes(read_scenario(toy, "toy"))
    assert [(str(p.from_), str(p.to), p.regime) for p in periods] == [
        ("2023-01-01", "2023-06-30", "durable"),
        ("2023-07-01", "2023-12-31", "fragile"),
    ]


def test_a_case_without_the_file_says_what_it_would_hold(toy):
    assert errors(toy) == [
        "scenarios/toy/regimes.yaml: toy does not say which regime held when. Accepted: periods: [{from: YYYY-MM-DD, "
        "to: YYYY-MM-DD, regime: NAME, why: ..., source: ...}]."
    ]
    assert not [finding for finding in check(read_scenario(toy, "toy"), DAY) if "regimes.yaml" in (finding.file or "")]


def test_every_error_is_reported_at_once_with_its_line(toy):
    put(
        toy,
        "period: []\n"
        "periods:\n"
        "  - {from: 2023-01-01, to: 2022-01-01, regime: durable, why: x, source: y}\n"
        "  - {from: 2023-02-01, to: 2023-03-01, regime: durabel, why: x, source: y}\n"
        "  - {from: 2023-03-01, to: 2023-04-01, regime: fragile, why: x, source: y}\n"
        "  - {from: tomorrow, to: 2024-04-01, regime: fragile, source: y, who: me}\n",
    )
    found = errors(toy)
    places = [text.split(": ")[0].removeprefix("scenarios/toy/regimes.yaml:") for text in found]
    assert sorted(places) == [
        "1 period",
        "3 periods.0",
        "4 periods.1.regime",
        "5 periods.2.from",
        "6 periods.3.from",
        "6 periods.3.who",
        "6 periods.3.why",
    ]
    assert any("there is no regime 'durabel'; did you mean 'durable'?" in text for text in found)
    assert any("this period overlaps the one from 2023-02-01 to 2023-03-01" in text for text in found)


@pytest.mark.parametrize("text", ["", "periods:\n", "periods: []\n", "periods: {a: b}\n", "[1, 2]\n"])
def test_a_file_without_periods_is_an_error(toy, text):
    put(toy, text)
    assert errors(toy)


def test_hostile_bytes_are_an_error_not_a_crash(toy):
    (toy / "scenarios/toy/regimes.yaml").write_bytes(b"periods: \xff\xfe\x00")
    assert errors(toy)
    put(toy, "periods: " + "[" * 100_000)
    assert errors(toy)


def test_check_covers_the_file(toy):
    put(toy, GOOD.replace("2023-12-31", "2024-06-01").replace("durable", "durabel"))
    found = check(read_scenario(toy, "toy"), DAY)
    mine = [(f.level, f.key) for f in found if f.file == "scenarios/toy/regimes.yaml"]
    assert mine == [("error", "periods.1.regime"), ("warning", "periods.1.to")]


def test_the_schema_for_editors_accepts_what_the_reader_accepts():
    schema = json_schema("regimes")
    row = {"from": "2023-01-01", "to": "2023-06-30", "regime": "durable", "why": "calm", "source": "us"}
    jsonschema.validate({"periods": [row]}, schema)
    with pytest.raises(jsonschema.ValidationError, match="'why' is a required property"):
        jsonschema.validate({"periods": [{k: v for k, v in row.items() if k != "why"}]}, schema)


@pytest.mark.parametrize("text", [GOOD, GOOD.replace("fragile", "durable"), "no YAML: ["])
def test_no_forecast_reads_it(toy, text):
    """Whatever the file says, or if it cannot be read: scenario, identities and key of a forecast stay the same."""

    def identities() -> tuple[object, ...]:
        scenario = read_scenario(toy, "toy")
        model = settings(scenario, "v1")
        evidence = evidence_set(snapshot(scenario, "v1", DAY), scenario.start, model)
        from forecast.ledger.store import LEDGER_FILE, open_ledger

        with open_ledger(toy / LEDGER_FILE, read_only=True) as ledger:
            key = plan(scenario, Request(as_of=DAY), DAY, ledger).key
        return model_identity(model), evidence_identity(evidence), key, scenario

    before = identities()
    put(toy, text)
    assert identities() == before
