"""What each indicator could tell, against the enumeration of all paths, Bayes' rule by hand, and the laws it obeys."""

from dataclasses import replace
from datetime import date, timedelta
from math import log2

import numpy as np
import pytest

from forecast.analysis.ahead.open_question import WatchRequest
from forecast.analysis.ahead.watch import MAX_AHEAD, Row, Watching, Window, bits, watch, window
from forecast.errors import InputError
from forecast.inference import smc
from forecast.inference.draws import Draws
from forecast.inference.psis import pareto_khat
from forecast.inference.reweight import ProposalDraws, WeightedDraws, prior_draws, weigh
from forecast.model.answers import filtered
from forecast.model.arrays import arrays
from forecast.model.evidence_set import EvidenceSet
from forecast.model.version import Settings
from forecast.plan import Question
from forecast.scenario.schema import Family, Occurs, State, Stays, Step
from forecast.words import words

from .. import naive
from ..builders import event, make_evidence, make_settings, random_case, says, watched

#: The law holds up to rounding.
EXACT = 1e-9

START, AS_OF, ENDS = date(2023, 1, 1), date(2023, 6, 30), date(2024, 3, 31)
DAYS = Window(date(2023, 7, 1), date(2023, 9, 30), False)

MODEL = make_settings(
    per_year={"attack": [[3, 9], [0.3, 1]], "drill": [[2, 2], [2, 2]], "visit": [[0.2, 0.6], [2, 5]]},
    holds={"border": [[0.6, 0.8], [0.2, 0.4]], "threat": [[0.1, 0.2], [0.7, 0.9]]},
    stays=[[0.5, 2], [1, 3]],
)
EVIDENCE = make_evidence(
    START,
    [event("e1", "attack", date(2023, 3, 3)), event("e2", "border", date(2023, 4, 1))],
    [watched("attack", date(2023, 2, 1), AS_OF)],
)
STATE = State(id="q", ask="?", kind="state", on=ENDS)
STAYS = Stays.model_validate(
    {"id": "q", "ask": "?", "kind": "stays", "in": ["regime1"], "from": date(2023, 4, 1), "until": ENDS}
)
OCCURS = Occurs(id="q", ask="?", kind="occurs", indicator="attack", at_least=2, between=(date(2023, 5, 1), ENDS))


def looked(
    question: Question,
    *,
    model: Settings = MODEL,
    evidence: EvidenceSet = EVIDENCE,
    outcome: int | None = 0,
    days: Window = DAYS,
    as_of: date = AS_OF,
) -> Watching:
    request = WatchRequest("toy", None, as_of, question, outcome, model, evidence, 1)
    data = arrays(evidence, model, as_of)
    return watch(request, weigh(prior_draws(model, data, 1), model, data), days)


def row_of(found: Watching, indicator: str) -> Row:
    return next(row for row in found.rows if row.indicator == indicator)


@pytest.mark.parametrize("question", [STATE, STAYS, OCCURS], ids=["state", "stays", "occurs"])
def test_the_answer_is_the_mean_of_the_answers_if_seen_and_if_not(question: Question) -> None:
    found = looked(question)
    assert len(found.rows) == 5
    for row in found.rows:
        assert row.p_if_seen is not None
        assert row.p_if_not is not None
        total = row.p_seen * row.p_if_seen + (1 - row.p_seen) * row.p_if_not
        assert total == pytest.approx(found.p, abs=EXACT)
        assert 0 < row.p_seen < 1


def weighted_case(seed: int) -> tuple[WatchRequest, WeightedDraws]:
    """A random case with two draws of unequal weight, each of which is an island and its own ancestor."""
    case = random_case(seed, n_regimes=2, n_steps=4, n_reports=8, straddling=False)
    last = case.as_of + timedelta(days=60)
    question = [
        State(id="q", ask="?", kind="state", on=last),
        Occurs(id="q", ask="?", kind="occurs", indicator="attack", between=(case.as_of, last), settled_by="truth"),
    ][seed % 2]
    result = filtered(case.parameters, case.model, case.data)
    draws = Draws(
        {"stay_own": np.zeros((2, 1, 2))}, {"islands": 2, "ancestors": 2}, ancestry=np.array([[0], [1]], dtype=np.int64)
    )
    weighted = WeightedDraws(
        ProposalDraws("made up", case.model, draws),
        case.model,
        case.data,
        case.parameters,
        result,
        np.log([0.8, 0.2]),
        0.1,
        2.0,
    )
    return WatchRequest("toy", None, case.as_of, question, 0, case.model, case.evidence, 1), weighted


