"""Why a number is what it is, or why it moved: rows in log-odds that add up exactly, and what single pieces carry.

The rows are differences of neighbouring nodes (`analysis.why.nodes`), so they depend on the order of the path. The ends
are the numbers on record; `sampling` is what separates them from what is computed now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from forecast.analysis.anchors import anchor_of_fit, sampled_anchor, stored_anchors
from forecast.analysis.why.leave_out import LeftOut, leave_one_out
from forecast.analysis.why.nodes import Node, path_between, path_from_nothing
from forecast.analysis.why.pool import Pool, Refit, Served, error_of_log_odds, log_odds
from forecast.analysis.why.recorded import Recorded
from forecast.analysis.why.sensitivity import Varied, sensitivity
from forecast.errors import Finding, InputError
from forecast.inference.posterior import Progress, Sampler
from forecast.inference.reweight import ProposalDraws, prior_draws
from forecast.ledger.records import Answer
from forecast.ledger.store import Ledger
from forecast.model.answers import outcomes
from forecast.model.arrays import Arrays
from forecast.model.evidence_set import EvidenceSet
from forecast.model.version import Settings, model_identity
from forecast.scenario.validation import nearest

if TYPE_CHECKING:
    from forecast.analysis.confidence import Confidence
    from forecast.analysis.stability import Stability

__all__ = ["Explanation", "Row", "anchors_for", "explain", "refitting", "waterfall"]

#: Log-odds of the same draws differ by no more.
ROUNDING = 1e-9

#: What lies nearer to 0 or 1 is 0 or 1 but for the rounding of sums.
SETTLED = 1e-12


@dataclass(frozen=True, slots=True)
class Row:
    """One step of the path: the change of log-odds, its Monte Carlo error, and the probability after it."""

    kind: str
    label: str
    log_odds: float
    mcse: float
    p_after: float
    khat: float | None
    approximate: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """Rows from `p_from` to `p_to`; without rows `reason` says why. `earlier` is None for the path from no evidence.

    `stability` and `confidence` are of the later answer; None if it is closed, or was not judged.
    """

    question: str
    ask: str
    outcome: str
    earlier: Recorded | None
    later: Recorded
    p_from: float | None
    p_to: float | None
    rows: tuple[Row, ...] = ()
    leave_one_out: tuple[LeftOut, ...] = ()
    by_source: bool = True
    sensitivity: tuple[Varied, ...] = ()
    power_scaling: tuple[tuple[str, float], ...] = ()
    reason: str | None = None
    stability: "Stability | None" = None
    confidence: "Confidence | None" = None

    @property
    def approximate(self) -> bool:
        """Whether any row is."""
        return any(row.approximate for row in self.rows)


def explain(
    ledger: Ledger,
    workspace: Path,
    earlier: Recorded | None,
    later: Recorded,
    question: str,
    outcome: str | None,
    sources: Mapping[str, EvidenceSet] | None,
    refit: Refit | None = None,
    *,
    beside: bool = True,
) -> Explanation:
    """Explain the probability of an outcome in a forecast, from no evidence or since an earlier forecast.

    Parameters
    ----------
    ledger, workspace
        Where stored draws are found.
    earlier, later
        The forecasts; without an earlier one the path begins at no evidence.
    question, outcome
        What is asked; by default `yes`, or the outcome whose log-odds moved most.
    sources
        The later forecast's evidence without each source, see `leave_out.by_source`.
    refit
        Samples where no draws at hand serve; by default such rows are marked approximate.
    beside
        Whether to say, beside the rows, what leaving out pieces of evidence and other conventions would do.

    Raises
    ------
    InputError
        If a forecast does not ask the question, the outcome is none of its, or the forecasts are of two scenarios.
    """
    if earlier is not None and earlier.forecast.scenario != later.forecast.scenario:
        message = f"{earlier.id} is a forecast of {earlier.forecast.scenario}, {later.id} of {later.forecast.scenario}."
        raise InputError(Finding("error", message, key="--since", accepted="two forecasts of one scenario"))
    asks = later.question(question)
    path = path_from_nothing(later, question) if earlier is None else path_between(earlier, later, question)
    reason = _closed(later, question) or (_closed(earlier, question) if earlier else None)
    if reason is not None:
        return Explanation(question, asks.ask, outcome or "", earlier, later, None, None, reason=reason)
    ends = later.answers(question)
    if outcome is not None and outcome not in ends:
        message = f"question {question} has no outcome '{outcome}'{nearest(outcome, ends)}"
        raise InputError(Finding("error", message, found=outcome, accepted=", ".join(ends)))
    pool = Pool(*anchors_for(ledger, workspace, earlier, later, path), refit)
    outcome = outcome or _moved_most(pool, path[0], earlier, later, question)
    if any(outcome not in outcomes(asks, node.model) for node in path):
        message = f"{path[0].label} knows no outcome '{outcome}' of {question}."
        raise InputError(Finding("error", message, found=outcome, accepted=", ".join(outcomes(asks, path[0].model))))
    served = [pool.serve(node.model, node.data(), node.question, outcome, keep=True) for node in path]
    started = earlier.answers(question)[outcome] if earlier is not None else None
    rows, reason = waterfall(path, served, started, ends[outcome])
    p_from = served[0].p if started is None else started.p
    left_out = leave_one_out(pool, served[-1], later, asks, outcome, sources) if beside else []
    varied = sensitivity(pool, served[-1], later, asks, outcome) if beside else []
    return Explanation(
        question,
        asks.ask,
        outcome,
        earlier,
        later,
        p_from,
        ends[outcome].p,
        tuple(rows),
        tuple(left_out),
        sources is not None,
        tuple(varied),
        reason=reason,
    )


def waterfall(
    path: Sequence[Node], served: Sequence[Served], started: Answer | None, ended: Answer
) -> tuple[list[Row], str | None]:
    """The rows from one end to the other, or the reason why there are none.

    Parameters
    ----------
    path, served
        The nodes, and the probability at each.
    started, ended
        The recorded answers at the ends; `started` is None for the path from no evidence.
    """
    recorded = [answer.p for answer in (started, ended) if answer is not None and answer.p is not None]
    if not all(SETTLED < p < 1.0 - SETTLED for p in (*recorded, *(one.p for one in served))):
        return [], "the probability is 0 or 1 on the way: log-odds are infinite"
    rows: list[Row] = []
    if started is not None:
        assert started.p is not None
        first = served[0]
        change, error = _sampling(started, first)
        label = f"noise of {path[0].label}"
        rows.append(Row("sampling", label, -change, error, first.p, first.khat, first.approximate))
    for (_, before), (node, after) in pairwise(zip(path, served, strict=True)):
        rows.append(
            Row(
                node.kind,
                node.label,
                log_odds(after.p) - log_odds(before.p),
                error_of_log_odds(before, after),
                after.p,
                after.khat,
                before.approximate or after.approximate,
            )
        )
    assert ended.p is not None
    change, error = _sampling(ended, served[-1])
    rows.append(Row("sampling", "noise of this forecast", change, error, ended.p, None, served[-1].approximate))
    return rows, None


def _sampling(recorded: Answer, computed: Served) -> tuple[float, float]:
    """Recorded minus computed log-odds, and its Monte Carlo error, as if their draws had nothing in common.

    Where nothing separates the two they are the same draws, and there is no error.
    """
    assert recorded.p is not None
    assert recorded.mcse is not None
    change = log_odds(recorded.p) - log_odds(computed.p)
    if abs(change) < ROUNDING:
        return change, 0.0
    own = recorded.mcse / (recorded.p * (1 - recorded.p))
    return change, float(np.hypot(own, computed.error))


def _closed(forecast: Recorded, question: str) -> str | None:
    answers = list(forecast.answers(question).values())
    if answers and answers[0].closed:
        how = f"resolved as {answers[0].resolved}" if answers[0].resolved else "over, and not resolved yet"
        return f"{question} is {how} in {forecast.id}: it has no probability there"
    return None


def _moved_most(pool: Pool, start: Node, earlier: Recorded | None, later: Recorded, question: str) -> str:
    """`yes`; of regimes the one whose log-odds moved most, among those that both ends know."""
    ends = {name: answer.p for name, answer in later.answers(question).items() if answer.p is not None}
    if "yes" in ends:
        return "yes"
    names = outcomes(start.question, start.model)
    if earlier is not None:
        begins = {name: answer.p for name, answer in earlier.answers(question).items() if answer.p is not None}
    else:
        begins = dict(zip(names, pool.best(start.model, start.data(), start.question).tolist(), strict=True))
    finite = [name for name in ends if name in begins and 0 < ends[name] < 1 and 0 < begins[name] < 1]
    return max(finite, key=lambda name: abs(log_odds(ends[name]) - log_odds(begins[name])), default=next(iter(ends)))


def anchors_for(
    ledger: Ledger, workspace: Path, earlier: Recorded | None, later: Recorded, path: Sequence[Node]
) -> tuple[list[ProposalDraws], list[ProposalDraws]]:
    """Prior draws of every model on the path and the forecasts' own draws; and in reserve, other stored draws."""
    models: dict[str, Node] = {model_identity(node.model): node for node in path}
    anchors = []
    for identity, node in models.items():
        prior = prior_draws(node.model, node.data(), later.forecast.seed)
        anchors.append(ProposalDraws(f"prior {identity[:10]}", prior.model, prior.draws))
    own = {forecast.forecast.fit for forecast in (earlier, later) if forecast is not None}
    anchors += [anchor for digest in sorted(filter(None, own)) if (anchor := anchor_of_fit(ledger, workspace, digest))]
    spare = [
        anchor
        for node in models.values()
        for anchor in stored_anchors(ledger, workspace, later.forecast.scenario, node.model, node.as_of)
    ]
    return anchors, spare


def refitting(sampler: Sampler, progress: Progress, seed: int) -> Refit:
    """What samples a node with NUTS, each with its own seed from `seed` on, and judges it as every fit is judged."""
    seeds = iter(range(seed, seed + 10**6))

    def refit(model: Settings, data: Arrays) -> ProposalDraws | None:
        anchor = sampled_anchor(model, data, next(seeds), sampler, progress)
        from forecast.inference.diagnose import diagnose

        assert anchor.draws.log_likelihood is not None
        problems = diagnose(anchor.draws, {"the log-likelihood": anchor.draws.log_likelihood}).problems
        if problems:
            progress(f"a fit failed: {'; '.join(problems)}", None, "")
        return None if problems else anchor

    return refit
