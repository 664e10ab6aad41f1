"""The source of an article: its id, and its entry in sources.yaml from what the user, the file and the article say."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from forecast.coding.articles.article import Article
from forecast.coding.proposers.duplicates import slug
from forecast.errors import Finding, InputError
from forecast.scenario.record import Scenario
from forecast.scenario.schema import Source

__all__ = ["About", "source_entry", "source_id"]


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


def source_id(scenario: Scenario, path: Path) -> str:
    """The file's name as an id, if it is one, else made into one.

    Raises
    ------
    InputError
        If nothing of the name can be in an id.
    """
    if path.stem in scenario.sources:
        return path.stem
    made = slug([path.stem])
    if not made:
        raise InputError(
            Finding("error", f"'{path.name}' gives no id for the source", key="--source", accepted="--source ID")
        )
    return made


def source_entry(
    scenario: Scenario, source: str, about: About, article: Article, path: Path, today: date
) -> tuple[Source, bool]:
    """The source's entry, and whether it is new; everything that is wrong or missing at once.

    Raises
    ------
    InputError
        If an id or a day is none, the day is not told or still to come, or sources.yaml says otherwise.
    """
    on_file = scenario.sources.get(source)
    published = (
        about.published or (on_file.published if on_file else None) or (article.published if not on_file else None)
    )
    findings = _findings(scenario, source, about, published, today)
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


def _findings(scenario: Scenario, source: str, about: About, published: date | None, today: date) -> list[Finding]:
    """What of a source is wrong, missing, or said otherwise in sources.yaml."""
    findings: list[Finding] = []
    if source != slug([source]) and source not in scenario.sources:
        message = f"'{source}' cannot be the id of a new source and the name of a file"
        findings.append(Finding("error", message, key="--source", found=source, accepted=slug([source]) or "letters"))
    on_file = scenario.sources.get(source)
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
    return findings


def _first_line(text: str) -> str:
    return text.strip().split("\n", 1)[0][:200]
