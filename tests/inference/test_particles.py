"""Moves of particles: each leaves its distribution as it is, and finds it from elsewhere."""

from functools import cache

import numpy as np
import pytest
from scipy import stats

from forecast.inference.particles import (
    ACCEPTANCE,
    SIZES,
    Evaluated,
    Half,
    Particles,
    Reference,
    Scales,
    Target,
    _crank_nicolson,
    _moved_shares,
    halves,
    movable,
    move_block,
    occurring_grades,
)
from forecast.model.arrays import arrays
from forecast.model.priors import draw_prior, goes_to_concentrations, log_base_rate
from forecast.model.version import GRADES, ReferenceClass
from forecast.scenario.schema import Family

from ..builders import make_evidence, make_settings
from .conftest import AS_OF, START, small_case

CASE = small_case(Family.REGIME)

#: Two-sided levels below which a right program falls once in ten thousand tests; seeds are fixed anyway.
MIN_P = 1e-4

N = 4000

#: A reference for no block, for all particles.
EVERYTHING = (Half(slice(0, N), {}),)


def target_of(case=CASE):
    return Target(case.model, case.data, case.model.initial, tuple(range(len(case.data.watches))))


def prior_particles(case=CASE, n=N, seed=1):
    return Particles.of(draw_prior(case.model, case.data.fixed, n, np.random.default_rng(seed)))


def without_evidence(**settings):
    """A model, and the target of no evidence at all: its posterior is the prior."""
    model = make_settings(initial=(0.3, 0.5, 0.2), per_year={"attack": [[2, 6], [0.5, 2], [0.2, 1]]}, **settings)
    data = arrays(make_evidence(START), model, AS_OF)
    return model, Target(model, data, model.initial, ())


# --- layout ---------------------------------------------------------------------------------------------------------


def test_particles_keep_every_standard_parameter():
    raw = draw_prior(CASE.model, CASE.data.fixed, 7, np.random.default_rng(2))
    again = Particles.of(raw).raw(CASE.model)
    assert again.keys() == raw.keys()
    for name, values in raw.items():
        np.testing.assert_array_equal(again[name], values)


def test_detections_are_picked_by_their_column():
    particles = prior_particles(n=5)
    own = particles.raw(CASE.model)["detection_own"]
    np.testing.assert_array_equal(particles.raw(CASE.model, [0, 0])["detection_own"], own[:, [0, 0]])
    assert particles.raw(CASE.model, [])["detection_own"].shape == (5, 0)


def test_what_is_evaluated_in_chunks_is_what_the_filter_says():
    from forecast.model.answers import filtered

    particles = prior_particles(n=2500)
    target = target_of()
    expected = filtered(target.parameters(particles), CASE.model, CASE.data).log_likelihood.sum(axis=1)
    np.testing.assert_allclose(Evaluated.of(target, particles).log_likelihood, expected, rtol=1e-12)


# --- proposals: the prior, or a reference, stays as it is ------------------------------------------------------------

CONCENTRATIONS = {
    "even": [2.0, 3.0],
    "uneven": [0.5, 7.0],
    "three": [0.5, 1.0, 4.0],
    "large": [300.0, 20.0],
    "tiny": [0.01, 0.03],
    "below the least number": [0.0005, 0.0015],
}


@pytest.mark.parametrize("size", [0.05, 0.5, 0.95, 1.0])
@pytest.mark.parametrize("name", CONCENTRATIONS)
def test_moved_shares_stay_dirichlet(name, size):
    """Moments after thirty moves of draws from the distribution itself, against the formulas."""
    a = np.array(CONCENTRATIONS[name])
    rng = np.random.default_rng(3)
    n = 20_000
    # first shares are Beta: exact also where Gamma variables vanish
    shares = rng.dirichlet(a, n).T if a.min() > 0.05 else np.stack([b := rng.beta(a[0], a[1], n), 1 - b])
    start = shares
    for _ in range(30):
        shares = _moved_shares(shares, a, size, rng)
    np.testing.assert_allclose(shares.sum(axis=0), 1.0, atol=1e-12)
    assert (shares >= 0).all()
    mean = a / a.sum()
    variance = mean * (1 - mean) / (a.sum() + 1)
    np.testing.assert_allclose(shares.mean(axis=1), mean, atol=4.5 * np.sqrt(variance.max() / n))
    # the fourth central moment of a Beta variable bounds the error of its variance: below variance / 4
    spread = np.sqrt(np.mean(np.square((shares - mean[:, None]) ** 2), axis=1) / n)
    np.testing.assert_array_less(np.abs(shares.var(axis=1) - variance), 4.5 * spread + 1e-12)
    assert not np.array_equal(shares, start)


