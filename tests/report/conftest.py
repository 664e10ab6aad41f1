"""A small ledger, a draft that cites it in every form, and the documents made of it, each once.

And reports whose tests copy a workspace: what a verb says of the same files is computed once, and drawn once.
"""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import vl_convert

from forecast.canonical import canonical_json, file_sha256, sha256
from forecast.ledger.reading import open_examined
from forecast.ledger.records import Answer, Entry, Forecast, Workings
from forecast.ledger.store import LEDGER_FILE, Ledger, open_ledger
from forecast.ledger.verify import Problem
from forecast.report import build as making
from forecast.report import compose
from forecast.report import sources as gathering
from forecast.report.citations.files import SUFFIXES, read_content
from forecast.report.rendered import render
from forecast.report.sections import history, watching, why
from forecast.report.since import lost_by_ledger
from forecast.report.verified import Verified, verified

from ..ledger import samples


def spoken(*events: tuple[str, str]) -> dict[str, Any]:
    """An evidence set in which origins speak of events."""
    rows = [{"id": event, "origins": [{"origin": origin, "denies": False, "grade": "B2"}]} for event, origin in events]
    return {"events": rows, "watches": []}


#: What the forecasts of the tests rest on.
BASIS = spoken(("kim-in-russia-2023-09", "bernal-2023"), ("arms-2023-10", "nis"))


def answer(question: str, outcome: str, p: float | None, **changes: Any) -> Answer:
    """An open answer, or a closed one."""
    ends = (None, None, None) if p is None else (0.004, p / 2, (1 + p) / 2)
    base = Answer(question, f"What of {question}?", "state", outcome, p, *ends, p is None, "yes" if p is None else None)
    return replace(base, **changes)


ANSWERS = (
    answer("regime-2025", "durable", 0.412),
    answer("regime-2025", "transactional", 0.471),
    answer("regime-2025", "fragile", 0.117),
    answer("treaty-2024", "yes", 0.238, kind="occurs"),
    answer("treaty-2024", "no", 0.762, kind="occurs"),
    answer("visit-2023", "yes", None, kind="occurs"),
)


def made(number: int, evidence: dict[str, Any] = BASIS, **changes: Any) -> Forecast:
    """A forecast with these answers, made so many seconds after noon."""
    identity = sha256(canonical_json(evidence))
    return samples.forecast(number, **{"answers": ANSWERS, "evidence_identity": identity} | changes)


def fill(ledger: Ledger) -> tuple[str, str]:
    """Record a forecast, one that is compared with it, and workings of this; ids of the second and of its workings."""
    earlier = tuple(replace(one, p=None if one.p is None else one.p * 0.9) for one in ANSWERS)
    first = ledger.append_forecast(
        made(1, as_of="2023-12-01", made_at="2023-12-01T12:00:00+00:00", answers=earlier), BASIS
    )
    second = ledger.append_forecast(made(2, since=first.id), BASIS)
    rows = [{"log_odds": -0.449, "p_after": 0.4567, "mcse": 0.0001}, {"log_odds": 1.25, "p_after": 0.031, "mcse": 0.01}]
    workings = Workings(second.id, "dprk-russia", "explain", {}, "0.1.0", {"rows": rows, "n": 38})
    return second.id, ledger.append_workings(workings).id


DRAFT = """\
---
title: Will it last?
author: [Ann Analyst, Bo Ng]
date: 2024-01-08
---
We think it {{fc:dprk-russia/regime-2025:durable words}} ({{fc:dprk-russia/regime-2025:durable}}) that the alliance
is durable, in British words **{{fc:dprk-russia/regime-2025:durable both phia}}**; the range if rates were known is
{{fc:dprk-russia/regime-2025:durable interval}}, and the change {{fc:dprk-russia/regime-2025:durable change}}.

| question | p | both |
|:--|--:|:--|
| a treaty | {{fc:dprk-russia/treaty-2024}} | {{fc:{forecast}/treaty-2024:yes both}} |
| a fragile one | {{fc:{forecast}/regime-2025:fragile}} | {{fc:{forecast}/regime-2025:fragile both}} |

# Why

- the first row {{fc:{workings}#/rows/0/log_odds +.2f}}, then {{fc:{workings}#/rows/0/p_after probability}}
- the second row {{fc:{workings}#/rows/1/log_odds .1f}} on {{fc:{workings}#/n .0f}} reports; *visited*:
  {{fc:dprk-russia/visit-2023 resolved}}

> Again {{fc:dprk-russia/regime-2025:durable}}, and `{{fc:in/code}}` is left alone.
> 아직 {{fc:dprk-russia/treaty-2024}}이다.
"""


