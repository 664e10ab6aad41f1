"""Writes docs/cli.md: what the commands say about themselves, and what no help text has room for.

    uv run python docs/make_cli.py

Run it after a change to a command; a test compares the file with what this would write.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from forecast.cli.app import app

__all__ = ["DOCUMENTS", "commands", "page", "undocumented"]

TARGET = Path(__file__).with_name("cli.md")

#: Help is laid out for this width, whatever the terminal.
WIDTH = 80

HEAD = """\
# The command line

Made by `docs/make_cli.py` from the commands themselves; do not edit it by hand.

## What all commands share

**Order.** The command first, then what it is about. `-C DIR` may stand anywhere in the line.

**Workspace.** A workspace is a folder that contains a folder `scenarios`. It is looked for from the current folder
upward; `-C` or `FORECAST_HOME` name another place to start from. What the program writes goes to `.forecast/` in the
workspace: the ledger, and the draws of fits.

**Names.** `SCENARIO` is the name of a folder in `scenarios/`, or a path to one. `FORECAST` is the id of a recorded
forecast, such as `fc-rmw4dsdpnz`, or its beginning, as long as only one fits. `REF` is either, and may go on to a
question and to one of its outcomes: `dprk-russia`, `dprk-russia/regime-2026`, `dprk-russia/regime-2026:durable`.

**Output.** Results go to standard output; progress, warnings and errors to standard error. With `--json`, standard
output has exactly one document. Tables fit 80 columns. Colour is used on a terminal only, and not if `NO_COLOR` is set.
Where the output's encoding lacks block characters, pictures are drawn in ASCII, and JSON has escapes.
`--debug`, anywhere in the line, shows the traceback of an error.

### Exit codes

| code | meaning |
|---|---|
| 0 | done |
| 1 | done, and something is wrong: errors (`check`, `status`, `ledger verify`), a failed fit, a misfit (`compare`) |
| 2 | bad input, usage or environment; nothing was recorded, but for the days that a broken `replay` had finished |
| 3 | a bug of the program |
| 130 | interrupted; nothing half done was recorded, and `replay` keeps the days it had finished |

### Environment variables

| variable | meaning |
|---|---|
| `FORECAST_HOME` | where to look for the workspace; default: the current folder. `-C` goes before it |
| `NO_COLOR` | if set, no colour |
| `NUMBA_OPT` | how far numba optimises the model; unless you set it, 1, which compiles faster |

### Errors as JSON

