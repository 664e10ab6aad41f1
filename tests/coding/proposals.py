"""Proposals for the toy scenario of `tests.workspaces`, from an article of a few sentences."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from forecast.coding.proposal import Because, Proposal
from forecast.coding.proposals_file import write_proposals
from forecast.scenario.read import read_scenario
from forecast.scenario.schema import Asserted

ARTICLE = """\
Arland and Borland

The leaders of Arland and Borland met in May 2023. They quarrelled over fish in September 2023, officials said.

A second meeting took place on 4 October 2023. Borland denied that Arland had sent soldiers.
"""


def proposal(sentence: str, quote: str, **said: Any) -> Proposal:
    """A proposal about a sentence of `ARTICLE`, complete unless `said` says otherwise."""
    start = ARTICLE.index(sentence)
    at = ARTICLE.index(quote, start)
    made = Proposal(
        sentence=sentence,
        sentence_start=start,
        sentence_end=start + len(sentence),
        quote=quote,
        start=at,
        end=at + len(quote),
        locator="paragraph 2, sentence 1",
        claim=f"It is said: {quote}",
        indicator="meeting",
        event="meeting-2023-05",
        when="2023-05",
        known=date(2024, 1, 7),
        asserted_as=Asserted.FACT,
        denies=False,
        grade="B2",
        grade_why="reliable paper, not confirmed",
        origin="paper",
        speaker=None,
        actors=("AAA", "BBB"),
        because=(Because("indicator", quote, at, at + len(quote), "a cue"),),
        duplicates=(),
        proposer="lexicon 1",
    )
    return replace(made, **said)


MET = proposal("The leaders of Arland and Borland met in May 2023.", "met in May 2023")
FISH = proposal(
    "They quarrelled over fish in September 2023, officials said.",
    "quarrelled over fish",
    indicator="dispute",
    event="fish-2023",
    when="2023-09",
    asserted_as=Asserted.OFFICIAL_CLAIM,
)
AGAIN = proposal(
    "A second meeting took place on 4 October 2023.", "A second meeting", event="meeting-2023-10-04", when="2023-10-04"
)
DENIED = proposal(
    "Borland denied that Arland had sent soldiers.",
    "denied that Arland had sent soldiers",
    indicator=None,
    event="soldiers",
    when="",
    denies=True,
    asserted_as=Asserted.SPECULATION,
)
ALL = (MET, FISH, AGAIN, DENIED)


def propose(workspace: Path, *proposals: Proposal, text: str = ARTICLE) -> Path:
    """Save the article of the toy's source `paper` and write proposals for it; the proposals file."""
    scenario = read_scenario(workspace, "toy")
    article = scenario.folder / "articles/paper.txt"
    article.parent.mkdir(exist_ok=True)
    article.write_text(text, encoding="utf-8")
    return write_proposals(scenario, "paper", text, proposals or ALL)[0]