@pytest.mark.parametrize("size", [0.1, 0.6])
def test_moved_shares_are_as_probable_forth_as_back(size):
    """Detailed balance on eight bins: the joint distribution of before and after is symmetric."""
    a = np.array([0.7, 2.0, 1.3])
    rng = np.random.default_rng(4)
    n = 200_000
    before = rng.dirichlet(a, n).T
    after = _moved_shares(before, a, size, rng)
    for one, other in ((before[0], after[0]), (before[2], after[2])):
        edges = np.quantile(one, np.linspace(0, 1, 9)[1:-1])
        table = np.zeros((8, 8))
        np.add.at(table, (np.digitize(one, edges), np.digitize(other, edges)), 1)
        # McNemar and Bowker's test of symmetry
        upper = np.triu_indices(8, 1)
        gap, both = (table - table.T)[upper], (table + table.T)[upper]
        seen = both > 0
        assert stats.chi2.sf((gap[seen] ** 2 / both[seen]).sum(), seen.sum()) > MIN_P


def test_moved_shares_forget_by_their_size():
    """With share 1 - r kept, the correlation of before and after is 1 - r (Lewis, McKenzie and Hugus 1989)."""
    rng = np.random.default_rng(5)
    before = rng.dirichlet([2.0, 3.0], 200_000).T
    for size in (0.2, 0.7):
        after = _moved_shares(before, np.array([2.0, 3.0]), size, rng)
        found = np.corrcoef(before[0], after[0])[0, 1]
        # of the Gamma variables 1 - r exactly; of shares, whose total is drawn afresh, less
        assert 0.5 * (1 - size) < found < 1 - size + 0.01


def test_shares_that_the_least_number_swallows_stay_where_they_are():
    rng = np.random.default_rng(6)
    shares = np.tile([[0.25], [0.75]], (1, 500))
    moved = _moved_shares(shares, np.array([1e-7, 1e-7]), 0.5, rng)
    np.testing.assert_array_equal(moved, shares)


@pytest.mark.parametrize("size", [0.1, 0.5, 0.95])
def test_crank_nicolson_leaves_its_reference_as_it_is_and_corrects_for_the_prior(size):
    """The correction is log N(x'; 0, 1) - log N(x; 0, 1) - log ref(x') + log ref(x), computed by SciPy."""
    rng = np.random.default_rng(7)
    deviation = np.array([1.0, 0.5, 0.8])
    mean = np.array([0.5, -1.0, 0.2])
    covariance = np.diag(deviation**2)
    reference = Reference(slice(1, 4), mean[:, None], deviation[:, None])
    values = rng.standard_normal((5, 40_000))
    values[1:4] = deviation[:, None] * values[1:4] + mean[:, None]
    before = values.copy()
    for _ in range(10):
        proposed, log_ratio = _crank_nicolson(values, reference, size, rng)
        joint, prior = stats.multivariate_normal(mean, covariance), stats.multivariate_normal(np.zeros(3))
        expected = prior.logpdf(proposed[1:4].T) - prior.logpdf(values[1:4].T)
        expected += joint.logpdf(values[1:4].T) - joint.logpdf(proposed[1:4].T)
        np.testing.assert_allclose(log_ratio, expected, atol=1e-9)
        values = proposed
    np.testing.assert_array_equal(values[[0, 4]], before[[0, 4]])
    np.testing.assert_allclose(values[1:4].mean(axis=1), mean, atol=4.5 / 200)
    np.testing.assert_allclose(np.cov(values[1:4]), covariance, atol=4.5 * np.sqrt(2) / 200)


# --- moves: without evidence the prior stays, with evidence the posterior --------------------------------------------


