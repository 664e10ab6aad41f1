"""The answer on a later day under simulated reports: its mean is the answer today, and that can fail."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from math import factorial

import numpy as np
import pytest

from forecast.analysis.ahead import movement as module
from forecast.analysis.ahead.movement import movement, unsimulated
from forecast.analysis.ahead.open_question import WatchRequest
from forecast.inference import smc
from forecast.inference.reweight import prior_draws
from forecast.model.answers import answer, filtered
from forecast.model.arrays import arrays
from forecast.model.evidence_set import EvidenceSet
from forecast.model.priors import Natural
from forecast.model.simulate import Later, Seen
from forecast.plan import Question
from forecast.scenario.schema import Occurs, State, Stays
from forecast.words import words

from ..builders import event, make_evidence, make_settings, says, watched

#: Standard errors by which the mean over futures may differ from the answer today; seeds are fixed.
MAX_Z = 3.5

#: The mutations below must be noticed by far.
CLEAR_Z = 6.0

START, AS_OF, LATER = date(2023, 1, 1), date(2023, 12, 31), date(2024, 3, 31)

MODEL = make_settings(
    per_year={"attack": [[4, 12], [0.5, 2]], "visit": [[0.3, 1], [1, 6]], "summit": [[0.5, 1], [1, 2]]},
    stays=[[0.5, 2], [1, 3]],
)

#: Reports that come months late, and a watch that was searched to October only: much is still to be seen of the past.
WATCHES = (
    watched("attack", date(2023, 2, 1), AS_OF, detection=(0.5, 0.9), lag_days=(20.0, 200.0)),
    watched("visit", date(2023, 1, 1), date(2023, 10, 15), detection=(0.3, 0.7), lag_days=(5.0, 40.0)),
)
TOLD = (
    event("e1", "attack", date(2023, 3, 3), origins=[says(grade="C3")]),
    event("e2", "visit", date(2023, 5, 1)),
    event("e3", "summit", date(2023, 11, 2), origins=[says(grade="D4")]),
)

QUESTIONS: dict[str, Question] = {
    "state": State(id="q", ask="?", kind="state", on=date(2024, 6, 30)),
    "stays": Stays.model_validate(
        {"id": "q", "ask": "?", "kind": "stays", "in": ["regime0"], "from": date(2023, 10, 1), "until": LATER}
    ),
    "record": Occurs(
        id="q", ask="?", kind="occurs", indicator="attack", at_least=3, between=(date(2023, 10, 10), date(2024, 5, 31))
    ),
    "truth": Occurs(
        id="q",
        ask="?",
        kind="occurs",
        indicator="visit",
        at_least=1,
        between=(date(2023, 9, 1), LATER),
        settled_by="truth",
    ),
}


def request(
    question: Question, seed: int = 1, as_of: date = AS_OF, evidence: EvidenceSet | None = None
) -> WatchRequest:
    evidence = evidence or make_evidence(START, TOLD, WATCHES)
    return WatchRequest("toy", None, as_of, question, 0, MODEL, evidence, seed)


def moved(question: Question, seed: int, n: int = 1000) -> module.Movement:
    one = request(question, seed)
    proposal = prior_draws(MODEL, arrays(one.evidence, MODEL, AS_OF), seed)
    return movement(one, proposal, LATER, 0, n)


# one seed of each question is as sharp as another: the mutations below are noticed with this one
@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3))])
@pytest.mark.parametrize("kind", QUESTIONS)
def test_the_mean_answer_over_futures_is_the_answer_today(kind: str, seed: int) -> None:
    found = moved(QUESTIONS[kind], seed)
    assert abs(found.mean - found.p) < MAX_Z * found.error
    # a loose bound would prove nothing
    assert found.error < 0.015
    assert found.high - found.low > 0.1


def z_of(kind: str) -> float:
    found = moved(QUESTIONS[kind], 1)
    return abs(found.mean - found.p) / found.error


@pytest.mark.parametrize("kind", ["state", "record"])
def test_the_mean_answer_over_futures_is_that_of_particles_with_unequal_weights(kind: str) -> None:
    """Particles drawn for an earlier day's evidence and moved to today's: the answer of all, within its own error."""
    one = request(QUESTIONS[kind])
    earlier = arrays(make_evidence(START, TOLD[:2], WATCHES[:1]), MODEL, date(2023, 8, 31))
    data = arrays(one.evidence, MODEL, AS_OF)
    proposal = smc.move(smc.sample(MODEL, earlier, 4, effort=smc.Effort(particles=2000)), MODEL, data, 5)
    weighted = module.weigh(proposal, MODEL, data)
    assert np.ptp(weighted.log_weights) > 0.01
    today, error, _, _ = weighted.summary(weighted.answer(one.question)[:, 0])

    found = movement(one, proposal, LATER, 0, 1000)

    assert abs(found.mean - found.p) < MAX_Z * found.error
    # the draws that futures come from are picked by weight, in the order of their answers
    assert found.p == pytest.approx(today, abs=0.002)
    assert error < 0.02


def test_a_simulator_that_forgets_late_reports_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def only_ahead(evidence: EvidenceSet, *rest: object) -> Later:
        ahead = REAL_LATER(evidence, *rest)
        newly = ahead.newly.copy()
        newly[ahead.before.steps.last <= AS_OF.toordinal()] = 0
        return replace(ahead, newly=newly)

    monkeypatch.setattr(module, "later", only_ahead)
    assert z_of("record") > CLEAR_Z


REAL_LATER: Callable[..., Later] = module.later


def test_a_simulator_that_sees_everything_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    real = module.newly_seen

    def all_seen(ahead: Later, draws: object, paths: object, parameters: object, *rest: object) -> object:
        return real(ahead, draws, paths, replace(parameters, detection=np.ones_like(parameters.detection)), *rest)

    monkeypatch.setattr(module, "newly_seen", all_seen)
    assert z_of("truth") > CLEAR_Z


def test_a_simulator_that_ignores_todays_evidence_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def anywhere(draws: np.ndarray, result: object, parameters: object, moves: np.ndarray, rng: object) -> np.ndarray:
        return np.ones((len(draws), len(moves)), dtype=np.int64)

    monkeypatch.setattr(module, "sample_paths", anywhere)
    assert z_of("state") > CLEAR_Z


def test_within_a_step_the_mean_differs_by_the_cut_of_the_grid_only() -> None:
    """On another day than the last of a step; p is that of the grid to the later day, today's differs by little."""
    day = date(2024, 1, 12)
    evidence = make_evidence(START, TOLD, [replace(WATCHES[0], until=day), WATCHES[1]])
    one = request(QUESTIONS["state"], as_of=day, evidence=evidence)
    data = arrays(evidence, MODEL, day)
    proposal = prior_draws(MODEL, data, 1)
    found = movement(one, proposal, LATER, 0, 1000)
    assert abs(found.mean - found.p) < MAX_Z * found.error
    weighted = module.weigh(proposal, MODEL, data)
    today = float(weighted.weights @ weighted.answer(one.question)[:, 0])
    assert found.p == pytest.approx(today, abs=0.005)


