"""Learning from cases and leaving each out: what is fitted with what, what is reported, and what is refused."""

from datetime import date

import numpy as np
import pytest

from forecast.analysis.learning import learn_rates
from forecast.errors import DiagnosticError, InputError
from forecast.model.counts import CaseCounts, Cell
from forecast.model.pooling import elicited, log_predictive
from forecast.scenario.read_codebooks import codebook_from

from ..pooled import ResampledPrior
from ..workspaces import CODEBOOK

BOOK = codebook_from(CODEBOOK, "alliance.yaml")


def case(name: str, *seen: tuple[str, str, int, float]) -> CaseCounts:
    cells = tuple(Cell(name, i, k, date(2024, 1, 1), (0.7, 0.9), n, years) for i, k, n, years in seen)
    return CaseCounts(name, cells, {"durable": 3.0, "fragile": 2.0}, {})


ONE = case("one", ("meeting", "durable", 12, 3.0), ("meeting", "fragile", 2, 2.0))
TWO = case("two", ("meeting", "durable", 9, 3.0))


@pytest.fixture(scope="module")
def learned():
    return learn_rates([ONE, TWO], BOOK, learner=ResampledPrior)


def test_counts_years_and_both_ranges_are_listed_by_indicator_and_regime(learned):
    rows = {(row.indicator, row.regime): row for row in learned.rates}
    assert set(rows) == {("meeting", "durable"), ("meeting", "fragile")}
    durable = rows["meeting", "durable"]
    assert (durable.n, durable.years, durable.elicited) == (21, 6.0, (1.0, 3.0))
    # 21 in 6 years of which some four fifths are seen: above what was elicited
    assert durable.learned[0] > 1.0
    assert 3.0 < durable.learned[1] < 6.0


def test_what_is_not_learned_is_named_with_the_reason(learned):
    assert learned.kept == {
        "dispute": "watched in no case",
        "threat": "a condition: only rates of events are learned",
    }


def test_a_case_left_out_is_foreseen_from_the_others_alone(learned):
    """`two` is foreseen from the 12 meetings of `one`; what was elicited is the same integral without draws."""
    from forecast.model.counts import counts

    ranges = {name: entry.per_year for name, entry in BOOK.indicators.items() if entry.per_year}
    data = counts([ONE, TWO], ranges)
    rows = {row.case: row for row in learned.left_out}
    assert rows["two"].elicited == pytest.approx(float(log_predictive(elicited(data), data.only("two")).sum()))
    assert (rows["two"].cells, rows["two"].n, rows["one"].n) == (1, 9, 14)
    # nine in three years is more than was elicited, and so were the twelve
    assert rows["two"].difference > 0.1
    assert 0 < rows["two"].mcse < 0.1
    assert learned.difference == pytest.approx(sum(row.difference for row in learned.left_out))
    assert learned.se == pytest.approx(np.sqrt(2) * np.std([r.difference for r in learned.left_out], ddof=1))


def test_the_order_of_cases_changes_no_number(learned):
    again = learn_rates([TWO, ONE], BOOK, learner=ResampledPrior)
    assert again == learned


def test_every_fit_has_a_seed_of_its_own():
    """Chains of one seed stay close to each other, and the errors of the cases left out are added as independent."""
    seeds = []

    class Noting(ResampledPrior):
        def draw(self, data, seed, progress):
            seeds.append(seed)
            return super().draw(data, seed, progress)

    learn_rates([ONE, TWO], BOOK, seed=7, learner=Noting)
    assert seeds == [7, 8, 9]


def test_counts_that_differ_have_another_seed(learned):
    other = learn_rates([ONE, case("two", ("meeting", "durable", 8, 3.0))], BOOK, learner=ResampledPrior)
    assert other.seed != learned.seed


def test_cases_without_watched_events_are_refused():
    with pytest.raises(InputError, match="no event indicator of the codebook is watched, in any case"):
        learn_rates([case("one"), case("two")], BOOK, learner=ResampledPrior)


def test_one_fit_that_must_not_be_used_spoils_all():
    class Broken(ResampledPrior):
        def draw(self, data, seed, progress):
            self.problems = () if len(data.n) > 2 else ("3 divergent transitions (must be 0)",)
            return super().draw(data, seed, progress)

    with pytest.raises(DiagnosticError, match=r"nothing was written: without one: 3 divergent.*; without two: 3 diver"):
        learn_rates([ONE, TWO], BOOK, learner=Broken)