With `--json` and exit code 2, standard output has this document. `file`, `line` and `key` say where.
"""

#: Keys whose values are named by regimes, model versions, divisions or columns.
BY_NAME = (
    "likelihood_ratios",
    "base_rates",
    "ranges",
    "by",
    "group",
    "values",
    "p",
    "mcse",
    "log_score",
    "reliable",
    "seconds",
    "models",
)


def _summary_keys(prefix: str) -> dict[str, str]:
    """Keys that say how one set of forecasts scored."""
    keys = {
        "n": "forecasts",
        "n_questions": "questions that they are about",
        "brier": "mean Brier score",
        "brier_low": "lower end of its 90% interval, clustered by question; null below eight questions",
        "brier_high": "upper end, or null",
        "log_score": "mean of minus the natural logarithm of the p of what happened; null where infinite",
        "log_score_low": "as brier_low",
        "log_score_high": "as brier_high",
        "n_impossible": "forecasts of 0 for what happened; above 0, log_score is infinite, which JSON cannot say",
        "rps": "mean ranked probability score; null unless all outcomes are ordered",
        "rps_low": "as brier_low",
        "rps_high": "as brier_high",
        "auc": "area under the ROC curve; null unless all have two outcomes and both came about",
        "auc_low": "as brier_low",
        "auc_high": "as brier_high",
        "skill": "1 - Brier / Brier of `reference` on the same questions and days; null without one",
        "skill_low": "as brier_low",
        "skill_high": "as brier_high",
        "n_paired": "forecasts behind skill",
        "reference": "the model to beat, or null",
        "murphy.reliability": "Murphy's decomposition by tenths; parts add up to brier, resolution subtracted",
        "murphy.resolution": "see reliability",
        "murphy.uncertainty": "see reliability",
        "murphy.within_bins": "see reliability",
        "corp.miscalibration": "CORP decomposition; parts add up to brier, discrimination subtracted",
        "corp.discrimination": "see miscalibration",
        "corp.uncertainty": "see miscalibration",
        "calibration[].p": "mean forecast of a step of the reliability diagram",
        "calibration[].observed": "share that happened, after isotonic regression",
        "calibration[].n": "forecasts in it; of more than two outcomes, each is a statement of its own",
        "calibration[].low": "5th percentile of observed for a calibrated forecaster",
        "calibration[].high": "95th percentile",
    }
    return {f"{prefix}.{key}": text for key, text in keys.items()}


def _word_keys(prefix: str) -> dict[str, str]:
    """Keys that say what became of the word for one answer."""
    keys = {
        "question": "id",
        "outcome": "a regime, or yes or no",
        "p": "as recorded",
        "scale": "id of the scale of words",
        "word": "the word for p",
        "stable": "true if it is the same in every test; a test that could not be told is not passed",
        "words[]": "words seen, from low to high",
        "text": "what to print: the word, or the lowest and the highest term seen",
        "tests[].kind": "noise, origin (left out), grades, tau or told",
        "tests[].what": "the alternative, in words",
        "tests[].p": "p under it",
        "tests[].word": "its word; null where no draws serve",
        "tests[].khat": "k-hat of weights and answer, or null",
        "tests[].survives": "true if the word is the same; null where no draws serve",
    }
    return {f"{prefix}.{key}": text for key, text in keys.items()}


def _confidence_keys(prefix: str) -> dict[str, str]:
    """Keys that rate the evidence base of one answer."""
    keys = {
        "rating": "low, moderate or high: the lowest level of all rules; no likelihood",
        "text": "the rating with the reasons that decide it",
        "reasons[]": "what every rule says, those that hold it down first",
        "rules[].rule": "evidence; or origins, concentration, grades, stability, versions",
        "rules[].level": "the highest rating that it allows",
        "rules[].reason": "as in reasons[]",
    }
    return {f"{prefix}.{key}": text for key, text in keys.items()}


#: Keys of every JSON document, by command. `[]` is an entry of a list, `*` a name that depends on the case.
DOCUMENTS: dict[str, dict[str, str]] = {
    "errors": {
        "errors[].file": "path within the workspace, or null",
        "errors[].line": "line in the file, or null",
        "errors[].key": "path of keys to the place, or null",
        "errors[].found": "what stands there",
        "errors[].accepted": "what could stand there",
        "errors[].message": "what is wrong",
    },
    "update": {
        "forecast": "id of the record; null for a draft or a failed fit",
        "scenario": "id",
        "title": "of the scenario",
        "as_of": "only what was known on this day was used",
        "made_at": "instant at which it was computed, UTC",
        "model": "version",
        "family": "base-rate, static or regime",
        "model_identity": "hash of everything in the model that moves numbers",
        "evidence_identity": "hash of the evidence that counted",
        "kind": "live if as_of was the day on which it was made, else replay",
        "seed": "of the random numbers",
        "stored": "true if the record was there already",
        "since": "id of the forecast that it is compared with, or null",
        "head": "hash of the record, to be cited with it; of a draft, that at the end of the log",
        "warnings[]": "sentences; failed diagnostics first",
        "method.name": "nuts",
        "method.sampler": "library that sampled",
        "method.chains": "number of chains",
        "method.tune": "draws for adaptation, per chain",
        "method.draws": "draws kept, per chain",
        "method.rhat": "largest R-hat of any parameter or answer",
        "method.ess": "least effective sample size of any answer",
        "method.divergences": "number of divergent transitions",
        "method.bfmi[]": "Bayesian fraction of missing information of each chain",
        "method.khat": "null: the draws are from the posterior itself",
        "method.from_fit": "hash of the draws file that was used again, or null",
        "method.seconds": "time of the fit",
        "evidence.reports": "reports on file that were known",
        "evidence.counted": "reports that count",
        "evidence.events": "events and conditions that they tell of",
        "evidence.origins": "ultimate origins behind them",
        "evidence.new": "events new or changed since the earlier forecast",
        "new_events[]": "their ids",
        "gone_events[]": "ids of events that no longer count",
        "interval": "what low and high mean, in words",
        "scale": "id of the scale of words",
        "answers[].question": "id",
        "answers[].ask": "its wording",
        "answers[].kind": "state, stays or occurs",
        "answers[].outcome": "a regime; or yes, no; of a closed question how it was resolved, or unresolved",
        "answers[].p": "probability; null if closed",
        "answers[].mcse": "Monte Carlo standard error of p; null if closed",
        "answers[].low": "5th percentile over draws of the probability given the rates; null if closed",
        "answers[].high": "95th percentile; null if closed",
        "answers[].words": "word for p, on that scale; null if closed",
        "answers[].change": "p minus the p of the earlier forecast, or null",
        "answers[].change_mcse": "Monte Carlo standard error of change, or null",
        "answers[].closed": "true if the question is resolved or its window is over",
        "answers[].resolved": "how it was resolved, or null",
    },
    "check": {
        "ok": "true if there is no finding of level error",
        "findings[].level": "error, warning or note",
        "findings[].message": "what is wrong",
        "findings[].file": "path within the workspace, or null",
        "findings[].line": "line in the file, or null",
        "findings[].key": "path of keys to the place, or null",
        "findings[].found": "what stands there",
        "findings[].accepted": "what could stand there",
        "likelihood_ratios.*[].indicator": "by model version; missing, like base_rates, if the files cannot be read",
        "likelihood_ratios.*[].kind": "event or condition",
        "likelihood_ratios.*[].regime": "for this regime",
        "likelihood_ratios.*[].other": "against this one",
        "likelihood_ratios.*[].watched": "ratio for one certain event inside a watch",
        "likelihood_ratios.*[].told": "ratio for one certain event told outside any watch",
        "base_rates.*[].regime": "by model version: the regime whose end was counted",
        "base_rates.*[].pseudo_endings": "endings, each times the relevance of its class",
        "base_rates.*[].expected_endings": "endings that the classes expect at the median of the stated range",
        "base_rates.*[].range_weight": "number of endings that would say as much as the stated range",
        "base_rates.*[].median_years": "prior median of the mean stay, with the base rates",
        "base_rates.*[].stated[]": "the stated range",
        "base_rates.*[].leaves_the_range": "true if the median lies outside it",
    },
    "show": {
        "scenario": "id",
        "title": "of the scenario",
        "as_of": "only what was known on this day is shown",
        "model": "version",
        "family": "base-rate, static or regime",
        "start": "first day",
        "searched_until": "last day to which somebody has looked, or null",
        "regimes[].regime": "name",
        "regimes[].prior": "probability on the first day, before any evidence",
        "regimes[].stays_years[]": "80% range of the mean stay",
        "regimes[].means": "definition",
        "questions[].id": "id",
        "questions[].ask": "wording",
        "questions[].kind": "state, stays or occurs",
        "questions[].on": "state: the day",
        "questions[].in[]": "stays: the regimes",
        "questions[].from": "stays: first day, or null",
        "questions[].until": "stays: last day",
        "questions[].indicator": "occurs: what is counted",
        "questions[].at_least": "occurs: how often",
        "questions[].between[]": "occurs: first and last day",
        "questions[].settled_by": "occurs: record or truth",
        "questions[].resolved": "outcome as known on the day, or null",
        "indicators[].indicator": "name",
        "indicators[].kind": "event or condition",
        "indicators[].means": "definition",
        "indicators[].counts_as": "unit of counting, or null",
        "indicators[].events": "number of events or spells that count",
        "indicators[].ranges.*[]": "by regime: 80% range of the rate per year, or of the probability that it holds",
        "indicators[].watches[].from": "first day",
        "indicators[].watches[].until": "last day as known, or null",
        "evidence[].report": "id",
        "evidence[].indicator": "what it reports, or null",
        "evidence[].event": "which event; reports of one event share it",
        "evidence[].origin": "who said it first",
        "evidence[].source": "where it was read",
        "evidence[].when": "when it happened, as precisely as known, or null",
        "evidence[].known": "first day on which it could be known",
        "evidence[].grade": "as known on the day: letter and digit; or the range p_true",
        "evidence[].denies": "true if it says that the event did not happen",
        "evidence[].counted": "true if it counts",
        "evidence[].why": "why it does not, or null",
        "evidence[].real": "probability that the event is real, grades at their medians; null if not counted",
        "evidence[].claim": "what it says",
    },
    "explain": {
        "question": "id",
        "ask": "its wording",
        "outcome": "a regime, or yes or no; null for a closed question of which none was asked for",
        "scenario": "id",
        "from.forecast": "id of the earlier forecast; null for no evidence",
        "from.as_of": "its day, or null",
        "from.model": "version",
        "from.retracted": "why it was retracted, or null",
        "from.p": "probability there: as recorded, or without evidence; null if closed",
        "to.forecast": "id of the forecast explained",
        "to.as_of": "its day",
        "to.model": "version",
        "to.retracted": "why it was retracted, or null",
        "to.p": "probability on record; null if closed",
        "approximate": "true if any row is",
        "reason": "why there are no rows, or null",
        "rows[].kind": "sampling, model, question, withdrawn, changed, watches, as_of, event or silence",
        "rows[].label": "what changes: of an event its id",
        "rows[].log_odds": "change of log-odds; all of them add up exactly",
        "rows[].mcse": "Monte Carlo standard error of the change",
        "rows[].p_after": "probability after it",
        "rows[].khat": "worst k-hat of weights and answer after it; null if weights are equal, or at the recorded end",
        "rows[].approximate": "true if k-hat is above 0.7 or the effective sample size below 400 on either side",
        "leave_one_out[].by": "event, origin or source",
        "leave_one_out[].id": "what is left out; of an origin or source, all that comes from it",
        "leave_one_out[].p": "probability without it",
        "leave_one_out[].change_mcse": "Monte Carlo standard error of its difference to p with everything",
        "leave_one_out[].khat": "as above",
        "leave_one_out[].approximate": "as above",
        "by_source": "false if the files no longer give the evidence on record, which names no sources",
        "sensitivity[].what": "another convention",
        "sensitivity[].p": "probability under it",
        "sensitivity[].change_mcse": "Monte Carlo standard error of its difference to p",
        "sensitivity[].khat": "as above",
        "sensitivity[].approximate": "as above",
        **_word_keys("stability"),
        **_confidence_keys("confidence"),
        "power_scaling[].prior": "group of priors; empty without --power-scaling",
        "power_scaling[].sensitivity": "of the answer, per doubling of the prior's weight; from 0.05 it leans on it",
    },
    "whatif": {
        "scenario": "id",
        "title": "of the scenario",
        "as_of": "only what was known on this day is used, and what is supposed",
        "model": "version",
        "family": "base-rate, static or regime",
        "edits[].option": "as typed",
        "edits[].text": "as typed",
        "edits[].means": "what was made of it",
        "scale": "id of the scale of words",
        **{
            f"{side}[].{key}": meaning
            for side in ("today", "then")
            for key, meaning in (
                ("question", "id"),
                ("kind", "state, stays or occurs"),
                ("outcome", "a regime, or yes or no"),
                ("p", "probability"),
                ("mcse", "Monte Carlo standard error of p"),
                ("low", "5th percentile over draws of the probability given the rates"),
                ("high", "95th percentile"),
                ("words", "term of ICD 203"),
            )
        },
        "then[].change": "p then minus p today",
        "then[].change_mcse": "Monte Carlo standard error of the change",
        "closed[].question": "id of a question that has no probability",
        "closed[].kind": "state, stays or occurs",
        "closed[].resolved": "outcome, or null",
        "khat": "worst k-hat of weights and answers of both sides; null if all weights are equal",
        "ess": "least effective sample size of any answer",
        "draws.today": "where the draws are from: prior, sampled, or the hash of a stored fit",
        "draws.then": "the same, where they serve both sides",
    },
    "compare": {
        "scenario": "id",
        "title": "of the scenario",
        "as_of": "nothing later was used",
        "searched_until": "last day to which somebody has looked, or null",
        "seed": "of all draws",
        "benchmark": "the version of the base-rate family; null if there is none",
        "reference": "the version to which differences are taken: the first one",
        "models[].model": "version, in the order of all tables",
        "models[].family": "base-rate, static or regime",
        "settings[].setting": "a setting that differs, in words",
        "settings[].values.*": "by version: number or text; null where its family makes no use of it",
        "settings[].values.*[]": "or a range, or a list",
        "answers[].question": "id of an open question",
        "answers[].kind": "state, stays or occurs",
        "answers[].outcome": "a regime; or yes, no",
        "answers[].p.*": "by version: probability; null if its codebook has no such outcome",
        "answers[].mcse.*": "by version: Monte Carlo standard error of p",
        "answers[].differs": "true if any two versions are further apart than 4 combined Monte Carlo errors",
        "answers[].apart[][]": "those pairs of versions",
        "draws[].model": "version",
        "draws[].from": "hash of the draws file behind its answers and check, or prior, or sampled",
        "draws[].khat": "of the weights and of all answers; null if infinite, as for equal weights",
        "draws[].ess": "least effective sample size of any answer",
        "draws[].reliable": "false if k-hat is above 0.7 or the effective sample size below 400",
        "n_windows": "windows that all versions watch, each within one step",
        "n_events": "events seen in them",
        "counted_with": "version whose grade table says which events are likely",
        "block_steps": "steps in a block of the standard error; null without a window",
        "prequential[].model": "version",
        "prequential[].log_score": "sum over steps of log p(counts in watches, evidence known the day before)",
        "prequential[].mcse": "Monte Carlo standard error of it",
        "prequential[].difference": "to the reference",
        "prequential[].se": "standard error of the difference from moving blocks; null if fewer than eight fit",
        "prequential[].n_steps": "steps with a window",
        "prequential[].n_unreliable": "of these, steps for which no draws served",
        "by_indicator[].indicator": "name",
        "by_indicator[].n_windows": "windows of it",
        "by_indicator[].seen": "events in them",
        "by_indicator[].model": "version",
        "by_indicator[].log_score": "sum of log p(its counts alone); these do not add up to the joint score",
        "by_indicator[].difference": "to the reference",
        "by_step[].first": "first day of a step with a window",
        "by_step[].log_score.*": "by version: log p(all counts of the step)",
        "by_step[].reliable.*": "by version: whether its draws served",
        "scores[].kind": "live or replay",
        "scores[].questions": "settled by events, or judged by people",
        "scores[].model": "version",
        "scores[].n": "answers that `score` would score and that all versions with any have for the same day",
        "scores[].brier": "mean Brier score, 0 to 1",
        "scores[].log_score": "mean of minus the natural logarithm of the p of what happened; null where infinite",
        "check[].model": "version",
        "check[].indicator": "name",
        "check[].statistic": "count, or longest silence in watched days",
        "check[].observed": "as recorded",
        "check[].low": "5th percentile of replicates",
        "check[].high": "95th percentile",
        "check[].p": "twice the smaller tail of the replicates, at most 1",
        "check[].misfit": "true if p is below misfit_below divided by the version's number of checks",
        "misfit_below": "two-sided tail probability, shared among a version's checks",
        "seconds.*.answers": "by version: time for its answers",
        "seconds.*.prequential": "for its score",
        "seconds.*.check": "for its check",
        "seconds.*.fit": "of the fit whose draws the answers used; null for draws of the prior",
    },
    "history": {
        "rows[].forecast": "id",
        "rows[].as_of": "only what was known on this day was used",
        "rows[].made_at": "instant, UTC",
        "rows[].kind": "live or replay",
        "rows[].model": "version",
        "rows[].question": "id",
        "rows[].outcome": "a regime, or yes; no if it is asked for",
        "rows[].p": "probability",
        "rows[].low": "5th percentile over draws of the probability given the rates",
        "rows[].high": "95th percentile",
        "rows[].retracted": "why it was retracted, or null",
    },
    "site": {
        "ok": "true if every scenario could be read and no file was somebody else's",
        "index": "path of the first page",
        "pages": "pages of the site",
        "written[]": "files that were new or had changed",
        "unchanged": "files that were there as they are",
        "removed[]": "files of earlier builds that no page needs any more",
        "foreign[]": "files left as they are: somebody else wrote or edited them",
        "errors[].scenario": "a scenario that cannot be read; its page comes from the ledger",
        "errors[].level": "error",
        "errors[].message": "what is wrong",
        "errors[].file": "file, relative to the workspace",
        "errors[].line": "line, from 1",
        "errors[].key": "path of keys",
        "errors[].found": "what stands there",
        "errors[].accepted": "what would be right",
    },
    "status": {
        "today": "day as of which evidence and resolutions are known",
        "rows[].scenario": "id",
        "rows[].title": "of the scenario",
        "rows[].forecast": "id of its last living forecast: live, and of the default version, if there is one",
        "rows[].as_of": "its day, or null",
        "rows[].kind": "live or replay, or null",
        "rows[].model": "its version, or null",
        "rows[].default_model": "the version used when none is named",
        "rows[].age_days": "days from as_of to today, or null",
        "rows[].unused.reports[]": "reports that count today and whose stance or grade that forecast did not have",
        "rows[].unused.events[]": "events that are new or changed since",
        "rows[].unused.gone[]": "events that no longer count",
        "rows[].searched_until": "last day to which somebody has looked, or null",
        "rows[].last_coded": "latest coded_on, or null",
        "rows[].step": "month, week or quarter",
        "rows[].stale": "true if a whole step went by since searched_until (else last_coded) and a question waits",
        "rows[].scale": "id of the scale of words",
        "rows[].since": "id of the live forecast of the same version before that, or null",
        "rows[].changed[].question": "an answer whose word is another than in `since`",
        "rows[].changed[].outcome": "a regime, or yes",
        "rows[].changed[].p_before": "p in `since`",
        "rows[].changed[].p": "p now",
        "rows[].changed[].words_before": "its word in `since`",
        "rows[].changed[].words": "its word now",
        "rows[].due[].question": "a question that has ended and is not resolved",
        "rows[].due[].ended": "its last day",
        "rows[].open": "number of questions that have not ended and are not resolved",
        "errors[].scenario": "folder of a scenario that cannot be read",
        "errors[].level": "error",
        "errors[].file": "path within the workspace, or null",
        "errors[].line": "line in the file, or null",
        "errors[].key": "path of keys to the place, or null",
        "errors[].found": "what stands there",
        "errors[].accepted": "what could stand there",
        "errors[].message": "what is wrong",
    },
    "words": {
        "forecast": "id",
        "scenario": "id",
        "title": "of the scenario",
        "as_of": "its day",
        "model": "version",
        "retracted": "why it was retracted, or null",
        "scale.id": "the scale of words",
        "scale.name": "how it is called beside its words",
        "scale.source": "publisher, title, year",
        "scale.url": "where it can be read",
        "scale.note": "what a reader must know of it",
        "scale.bands[].term": "from low to high",
        "scale.bands[].percent[]": "ends as published",
        **_word_keys("answers[]"),
        **_confidence_keys("answers[].confidence"),
    },
    "base-rate": {
        "n": "rows that met the filter and were at risk",
        "endings": "endings from causes that count",
        "years_at_risk": "sum over rows, in years of 365.25 days",
        "coded_until": "last day that was coded; what had not ended by then is censored",
        "rows": "rows of the file",
        "filtered": "rows that did not meet the filter",
        "skipped[].reason": "why rows could not be used",
        "skipped[].rows": "how many",
        "causes[].cause": "why things ended",
        "causes[].endings": "how many",
        "causes[].counted": "true if they count as endings",
        "median_years": "age beyond which half last, or null if it was not reached",
        "ages[].years": "age",
        "ages[].lasting": "share that lasts longer (Kaplan-Meier, all causes)",
        "ages[].low": "lower end of its 95% interval",
        "ages[].high": "upper end",
        "ages[].ended[].cause": "why things ended",
        "ages[].ended[].p": "share that has ended so by this age (Aalen-Johansen)",
        "entry.id": "the entry for base_rates: id",
        "entry.about": "regime; REGIME if none was named",
        "entry.endings": "as above",
        "entry.years_at_risk": "rounded",
        "entry.relevance": "weight of one ending",
        "entry.dataset": "name of the table",
        "entry.filter": "filter, n, causes and last coded day in words",
        "entry.source": "citation",
        "yaml": "the entry as text for scenario.yaml",
    },
    "evidence import": {
        "scenario": "id",
        "importer": "name of the importer, of its source and of the evidence file",
        "about": "what the data set is called",
        "between[]": "keys of the two actors whose tie the case is about",
        "rows": "rows of the file",
        "entries": "what the rows may tell of: more than rows, where one row lists several events",
        "kept": "entries that became part of a report",
        "skipped[].reason": "why entries were not used",
        "skipped[].entries": "how many; with kept, they are all entries",
        "unmapped[].code": "code between the actors that has no class",
        "unmapped[].entries": "how many",
        "unused_classes[]": "indicators of the importer that the codebook does not have",
        "events": "events that the kept entries tell of",
        "reports": "reports of them, one for each event and origin",
        "new": "reports that were not on file",
        "by_indicator[].indicator": "name",
        "by_indicator[].events": "events of it",
        "doubtful[].report": "id of a new report that does not count until somebody decides",
        "doubtful[].reason": "which event it may tell of",
        "first": "first day on which rows of the file came out, or null",
        "last": "last day, or null",
        "evidence": "the evidence file, within the workspace",
        "source_added": "true if sources.yaml got the source",
        "written": "true if the evidence file was written",
        "watch": "a watch for indicators.yaml as YAML, if the file is all there is for its days; or null",
    },
    "resolve": {
        "scenario": "id",
        "as_of": "the evidence known on this day is what proposes",
        "resolved[].question": "id",
        "resolved[].outcome": "a regime; yes or no; or annulled",
        "resolved[].on": "day on which it was decided",
        "resolved[].known": "first day on which it could be known",
        "resolved[].source": "what settled it",
        "resolved[].note": "or null",
        "proposed[].question": "id",
        "proposed[].outcome": "yes or no",
        "proposed[].on": "day on which it was decided, by the evidence",
        "proposed[].known": "first day on which the evidence showed it",
        "proposed[].source": "ids of the reports, or how far the record was searched",
        "undecided[].question": "id",
        "undecided[].why": "why the evidence does not settle it",
        "written[].question": "id; what this command wrote, if anything",
        "written[].outcome": "as resolved[]",
        "written[].on": "as resolved[]",
        "written[].known": "as resolved[]",
        "written[].source": "as resolved[]",
        "written[].note": "as resolved[]",
        "written[].file": "path within the workspace",
        "written[].warnings[]": "what `check` finds odd about it",
    },
    "replay": {
        "scenarios[]": "ids",
        "from": "first day of the span",
        "to": "last day of the span",
        "every": "month, quarter, week or step: there is a forecast as of the last day of each within the span",
        "models.*[]": "by scenario: versions, the base-rate version last unless it was asked for",
        "warnings[]": "what every reader of a replay must know",
        "fits": "forecasts that were fitted anew, now or when they were recorded",
        "reweighted": "forecasts from the draws of an earlier fit of the same segment",
        "notes[]": "days without a forecast, and why",
        "problems[]": "fits that failed their diagnostics; not recorded",
        "interval": "what low and high are",
        "brier_scale": "0-1",
        "days[].scenario": "id",
        "days[].as_of": "day",
        "days[].events": "events and conditions known",
        "days[].new_events[]": "ids that were not known on the day before in the list",
        "days[].resolved[]": "questions whose resolution became known since then",
        "rows[].scenario": "id; the other keys are those of `history`",
        "rows[].forecast": "id",
        "rows[].as_of": "day",
        "rows[].made_at": "instant in UTC",
        "rows[].kind": "replay",
        "rows[].model": "version",
        "rows[].question": "id",
        "rows[].outcome": "yes, or a regime",
        "rows[].p": "probability",
        "rows[].low": "end of the interval",
        "rows[].high": "end of the interval",
        "rows[].retracted": "null",
        "automatic[].scenario": "id",
        "automatic[].model": "version",
        "automatic[].indicator": "which event",
        "automatic[].horizon": "months within which it is seen at least once",
        "automatic[].as_of": "day of the forecast; the window begins on the next",
        "automatic[].ends": "last day of the window",
        "automatic[].p": "probability that it is seen",
        "automatic[].mcse": "its Monte Carlo error",
        "automatic[].low": "end of the interval",
        "automatic[].high": "end of the interval",
        "automatic[].climatology": "what the indicator's own past said on that day: (n + 1) / (N + 2)",
        "automatic[].outcome": "yes or no",
        "scores[].scenario": "id",
        "scores[].section": "automatic; or events, categories, stays, state: the scenario's questions",
        "scores[].horizon": "automatic: months, null for all together",
        "scores[].model": "version, or climatology",
        "scores[].n": "forecasts, which are no independent trials",
        "scores[].n_days": "days on which they were made",
        "scores[].block_days": "days of the replay in a block, no fewer than the longest window has",
        "scores[].brier": "mean",
        "scores[].brier_low": "90% interval by moving blocks; null where fewer than eight fit",
        "scores[].brier_high": "or null",
        "scores[].log_score": "mean; null if n_impossible",
        "scores[].log_score_low": "or null",
        "scores[].log_score_high": "or null",
        "scores[].n_impossible": "forecasts of zero for what happened",
        "scores[].skill": "against the base-rate version, on the same questions and days; or null",
        "scores[].skill_low": "or null",
        "scores[].skill_high": "or null",
        "scores[].skill_climatology": "against the indicator's running climatology; or null",
        "scores[].skill_climatology_low": "or null",
        "scores[].skill_climatology_high": "or null",
        "scores[].calibration[].p": "mean forecast of one step of the reliability diagram, over all horizons",
        "scores[].calibration[].observed": "share that happened",
        "scores[].calibration[].n": "forecasts",
        "scores[].calibration[].low": "what a calibrated forecaster would be seen to reach, 90% band",
        "scores[].calibration[].high": "what a calibrated forecaster would be seen to reach, 90% band",
    },
    "score": {
        "as_of": "day as of which is scored; null for files",
        "scenarios[]": "ids; empty for files",
        "forecasts": "path of the file, or null",
        "truth": "path of the file, or null",
        "brier_scale": "0-1 or 0-2: of everything made of Brier scores",
        "tables[].kind": "live, replay, or given for files",
        "tables[].section": "events (two outcomes), categories (more), stays, state",
        "tables[].headline": "false where people judged the outcome",
        "tables[].model": "who forecast",
        **_summary_keys("tables[]"),
        "tables[].by.*[].part": "by horizon, question_kind or scenario: which horizon, kind or scenario",
        **dict.fromkeys(_summary_keys("tables[].by.*[]"), "as in tables[], for this part"),
        "numbers[].output_type": "quantile or sample",
        "numbers[].group.*": "value by column that is not pooled",
        "numbers[].model": "who forecast",
        "numbers[].n": "forecasts",
        "numbers[].n_questions": "different numbers that were forecast",
        "numbers[].wis": "quantile: mean weighted interval score; wis_low and wis_high as brier_low",
        "numbers[].wis_low": "or null",
        "numbers[].wis_high": "or null",
        "numbers[].dispersion": "quantile: part of wis, from the width of intervals",
        "numbers[].overprediction": "quantile: part of wis, from forecasts that were too high",
        "numbers[].underprediction": "quantile: part of wis, from forecasts that were too low",
        "numbers[].ae_median": "quantile: mean absolute error of the median, or null",
        "numbers[].coverage[].level": "quantile: what the central interval should hold",
        "numbers[].coverage[].observed": "what it held",
        "numbers[].coverage[].n": "forecasts with this interval",
        "numbers[].n_levels[]": "quantile: numbers of levels that occur; scores of different numbers compare badly",
        "numbers[].crps": "sample: mean continuous ranked probability score; crps_low and crps_high as brier_low",
        "numbers[].crps_low": "or null",
        "numbers[].crps_high": "or null",
        "left_out[].why": "why forecasts were not scored",
        "left_out[].n": "how many",
        "warnings[]": "sentences",
    },
    "report": {
        "file": "that was written",
        "forecast": "id of the record that it is about",
        "scenario": "id",
        "question": "the one looked at most closely",
        "outcome": "of it; null if the question is closed",
        "brief": "true for one page",
        "citations": "how many numbers carry one",
        "workings[]": "ids of the records that hold the numbers which are no answers of forecasts",
        "head": "hash at the end of the log, with which the report was made",
        "missing[].verb": "what could not be computed: explain, since, words, regimes, watch or score",
        "missing[].why": "a sentence",
        "unrecorded": "why workings could not be recorded, so that their numbers carry no citation; or null",
        "told[]": "remarks on the file",
    },
    "watch": {
        "scenario": "id",
        "forecast": "id of the record that was asked about; null if it was today's files",
        "as_of": "only what was known on this day is used",
        "model": "version",
        "question": "id",
        "ask": "wording",
        "outcome": "the one that p is of: as named, else yes, or the most probable regime",
        "p": "probability as of the day",
        "mcse": "its Monte Carlo standard error",
        "words": "word for p",
        "scale": "id of the scale of words",
        "window.from": "first day ahead",
        "window.to": "last day ahead",
        "window.cut": "true if the question ends before the steps asked for do",
        "draws.from": "SHA-256 of the draws file that was weighed; or prior, or sampled",
        "draws.khat": "worst k-hat of weights and answer; null where they do not vary",
        "draws.ess": "least effective sample size",
        "problems[]": "diagnostics that failed",
        "remarks[]": "what a reader must know before the numbers",
        "rows[].indicator": "name",
        "rows[].kind": "event: seen in the window or not; condition: asked today, holds or not",
        "rows[].watched": "true if a watch is open, or begins in the window; else p_seen of an event is that of "
        "somebody who sees everything",
        "rows[].settles": "true if the question counts this indicator; such rows stand last, all others by bits",
        "rows[].reported": "latest value on record of a condition: holds, does not hold, or null",
        "rows[].p_seen": "probability that it is seen (or holds)",
        "rows[].p_if_seen": "p if it is; null if it cannot be",
        "rows[].p_if_not": "p if it is not; null if it must be",
        "rows[].mcse_if_seen": "Monte Carlo standard error, or null",
        "rows[].mcse_if_not": "Monte Carlo standard error, or null",
        "rows[].bits": "mutual information with all outcomes of the question",
        "rows[].khat_seen": "k-hat of the weights given that it is seen; null where they do not vary or no tail fits",
        "rows[].khat_not": "k-hat of the weights given that it is not",
        "rows[].reliable": "false if either is above 0.7",
        "rows[].words_if_seen": "word for p_if_seen, or null",
        "rows[].words_if_not": "word for p_if_not, or null",
        "tipping[].indicator": "a single observation that would change the word",
        "tipping[].observed": "seen, not seen, holds or does not hold",
        "tipping[].p": "p after it",
        "tipping[].words": "word for that",
        "movement": "null if no futures were drawn",
        "movement.to": "the day ahead on which the futures are asked",
        "movement.n": "number of futures",
        "movement.p": "p today from the draws that the futures come from",
        "movement.mean": "mean over futures of the answer on that day",
        "movement.error": "its Monte Carlo standard error",
        "movement.low": "10th percentile of the answers",
        "movement.median": "50th percentile",
        "movement.high": "90th percentile",
        "movement.changed": "share of futures in which the word is another",
        "movement.unreliable": "number of futures with k-hat above 0.7",
        "unmoved": "why no futures were drawn, or null",
    },
    "ledger log": {
        "rows[].log": "id of the log",
        "rows[].seq": "position in it",
        "rows[].id": "of the record",
        "rows[].type": "forecast or retraction",
        "rows[].scenario": "id; null for a retraction",
        "rows[].model": "version; null for a retraction",
        "rows[].as_of": "day; null for a retraction",
        "rows[].kind": "live or replay; null for a retraction",
        "rows[].made_at": "instant, UTC",
        "rows[].of": "id of the forecast that is retracted, or null",
        "rows[].reason": "why, or null",
        "rows[].retracted": "of a forecast: why it was retracted, or null",
        "heads[].log": "id of the log",
        "heads[].hash": "hash at its end",
    },
    "ledger verify": {
        "ok": "true if nothing is broken",
        "problems[].level": "error, or warning for what breaks nothing",
        "problems[].message": "what is wrong",
        "problems[].log": "id of the log, or null",
        "problems[].seq": "position in it, or null",
        "problems[].id": "of the record, or null",
        "heads[].log": "id of the log",
        "heads[].hash": "hash at its end",
    },
}


def commands() -> Iterator[tuple[str, Any, Any]]:
    """Every command with its full name and the context in which it says its help, groups before what is in them."""
    root = typer.main.get_command(app)
    yield from _walk("forecast", root, typer.Context(root, info_name="forecast", terminal_width=WIDTH, **_help_names()))


def _help_names() -> dict[str, Any]:
    return {"help_option_names": app.info.context_settings["help_option_names"]}


def _walk(name: str, command: Any, context: Any) -> Iterator[tuple[str, Any, Any]]:
    yield name, command, context
    for part, child in getattr(command, "commands", {}).items():
        yield from _walk(f"{name} {part}", child, typer.Context(child, info_name=part, parent=context))


def page() -> str:
    """The whole text of docs/cli.md."""
    parts = [HEAD, _keys("errors")]
    for name, command, context in commands():
        parts.append(f"\n## {name}\n\n```text\n{command.get_help(context).rstrip()}\n```\n")
        words = name.removeprefix("forecast ")
        if words in DOCUMENTS:
            parts.append(f"\n`{name} ... --json` prints:\n\n{_keys(words)}")
    parts.append(
        "\n`forecast ledger show` prints one record as JSON: its place in the chain (`log`, `seq`, `id`, `prev`, "
        "`hash`),\n`retracted`, and under `content` what was recorded. `forecast schema` prints JSON Schemas of the "
        "files that people write.\n\nKeys may be added in later versions; none will be renamed without a word in the "
        "changelog.\n"
    )
    return "".join(parts)


def undocumented(name: str, document: Any) -> tuple[set[str], set[str]]:
    """Keys of a real document that are not listed, and listed keys that it has no place for.

    What would be inside an empty list cannot be missed, and a null has no keys.
    """
    listed, real = DOCUMENTS[name], set(_leaves(document, ""))
    open_ends = tuple(key.removesuffix("?") for key in real if key.endswith("?"))
    extra = {key for key in real if not key.endswith("?") and key not in listed}
    missing = {key for key in listed if key not in real and not key.startswith(open_ends)}
    return extra, missing


def _leaves(value: Any, path: str) -> Iterator[str]:
    """Paths to all scalars; a path that ends in `?` is a list without entries."""
    if isinstance(value, dict):
        for key, inner in value.items():
            part = "*" if path.rpartition(".")[2] in BY_NAME else key
            yield from _leaves(inner, f"{path}.{part}" if path else part)
    elif isinstance(value, list):
        if not value:
            yield f"{path}[]?"
        for inner in value:
            yield from _leaves(inner, f"{path}[]")
    else:
        yield path


def _keys(document: str) -> str:
    rows = "".join(f"| `{key}` | {meaning} |\n" for key, meaning in DOCUMENTS[document].items())
    return f"{'' if document != 'errors' else chr(10)}| key | meaning |\n|---|---|\n{rows}"


if __name__ == "__main__":
    TARGET.write_text(page(), encoding="utf-8")
    print(f"wrote {TARGET}")
