"""A cited number is found again by its citation, and written the same way."""

from dataclasses import replace
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.ledger.records import Answer, Entry, Forecast, Workings
from forecast.report.blocks import (
    Bullets,
    Cited,
    Column,
    Document,
    Figure,
    Fold,
    Paragraph,
    Section,
    Table,
    citations,
)
from forecast.report.citation import ANSWER_FORMS, NUMBER_FORMS, Citation, NotThereError, parse_citation, shown

DURABLE = Answer("regime-2025", "Which?", "state", "durable", 0.412, 0.004, 0.118, 0.742, False, None)
BEFORE = replace(DURABLE, p=0.33)
CLOSED = Answer("treaty-2024", "A treaty?", "occurs", "yes", None, None, None, None, True, "yes")


def _entry(name: str, *answers: Answer, since: str | None = None) -> Entry:
    forecast = Forecast(
        scenario="demo",
        title="Demo",
        model="v1",
        family="regime",
        model_identity="0" * 64,
        evidence_identity="1" * 64,
        as_of="2024-01-07",
        made_at="2024-01-07T12:00:00+00:00",
        kind="live",
        key="2" * 64,
        seed=1,
        method={},
        fit=None,
        versions={},
        questions=(),
        evidence_counts={},
        warnings=(),
        since=since,
        answers=answers,
    )
    return Entry("log", 1, name, "", "", forecast.to_content())


DOCUMENT = {
    "rows": [
        {
            "log_odds": -0.449,
            "p_after": 0.4567,
            "p": 0.4567,
            "nothing": -0.004,
            "mcse": 0.0001,
            "a/b": 2,
            "none": None,
            "huge": 10**400,
            "nan": float("nan"),
            "yes": True,
        }
    ]
}
ENTRIES = {
    "fc-aaaaaaaaaa": _entry("fc-aaaaaaaaaa", DURABLE, CLOSED, since="fc-bbbbbbbbbb"),
    "fc-bbbbbbbbbb": _entry("fc-bbbbbbbbbb", BEFORE),
    "wk-cccccccccc": Entry(
        "log", 3, "wk-cccccccccc", "", "", Workings("fc-a", "demo", "explain", {}, "0.1.0", DOCUMENT).to_content()
    ),
}


@pytest.mark.parametrize(
    ("citation", "text"),
    [
        # by hand: an error of 0.004 supports two decimals, a change of 0.082 is 14 times its error
        ("fc-aaaaaaaaaa/regime-2025:durable number", "0.41"),
        ("fc-aaaaaaaaaa/regime-2025:durable words", "unlikely"),
        ("fc-aaaaaaaaaa/regime-2025:durable both latest", "unlikely (0.41)"),
        ("fc-aaaaaaaaaa/regime-2025:durable interval", "0.12-0.74"),
        ("fc-aaaaaaaaaa/regime-2025:durable change", "+0.08"),
        ("fc-aaaaaaaaaa/treaty-2024:yes resolved", "yes"),
        ("wk-cccccccccc#/rows/0/log_odds +.2f", "-0.45"),
        # an error of 0.0001 supports three decimals of p; it says nothing of other probabilities in the same row
        ("wk-cccccccccc#/rows/0/p probability", "0.457"),
        ("wk-cccccccccc#/rows/0/p_after probability", "0.46"),
        ("wk-cccccccccc#/rows/0/a~1b .0f", "2"),
        ("wk-cccccccccc#/rows/0/nothing +.2f", "0.00"),
    ],
)
def test_a_cited_value_is_written_from_the_ledger(citation: str, text: str) -> None:
    assert shown(parse_citation(citation), ENTRIES.__getitem__) == text
    assert str(parse_citation(citation)) == citation


@pytest.mark.parametrize(
    ("citation", "message"),
    [
        ("fc-aaaaaaaaaa/regime-2025:nope number", "no answer regime-2025:nope"),
        ("fc-aaaaaaaaaa/treaty-2024:yes number", "no number of treaty-2024:yes, which is closed"),
        ("fc-bbbbbbbbbb/regime-2025:durable change", "no change of regime-2025:durable"),
        ("fc-aaaaaaaaaa/regime-2025:durable resolved", "no resolved of"),
        ("wk-cccccccccc#/rows/1/log_odds .2f", "nothing at /rows/1/log_odds"),
        ("wk-cccccccccc#/rows/-1/log_odds .2f", "nothing at /rows/-1/log_odds"),
        ("wk-cccccccccc#/rows/00/log_odds .2f", "nothing at /rows/00/log_odds"),
        ("wk-cccccccccc#/rows/0/log_odds probability", "no probability at /rows/0/log_odds"),
        ("wk-cccccccccc#/rows/0/huge .0f", "no number at /rows/0/huge"),
        ("wk-cccccccccc#/rows/0/nan .2f", "no number at /rows/0/nan"),
        ("wk-cccccccccc#/rows/0/none .2f", "no number at /rows/0/none"),
        ("wk-cccccccccc#/rows/0/yes .2f", "no number at /rows/0/yes"),
    ],
)
def test_a_value_that_is_not_there_is_said_so(citation: str, message: str) -> None:
    with pytest.raises(NotThereError, match=message):
        shown(parse_citation(citation), ENTRIES.__getitem__)


@pytest.mark.parametrize(
    "text", ["", "fc-aaaaaaaaaa", "fc-a/q:o", "fc-a/q:o .2g", "xx-a/q:o number", "fc-a/q:o number x"]
)
def test_other_texts_are_no_citations(text: str) -> None:
    with pytest.raises(ValueError, match="is no citation"):
        parse_citation(text)


IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,12}", fullmatch=True)
RECORDS = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=1, max_size=10)


@given(st.sampled_from(["fc-", "wk-"]), RECORDS, IDS, IDS, st.sampled_from(ANSWER_FORMS + NUMBER_FORMS), st.booleans())
def test_a_citation_reads_back(prefix: str, record: str, question: str, outcome: str, form: str, latest: bool) -> None:
    for at in (f"{question}:{outcome}", f"/{question}/{outcome}"):
        citation = Citation(prefix + record, at, form, latest)
        assert parse_citation(str(citation)) == citation


def test_citations_come_in_the_order_of_reading() -> None:
    def cited(n: int) -> Cited:
        return Cited(str(n), Citation("fc-a", f"q:{n}", "number"))

    table = Table("t", "caption", (Column("a"), Column("b")), ((("x", cited(2)), (cited(3),)), ((cited(4),), ())))
    document = Document(
        "title",
        "subtitle",
        (
            Section(
                "one",
                "One",
                (
                    Paragraph(("p", cited(1))),
                    table,
                    Figure("f", MappingProxyType({}), "", "", replace(table, rows=(((cited(5),),),))),
                ),
                (Section("inner", "Inner", (Fold("more", (Bullets(((cited(6),),)),)),)),),
            ),
            Section("two", "Two", (Paragraph((cited(7),)),)),
        ),
    )
    assert [citation.at for citation in citations(document)] == [f"q:{n}" for n in range(1, 8)]