@pytest.mark.parametrize("seed", [0, 1])
def test_bits_and_answers_are_those_of_the_joint_averaged_over_draws_and_all_paths(seed: int) -> None:
    request, weighted = weighted_case(seed)
    last = request.as_of + timedelta(days=45)
    found = watch(request, weighted, Window(request.as_of + timedelta(days=1), last, False))
    for row in found.rows:
        table = np.zeros((2, 2))
        for draw, weight in enumerate((0.8, 0.2)):
            parameters = naive.one_draw(weighted.parameters, draw)
            given = (request.question, request.evidence, request.model, parameters, request.as_of)
            everything = naive.joint(*given)
            if row.kind == "condition":
                seen = naive.joint(*given, holds=row.indicator)
            else:
                seen = everything - naive.joint(*given, unseen=naive_unseen(request, row.indicator, last, parameters))
            table += weight * np.array([seen, everything - seen])
        table /= table.sum()
        rows, columns = table.sum(axis=1), table.sum(axis=0)
        information = sum(
            table[i, j] * log2(table[i, j] / (rows[i] * columns[j])) for i in (0, 1) for j in (0, 1) if table[i, j] > 0
        )
        assert row.p_seen == pytest.approx(rows[0], abs=EXACT)
        assert row.p_if_seen == pytest.approx(table[0, 0] / rows[0], abs=EXACT)
        assert row.p_if_not == pytest.approx(table[1, 0] / rows[1], abs=EXACT)
        assert row.bits == pytest.approx(information, abs=EXACT)


@pytest.mark.slow
def test_errors_of_the_answers_given_an_observation_are_those_of_repetition() -> None:
    """Forty times other particles: the spread of each answer is the error that is printed with it."""
    data = arrays(EVIDENCE, MODEL, AS_OF)
    request = WatchRequest("toy", None, AS_OF, STATE, 0, MODEL, EVIDENCE, 1)
    found = []
    for seed in range(40):
        proposal = smc.sample(MODEL, data, seed, effort=smc.Effort(particles=1000))
        found.append(watch(request, weigh(proposal, MODEL, data), DAYS))
    for indicator in ("attack", "visit", "border", "threat"):
        rows = [row_of(one, indicator) for one in found]
        for p, mcse in (("p_if_seen", "mcse_if_seen"), ("p_if_not", "mcse_if_not")):
            spread = np.std([getattr(row, p) for row in rows], ddof=1)
            # 40 runs give the spread to within 11%; four of its errors, and the larger of two estimates is printed
            assert 0.6 < np.mean([getattr(row, mcse) for row in rows]) / spread < 1.8


def naive_unseen(request: WatchRequest, indicator: str, last: date, parameters: naive.Natural) -> naive.Unseen:
    open_watches = [
        number
        for number, one in enumerate(naive.event_watches(request.evidence, request.model))
        if one.indicator == indicator and one.closed is None
    ]
    share = float(parameters.detection[open_watches[0]]) if open_watches else 1.0
    return naive.Unseen(indicator, request.as_of + timedelta(days=1), last, lambda _: share)


def test_an_indicator_with_equal_rates_in_all_regimes_tells_nothing_of_the_regime() -> None:
    row = row_of(looked(STATE), "drill")
    assert row.bits == pytest.approx(0, abs=1e-12)
    assert row.p_if_seen == pytest.approx(row.p_if_not, abs=1e-9)
    # seen once in three months at two a year, by an observer who sees everything
    assert row.p_seen == pytest.approx(1 - np.exp(-2 / 4), abs=1e-9)
    assert not row.watched


