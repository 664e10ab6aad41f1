"""An article into proposals: file -> text -> source -> proposals that hold against the text ->
`proposals/<source>.yaml`.

Evidence is never written here. Doing it twice gives the same files, and keeps what people decided in the meantime.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from forecast.coding.article_source import About, source_entry, source_id
from forecast.coding.articles.article import Article, Progress, read_article
from forecast.coding.cues.actors import names
from forecast.coding.cues.tokens import tokens
from forecast.coding.partners import partners_of
from forecast.coding.proposal import LeftOut, Proposal
from forecast.coding.proposals_file import proposals_path, read_proposals, write_proposals
from forecast.coding.proposers.protocol import DEFAULT, Material, Proposer, read_proposer
from forecast.coding.reviewed import Proposals
from forecast.coding.validate_proposal import validate
from forecast.errors import Finding, InputError
from forecast.scenario.dates import today as this_day
from forecast.scenario.record import Scenario
from forecast.scenario.schema import Source
from forecast.scenario.write import replace_file, set_value

__all__ = ["Proposed", "propose"]

#: What a proposer says beyond this is not looked at: no person would.
MOST_PROPOSALS = 5_000


@dataclass(frozen=True, slots=True)
class Proposed:
    """What came of it.

    Attributes
    ----------
    source, entry, source_added
        Id of the source, its entry, and whether it was added to sources.yaml.
    article
        The text as it was read, with remarks for the user.
    proposer
        Who proposed.
    file, proposals
        The proposals file and what it says now; without numbers of its own kept if nothing was written.
    made
        The valid proposals of this run, in the order of the text, those in doubt last.
    left_out
        Sentences with words of an indicator that are not proposed, in the order of the text.
    refused
        What was proposed and does not hold against the text or the codebook, and why.
    n_kept
        Entries of the file that somebody had decided on or changed before.
    written
        False if nothing was to be written.
    """

    source: str
    entry: Source
    source_added: bool
    article: Article
    proposer: str
    file: Path
    proposals: Proposals
    made: tuple[Proposal, ...]
    left_out: tuple[LeftOut, ...]
    refused: tuple[Finding, ...]
    n_kept: int
    written: bool
    remarks: tuple[str, ...] = field(default=())


def propose(
    scenario: Scenario,
    path: Path,
    about: About,
    *,
    proposer: str = DEFAULT,
    between: Sequence[str] = (),
    encoding: str | None = None,
    write: bool = True,
    today: date | None = None,
    progress: Progress = lambda *_: None,
) -> Proposed:
    """Propose rows of evidence from an article.

    Parameters
    ----------
    scenario
        Read without errors.
    path
        The article: text, Markdown, HTML or PDF.
    about
        Its source; without an id, the file's name gives one.
    proposer
        Name of a proposer, with what it needs after a colon.
    between
        The two actors whose tie the case is about; by default the first two of the scenario.
    encoding
        Of the article's text, where it cannot be told.
    write
        False to see what would be proposed.
    today
        The present day; by default the system's.
    progress
        Called with a stage, the share that is done and a remark.

    Raises
    ------
    InputError
        If the article cannot be read, or its source is unknown and its day is not told; everything that is missing at
        once. Nothing is written then.
    WorkspaceError
        If a file cannot be written. Files are replaced whole: the article's text, then sources.yaml, then the
        proposals.
    """
    partners = partners_of(scenario, between, "a proposal")
    who = read_proposer(proposer)
    source = about.source or source_id(scenario, path)
    saved = scenario.folder / "articles" / f"{source}.txt"
    is_saved = saved.exists() and path.exists() and saved.samefile(path)
    article = read_article(path, encoding, progress, saved=is_saved)
    entry, is_new = source_entry(scenario, source, about, article, path, today or this_day())
    _same_text(saved, article.text, source, is_saved=is_saved)
    published = entry.published or about.published
    assert published is not None  # `source_entry` refuses it otherwise
    file = proposals_path(scenario, source)
    shown_as = file.relative_to(scenario.workspace).as_posix()
    # a file that cannot be read is found before anything is written, and before a model is asked
    before = read_proposals(file, shown_as).entries if file.exists() else ()
    material = Material(article.text, source, published, entry.kind or "", entry.reliability, scenario, partners)
    made, left_out, refused = _held_against(who, material, progress)
    remarks = (*article.remarks, *_remarks(scenario, material, made, left_out))
    if write:
        if not is_saved:
            replace_file(saved, article.text.encode())
        if is_new:
            said = {key: value for key, value in entry.model_dump().items() if value is not None}
            set_value(scenario.folder / "sources.yaml", [source], said)
        file, proposals = write_proposals(scenario, source, article.text, made)
    else:
        proposals = Proposals(source, "", ())
    return Proposed(
        source=source,
        entry=entry,
        source_added=is_new and write,
        article=article,
        proposer=who.name,
        file=file,
        proposals=proposals,
        made=tuple(made),
        left_out=tuple(left_out),
        refused=tuple(refused),
        n_kept=sum(one.is_touched for one in before),
        written=write,
        remarks=remarks,
    )


def _same_text(saved: Path, text: str, source: str, *, is_saved: bool) -> None:
    """Refuse to put another text in the place of one that quotes may have been taken from."""
    if is_saved or not saved.exists():
        return
    if saved.read_bytes() != text.encode():
        message = f"articles/{source}.txt holds another text: quotes of '{source}' are compared with it"
        accepted = f"another --source; or articles/{source}.txt itself as ARTICLE; or move that file away"
        raise InputError(Finding("error", message, str(saved), accepted=accepted))


def _held_against(
    who: Proposer, material: Material, progress: Progress
) -> tuple[list[Proposal], list[LeftOut], list[Finding]]:
    """What is proposed, what in doubt last, without what tells of others and what does not hold."""
    made: list[Proposal] = []
    left_out: list[LeftOut] = []
    refused: list[Finding] = []
    for one in who.propose(material, lambda share: progress("proposing", share, "")):
        if len(made) + len(left_out) + len(refused) >= MOST_PROPOSALS:
            refused.append(Finding("error", f"more than {MOST_PROPOSALS:,} proposals: the rest was not looked at"))
            break
        if isinstance(one, LeftOut):
            left_out.append(one)
            continue
        if isinstance(one, Finding):
            refused.append(one)
            continue
        errors = [found for found in validate(one, material.text, material.scenario) if found.level == "error"]
        refused += errors
        if not errors:
            made.append(one)
    return sorted(made, key=lambda one: one.is_last), left_out, refused


def _remarks(
    scenario: Scenario, material: Material, made: Sequence[Proposal], left_out: Sequence[LeftOut]
) -> list[str]:
    if made:
        return []
    named = {one.key for one in names(scenario).mentions(tokens(material.text))}
    absent = [scenario.file.actors[key].name for key in material.partners if key not in named]
    if len(absent) == 2:
        aliases = "add the names that the article uses to `aliases` in scenario.yaml if it is about them"
        return [f"no sentence names {absent[0]} or {absent[1]}; {aliases}"]
    if left_out:
        return []  # they are listed
    return ["no sentence tells of anything that the codebook has an indicator for"]
