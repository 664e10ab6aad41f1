"""How well proposals agree with articles that people coded: one table for any proposer.

`uv run python benchmarks/coded_articles.py [--proposer NAME] [--rows] FOLDER...`. A folder holds texts, `truth.csv`
with one line for each statement, and `articles.yaml` with the day, the kind and the partners of each text (see
`tests/coding/unseen`).

Matching. Each proposal answers one statement at most, and each statement has one proposal at most. Pairs of which the
quote shares a word with the coded words come first; then those whose sentence holds the coded words. Of equal pairs the
one that agrees about denial comes first, for a claim and its denial may share a sentence, then the one that shares most
words. The indicator has no say.

Columns. *found*: statements with a proposal. *right*: of all statements, those whose proposal is right in indicator,
date, denial, stage and manner of assertion, so that a coder has nothing to change. *rows right*: the same, of all
proposals. *indicator*, *date*, *stage*, *manner*, *speaker*: right, of those found. *denials*: of the statements that
something did not happen, those found and proposed as denied, postponed or called off. *surplus*: proposals that answer
no statement, of all proposals.
"""

import argparse
import csv
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from forecast.coding.articles.article import read_article
from forecast.coding.proposal import Proposal
from forecast.coding.proposers.protocol import Material, read_proposer
from forecast.scenario.dates import parse_when
from forecast.scenario.read import read_scenario
from forecast.scenario.record import Scenario
from forecast.scenario.schema import Actor

ROOT = Path(__file__).parents[1]

#: Other names of indicators in tables that were coded without the codebook of alliances; any of the values is right.
NAMES = {
    "agreement": ("formal_commitment",),
    "arms transfer": ("arms_transfer",),
    "clash": ("friction",),
    "diplomatic backing": ("diplomatic_backing",),
    "gesture": ("friction", "diplomatic_backing"),
    "hostile statement": ("friction",),
    "leader meeting (plan)": ("leader_meeting",),
    "military exercise": ("military_exercise",),
    "mine incident": ("friction",),
    "monitoring": ("formal_commitment", "third_party_pressure", "diplomatic_backing"),
    "process stage": ("formal_commitment", "leader_meeting", "senior_visit", "economic_cooperation"),
    "release": ("diplomatic_backing", "friction", "formal_commitment"),
    "rival alignment": ("rival_alignment",),
    "suspension": ("withdrawal_step", "friction"),
    "talks": ("senior_visit", "leader_meeting"),
    "withdrawal of weapons": ("withdrawal_step", "formal_commitment"),
}

#: An unnamed person's words have no kind of their own in the evidence schema.
MANNERS = {"hearsay": ("media-report", "official-claim", "speculation"), "": ("fact", "official-claim")}

_WORD = re.compile(r"\w+")
_PLAIN = frozenset(["the", "a", "an", "of", "and", "its", "in", "on", "for", "to", "by", "from", "said", "s"])


@dataclass(frozen=True)
class Pair:
    """A coded statement and its proposal, with what is right of it."""

    coded: Mapping[str, str]
    proposal: Proposal | None
    right: Mapping[str, bool]


def scenario_of(entry: Mapping[str, Any]) -> Scenario:
    """A scenario without evidence, with the codebook of alliances and the partners of an article."""
    scenario = read_scenario(ROOT, "dprk-russia")
    actors = {
        key: Actor(name=name, aliases=tuple(aliases))
        for key, name, aliases in zip(entry["between"], entry["names"], entry["aliases"], strict=True)
    }
    file = scenario.file.model_copy(update={"actors": actors})
    return replace(scenario, file=file, reports=())


def proposals_of(name: str, text: str, entry: Mapping[str, Any]) -> list[Proposal]:
    """What a proposer proposes for a text."""
    first, second = entry["between"]
    material = Material(text, "article", entry["published"], entry["kind"], "C", scenario_of(entry), (first, second))
    made = read_proposer(name).propose(material, lambda _: None)
    return [one for one in made if isinstance(one, Proposal)]


def compare(text: str, published: date, coded: Sequence[Mapping[str, str]], made: Sequence[Proposal]) -> list[Pair]:
    """Each coded statement with the proposal that answers it."""
    candidates = []
    for n, one in enumerate(coded):
        at = text.find(one["words"])
        if at < 0:
            raise ValueError(f"{one['article']}: the text does not have the words '{one['words']}'")
        end = at + len(one["words"])
        for m, proposal in enumerate(made):
            shared = len(_WORD.findall(text[max(at, proposal.start) : min(end, proposal.end)]))
            inside = proposal.sentence_start <= at and end <= proposal.sentence_end
            if shared or inside:
                agrees = _denied(proposal) == (one["status"] == "did not happen")
                candidates.append((-min(shared, 1), not agrees, -shared, n, m))
    found: dict[int, int] = {}
    for _, _, _, n, m in sorted(candidates):
        if n not in found and m not in found.values():
            found[n] = m
    return [
        Pair(one, made[found[n]], _right(one, made[found[n]], published)) if n in found else Pair(one, None, {})
        for n, one in enumerate(coded)
    ]


def _denied(proposal: Proposal) -> bool:
    status = getattr(proposal, "status", None)
    return proposal.denies or (status is not None and status.value in ("postponed", "called-off"))