def test_a_condition_is_weighed_by_bayes_rule() -> None:
    """A static model with point ranges: .3 x .8 / (.3 x .8 + .7 x .4) if it holds, .3 x .2 / (...) if not."""
    model = make_settings(family=Family.STATIC, initial=(0.3, 0.7), holds={"border": [[0.8, 0.8], [0.4, 0.4]]})
    row = row_of(looked(STATE, model=model, evidence=make_evidence(START)), "border")
    assert (row.kind, row.reported) == ("condition", None)
    assert row.p_seen == pytest.approx(0.52)
    assert row.p_if_seen == pytest.approx(0.24 / 0.52)
    assert row.p_if_not == pytest.approx(0.06 / 0.48)
    # I = sum p(x, y) log2(p(x, y) / p(x) p(y)) over the four cells
    cells = [(0.24, 0.52, 0.3), (0.28, 0.52, 0.7), (0.06, 0.48, 0.3), (0.42, 0.48, 0.7)]
    assert row.bits == pytest.approx(sum(p * log2(p / (x * y)) for p, x, y in cells))


def test_bits_of_tables_known_by_heart() -> None:
    assert bits(np.array([[0.25, 0.25], [0.25, 0.25]])) == 0
    assert bits(np.array([[0.5, 0.0], [0.0, 0.5]])) == pytest.approx(1)
    assert bits(np.array([[0.25, 0.0, 0.25], [0.0, 0.5, 0.0]])) == pytest.approx(1)
    assert bits(np.array([[0.0, 0.0], [0.3, 0.7]])) == 0


def test_rows_are_sorted_by_bits_and_the_questions_own_indicator_stands_last() -> None:
    found = looked(OCCURS)
    assert [row.settles for row in found.rows] == [False] * 4 + [True]
    information = [row.bits for row in found.rows[:-1]]
    assert information == sorted(information, reverse=True)
    assert found.rows[-1].indicator == "attack"
    assert "attack" not in [tip.indicator for tip in found.tipping]


def test_what_is_not_seen_of_the_own_indicator_cannot_count_for_a_question_of_the_record() -> None:
    """The window is the question's and its watch the one that settles it: not seen is no, once seen is yes."""
    one = Occurs(id="q", ask="?", kind="occurs", indicator="attack", between=(date(2023, 7, 1), date(2023, 9, 30)))
    row = row_of(looked(one), "attack")
    assert row.p_if_not == pytest.approx(0, abs=1e-12)
    assert row.p_if_seen == pytest.approx(1)


def test_an_open_watch_sees_less_than_everything() -> None:
    watched_row = row_of(looked(STATE), "attack")
    unwatched = make_evidence(START, EVIDENCE.events, [replace(EVIDENCE.watches[0], closed=AS_OF)])
    row = row_of(looked(STATE, evidence=unwatched), "attack")
    assert (watched_row.watched, row.watched) == (True, False)
    assert row.p_seen > watched_row.p_seen


def test_the_latest_value_of_a_condition_is_told_and_tips_nothing() -> None:
    denied = make_evidence(
        START,
        [*EVIDENCE.events, event("e3", "threat", date(2023, 5, 1), origins=[says(denies=True)])],
        EVIDENCE.watches,
    )
    found = looked(STATE, evidence=denied)
    assert row_of(found, "border").reported == "holds"
    assert row_of(found, "threat").reported == "does not hold"
    tips = {(tip.indicator, tip.observed) for tip in found.tipping}
    assert ("border", "holds") not in tips
    assert ("threat", "does not hold") not in tips


def test_tipping_points_are_the_observations_after_which_the_word_is_another() -> None:
    found = looked(STATE)
    today = words(found.p)
    expected = {
        (row.indicator, observed, p)
        for row in found.rows
        for observed, p in (("seen", row.p_if_seen), ("not seen", row.p_if_not))
        if row.kind == "event" and p is not None and words(p) != today
    }
    assert expected
    assert {(tip.indicator, tip.observed, tip.p) for tip in found.tipping if "hold" not in tip.observed} == expected
    assert all(tip.words == words(tip.p) != today for tip in found.tipping)


