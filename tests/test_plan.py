"""What is one forecast and what is another, what a day lets in, and what cannot be forecast."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from forecast.errors import InputError
from forecast.ledger.store import LEDGER_FILE, open_ledger
from forecast.plan import Plan, Request, plan
from forecast.scenario.read import read_scenario

from .ledger.samples import evidence, forecast
from .workspaces import DAY, ROOT, add_report, edit, write_toy

NEXT_DAY = DAY + timedelta(days=1)
ARTICLE = date(2024, 1, 7)
REPORTS = "toy/evidence/reports.yaml"


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    return write_toy(tmp_path)


def planned(workspace: Path, today: date = DAY, name: str = "toy", **request: Any) -> Plan:
    with open_ledger(workspace / LEDGER_FILE, read_only=True) as ledger:
        return plan(read_scenario(workspace, name), Request(**request), today, ledger)


# --- what is one forecast and what is another ----------------------------------------------------------------------


def test_the_same_request_on_the_same_files_has_the_same_key(toy: Path) -> None:
    assert planned(toy).key == planned(toy).key


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("claim: The leaders met.", "claim: 'The leaders met, in other words'"),
        ("coded_by: xy, coded_on: 2024-02-01", "coded_by: somebody else, coded_on: 2024-01-31"),
        ("asserted_as: fact, grade: B1", "asserted_as: media-report, grade: B1, note: seen by many"),
        ("claim: It will last for decades.", "claim: It will end soon., grade: A1"),
    ],
    ids=["wording", "coder", "remarks", "a report that does not count"],
)
def test_what_gives_the_model_nothing_leaves_the_key_alone(toy: Path, old: str, new: str) -> None:
    before = planned(toy).key
    edit(toy, REPORTS, old, new)
    assert planned(toy).key == before


def test_the_order_of_reports_leaves_the_key_alone(toy: Path) -> None:
    before = planned(toy).key
    path = toy / "scenarios" / REPORTS
    first, second, *reports = path.read_text().splitlines()
    path.write_text("\n".join([first, second, *reversed(reports)]) + "\n")
    assert planned(toy).key == before


def test_notes_and_titles_leave_the_key_alone(toy: Path) -> None:
    before = planned(toy).key
    edit(toy, "toy/scenario.yaml", "title: A toy alliance", "title: Another title")
    edit(toy, "toy/models/v1.yaml", "notes: as it is", "notes: other words")
    edit(toy, "codebooks/alliance.yaml", "means: it lasts", "means: it goes on")
    assert planned(toy).key == before


@pytest.mark.parametrize(
    "request_", [{"seed": 7}, {"model": "v0"}, {"as_of": DAY - timedelta(days=1)}], ids=["seed", "model", "as-of"]
)
def test_another_request_is_another_key(toy: Path, request_: dict[str, Any]) -> None:
    assert planned(toy).key != planned(toy, **request_).key


def test_what_changes_nothing_about_the_numbers_is_no_other_key(toy: Path) -> None:
    assert planned(toy).key == planned(toy, force=True).key == planned(toy, draft=True, method="nuts").key


def test_a_replay_of_a_day_is_another_forecast_than_the_live_one(toy: Path) -> None:
    live, replay = planned(toy, today=DAY), planned(toy, today=NEXT_DAY, as_of=DAY)
    assert (live.kind, replay.kind) == ("live", "replay")
    assert live.identity["evidence_identity"] == replay.identity["evidence_identity"]
    assert live.key != replay.key


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (REPORTS, "grade: C3", "grade: C4"),
        (REPORTS, "when: 2023-09", "when: 2023-08"),
        (REPORTS, "event: fish", "event: fish, origin: borland-news"),
        (REPORTS, "event: fish", "event: fish, denies: true"),
        ("toy/indicators.yaml", "[0.7, 0.95]", "[0.6, 0.95]"),
        ("toy/models/v1.yaml", "tau: 0.5", "tau: 0.6"),
        ("codebooks/alliance.yaml", "durable: [1, 3]", "durable: [1, 4]"),
        ("toy/scenario.yaml", "on: 2025-01-01", "on: 2025-01-02"),
        ("toy/scenario.yaml", "ask: Which regime holds on 1 January 2025?", "ask: Which regime holds then?"),
        ("toy/scenario.yaml", "settled_by: truth", "settled_by: truth, at_least: 2"),
    ],
    ids=["grade", "date", "origin", "denial", "watch", "tau", "range", "question", "wording of a question", "count"],
)
def test_another_model_evidence_or_question_is_another_key(toy: Path, file: str, old: str, new: str) -> None:
    before = planned(toy).key
    edit(toy, file, old, new)
    assert planned(toy).key != before


def test_a_report_more_is_another_key(toy: Path) -> None:
    before = planned(toy).key
    add_report(toy, "id: R5, indicator: dispute, when: 2023-10-01, claim: Again., asserted_as: fact, grade: B2")
    assert planned(toy).key != before


def test_the_seed_follows_from_everything_else_unless_given(toy: Path) -> None:
    assert planned(toy).seed == planned(toy).seed
    assert planned(toy).seed != planned(toy, as_of=DAY - timedelta(days=1)).seed
    assert planned(toy, seed=0).seed == 0


# --- what a day lets in --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def article() -> Plan:
    """The real scenario on the day of its article, made later."""
    return planned(ROOT, today=date(2026, 11, 23), name="dprk-russia", as_of=ARTICLE)


def test_the_article_alone_is_known_on_its_day(article: Plan) -> None:
    # counted by hand in scenarios/dprk-russia/README.md: 38 statements of the article, B01 and B02
    assert len(article.evidence.events) == 13
    assert len(article.snapshot.reports) == 40
    later = {f"B{number:02}" for number in range(3, 51)}
    assert not {row.report.id[:3] for row in article.snapshot.reports} & later
    assert article.snapshot.resolutions == {}
    assert article.evidence.watches == ()


def test_removing_everything_later_changes_no_forecast_of_the_day(article: Plan) -> None:
    whole = article.scenario
    early = replace(whole, reports=tuple(r for r in whole.reports if r.known <= ARTICLE), resolutions={})
    assert len(early.reports) < len(whole.reports)
    with open_ledger(ROOT / "nowhere" / LEDGER_FILE, read_only=True) as ledger:
        again = plan(early, Request(as_of=ARTICLE), date(2026, 11, 23), ledger)
    assert again.key == article.key


def test_a_resolution_counts_from_the_day_on_which_it_is_known(toy: Path) -> None:
    assert not planned(toy, as_of=date(2024, 3, 14), today=date(2024, 4, 1)).snapshot.resolutions
    later = planned(toy, as_of=date(2024, 3, 15), today=date(2024, 4, 1))
    assert {q.id for q in later.questions if later.is_closed(q)} == {"dispute-2024", "regime-2023"}


def test_a_question_is_open_through_its_last_day(toy: Path) -> None:
    last = planned(toy, as_of=date(2025, 1, 1), today=date(2026, 1, 1))
    assert [question.id for question in last.open_questions] == ["regime-2025", "unbroken-2025"]


# --- questions without a beginning ---------------------------------------------------------------------------------


def beginning(made: Plan) -> date | None:
    return next(question.from_ for question in made.questions if question.id == "unbroken-2025")  # type: ignore[union-attr]


@pytest.fixture
def asked(toy: Path) -> Callable[..., None]:
    """Put a forecast of the toy on record."""

    def record(as_of: str, kind: str = "live", number: int = 0, question: str = "unbroken-2025") -> str:
        made = forecast(number, scenario="toy", as_of=as_of, kind=kind, questions=({"id": question, "kind": "stays"},))
        with open_ledger(toy / LEDGER_FILE, create=True) as ledger:
            return ledger.append_forecast(made, evidence()).id

    return record


def test_stays_begins_on_the_as_of_date_when_it_was_never_asked(toy: Path) -> None:
    assert beginning(planned(toy)) == DAY


def test_stays_begins_on_the_first_day_as_of_which_it_was_asked_live(toy: Path, asked: Callable[..., str]) -> None:
    asked("2024-01-20", number=1)
    asked("2023-12-24", number=2)
    asked("2023-06-01", "replay", number=3)
    asked("2023-06-02", number=4, question="another")
    assert beginning(planned(toy)) == date(2023, 12, 24)


def test_a_replay_of_an_earlier_day_begins_on_that_day(toy: Path, asked: Callable[..., str]) -> None:
    asked("2024-01-20")
    assert beginning(planned(toy, as_of=date(2023, 10, 1))) == date(2023, 10, 1)


def test_a_retracted_forecast_asked_nothing(toy: Path, asked: Callable[..., str]) -> None:
    name = asked("2024-01-20")
    with open_ledger(toy / LEDGER_FILE) as ledger:
        ledger.retract(name, "coded wrongly", "2024-01-21T00:00:00+00:00")
    assert beginning(planned(toy)) == DAY


def test_a_beginning_that_is_written_down_stands(toy: Path, asked: Callable[..., str]) -> None:
    asked("2023-12-24")
    edit(toy, "toy/scenario.yaml", "in: [durable], until", "in: [durable], from: 2024-01-15, until")
    assert beginning(planned(toy)) == date(2024, 1, 15)


# --- what cannot be forecast ---------------------------------------------------------------------------------------


def test_a_day_before_the_start_is_refused(toy: Path) -> None:
    with pytest.raises(InputError, match=r"2022-12-31 is before the start of toy\. Accepted: a day from 2023-01-01 to"):
        planned(toy, as_of=date(2022, 12, 31))
    assert planned(toy, as_of=date(2023, 1, 1)).as_of == date(2023, 1, 1)


def test_a_day_in_the_future_is_refused(toy: Path) -> None:
    with pytest.raises(InputError, match=r"--as-of: 2024-02-02 is in the future\. Accepted: .* to 2024-02-01"):
        planned(toy, as_of=NEXT_DAY)


def test_an_unknown_version_is_refused_with_those_there_are(toy: Path) -> None:
    with pytest.raises(InputError, match=r"no model version 'v9'.*Accepted: v0, v1"):
        planned(toy, model="v9")


def test_a_case_whose_questions_are_all_closed_is_refused(toy: Path) -> None:
    with pytest.raises(InputError, match=r"every question of toy is over or resolved as of 2025-01-02"):
        planned(toy, today=date(2025, 1, 2))
