"""An article into proposals: file -> text -> source -> proposals that hold against the text ->
`proposals/<source>.yaml`.

Evidence is never written here. Doing it twice gives the same files, and keeps what people decided in the meantime.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from forecast.errors import Finding, InputError
from forecast.evidence.articles.article import Article, Progress, read_article
from forecast.evidence.cues.actors import names
from forecast.evidence.cues.tokens import tokens
from forecast.evidence.partners import partners_of
from forecast.evidence.proposal import Proposal, validate
from forecast.evidence.proposals_file import proposals_path, read_proposals, write_proposals
from forecast.evidence.proposers.duplicates import slug
from forecast.evidence.proposers.protocol import DEFAULT, Material, Proposer, read_proposer
from forecast.evidence.reviewed import Proposals
from forecast.scenario.dates import today as this_day
from forecast.scenario.record import Scenario
from forecast.scenario.schema import Source
from forecast.scenario.write import replace_file, set_value

__all__ = ["About", "Proposed", "propose"]

#: What a proposer says beyond this is not looked at: no person would.
MOST_PROPOSALS = 5_000


@dataclass(frozen=True, slots=True)
class About:
    """What the user says about an article's source; None where the file or sources.yaml is to say it."""

    source: str | None = None
    published: date | None = None
    url: str | None = None
    title: str | None = None
    publisher: str | None = None
    author: str | None = None
    kind: str | None = None
    reliability: str | None = None


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
        The valid proposals of this run, in the order of the text.
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
    source = about.source or _source_id(scenario, path)
    saved = scenario.folder / "articles" / f"{source}.txt"
    is_saved = saved.exists() and path.exists() and saved.samefile(path)
    article = read_article(path, encoding, progress, saved=is_saved)
    entry, is_new = _entry(scenario, source, about, article, path, today or this_day())
    _same_text(saved, article.text, source, is_saved=is_saved)
    assert entry.published is not None or about.published is not None
    published = entry.published or about.published
    assert published is not None
    file = proposals_path(scenario, source)
    shown_as = file.relative_to(scenario.workspace).as_posix()
    # a file that cannot be read is found before anything is written, and before a model is asked
    before = read_proposals(file, shown_as).entries if file.exists() else ()
    material = Material(article.text, source, published, entry.kind or "", entry.reliability, scenario, partners)
    made, refused = _held_against(who, material, progress)
    remarks = (*article.remarks, *_remarks(scenario, material, made))
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
        refused=tuple(refused),
        n_kept=sum(one.is_touched for one in before),
        written=write,
        remarks=remarks,
    )


def _source_id(scenario: Scenario, path: Path) -> str:
    """The file's name as an id, if it is one, else made into one."""
    if path.stem in scenario.sources:
        return path.stem
    made = slug([path.stem])
    if not made:
        raise InputError(
            Finding("error", f"'{path.name}' gives no id for the source", key="--source", accepted="--source ID")
        )
    return made


def _entry(
    scenario: Scenario, source: str, about: About, article: Article, path: Path, today: date
) -> tuple[Source, bool]:
    """The source's entry, and whether it is new; everything that is wrong or missing at once."""
    findings: list[Finding] = []
    if source != slug([source]) and source not in scenario.sources:
        message = f"'{source}' cannot be the id of a new source and the name of a file"
        findings.append(Finding("error", message, key="--source", found=source, accepted=slug([source]) or "letters"))
    on_file = scenario.sources.get(source)
    published = (
        about.published or (on_file.published if on_file else None) or (article.published if not on_file else None)
    )
    if published is None:
        if on_file is None:
            known = (
                f"sources known: {', '.join(list(scenario.sources)[:8])}{', ...' if len(scenario.sources) > 8 else ''}"
            )
            message = (
                f"there is no source '{source}' in sources.yaml, and the article does not say when it was published"
            )
            accepted = f"--published YYYY-MM-DD; or --source ID of a source on file ({known})"
        else:
            message = f"the source '{source}' has no `published` in sources.yaml: relative dates cannot be reckoned"
            accepted = "--published YYYY-MM-DD"
        findings.append(Finding("error", message, key="--published", accepted=accepted))
    elif published > today:
        message = f"'{published}' is a day still to come"
        findings.append(Finding("error", message, key="--published", found=str(published), accepted=f"until {today}"))
    if on_file is not None:
        for key in ("published", "url", "title", "publisher", "author", "kind", "reliability"):
            told, said = getattr(on_file, key), getattr(about, key)
            if told is not None and said is not None and told != said:
                message = f"sources.yaml has another `{key}` for '{source}'"
                findings.append(Finding("error", message, key=f"--{key}", found=str(said), accepted=f"{told}, or none"))
    if about.reliability is not None and about.reliability not in tuple("ABCDEF"):
        message = f"'{about.reliability}' is no letter of reliability"
        findings.append(Finding("error", message, key="--reliability", found=about.reliability, accepted="A to F"))
    if findings:
        raise InputError(findings)
    if on_file is not None:
        return on_file, False
    said = {
        "title": about.title or article.title or _first_line(article.text) or path.stem,
        "publisher": about.publisher or article.publisher,
        "author": about.author or article.author,
        "published": published,
        "url": about.url or article.url,
        "reliability": about.reliability,
        "kind": about.kind,
    }
    return Source.model_validate({key: value for key, value in said.items() if value is not None}), True


def _first_line(text: str) -> str:
    return text.strip().split("\n", 1)[0][:200]


def _same_text(saved: Path, text: str, source: str, *, is_saved: bool) -> None:
    """Refuse to put another text in the place of one that quotes may have been taken from."""
    if is_saved or not saved.exists():
        return
    if saved.read_bytes() != text.encode():
        message = f"articles/{source}.txt holds another text: quotes of '{source}' are compared with it"
        accepted = f"another --source; or articles/{source}.txt itself as ARTICLE; or move that file away"
        raise InputError(Finding("error", message, str(saved), accepted=accepted))


def _held_against(who: Proposer, material: Material, progress: Progress) -> tuple[list[Proposal], list[Finding]]:
    """What is proposed, without what does not hold."""
    made: list[Proposal] = []
    refused: list[Finding] = []
    for one in who.propose(material, lambda share: progress("proposing", share, "")):
        if len(made) + len(refused) >= MOST_PROPOSALS:
            refused.append(Finding("error", f"more than {MOST_PROPOSALS:,} proposals: the rest was not looked at"))
            break
        if isinstance(one, Finding):
            refused.append(one)
            continue
        errors = [found for found in validate(one, material.text, material.scenario) if found.level == "error"]
        refused += errors
        if not errors:
            made.append(one)
    return made, refused


def _remarks(scenario: Scenario, material: Material, made: Sequence[Proposal]) -> list[str]:
    if made:
        return []
    named = {one.key for one in names(scenario).mentions(tokens(material.text))}
    absent = [scenario.file.actors[key].name for key in material.partners if key not in named]
    if len(absent) == 2:
        aliases = "add the names that the article uses to `aliases` in scenario.yaml if it is about them"
        return [f"no sentence names {absent[0]} or {absent[1]}; {aliases}"]
    return ["no sentence tells of anything that the codebook has an indicator for"]