def test_k_hat_is_that_of_the_weights_times_the_chance_of_being_seen() -> None:
    question = State(id="q", ask="?", kind="state", on=AS_OF + timedelta(days=92))
    model = make_settings(family=Family.STATIC, initial=(0.3, 0.7), per_year={"attack": [[1, 3], [0.01, 1]]})
    evidence = make_evidence(START)
    data = arrays(evidence, model, AS_OF)
    weighted = weigh(prior_draws(model, data, 1), model, data)
    row = row_of(looked(question, model=model, evidence=evidence), "attack")
    # static: P(nothing seen | draw) is the prior of the regimes times exp(- rate / 4)
    missed = np.exp(-weighted.parameters.rate[:, 0] / 4) @ model.initial
    assert row.khat_seen == pytest.approx(pareto_khat(np.log(1 - missed)), abs=1e-6)
    assert row.khat_not == pytest.approx(pareto_khat(np.log(missed)), abs=1e-6)
    assert row.reliable


def test_an_observation_that_few_draws_expect_is_marked() -> None:
    """Rates over seven orders of magnitude: what is seen is seen by the last few draws."""
    model = make_settings(per_year={"attack": [[1e-7, 1e-3]] * 2})
    found = looked(STATE, model=model, evidence=make_evidence(START))
    row = row_of(found, "attack")
    assert row.khat_seen is not None
    assert row.khat_seen > 0.7
    assert not row.reliable
    assert [tip for tip in found.tipping if tip.indicator == "attack"] == []


def test_without_a_named_outcome_the_most_probable_regime_or_yes_is_asked_about() -> None:
    assert looked(STATE, outcome=None).outcome == "regime1"
    assert looked(STATE, outcome=0).outcome == "regime0"
    unlikely = Occurs(id="q", ask="?", kind="occurs", indicator="attack", at_least=15, between=(DAYS.first, ENDS))
    found = looked(unlikely, outcome=None)
    assert (found.outcome, found.p < 0.2) == ("yes", True)


def test_a_model_without_evidence_is_refused() -> None:
    model = make_settings(family=Family.BASE_RATE)
    with pytest.raises(InputError, match=r"v1 \(base-rate\) uses no evidence: no observation can change its answers"):
        looked(STATE, model=model, evidence=make_evidence(START))


@pytest.mark.parametrize(
    ("as_of", "ahead", "step", "ends", "last", "cut"),
    [
        (date(2024, 1, 7), 3, Step.MONTH, date(2030, 1, 1), date(2024, 4, 30), False),
        (date(2024, 1, 31), 3, Step.MONTH, date(2030, 1, 1), date(2024, 4, 30), False),
        (date(2023, 12, 31), 2, Step.MONTH, date(2030, 1, 1), date(2024, 2, 29), False),
        (date(2024, 2, 10), 1, Step.QUARTER, date(2030, 1, 1), date(2024, 6, 30), False),
        # 3 January 2024 was a Wednesday
        (date(2024, 1, 3), 1, Step.WEEK, date(2030, 1, 1), date(2024, 1, 14), False),
        (date(2024, 1, 7), 3, Step.MONTH, date(2024, 4, 30), date(2024, 4, 30), False),
        (date(2024, 1, 7), 3, Step.MONTH, date(2024, 4, 29), date(2024, 4, 29), True),
        (date(2024, 1, 7), MAX_AHEAD, Step.MONTH, date(2050, 1, 1), date(2034, 1, 31), False),
    ],
)
def test_a_window_ends_with_the_step_so_many_steps_ahead_or_with_the_question(
    as_of: date, ahead: int, step: Step, ends: date, last: date, cut: bool
) -> None:
    assert window(as_of, ahead, step, ends) == Window(as_of + timedelta(days=1), last, cut)


@pytest.mark.parametrize("ahead", [0, -1, MAX_AHEAD + 1])
def test_a_number_of_steps_that_is_none_is_refused(ahead: int) -> None:
    with pytest.raises(InputError, match=rf"--ahead {ahead} is no number of steps ahead\. Accepted: 1 to 120"):
        window(AS_OF, ahead, Step.MONTH, ENDS)


def test_a_question_that_ends_today_has_no_window() -> None:
    with pytest.raises(InputError, match="last day is the as-of date, 2023-06-30: nothing that is still to come"):
        window(AS_OF, 3, Step.MONTH, AS_OF)