@pytest.mark.parametrize("base_rates", [(), (ReferenceClass("pacts", 1, 9, 20, 0.8), ReferenceClass("x", 0, 1, 4, 1))])
@pytest.mark.parametrize("goes_to", [[[0, 2, 1], [1, 0, 1], [1, 3, 0]], [[0, 0.01, 0.03], [1, 0, 1], [0.002, 1, 0]]])
def test_without_evidence_moves_leave_the_prior_as_it_is(base_rates, goes_to):
    """Every block: standard normal rows, stays with their reference classes, Dirichlet rows."""
    model, target = without_evidence(base_rates=base_rates, goes_to=goes_to)
    start = draw_prior(model, target.data.fixed, N, np.random.default_rng(8))
    particles = Particles.of(start)
    known = Evaluated.of(target, particles)
    rng = np.random.default_rng(9)
    around = halves(particles, model)
    rates = [
        move_block(block, 0.6, particles, [(target, known, 1.0)], around, rng) for block in ("rates", "departures") * 15
    ]
    assert min(rates) > 0.5
    fresh = draw_prior(model, target.data.fixed, N, np.random.default_rng(10))
    moved = particles.raw(model)
    n_compared = 0
    for name in ("indicator_common", "indicator_own", "stay_own", "goes_to"):
        for mine, theirs in zip(moved[name].reshape(N, -1).T, fresh[name].reshape(N, -1).T, strict=True):
            assert stats.ks_2samp(mine, theirs).pvalue > MIN_P, name
            n_compared += 1
        assert not np.array_equal(moved[name], start[name])
    assert n_compared == 1 + 3 + 3 + 6


def test_grades_that_no_evidence_has_are_not_moved_and_the_others_find_their_posterior():
    particles = prior_particles()
    before = particles.truth.copy()
    target = target_of()
    known = Evaluated.of(target, particles)
    occurring = occurring_grades([target])
    assert [GRADES[number] for number in occurring] == ["A2", "B2", "B3", "C3"]
    move_block("grades", 0.5, particles, [(target, known, 1.0)], EVERYTHING, np.random.default_rng(11))
    changed = np.flatnonzero((particles.truth != before).any(axis=1))
    assert set(changed) == set(occurring)


def test_what_is_kept_of_a_move_is_what_the_target_says_of_the_particles():
    """After accepted and refused proposals of all blocks, with two targets: nothing stale is left."""
    particles = prior_particles(n=1500)
    other = make_evidence(START, CASE.evidence.events[:3], CASE.evidence.watches)
    targets = [target_of(), Target(CASE.model, arrays(other, CASE.model, AS_OF), CASE.model.initial, (0,))]
    known = [Evaluated.of(target, particles) for target in targets]
    around = halves(particles, CASE.model)
    rng = np.random.default_rng(12)
    for block in ("rates", "departures", "grades") * 2:
        share = move_block(block, 0.4, particles, list(zip(targets, known, (0.3, 0.7), strict=True)), around, rng)
        assert 0.05 < share < 1
    for target, kept in zip(targets, known, strict=True):
        fresh = Evaluated.of(target, particles)
        np.testing.assert_allclose(kept.log_likelihood, fresh.log_likelihood, rtol=1e-10)
        np.testing.assert_allclose(kept.emission, fresh.emission, rtol=1e-9, atol=1e-12)


@cache
def posterior_particles():
    """Exact posterior draws by rejection."""
    many = prior_particles(n=150_000, seed=13)
    found = Evaluated.of(target_of(), many).log_likelihood
    return many.take(np.flatnonzero(np.log(np.random.default_rng(14).random(many.n)) < found - found.max()))


@pytest.mark.parametrize("block", ["rates", "departures", "grades"])
def test_moves_leave_exact_draws_of_a_posterior_as_they_are(block):
    """The likelihood and the block's parameters keep their distribution."""
    target = target_of()
    untouched = posterior_particles()
    assert untouched.n > 1500
    particles = untouched.take(np.arange(untouched.n))
    known = Evaluated.of(target, particles)
    around = halves(particles, CASE.model)
    rng = np.random.default_rng(15)
    shares = [move_block(block, 0.6, particles, [(target, known, 1.0)], around, rng) for _ in range(20)]
    assert np.mean(shares) > 0.2
    # the two samples go together, which makes the test conservative
    before = Evaluated.of(target, untouched).log_likelihood
    assert stats.ks_2samp(known.log_likelihood, before).pvalue > MIN_P
    moved, fixed = ({**vars_of(one)} for one in (particles, untouched))
    for name, values in moved.items():
        for mine, theirs in zip(values, fixed[name], strict=True):
            assert stats.ks_2samp(mine, theirs).pvalue > MIN_P, name


def vars_of(particles):
    n = particles.n
    return {"normal": particles.normal, "goes_to": particles.goes_to.reshape(-1, n), "truth": particles.truth}


