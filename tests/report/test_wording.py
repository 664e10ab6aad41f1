"""What sections of a report say, word for word: each as Markdown without its marks, beside the text in `golden/`.

The records are made by hand, so that no number in them was computed here. Who changes a sentence on purpose changes the
file of its section; `python -m tests.report.test_wording` writes them all, and the difference is to be read.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from forecast.ledger.records import Answer, Entry, Forecast, Retraction, Workings
from forecast.ledger.store import Head
from forecast.model.evidence_set import Event, EvidenceSet
from forecast.report.blocks import Document, Section
from forecast.report.citing import Citing, Working
from forecast.report.compose import brief
from forecast.report.markdown import markdown
from forecast.report.sections.bottom_line import bottom_line
from forecast.report.sections.history import forecasts_over_time
from forecast.report.sections.method import identity, method
from forecast.report.sections.versions import track_record, versions
from forecast.report.sections.watching import watching
from forecast.report.sections.why import leave_one_origin_out, why
from forecast.report.sources import Sources
from forecast.scenario.schema import Step

GOLDEN = Path(__file__).parent / "golden"

STATE, YES = "regime-2025", "treaty-2024"


def _answer(question: str, outcome: str, p: float, kind: str = "state") -> Answer:
    ask = "Which regime holds on 1 January 2025?" if kind == "state" else "Is a treaty signed by the end of 2024?"
    return Answer(question, ask, kind, outcome, p, 0.004, max(p - 0.2, 0.01), min(p + 0.2, 0.99), False, None)


#: What is printed as nothing, though its error is smaller still.
STILL = {"kind": "as_of", "label": "25 days", "log_odds": -0.004, "mcse": 0.0, "p_after": 0.41}
NOW = (_answer(STATE, "durable", 0.62), _answer(STATE, "fragile", 0.38))
NOW += (_answer(YES, "yes", 0.97, "occurs"), _answer(YES, "no", 0.03, "occurs"))
THEN = (_answer(STATE, "durable", 0.41), _answer(STATE, "fragile", 0.59))
CLOSED = Answer("meeting-2023", "Did they meet in 2023?", "occurs", "yes", None, None, None, None, True, "yes")


def _entry(
    id_: str, model: str, as_of: str, answers: tuple[Answer, ...], since: str | None = None, **rest: Any
) -> Entry:
    forecast = Forecast(
        scenario="demo",
        title="A demonstration",
        model=model,
        family="regime",
        model_identity="a" * 64,
        evidence_identity="b" * 64,
        as_of=as_of,
        made_at=f"{as_of}T12:00:00+00:00",
        kind="live",
        key="c" * 64,
        seed=7,
        method={"name": "nuts", "chains": 4, "draws": 1000, "rhat": 1.0021, "ess": 1840.6},
        fit=None,
        versions={"forecast": "0.1.0", "pymc": "6.0.0"},
        questions=(),
        evidence_counts={"reports": 5, "counted": 4, "events": 3, "origins": 2, "new": 1},
        warnings=(),
        since=since,
        answers=answers,
    )
    return Entry("log", 1, id_, "", "d" * 64, replace(forecast, **rest).to_content())


BEFORE = _entry("fc-bbbbbbbbbb", "v1", "2024-01-07", THEN)
LAST = _entry("fc-aaaaaaaaaa", "v1", "2024-02-01", (*NOW, CLOSED), since=BEFORE.id)
LATER = _entry("fc-dddddddddd", "v1", "2024-03-01", NOW)
FIRST = _entry(LAST.id, "v1", "2024-02-01", NOW)
OTHER = _entry("fc-cccccccccc", "v2", "2024-01-20", NOW)

_ROWS = [
    {"kind": "new", "label": "treaty-2024", "log_odds": 0.81, "mcse": 0.02, "p_after": 0.61},
    {"kind": "as_of", "label": "25 days", "log_odds": -0.12, "mcse": 0.01, "p_after": 0.58},
    {"kind": "sampling", "label": "noise", "log_odds": 0.17, "mcse": 0.2, "p_after": 0.62},
]  # fmt: skip
EXPLAIN = {
    "question": STATE,
    "outcome": "durable",
    "rows": _ROWS,
    "from": {"forecast": None, "as_of": None, "p": 0.4},
    "to": {"forecast": LAST.id, "as_of": "2024-02-01", "model": "v1", "p": 0.62},
    "reason": None,
}
TESTS = [
    {"kind": "origin", "what": "without origin tass", "p": 0.51, "word": "roughly even chance", "survives": False},
    {"kind": "origin", "what": "without origin kcna", "p": 0.6, "word": "likely", "survives": True},
    {"kind": "tau", "what": "tau 0.25", "p": 0.63, "word": "likely", "survives": True},
]
NOISE_TESTS = [{"kind": "noise", "what": "p + 2 errors", "p": 0.63, "word": "likely", "survives": True}]
CONFIDENCE = {
    "rating": "low",
    "rules": [
        {"level": "low", "reason": "2 of 3 events rest on one origin"},
        {"level": "moderate", "reason": "4 of 6 grades are B or better"},
    ],
}
WORDS = {
    "answers": [
        {
            "question": STATE, "outcome": "durable", "p": 0.62, "text": "roughly even chance to likely", "tests": TESTS,
            "confidence": CONFIDENCE,
        }
    ]
}  # fmt: skip
WORDS["answers"].append({**WORDS["answers"][0], "outcome": "fragile", "confidence": {**CONFIDENCE, "rating": "high"}})
WATCH = {
    "window": {"from": "2024-02-02", "to": "2024-05-31"},
    "rows": [
        {
            "indicator": "state_visit", "kind": "event", "p_seen": 0.4, "p_if_seen": 0.71, "p_if_not": 0.55,
            "bits": 0.031, "watched": True, "reliable": True, "settles": False,
        },
        {
            "indicator": "common_threat", "kind": "condition", "p_seen": 0.8, "p_if_seen": 0.64, "p_if_not": 0.5,
            "bits": 0.011, "watched": False, "reliable": False, "settles": False,
        },
    ],
    "remarks": ["nobody has searched since 2024-01-15"],
    "problems": [],
    "movement": {"low": 0.44, "high": 0.79, "to": "2024-05-31"},
    "unmoved": None,
    "p": 0.62,
    "outcome": "durable",
}  # fmt: skip
OWN = {
    **WATCH["rows"][0], "indicator": "formal_commitment", "settles": True, "p_seen": 0.002, "p_if_seen": 1.0,
    "p_if_not": 0.61,
}  # fmt: skip
NEVER = {**WATCH["rows"][0], "indicator": "annexation", "p_seen": 0.0, "p_if_seen": None}
SETTLED = {
    **WATCH,
    "rows": [*WATCH["rows"], NEVER, OWN],
    "movement": {**WATCH["movement"], "low": 0.003, "high": 0.999},
}
SCORE = {
    "as_of": "2024-02-01",
    "tables": [
        {
            "model": "v1", "kind": "live", "section": "events", "n": 12, "brier": 0.1834, "log_score": 0.5512,
            "skill": 0.083, "calibration": [], "headline": True,
        }
    ],
}  # fmt: skip


def sources(
    entry: Entry = LAST,
    question: str = STATE,
    outcome: str = "durable",
    *,
    works: Mapping[str, Mapping[str, Any]] | None = None,
    missing: Mapping[str, str] | None = None,
    **rest: Any,
) -> Sources:
    """Everything that sections are written from, around one entry."""
    documents = (
        {"explain": EXPLAIN, "since": EXPLAIN, "words": WORDS, "watch": WATCH, "score": SCORE}
        if works is None
        else works
    )
    recorded = {
        verb: Entry(
            "log", 2, f"wk-{verb}", "", "", Workings(entry.id, "demo", verb, {}, "0.1.0", document).to_content()
        )
        for verb, document in documents.items()
    }
    entries = {one.id: one for one in (entry, BEFORE, LAST, OTHER, *recorded.values())}
    entries[entry.id] = entry
    nothing = EvidenceSet(date(2023, 1, 1), Step.MONTH, (), (), ())
    made: dict[str, Any] = {
        "entry": entry, "forecast": entry.forecast, "latest": True, "question": question, "outcome": outcome,
        "before": BEFORE, "evidence": nothing, "evidence_before": nothing,
        "history": (BEFORE, entry), "later": None, "lost": (), "others": (OTHER,), "scenario": None, "show": None,
        "works": {verb: Working(verb, documents[verb], one.id) for verb, one in recorded.items()},
        "missing": missing or {}, "unrecorded": "", "head": Head("log", "e" * 64),
        "cite": Citing(entries.__getitem__, entry.id),
    }  # fmt: skip
    return Sources(**{**made, **rest})


def _section(made: Section | None) -> Section:
    assert made is not None
    return made


EVENT = Event("treaty-2024", "treaty", date(2024, 1, 20), date(2024, 1, 20), date(2024, 1, 21), ())
NEW = EvidenceSet(date(2023, 1, 1), Step.MONTH, (EVENT,), (), ())
SURE = {
    "answers": [
        {**WORDS["answers"][0], "tests": TESTS[2:] + NOISE_TESTS, "confidence": {**CONFIDENCE, "rating": "moderate"}}
    ]
}
NOTHING = {"answers": [{**WORDS["answers"][0], "tests": NOISE_TESTS}]}
REPLAY = _entry(
    LAST.id, "v1", "2024-02-01", NOW, since=BEFORE.id, kind="replay", warnings=("replay: kept", "k-hat 0.9")
)
LOST = tuple(f"report R{n} of event summit withdrawn on 2024-03-0{n}: a hoax" for n in (1, 2, 3, 4))
RETRACTED = replace(LAST, retracted=Retraction(LAST.id, "a source was misread", "2024-03-01T00:00:00+00:00"))

CASES: Mapping[str, Callable[[], Section | Document]] = {
    "bottom-line": lambda: bottom_line(sources(evidence=NEW)),
    "bottom-line-yes-or-no": lambda: bottom_line(sources(question=YES, outcome="yes", works={}, before=None)),
    "bottom-line-first": lambda: bottom_line(sources(FIRST, works={}, before=None)),
    "bottom-line-superseded": lambda: bottom_line(sources(works={}, later=LATER), short=True),
    "bottom-line-closed": lambda: bottom_line(sources(question="meeting-2023", outcome="", works={})),
    "bottom-line-stable-word": lambda: bottom_line(sources(works={"words": SURE}), short=True),
    "bottom-line-withdrawn": lambda: bottom_line(sources(works={}, lost=LOST), short=True),
    "bottom-line-moved-by-one": lambda: bottom_line(
        sources(works={"since": {**EXPLAIN, "rows": [STILL, _ROWS[0]]}, "watch": SETTLED})
    ),
    "bottom-line-no-evidence": lambda: bottom_line(sources(works={"words": NOTHING}), short=True),
    "bottom-line-replay": lambda: bottom_line(sources(REPLAY, works={}, missing={"words": "no draws are left."})),
    "bottom-line-retracted": lambda: bottom_line(sources(RETRACTED, works={}, unrecorded="The ledger is read-only.")),
    "brief": lambda: brief(sources(works={"explain": EXPLAIN, "since": EXPLAIN, "words": WORDS, "watch": WATCH})),
    "over-time": lambda: _section(forecasts_over_time(sources(evidence=NEW))),
    "why": lambda: _section(why(sources())),
    "why-missing": lambda: _section(why(sources(works={}, missing={"explain": "no draws are left."}))),
    "origins": lambda: _section(leave_one_origin_out(sources())),
    "watch": lambda: _section(watching(sources())),
    "watch-missing": lambda: _section(watching(sources(works={}, missing={"watch": "the question is closed."}))),
    "watch-settled": lambda: _section(watching(sources(works={"watch": SETTLED}))),
    "versions": lambda: versions(sources()),
    "versions-none": lambda: versions(sources(others=())),
    "track-record": lambda: _section(track_record(sources())),
    "track-record-of-others": lambda: _section(
        track_record(sources(works={"score": {**SCORE, "tables": [{**SCORE["tables"][0], "model": "v2"}]}}))
    ),
    "track-record-none": lambda: _section(track_record(sources(works={}))),
    "method": lambda: method(sources()),
    "identity": lambda: identity(sources()),
}


def written(name: str) -> str:
    """A case as Markdown: marks of cited numbers and the list of them left out."""
    made = CASES[name]()
    document = made if isinstance(made, Document) else Document("", "", (made,))
    text = markdown(document, lambda figure: f"{figure.id}.svg").text.partition("\n## Numbers cited")[0]
    return re.sub(r'\[([^\]]*)\]\(#cited-\d+ "[^"]*"\)', r"\1", text).removeprefix("# \n\n").rstrip() + "\n"


@pytest.mark.parametrize("name", CASES)
def test_a_section_says_what_its_golden_text_says(name: str) -> None:
    assert written(name) == (GOLDEN / f"{name}.md").read_text("utf-8")


def test_every_golden_text_is_that_of_a_section() -> None:
    assert {path.stem for path in GOLDEN.glob("*.md")} == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_likelihood_and_confidence_are_never_in_one_sentence(name: str) -> None:
    likelihood = r"\b(likely|unlikely|chance|certain|almost no)\b"
    for sentence in re.split(r"(?<=[.;:!?])\s+|\n", written(name)):
        assert not (re.search(likelihood, sentence) and re.search(r"\bconfidence\b", sentence, re.I)), sentence


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for case in CASES:
        (GOLDEN / f"{case}.md").write_text(written(case), "utf-8")