@dataclass(frozen=True)
class Published:
    """The workspace, and the documents by ending."""

    workspace: Path
    draft: Path
    forecast: str
    workings: str
    documents: dict[str, bytes]
    check: Callable[[bytes, str], Verified]

    @property
    def ledger(self) -> Path:
        return self.workspace / LEDGER_FILE


def check_against(ledger: Ledger, problems: list[Problem]) -> Callable[[bytes, str], Verified]:
    """What verifies documents in memory against a ledger that does not change meanwhile."""

    def check(content: bytes, suffix: str) -> Verified:
        return verified(
            read_content(content, suffix), ledger, problems, lambda entry: lost_by_ledger(ledger, entry), whole=True
        )

    return check


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    workspace = tmp_path_factory.mktemp("published")
    (workspace / "scenarios").mkdir()
    draft = workspace / "draft.md"
    documents = {}
    with open_ledger(workspace / LEDGER_FILE, create=True) as ledger:
        forecast, workings = fill(ledger)
        draft.write_text(DRAFT.format(forecast=forecast, workings=workings), encoding="utf-8")
        for suffix in SUFFIXES:
            out = workspace / f"out{suffix}"
            documents[suffix] = render(draft, out, ledger, lambda _: None, lambda _: ()).content
            out.write_bytes(documents[suffix])
    examined, problems = open_examined(workspace / LEDGER_FILE)
    with examined:
        yield Published(workspace, draft, forecast, workings, documents, check_against(examined, problems))


def state_of(workspace: Path, ledger: Ledger) -> tuple[Any, ...]:
    """Everything that a verb reads: files of scenarios, stored draws, and records that are no workings."""
    files = [
        (str(path.relative_to(workspace)), file_sha256(path))
        for folder in ("scenarios", ".forecast/draws")
        for path in sorted((workspace / folder).rglob("*"))
        if path.is_file()
    ]
    entries = [(entry.id, entry.retracted is not None) for entry in ledger.entries() if entry.type != "workings"]
    return (*files, *entries)


@pytest.fixture(scope="session")
def computed_once() -> Iterator[Callable[..., Any]]:
    """Documents of verbs are computed once for each state of a workspace, whatever folder it is copied to.

    Gives the function that computes them every time.
    """
    known: dict[tuple[Any, ...], Any] = {}
    real = gathering.computed

    def computed(ledger: Ledger, workspace: Path, entry: Entry, *asked: Any) -> Any:
        *what, tell = asked
        place = (state_of(workspace, ledger), entry.id, *what)
        if place not in known:
            known[place] = real(ledger, workspace, entry, *what, tell)
        return known[place]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gathering, "computed", computed)
        patch.setattr(making, "computed", computed)
        yield real


#: Where functions that make specifications or draw them are called, all of nothing but their arguments.
DRAWING: tuple[tuple[ModuleType, str], ...] = (
    (compose, "answers"),
    (history, "over_time"),
    (history, "regimes"),
    (watching, "drawn"),
    (why, "left_out"),
    (vl_convert, "vegalite_to_svg"),
    (vl_convert, "vegalite_to_png"),
)


@pytest.fixture(scope="module")
def drawn_once() -> Iterator[None]:
    """A picture is specified and drawn once for each set of arguments; whoever asks again has a copy of his own.

    No longer than for the file that asks: others test that what is drawn twice is the same.
    """
    with pytest.MonkeyPatch.context() as patch:
        for module, name in DRAWING:
            patch.setattr(module, name, remembering(getattr(module, name)))
        yield


def remembering(real: Callable[..., Any]) -> Callable[..., Any]:
    """A function of plain data that is called once for the same data."""
    known: dict[str, Any] = {}

    def function(*asked: Any, **options: Any) -> Any:
        place = json.dumps((asked, options), default=asdict)  # refuses what is not data
        if place not in known:
            known[place] = real(*asked, **options)
        return deepcopy(known[place])

    return function
