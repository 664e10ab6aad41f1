"""Which draws answer: reweighted where they fit, moved where they nearly do, sampled else, and refused with reasons."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from forecast.canonical import file_sha256
from forecast.errors import DiagnosticError
from forecast.inference import smc, stored_draws
from forecast.inference.draws import Draws, write_draws
from forecast.inference.posterior import answered
from forecast.inference.reweight import ProposalDraws, Quality, prior_draws, weigh
from forecast.inference.stored_draws import MAX_MOVES, DrawSource, check_reliable, data_name, next_effort
from forecast.model.arrays import Arrays, arrays
from forecast.model.evidence_set import EvidenceSet
from forecast.model.version import Settings, model_identity
from forecast.scenario.schema import Family

from ..builders import event, says
from ..workspaces import exact, never
from .conftest import QUESTIONS, small_case

CASE = small_case(Family.REGIME)

#: Events that few stored draws expect: weights have an effective size of some 900 of 4,000.
SURPRISE = tuple(event(f"s{i}", "attack", date(2023, 8, 5 + i), origins=[says(p_true=(1, 1))]) for i in range(4))
NEAR = replace(CASE.evidence, events=(*CASE.evidence.events, *SURPRISE))

#: Evidence that all but excludes what was known: the way from stored draws is longer than from the prior.
FAR = replace(
    CASE.evidence,
    events=tuple(
        event(f"f{i:02}", "attack", date(2023, 4, 5) + timedelta(days=i), origins=[says(p_true=(1, 1))])
        for i in range(60)
    ),
)


@dataclass(frozen=True)
class File:
    """A file of draws as a ledger knows it."""

    path: Path
    sha256: str
    model: Settings
    evidence_set: EvidenceSet | None
    day: date = CASE.as_of
    seed: int = 1
    evidence_identity: str = "evidence"
    known: bool = True

    @property
    def model_identity(self) -> str:
        return model_identity(self.model)

    def settings(self) -> Settings | None:
        return self.model if self.known else None

    def evidence(self) -> EvidenceSet | None:
        return self.evidence_set


@dataclass
class Store:
    files: Sequence[File] = ()
    forgotten: list[str] = field(default_factory=list)

    def fits(self) -> Sequence[File]:
        return self.files

    def forget(self, sha256: str) -> None:
        self.forgotten.append(sha256)


@cache
def proposal() -> ProposalDraws:
    return smc.sample(CASE.model, CASE.data, 1)


def stored(folder: Path, draws: Draws | None = None, **fields: object) -> Store:
    """A store of one file."""
    path = folder / "draws.npz"
    with path.open("wb") as file:
        write_draws(draws or proposal().draws, file)
    made = File(path, file_sha256(path), CASE.model, CASE.evidence)
    return Store([replace(made, **fields)])


def laid_out(evidence: EvidenceSet) -> Arrays:
    return arrays(evidence, CASE.model, CASE.as_of)


def ask(source: DrawSource, data: Arrays = CASE.data, model: Settings = CASE.model, **given: object):
    return source.draws_for(model, data, QUESTIONS, seed=5, **given)


def assert_answers_agree(one, other) -> None:
    for question in QUESTIONS:
        for (p, error, *_), (q, other_error, *_) in zip(
            one.summary(question.id), other.summary(question.id), strict=True
        ):
            assert abs(p - q) < 4 * np.hypot(error, other_error)


# --- what exists ------------------------------------------------------------------------------------------------------


def test_stored_draws_of_the_same_evidence_are_the_forecast(tmp_path):
    store = stored(tmp_path)
    found = ask(DrawSource(store, sampler=never))
    assert (found.method["name"], found.method["from_fit"]) == ("smc", store.files[0].sha256)
    assert found.is_reliable
    expected = answered(weigh(proposal(), CASE.model, CASE.data), QUESTIONS)
    for question in QUESTIONS:
        np.testing.assert_allclose(found.answers[question.id], expected.answers[question.id], rtol=1e-9)


def test_stored_draws_of_other_evidence_are_reweighted_where_they_fit(tmp_path):
    less = laid_out(replace(CASE.evidence, events=CASE.evidence.events[:-1]))
    found = ask(DrawSource(stored(tmp_path), sampler=never), less)
    assert found.method["name"] == "reweight"
    assert found.is_reliable
    assert_answers_agree(found, ask(DrawSource(method="smc"), less))


@pytest.fixture
def strict(monkeypatch):
    """Weights need the effective size of most draws, so that what nearly fits is not good enough."""
    monkeypatch.setattr("forecast.inference.reweight.MIN_ESS", 2500.0)


def test_stored_draws_are_moved_where_they_nearly_fit(tmp_path, strict):
    store = stored(tmp_path)
    assert not ask(DrawSource(store, method="reweight"), laid_out(NEAR)).is_reliable
    found = ask(DrawSource(store, sampler=never), laid_out(NEAR))
    assert (found.method["name"], found.method["moves"]) == ("smc", 1)
    assert found.method["moved_from"] == store.files[0].sha256
    assert found.is_reliable
    assert_answers_agree(found, ask(DrawSource(method="smc"), laid_out(NEAR)))


def test_where_the_way_is_long_sampling_begins_at_the_prior(tmp_path):
    found = ask(DrawSource(stored(tmp_path), sampler=never), laid_out(FAR))
    assert (found.method["name"], found.method["moves"]) == ("smc", 0)
    assert "moved_from" not in found.method


@pytest.mark.parametrize("tired", [{"moves": MAX_MOVES}, {"distinct_ancestors": 0.09}])
def test_draws_that_were_moved_often_or_have_few_ancestors_left_are_not_moved_again(tmp_path, strict, tired):
    draws = proposal().draws
    found = ask(DrawSource(stored(tmp_path, replace(draws, meta={**draws.meta, **tired}))), laid_out(NEAR))
    assert found.method["moves"] == 0


def test_chains_of_nuts_are_reweighted_but_not_moved(tmp_path):
    draws = exact(CASE.model, CASE.data, 1, lambda *_: None)
    from forecast.inference.posterior import sampled_by_nuts

    draws = sampled_by_nuts(draws, QUESTIONS, CASE.model, CASE.data).draws
    store = stored(tmp_path, draws)
    assert ask(DrawSource(store, sampler=never)).method["name"] == "nuts"
    assert ask(DrawSource(store, sampler=never), laid_out(FAR)).method.get("moves") == 0


def test_draws_made_in_the_same_process_are_used_again():
    source = DrawSource()
    first = ask(source)
    again = ask(source, laid_out(CASE.evidence))
    assert again.draws is first.draws


def test_the_nearest_files_are_tried_and_no_more_than_the_limit(tmp_path, monkeypatch):
    (file,) = stored(tmp_path).files
    days = [CASE.as_of - timedelta(days=30 * n) for n in (5, 1, 3, 2, 4)]
    store = Store([replace(file, day=day, sha256=f"{day}", path=tmp_path / f"{day}") for day in days])
    source = DrawSource(store)
    tried: list[date] = []
    monkeypatch.setattr(
        DrawSource, "load", lambda self, fit: tried.append(fit.day) or replace(proposal(), id=fit.sha256)
    )
    ask(source)
    assert tried == sorted(days, reverse=True)[: stored_draws.MAX_CANDIDATES]


def test_only_candidates_are_used(tmp_path):
    found = ask(DrawSource(stored(tmp_path)), candidates=lambda fit: fit.seed == 2)
    assert found.method["from_fit"] is None


# --- what is damaged --------------------------------------------------------------------------------------------------


def test_damaged_draws_are_forgotten_and_sampled_again_with_a_warning(tmp_path):
    store = stored(tmp_path)
    (file,) = store.files
    file.path.write_bytes(file.path.read_bytes()[:-1] + b"x")
    source = DrawSource(store)
    found = ask(source)
    assert found.is_reliable
    assert found.method["from_fit"] is None
    (warning,) = source.warnings
    assert warning.startswith(f"{file.path}: the draws of an earlier fit were altered")
    assert warning.endswith(": sampled again")
    assert store.forgotten == [file.sha256]


def test_missing_draws_are_forgotten_and_sampled_again_with_one_warning(tmp_path):
    store = stored(tmp_path)
    store.files[0].path.unlink()
    source = DrawSource(store)
    ask(source)
    ask(source, laid_out(NEAR))
    (warning,) = source.warnings
    assert "cannot be read" in warning
    assert store.forgotten == [store.files[0].sha256]


def test_draws_of_another_layout_are_sampled_again_with_a_warning(tmp_path):
    path = tmp_path / "draws.npz"
    np.savez(path, meta=np.array('{"layout": 99}'), truth=np.zeros((1, 1)))
    source = DrawSource(Store([File(path, file_sha256(path), CASE.model, CASE.evidence)]))
    assert ask(source).is_reliable
    assert "layout 99" in source.warnings[0]


def test_draws_of_a_model_whose_numbers_were_revised_are_passed_over(tmp_path):
    source = DrawSource(stored(tmp_path, known=False))
    assert ask(source).method["from_fit"] is None
    assert source.warnings == []


def test_draws_with_another_prior_are_passed_over(tmp_path):
    other = replace(CASE.model, grades=CASE.model.grades + 1)
    assert ask(DrawSource(stored(tmp_path, model=other))).method["from_fit"] is None


def test_draws_whose_evidence_is_not_on_record_are_reweighted_but_not_moved(tmp_path, strict):
    store = stored(tmp_path, evidence_set=None)
    assert ask(DrawSource(store, sampler=never)).method["from_fit"] == store.files[0].sha256
    assert ask(DrawSource(store, sampler=never), laid_out(NEAR)).method["moves"] == 0


# --- methods ----------------------------------------------------------------------------------------------------------


def test_smc_starts_from_the_prior_and_repeats_exactly_whatever_is_stored(tmp_path):
    one, other = ask(DrawSource(stored(tmp_path), method="smc")), ask(DrawSource(method="smc"))
    assert (one.method["moves"], one.method["from_fit"]) == (0, None)
    for question in QUESTIONS:
        assert one.summary(question.id) == other.summary(question.id)


def test_auto_agrees_with_smc_within_monte_carlo_error(tmp_path, strict):
    for evidence in (CASE.evidence, NEAR, FAR):
        auto = ask(DrawSource(stored(tmp_path)), laid_out(evidence))
        assert_answers_agree(auto, ask(DrawSource(method="smc"), laid_out(evidence)))


def test_reweighting_alone_without_draws_is_refused():
    with pytest.raises(DiagnosticError, match="no stored draws have the prior of model v1"):
        ask(DrawSource(method="reweight"))


def test_reweighting_alone_gives_draws_that_do_not_fit_with_their_problems(tmp_path):
    found = ask(DrawSource(stored(tmp_path), method="reweight"), laid_out(FAR))
    assert not found.is_reliable
    with pytest.raises(DiagnosticError, match=r"v1 today: .*(k-hat|effective sample size)"):
        check_reliable(found, "v1 today")


def test_nuts_alone_samples_with_nothing_else():
    calls = []

    def sampler(model, data, seed, progress):
        calls.append(seed)
        return exact(model, data, seed, progress)

    assert ask(DrawSource(method="nuts", sampler=sampler)).method["name"] == "nuts"
    assert calls == [5]


@pytest.fixture
def hard(monkeypatch):
    """The sampler may use few particles only, and no answer may be wrong by more than a tenth of a percent."""
    monkeypatch.setattr(smc, "MOST_PARTICLES", 8000)
    monkeypatch.setattr(stored_draws, "MAX_ERROR", 0.0002)
    monkeypatch.setattr("forecast.inference.reweight.MAX_ERROR", 0.0002)


def test_where_all_particles_are_too_few_nuts_samples(hard):
    calls = []

    def sampler(model, data, seed, progress):
        calls.append(seed)
        return exact(model, data, seed, progress)

    found = ask(DrawSource(sampler=sampler))
    assert calls == [5]
    assert found.method["name"] == "nuts"
    assert found.is_reliable


def test_without_nuts_it_refuses_and_says_why(hard):
    found = ask(DrawSource())
    assert not found.is_reliable
    assert found.method["particles"] == 8000
    with pytest.raises(
        DiagnosticError, match=r"toy: the largest Monte Carlo error of a probability is 0\.00\d \(must not"
    ):
        check_reliable(found, "toy")


def test_evidence_impossible_for_every_draw_is_refused(monkeypatch):
    monkeypatch.setattr("forecast.inference.particles.log_likelihood", lambda i, m, s, e: np.full(e.shape[-1], -np.inf))
    with pytest.raises(DiagnosticError, match=r"model v1: the evidence is impossible under every draw\."):
        ask(DrawSource(method="smc"))


# --- how hard it tries ------------------------------------------------------------------------------------------------


def judged(error: float, *, island_sd: float = 0.0, spread: float = 0.0):
    """An answer of particles with an error; `spread` is the standard deviation of its values."""
    found = answered(weigh(proposal(), CASE.model, CASE.data), QUESTIONS[:1])
    n = found.draws.n_draws
    values = np.full((n, 2), 0.5)
    values[::2, 0] += spread
    values[1::2, 0] -= spread
    meta = {**found.draws.meta, "island_sd": island_sd}
    weighted = replace(found.weighted, proposal=replace(proposal(), draws=replace(proposal().draws, meta=meta)))
    return replace(
        found, weighted=weighted, answers={"q": values}, quality=Quality(-np.inf, 1.0, error, ("too large",))
    )


def test_particles_that_sweeps_could_tell_apart_get_more_sweeps():
    assert next_effort(smc.Effort(), judged(0.02, spread=0.1)) == smc.Effort(last_sweeps=2 * smc.LAST_SWEEPS)


def test_islands_that_disagree_get_more_particles():
    following = next_effort(smc.Effort(), judged(0.02, island_sd=0.6, spread=0.1))
    assert following == smc.Effort(particles=4 * smc.PARTICLES)


def test_particles_too_few_even_if_independent_are_multiplied_by_what_the_error_asks_for():
    # the error falls with the root of the number: 1.3 times the limit needs 1.69 times as many, rounded up to 2
    assert next_effort(smc.Effort(), judged(0.013, spread=0.49)) == smc.Effort(particles=2 * smc.PARTICLES)
    assert next_effort(smc.Effort(), judged(0.2, spread=0.49)) == smc.Effort(particles=smc.MOST_PARTICLES)


def test_both_budgets_end():
    at_the_end = smc.Effort(smc.MOST_PARTICLES, stored_draws.MAX_SWEEPS)
    assert next_effort(at_the_end, judged(0.02, spread=0.1)) is None
    effort, n = smc.Effort(), 0
    while (effort := next_effort(effort, judged(0.02, spread=0.1))) is not None:
        n += 1
        assert effort.particles <= smc.MOST_PARTICLES
        assert effort.last_sweeps <= stored_draws.MAX_SWEEPS
    assert n <= 6


# --- names ------------------------------------------------------------------------------------------------------------


def test_evidence_is_named_by_what_it_says_and_not_by_where_it_lies():
    assert data_name(laid_out(CASE.evidence)) == data_name(laid_out(CASE.evidence))
    names = {data_name(laid_out(evidence)) for evidence in (CASE.evidence, NEAR, FAR)}
    assert len(names) == 3


def test_draws_moved_with_one_seed_to_different_evidence_are_not_taken_for_each_other():
    """The same draws, moved by the same source to one and the other, say what fresh draws say."""
    source = DrawSource()
    others = [laid_out(replace(NEAR, events=(*CASE.evidence.events, *SURPRISE[:n]))) for n in (4, 3)]
    moved = [source._moved([weigh(proposal(), CASE.model, data)], CASE.model, data, 5) for data in others]
    assert len({one.id for one in moved}) == 2
    for one, data in zip(moved, others, strict=True):
        found = answered(source.weigh(one, CASE.model, data), QUESTIONS)
        assert_answers_agree(found, ask(DrawSource(method="smc"), data))


def test_draws_of_equal_names_are_not_taken_for_each_other():
    """Draws of the prior are all called the same."""
    source = DrawSource()
    one, other = (prior_draws(CASE.model, CASE.data, seed, n_each=100) for seed in (1, 2))
    first, second = (source.weigh(draws, CASE.model, CASE.data) for draws in (one, other))
    assert second.proposal is other
    np.testing.assert_allclose(second.log_weights, weigh(other, CASE.model, CASE.data).log_weights, atol=1e-9)
    assert not np.allclose(first.log_weights, second.log_weights)
