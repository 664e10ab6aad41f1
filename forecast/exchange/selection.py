"""Which recorded answers are exported: those asked for, each forecast once, the retracted only if wanted."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from forecast.errors import Finding, InputError, LedgerError
from forecast.ledger.records import Answer, Entry, made_at_instant
from forecast.ledger.store import Ledger
from forecast.references import Ref, named_entries, parse_ref
from forecast.scenario.validation import nearest

__all__ = ["RETRACTED", "Chosen", "chosen", "entries_of"]

#: Why an answer stays behind.
RETRACTED = "the forecast was retracted"
OTHER_KIND = "another kind of forecast than asked for"


@dataclass(frozen=True, slots=True)
class Chosen:
    """Forecasts with those of their answers that were asked for; `left_out` says how many answers were not, by reason.

    Forecasts are sorted by scenario, as-of date and the instant at which they were made.
    """

    forecasts: tuple[tuple[Entry, tuple[Answer, ...]], ...]
    left_out: Mapping[str, int]

    def kinds(self) -> Counter[str]:
        """How many answers there are of live forecasts and of replays."""
        return Counter(entry.forecast.kind for entry, answers in self.forecasts for _ in answers)


def chosen(
    ledger: Ledger,
    refs: Sequence[str],
    workspace: Path | None = None,
    *,
    kind: str | None = None,
    retracted: bool = False,
) -> Chosen:
    """Find the answers that references name.

    Parameters
    ----------
    ledger
        Holds the records.
    refs
        SCENARIO, SCENARIO@latest or FORECAST, then /QUESTION, then :OUTCOME; none stands for every scenario on record.
    workspace
        See `forecast.references.named_entries`.
    kind
        Only `live` or only `replay`.
    retracted
        Also forecasts that were retracted.

    Raises
    ------
    InputError
        With every reference that names nothing on record.
    LedgerError
        If a record holds a number that is no probability.
    """
    wanted = [parse_ref(text) for text in refs or ledger.scenarios()]
    findings: list[Finding] = []
    found: dict[str, tuple[Entry, dict[tuple[str, str], Answer]]] = {}
    for ref, text in zip(wanted, refs or ledger.scenarios(), strict=True):
        entries = entries_of(ledger, ref, text, findings, workspace)
        named = 0
        for entry in entries:
            # a record may stand in several logs
            answers = found.setdefault(entry.id, (entry, {}))[1]
            for answer in _named(entry, ref):
                answers[answer.question, answer.outcome] = answer
                named += 1
        if entries and not named:
            findings.append(_no_answer(entries, ref, text))
    if findings:
        raise InputError(findings)
    if not found:
        raise InputError(Finding("error", f"{ledger.path} holds no forecast.", accepted="a ledger with a forecast"))
    left_out: Counter[str] = Counter()
    kept = []
    for entry, answers in sorted(found.values(), key=lambda pair: _order(pair[0])):
        if entry.retracted is not None and not retracted:
            left_out[RETRACTED] += len(answers)
        elif kind not in (None, entry.forecast.kind):
            left_out[OTHER_KIND] += len(answers)
        elif answers:
            for answer in answers.values():
                _check(entry, answer)
            kept.append((entry, tuple(answers.values())))
    return Chosen(tuple(kept), {why: n for why, n in left_out.items() if n})


def entries_of(
    ledger: Ledger, ref: Ref, text: str, findings: list[Finding], workspace: Path | None = None
) -> list[Entry]:
    """The forecasts that a reference names; none, with a finding, if there are none."""
    try:
        entries = named_entries(ledger, ref, workspace)
    except InputError as error:
        findings.extend(error.findings())
        return []
    if ref.is_forecast and entries[0].type != "forecast":
        message = f"{entries[0].id} is no forecast, it is of type '{entries[0].type}'."
        findings.append(Finding("error", message, found=text, accepted="an id that begins with fc-"))
        return []
    if not entries:
        known = ledger.scenarios()
        name = ref.latest_of or ref.target
        message = f"no forecast of '{name}' is recorded{nearest(name, known)}."
        findings.append(Finding("error", message, found=text, accepted=", ".join(known) or "none yet"))
    return entries


def _named(entry: Entry, ref: Ref) -> Iterator[Answer]:
    for answer in entry.forecast.answers:
        if ref.question in (None, answer.question) and ref.outcome in (None, answer.outcome):
            yield answer


def _check(entry: Entry, answer: Answer) -> None:
    """Refuse what no forecast of this program says: a log may have been written by anybody."""
    numbers = (answer.p, answer.low, answer.high)
    if not all(number is None or 0 <= number <= 1 for number in numbers):
        shown = ", ".join(str(number) for number in numbers)
        message = f"{entry.id}: {answer.question}: {answer.outcome}: p, low, high are {shown}. Accepted: probabilities."
        raise LedgerError(message)


def _no_answer(entries: Iterable[Entry], ref: Ref, text: str) -> Finding:
    answers = [answer for entry in entries for answer in entry.forecast.answers]
    questions = dict.fromkeys(answer.question for answer in answers)
    if ref.question not in questions:
        accepted = "questions " + ", ".join(questions)
    else:
        accepted = "outcomes " + ", ".join(dict.fromkeys(a.outcome for a in answers if a.question == ref.question))
    return Finding("error", f"no recorded answer fits '{text}'.", found=text, accepted=accepted)


def _order(entry: Entry) -> tuple[object, ...]:
    forecast = entry.forecast
    return (forecast.scenario, forecast.as_of, made_at_instant(forecast.made_at), entry.log, entry.seq)