def test_a_stay_in_one_regime_with_a_reference_class_has_the_density_of_the_grid():
    """Started from the prior without the class, moves alone find prior x class (quadrature on a grid)."""
    model, target = without_evidence(base_rates=(ReferenceClass("pacts", 1, 9, 20, 0.8),), stays=[[0.5, 2]] * 3)
    plain, other = without_evidence(stays=[[0.5, 2]] * 3)
    particles = Particles.of(draw_prior(plain, other.data.fixed, N, np.random.default_rng(16)))
    known = Evaluated.of(target, particles)
    rng = np.random.default_rng(17)
    for _ in range(60):
        move_block("departures", 0.6, particles, [(target, known, 1.0)], halves(particles, model), rng)
    grid = np.linspace(-8, 8, 4001)
    location, scale = target.data.fixed.log_stay[1]
    stays = np.zeros((grid.size, 3))
    stays[:, 1] = location + scale * grid
    density = np.exp(-(grid**2) / 2 + log_base_rate(np, stays, model))
    density /= density.sum()
    mean = (density * grid).sum()
    sd = np.sqrt((density * (grid - mean) ** 2).sum())
    found = particles.raw(model)["stay_own"][:, 1]
    assert abs(mean) > 0.3  # the class says something
    assert found.mean() == pytest.approx(mean, abs=4.5 * sd / np.sqrt(N))
    assert found.std() == pytest.approx(sd, rel=4.5 / np.sqrt(2 * N))


class Broken(Target):
    """A target that knows nothing but NaN."""

    def log_likelihood(self, parameters, emission):
        return np.full(emission.shape[-1], np.nan)


def test_a_likelihood_that_is_not_a_number_is_never_accepted():
    particles = prior_particles(n=200)
    known = Evaluated.of(target_of(), particles)
    before = particles.normal.copy()
    broken = Broken(CASE.model, CASE.data, CASE.model.initial, (0,))
    around = halves(particles, CASE.model)
    assert move_block("rates", 0.5, particles, [(broken, known, 1.0)], around, np.random.default_rng(1)) == 0
    np.testing.assert_array_equal(particles.normal, before)


# --- what is moved, and how far ---------------------------------------------------------------------------------------


def test_static_models_move_no_departures_and_nothing_said_no_grades():
    static = small_case(Family.STATIC)
    assert movable(static.model, [target_of(static)]) == ("rates", "grades")
    assert movable(CASE.model, [target_of()]) == ("rates", "departures", "grades")
    model, target = without_evidence()
    assert movable(model, [target]) == ("rates", "departures")


def test_scales_follow_acceptance_within_their_limits():
    scales = Scales()
    start = scales.sizes["rates"]
    scales.adapt("rates", ACCEPTANCE + 0.2)
    assert scales.sizes["rates"] > start
    for _ in range(50):
        scales.adapt("rates", 1.0)
        scales.adapt("grades", 0.0)
    assert (scales.sizes["rates"], scales.sizes["grades"]) == (SIZES[1], SIZES[0])


def test_no_particle_shapes_the_reference_that_it_moves_by():
    """Moving one half elsewhere changes the references of the other half only."""
    particles = prior_particles(n=400)
    first, second = halves(particles, CASE.model)
    assert (first.part, second.part) == (slice(0, 200), slice(200, 400))
    particles.normal[:, :200] += 1.0
    first_again, second_again = halves(particles, CASE.model)
    for block in ("rates", "departures"):
        np.testing.assert_array_equal(first.by_block[block].mean, first_again.by_block[block].mean)
        np.testing.assert_allclose(second_again.by_block[block].mean, second.by_block[block].mean + 1.0, rtol=1e-12)


def test_a_reference_of_one_ancestor_still_has_a_width():
    particles = prior_particles(n=400).take(np.zeros(400, dtype=int))
    for half in halves(particles, CASE.model):
        for reference in half.by_block.values():
            assert np.isfinite(reference.standard(particles.normal[reference.rows])).all()
            assert (reference.deviation > 0).all()


def test_concentrations_leave_the_diagonal_out():
    model, _ = without_evidence(goes_to=[[0, 2, 1], [4, 0, 5], [6, 7, 0]])
    np.testing.assert_array_equal(goes_to_concentrations(model), [[2, 1], [4, 5], [6, 7]])