def test_the_draws_kept_have_the_answer_of_all() -> None:
    one = request(QUESTIONS["state"])
    data = arrays(one.evidence, MODEL, AS_OF)
    proposal = prior_draws(MODEL, data, 1)
    weighted = module.weigh(proposal, MODEL, data)
    today = float(weighted.weights @ weighted.answer(one.question)[:, 0])
    assert movement(one, proposal, LATER, 0, 10).p == pytest.approx(today, abs=0.001)


def test_the_same_seed_draws_the_same_futures() -> None:
    assert moved(QUESTIONS["stays"], 5, 50) == moved(QUESTIONS["stays"], 5, 50)
    assert moved(QUESTIONS["stays"], 5, 50) != moved(QUESTIONS["stays"], 6, 50)


def test_without_a_watch_nothing_moves() -> None:
    one = request(QUESTIONS["state"], evidence=make_evidence(START, TOLD))
    found = movement(one, prior_draws(MODEL, arrays(one.evidence, MODEL, AS_OF), 1), LATER, 0, 20)
    assert found.low == found.high == pytest.approx(found.p, abs=1e-12)
    assert (found.changed, found.error) == (0.0, pytest.approx(0, abs=1e-12))


def test_quantiles_and_words_are_those_of_the_futures(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.linspace(0.1, 0.9, 21)
    monkeypatch.setattr(module, "_answers", lambda *_: (values, np.array([0.1] * 19 + [0.71, np.nan])))
    found = moved(QUESTIONS["state"], 1, 21)
    assert (found.low, found.median, found.high) == pytest.approx((0.18, 0.5, 0.82))
    assert found.changed == np.mean([words(value) != words(found.p) for value in values])
    assert found.unreliable == 2


def record_of(indicator: str) -> Occurs:
    return Occurs(id="q", ask="?", kind="occurs", indicator=indicator, between=(date(2024, 1, 1), date(2024, 2, 29)))


def test_what_the_record_settles_must_be_watched_all_the_time() -> None:
    assert unsimulated(request(record_of("attack")), LATER) is None
    assert unsimulated(request(QUESTIONS["state"]), LATER) is None
    why = "the record settles the question, and nobody watches summit on 2024-01-01"
    assert unsimulated(request(record_of("summit")), LATER) == why
    begins = make_evidence(START, TOLD, WATCHES, [watched("summit", date(2024, 1, 5), None)])
    assert unsimulated(request(record_of("summit"), evidence=begins), LATER) == why
    begins = make_evidence(START, TOLD, WATCHES, [watched("summit", date(2024, 1, 1), None)])
    assert unsimulated(request(record_of("summit"), evidence=begins), LATER) is None


def test_a_watch_that_begins_in_the_window_shows_events_from_then_on() -> None:
    evidence = make_evidence(START, TOLD, (), [watched("attack", date(2024, 2, 1), None, detection=(0.5, 0.9))])
    one = request(QUESTIONS["state"], evidence=evidence)
    found = movement(one, prior_draws(MODEL, arrays(evidence, MODEL, AS_OF), 1), LATER, 0, 1000)
    assert found.high - found.low > 0.1
    assert abs(found.mean - found.p) < MAX_Z * found.error


@pytest.mark.parametrize(
    "question", [QUESTIONS["state"], QUESTIONS["stays"], record_of("attack")], ids=lambda q: q.kind
)
def test_summed_over_all_that_may_be_seen_the_answers_are_the_answer_today(question: Question) -> None:
    """Exactly: P(n events are seen in January) from a Poisson mixture over draws and regimes, times the answer then."""
    later_day = date(2024, 1, 31)
    evidence = make_evidence(START, TOLD, (), [watched("attack", date(2024, 1, 1), None, detection=(0.5, 0.9))])
    one = request(question, evidence=evidence)
    ahead = module.later(evidence, MODEL, later_day)
    last = len(ahead.before.steps) - 1
    assert np.argwhere(ahead.newly).tolist() == [[last, 0]]
    weighted = module.weigh(prior_draws(MODEL, arrays(evidence, MODEL, AS_OF), 1), MODEL, ahead.before)
    kept = np.arange(0, 4000, 8)
    parameters = Natural(
        *(getattr(weighted.parameters, name)[kept] for name in ("rate", "holds", "move", "truth", "detection"))
    )
    before = filtered(parameters, MODEL, ahead.before)
    today = answer(question, before, parameters, MODEL, ahead.before)[:, 0].mean()
    mean = parameters.rate[:, 0] * parameters.detection * ahead.newly[last, 0] / 12
    n_most = 14
    chances = [
        float((before.filtered[:, last] * np.exp(-mean) * mean**n / factorial(n)).sum(axis=1).mean())
        for n in range(n_most)
    ]
    futures = [(Seen(0, last, later_day.toordinal() - 9),) * n for n in range(n_most)]
    answers, _ = module._answers(one, ahead, parameters, before, futures, 0)
    assert sum(chances) == pytest.approx(1, abs=1e-9)
    assert float(np.dot(chances, answers)) == pytest.approx(today, abs=1e-9)
    assert np.ptp(answers) > 0.1
