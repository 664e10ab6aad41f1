"""Records to put into ledgers under test."""

from dataclasses import replace
from typing import Any

from forecast.canonical import canonical_json, sha256
from forecast.ledger.records import Answer, Forecast

EVIDENCE: dict[str, Any] = {
    "events": [{"id": "kim-in-russia-2023-09", "origins": ["김정은 \u2028 Кремль"]}],
    "watches": [],
}

#: Settings of a model; `forecast` names their identity.
MODEL: dict[str, Any] = {"family": "regime", "tau": 0.5, "per_year": {"treaty": [[0.1, 1 / 3], [1, 2]]}}

ANSWER = Answer(
    question="treaty-2024",
    ask="Is a treaty signed – „oui“ или 아니오?",
    kind="occurs",
    outcome="yes",
    p=0.1 + 0.2,
    mcse=5e-324,
    low=0.06,
    high=1 / 3,
    closed=False,
    resolved=None,
)

NO = replace(ANSWER, outcome="no", p=1 - (0.1 + 0.2), low=2 / 3, high=0.94)


def evidence(number: int = 0) -> dict[str, Any]:
    """One of many evidence sets."""
    return EVIDENCE | {"number": number}


def forecast(number: int = 0, *, set_number: int = 0, **changes: Any) -> Forecast:
    """One of many forecasts: the number decides the key, `set_number` the evidence set."""
    base = Forecast(
        scenario="dprk-russia",
        title="Durability of the DPRK–Russia alignment",
        model="v2",
        family="regime",
        model_identity=sha256(canonical_json(MODEL)),
        evidence_identity=sha256(canonical_json(evidence(set_number))),
        as_of="2024-01-07",
        made_at=f"2024-01-07T12:{number // 60 % 60:02}:{number % 60:02}+00:00",
        kind="live",
        key=sha256(f"key {number}"),
        seed=2**64 - 1 - number,
        method={"name": "nuts", "khat": None, "ess": 1840.5, "chains": 4, "draws": 1000, "from_fit": None},
        fit=sha256(f"draws {number}"),
        versions={"forecast": "0.1.0", "python": "3.13.0"},
        questions=({"id": "treaty-2024", "kind": "occurs", "indicator": "formal_commitment"},),
        evidence_counts={"reports": 38, "counted": 11, "events": 11, "origins": 9, "new": 3},
        warnings=("silence after 2023-12-31 says nothing",),
        since=None,
        answers=(ANSWER, NO),
    )
    return replace(base, **changes)


def large_evidence() -> dict[str, Any]:
    """More than SQLite keeps in memory before it begins to write to the file."""
    return {"events": [{"id": f"event-{number}", "claim": "x" * 1000} for number in range(4000)], "watches": []}


def large_forecast(number: int = 0) -> Forecast:
    """A forecast that used `large_evidence`."""
    return forecast(number, evidence_identity=sha256(canonical_json(large_evidence())))
