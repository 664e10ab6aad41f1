"""Words for probabilities: the published bands, which of two a boundary belongs to, and what stands in a gap."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.words import DEFAULT, ICD203, SCALES, span, word, words

PHIA = SCALES["phia"]

#: The Probability Yardstick, in percent, as `../shared/facts/words.md` quotes it; 50 itself is left out.
YARDSTICK = {
    "remote chance": (0, 5),
    "highly unlikely": (10, 20),
    "unlikely": (25, 35),
    "realistic possibility": (40, 50),
    "likely": (55, 75),
    "highly likely": (80, 90),
    "almost certain": (95, 100),
}

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


def test_the_default_scale_is_icd_203_and_stands_first() -> None:
    assert next(iter(SCALES)) == DEFAULT == "icd203"
    assert SCALES[DEFAULT] is ICD203
    assert words(0.3) == words(0.3, ICD203)


@pytest.mark.parametrize(("term", "ends"), YARDSTICK.items(), ids=YARDSTICK)
def test_the_yardstick_has_the_published_bands_with_their_ends(term: str, ends: tuple[int, int]) -> None:
    low, high = ends
    last = high - 1 if term == "realistic possibility" else high
    assert {words(percent / 100, PHIA) for percent in range(low, last + 1)} == {term}
    assert [band.percent for band in PHIA.bands if band.term == term] == [ends]


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.07, "between remote chance and highly unlikely"),
        (0.2001, "between highly unlikely and unlikely"),
        (0.375, "between unlikely and realistic possibility"),
        (0.5, "between realistic possibility and likely"),
        (0.76, "between likely and highly likely"),
        (0.949, "between highly likely and almost certain"),
    ],
)
def test_a_probability_in_a_gap_is_said_to_lie_between(p: float, text: str) -> None:
    found = word(p, PHIA)
    assert (found.text, found.in_gap, found.band) == (text, True, None)


@pytest.mark.parametrize("scale", SCALES.values(), ids=SCALES)
@given(p=st.floats(0, 1), q=st.floats(0, 1))
def test_a_larger_probability_never_has_a_lower_word(scale, p, q) -> None:
    low, high = sorted((p, q))
    assert word(low, scale).place <= word(high, scale).place


@pytest.mark.parametrize("scale", SCALES.values(), ids=SCALES)
@given(p=st.floats(0, 1))
def test_a_word_is_that_of_the_band_or_names_both_neighbours(scale, p) -> None:
    found = word(p, scale)
    if found.band is not None:
        assert found.text == found.band.term == scale.bands[found.place // 2].term
        assert found.band.low <= p <= found.band.high
    else:
        below, above = scale.bands[found.place // 2], scale.bands[found.place // 2 + 1]
        assert below.high <= p < above.low
        assert below.term in found.text
        assert above.term in found.text


@pytest.mark.parametrize("scale", SCALES.values(), ids=SCALES)
def test_a_scale_names_its_source_and_its_bands_rise(scale) -> None:
    assert all((scale.name, scale.title, scale.publisher, scale.note))
    assert scale.url.startswith("https://")
    assert str(scale.year) in scale.source
    ends = [end for band in scale.bands for end in (band.low, band.high)]
    assert ends == sorted(ends)
    assert (ends[0], ends[-1]) == (0.0, 1.0)
    assert len({band.term for band in scale.bands}) == len(scale.bands)


def test_the_yardstick_says_where_its_numbers_are_from() -> None:
    assert "compare them" in PHIA.note


@pytest.mark.parametrize(
    ("scale", "values", "text"),
    [
        (ICD203, (0.3,), "unlikely"),
        (ICD203, (0.5, 0.3, 0.44), "unlikely to roughly even chance"),
        (ICD203, (0.5, 0.1, 0.99), "very unlikely to almost certain"),
        (PHIA, (0.37,), "between unlikely and realistic possibility"),
        (PHIA, (0.37, 0.3), "unlikely to realistic possibility"),
        (PHIA, (0.37, 0.6), "unlikely to likely"),
        (PHIA, (0.22, 0.37), "highly unlikely to realistic possibility"),
    ],
)
def test_several_words_become_the_lowest_and_the_highest_term(scale, values, text) -> None:
    assert span(word(value, scale) for value in values) == text


def test_no_words_have_no_text() -> None:
    with pytest.raises(ValueError, match="no words"):
        span([])