def _right(one: Mapping[str, str], proposal: Proposal, published: date) -> dict[str, bool]:
    manner = getattr(proposal, "manner", None)
    is_plan = manner is not None and manner.value != "act"
    counts = proposal.asserted_as.counts and not is_plan
    happened, denied = one["status"] == "happened", one["status"] == "did not happen"
    names = NAMES.get(one["indicator"], (one["indicator"],))
    wanted = MANNERS.get(one["asserted_as"], (one["asserted_as"],))
    said = set(_WORD.findall(f"{proposal.speaker or ''} {proposal.origin}".lower()))
    who = set(_WORD.findall(one["origin"].lower())) - _PLAIN
    return {
        "indicator": proposal.indicator in names,
        "date": _date_right(one["when"], proposal.when, published),
        "denied": _denied(proposal) == denied,
        "stage": denied or (counts if happened else not counts),
        "manner": proposal.asserted_as.value in wanted or (one["status"] in ("planned", "may happen") and not counts),
        "speaker": bool(who & said) if who else proposal.speaker is None,
    }


def _date_right(coded: str, proposed: str, published: date) -> bool:
    if not coded:
        return not proposed
    true = parse_when(coded)
    if not proposed:
        return true.n_days > 31 or true.first == true.last == published
    said = parse_when(proposed)
    inside = said.first <= true.first and true.last <= said.last
    return inside or (true.first <= said.first and said.last <= true.last)


def summary(pairs: Sequence[Pair], n_proposals: int) -> dict[str, float]:
    """The columns of the table."""
    found = [one for one in pairs if one.proposal is not None]
    denials = [one for one in pairs if one.coded["status"] == "did not happen"]
    fields = ("indicator", "date", "denied", "stage", "manner")
    n_right = sum(all(one.right[key] for key in fields) for one in found)
    # what a table marks as no indicator should not be proposed as an act
    spare = [one for one in found if one.coded["indicator"] == "none" and one.right["stage"] is False]
    n_surplus = n_proposals - len(found) + len(spare)
    return {
        "statements": len(pairs),
        "proposals": n_proposals,
        "found": len(found) / len(pairs),
        "right": n_right / len(pairs),
        "rows right": n_right / max(n_proposals, 1),
        **{key: sum(one.right[key] for one in found) / max(len(found), 1) for key in (*fields[:2], *fields[3:])},
        "speaker": sum(one.right["speaker"] for one in found) / max(len(found), 1),
        "denials": sum(one.proposal is not None and one.right["denied"] for one in denials) / max(len(denials), 1),
        "surplus": n_surplus / max(n_proposals, 1),
    }


def folder_results(folder: Path, proposer: str) -> dict[str, tuple[list[Pair], list[Proposal]]]:
    """The pairs of each article of a folder, and all its proposals."""
    entries = yaml.safe_load((folder / "articles.yaml").read_text(encoding="utf-8"))
    with (folder / "truth.csv").open(newline="", encoding="utf-8") as file:
        coded = list(csv.DictReader(file))
    results = {}
    for name, entry in entries.items():
        path = next(path for path in sorted(folder.glob(f"{name}.*")) if path.suffix in (".txt", ".html", ".pdf"))
        text = read_article(path).text
        made = proposals_of(proposer, text, entry)
        rows = [one for one in coded if one["article"] == name]
        results[name] = (compare(text, entry["published"], rows, made), made)
    return results


def coded_tables(folders: Iterable[Path], proposer: str) -> dict[str, dict[str, float]]:
    """The columns for each article of some folders, and for each folder as a whole."""
    lines: dict[str, dict[str, float]] = {}
    for folder in folders:
        results = folder_results(folder, proposer)
        lines |= {name: summary(pairs, len(made)) for name, (pairs, made) in results.items()}
        everything = [one for pairs, _ in results.values() for one in pairs]
        lines[f"all {folder.name}"] = summary(everything, sum(len(made) for _, made in results.values()))
    return lines


def print_table(results: Mapping[str, Mapping[str, float]]) -> None:
    """A line for each article."""
    columns = list(next(iter(results.values())))
    print(f"{'':<22}" + " ".join(f"{name:>10}" for name in columns))
    for name, row in results.items():
        cells = (f"{row[key]:>10.0f}" if key in columns[:2] else f"{row[key]:>10.2f}" for key in columns)
        print(f"{name:<22}" + " ".join(cells))


def _print_rows(name: str, pairs: Iterable[Pair], made: Sequence[Proposal]) -> None:
    print(f"\n{name}")
    matched = [one.proposal for one in pairs]
    for one in pairs:
        wrong = ", ".join(key for key, good in one.right.items() if not good)
        coded = one.coded
        print(f"{'ok ' if one.proposal and not wrong else '-- '}{coded['words'][:60]!r} [{wrong}]")
        print(f"      {coded['indicator']} {coded['when']} {coded['status']} {coded['asserted_as']}")
        if one.proposal is not None:
            print(f"      {_said(one.proposal)}")
    for proposal in made:
        if proposal not in matched:
            print(f"+++ {proposal.quote!r}\n      {_said(proposal)}")


def _said(one: Proposal) -> str:
    denied = "DENIES " if one.denies else ""
    status = getattr(one, "status", None)
    manner = getattr(one, "manner", "")
    return f"{one.indicator} {one.when} {denied}{manner} {status or ''} {one.asserted_as} [{one.speaker or ''}]"


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--proposer", default="lexicon")
    parser.add_argument("--rows", action="store_true")
    options = parser.parse_args()
    began = time.perf_counter()
    for folder in options.folders:
        results = folder_results(folder, options.proposer)
        if options.rows:
            for name, (pairs, made) in results.items():
                _print_rows(name, pairs, made)
        lines = {name: summary(pairs, len(made)) for name, (pairs, made) in results.items()}
        everything = [one for pairs, _ in results.values() for one in pairs]
        lines["all"] = summary(everything, sum(len(made) for _, made in results.values()))
        print(f"\n{folder}")
        print_table(lines)
    print(f"\n{time.perf_counter() - began:.1f} s")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
