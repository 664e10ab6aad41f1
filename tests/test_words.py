"""Words for probabilities: the published bands, and which of two a boundary belongs to."""

import pytest

from forecast.words import ICD203, words

#: Intelligence Community Directive 203 (2015), in percent, as `../shared/facts/words.md` quotes it.
PUBLISHED = {
    "almost no chance": (1, 5),
    "very unlikely": (5, 20),
    "unlikely": (20, 45),
    "roughly even chance": (45, 55),
    "likely": (55, 80),
    "very likely": (80, 95),
    "almost certain": (95, 99),
}


def test_the_terms_are_those_published_in_their_order() -> None:
    assert [band.term for band in ICD203.bands] == list(PUBLISHED)


@pytest.mark.parametrize(("term", "ends"), PUBLISHED.items(), ids=PUBLISHED)
def test_every_percent_strictly_within_a_band_has_its_term(term: str, ends: tuple[int, int]) -> None:
    low, high = ends
    assert {words(percent / 100) for percent in range(low + 1, high)} == {term}


@pytest.mark.parametrize(("term", "ends"), PUBLISHED.items(), ids=PUBLISHED)
def test_a_boundary_belongs_to_the_band_above_it(term: str, ends: tuple[int, int]) -> None:
    assert words(ends[0] / 100) == term


def test_what_the_scale_leaves_out_has_the_nearest_term() -> None:
    assert words(0.0) == words(0.001) == "almost no chance"
    assert words(1.0) == words(0.999) == "almost certain"


def test_bands_leave_no_gap_and_do_not_overlap() -> None:
    bands = ICD203.bands
    assert (bands[0].low, bands[-1].high) == (0.0, 1.0)
    assert [band.high for band in bands[:-1]] == [band.low for band in bands[1:]]


@pytest.mark.parametrize("p", [-0.01, 1.01, float("nan")])
def test_what_is_no_probability_has_no_word(p: float) -> None:
    with pytest.raises(ValueError, match="is not a probability"):
        words(p)
