"""Tables from elsewhere: what is rounded, what covers more, what is missing or unknown, and large ones."""

import csv
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecast.analysis.scoring.csv_table import number_of, read_table
from forecast.analysis.scoring.long_csv import NOT_FORECAST
from forecast.analysis.scoring.pairwise import relative_skill
from forecast.analysis.scoring.score_files import given_document
from forecast.analysis.scoring.sums import decimals_of
from forecast.errors import Finding, InputError

from ..cases import case_folder

HEADER = ("question", "outcome", "p", "made_on", "model")
TRUTH = (("question", "outcome"), ("q1", "a"))


def write(folder: Path, name: str, *rows: tuple[Any, ...], delimiter: str = ",") -> Path:
    path = folder / name
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n", delimiter=delimiter).writerows(rows)
    return path


def scored(folder: Path, *p: str, truth: Path | None = None, delimiter: str = ",") -> dict[str, Any]:
    rows = [("q1", name, value, "2024-01-01", "m") for name, value in zip("abcdef", p, strict=False)]
    file = write(folder, "f.csv", HEADER, *rows, delimiter=delimiter)
    return given_document(file, truth or write(folder, "t.csv", *TRUTH))


# Sums


def test_thirds_of_four_digits_are_taken_and_divided_by_their_sum(tmp_path: Path) -> None:
    document = scored(tmp_path, "0.3333", "0.3333", "0.3333")
    # of thirds the Brier score is ((2/3)^2 + 2 (1/3)^2) / 2
    assert document["tables"][0]["brier"] == pytest.approx(1 / 3, rel=1e-12)
    assert document["warnings"] == [
        "sums of the probabilities of 1 forecasts are from 0.9999 to 0.9999, which is the rounding of their decimals; "
        "each was divided by its sum"
    ]
    assert scored(tmp_path, "0.2", "0.3", "0.5")["warnings"] == []


@pytest.mark.parametrize(
    ("p", "message"),
    [
        (("0.33", "0.30", "0.30"), "the probabilities of a, b, c sum to 0.93"),
        (("0.3333", "0.3333", "0.3300"), "the probabilities of a, b, c sum to 0.9966"),
        (("0.3", "0.3", "0.3"), "the probabilities of a, b, c sum to 0.9"),
        (("-0.1", "0.3", "0.8"), "-0.1 is no probability"),
    ],
)
def test_what_rounding_does_not_explain_is_refused(tmp_path: Path, p: tuple[str, ...], message: str) -> None:
    with pytest.raises(InputError, match=message.replace(".", r"\.")):
        scored(tmp_path, *p)


def test_the_cases_of_sums_have_their_right_results() -> None:
    folder = case_folder("06-pmf-sums")
    assert given_document(folder / "near.csv", folder / "t.csv")["tables"][0]["n"] == 1
    for name, message in (("far", r"sum to 0\.93"), ("neg", r"-0\.1 is no probability")):
        with pytest.raises(InputError, match=message):
            given_document(folder / f"{name}.csv", folder / "t.csv")


@given(st.lists(st.integers(1, 10**6), min_size=2, max_size=8), st.integers(3, 8))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_probabilities_rounded_to_any_digits_are_always_taken(tmp_path: Path, masses: list[int], digits: int) -> None:
    total = sum(masses)
    outcomes = [f"o{n}" for n in range(len(masses))]
    rows = [
        ("q1", name, f"{mass / total:.{digits}f}", "2024-01-01", "m")
        for name, mass in zip(outcomes, masses, strict=True)
    ]
    file = write(tmp_path, "f.csv", HEADER, *rows)
    document = given_document(file, write(tmp_path, "t.csv", TRUTH[0], ("q1", "o0")))
    assert document["tables"][0]["n"] == 1


def test_decimals_are_counted_as_they_are_written() -> None:
    assert [decimals_of(text) for text in ("0.25", "1", "0,3333", "1e-7", ".5")] == [2, 0, 4, 0, 1]


# Truth


def test_truth_that_covers_more_scores_the_rest_and_says_how_many(tmp_path: Path) -> None:
    truth = write(tmp_path, "t.csv", *TRUTH, ("q2", "a"), ("q3", "b"))
    document = scored(tmp_path, "0.5", "0.5", truth=truth)
    assert document["tables"][0]["n"] == 1
    assert document["left_out"] == [{"why": NOT_FORECAST, "n": 2}]


def test_the_case_of_truth_that_covers_more_has_its_right_result() -> None:
    folder = case_folder("27-truth-covers-more")
    document = given_document(folder / "f.csv", folder / "t.csv")
    (table,) = document["tables"]
    assert (table["n"], table["brier"]) == (2, pytest.approx((0.3**2 + 0.2**2) / 2))
    assert document["left_out"] == [{"why": NOT_FORECAST, "n": 1}]


# Hubs


HUB = ("model_id", "location", "target", "output_type", "output_type_id", "value")
ORACLE = (
    ("location", "target", "output_type", "output_type_id", "oracle_value"),
    *(("l1", "t", "pmf", name, int(name == "a")) for name in "abc"),
)


def of_hub(folder: Path, *rows: tuple[Any, ...]) -> dict[str, Any]:
    return given_document(write(folder, "f.csv", HUB, *rows), write(folder, "t.csv", *ORACLE))


def pmf(**p: str) -> list[tuple[str, ...]]:
    return [("m", "l1", "t", "pmf", name, value) for name, value in p.items()]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("m", "l1", "t", "NA", "a", "1")], r"1 rows have the output type 'NA', this is the first Accepted: pmf"),
        ([("m", "l1", "t", "", "a", "1")], r"1 rows have the output type ''"),
        ([("m", "l1", "t", "pmf", "NA", "1")], "a probability without its category"),
        (pmf(a="-0.1", b="0.3", c="0.8"), r"-0\.1 is no probability"),
        (pmf(a="0.5", b="0.3", c="0.1", d="0.1"), "4 categories, of which the oracle lists 3: a, b, c, d"),
        (pmf(b="0.5", c="0.5"), "'a' came, which is not among the categories"),
        (pmf(a="0.5", b="0.4"), r"the probabilities of a, b sum to 0\.9"),
        ([*pmf(a="0.5", b="0.5"), *pmf(a="0.5")], "this forecast stands in line 2 already"),
    ],
)
def test_rows_of_a_hub_that_are_unknown_or_wrong_are_named(tmp_path: Path, rows: list[Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        of_hub(tmp_path, *rows)


def test_a_missing_category_is_said_and_other_types_are_counted(tmp_path: Path) -> None:
    document = of_hub(tmp_path, *pmf(a="0.6", b="0.4"), ("m", "l1", "t", "mean", "NA", "3"))
    assert document["tables"][0]["n"] == 1
    assert document["warnings"] == [
        "1 forecasts lack the row of a category: of yes and no it is one minus the other, else 0"
    ]
    assert document["left_out"] == [{"why": "rows of output type 'mean' are not scored", "n": 1}]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("dup", "this forecast stands in line 2 already"),
        ("na-id", "a probability without its category"),
        ("na-id2", "a probability without its category"),
        ("na-type", "2 rows have the output type 'NA'"),
        ("negative", r"-0\.1 is no probability"),
        ("sum", r"the probabilities of yes, no sum to 1\.05"),
    ],
)
def test_the_cases_of_edited_hubs_are_refused(name: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        given_document(case_folder("24-hub-pmf") / name)


def test_the_cases_of_hubs_that_can_be_scored_say_what_was_missing_or_rounded() -> None:
    folder = case_folder("24-hub-pmf")
    whole, missing, rounded = (given_document(folder / name) for name in ("hub", "missing-cat", "rounded"))
    assert whole["tables"][0]["n"] == missing["tables"][0]["n"]
    assert any("lack the row of a category" in warning for warning in missing["warnings"])
    assert not any("lack the row" in warning for warning in whole["warnings"])
    assert any("rounding of their decimals" in warning for warning in rounded["warnings"])


# Forms


def test_semicolons_tabs_and_decimal_commas_give_the_same_scores(tmp_path: Path) -> None:
    plain = scored(tmp_path, "0.25", "0.75")["tables"]
    for delimiter in (";", "\t", "|"):
        truth = write(tmp_path, "t2.csv", *TRUTH, delimiter=delimiter)
        assert scored(tmp_path, "0,25", "0,75", truth=truth, delimiter=delimiter)["tables"] == plain
    assert scored(tmp_path, "0,25", "0,75")["tables"] == plain  # in quotes


def test_numbers_with_a_decimal_comma_are_no_thousands() -> None:
    assert number_of("0,25") == 0.25
    assert number_of("1,5e-3") == 0.0015
    assert all(math.isnan(number_of(text)) for text in ("", "NA", "1,000,000", "1.000,5", "inf", "nan"))


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 1000), st.integers(0, 2)), min_size=1, max_size=20),
    st.permutations(HEADER),
    st.sampled_from([",", ";", "\t"]),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_row_is_scored_or_left_out_whatever_the_form(
    tmp_path: Path, made: list[tuple[int, int, int]], order: list[str], delimiter: str
) -> None:
    """Column order, delimiter and Parquet change nothing, and no forecast is lost."""
    import pyarrow as pa
    from pyarrow import parquet

    forecasts = {(q, m): p / 1000 for q, p, m in made}
    rows = [
        dict(zip(HEADER, (f"q{q}", name, value, "2024-01-01", f"m{m}"), strict=True))
        for (q, m), p in forecasts.items()
        for name, value in (("yes", p), ("no", 1 - p))
    ]
    truth = write(tmp_path, "t.csv", ("question", "outcome"), *((f"q{q}", "yes" if q % 2 else "no") for q in range(4)))
    file = write(tmp_path, "f.csv", order, *([row[name] for name in order] for row in rows), delimiter=delimiter)
    parquet.write_table(pa.table({name: [row[name] for row in rows] for name in order}), tmp_path / "f.parquet")
    by_hand = {m: [(p - q % 2) ** 2 for (q, of), p in forecasts.items() if of == m and q < 4] for _, m in forecasts}
    if not any(by_hand.values()):
        return
    found = [given_document(path, truth, convention="0-1") for path in (file, tmp_path / "f.parquet")]
    for document in found:
        assert {table["model"]: table["n"] for table in document["tables"]} == {
            f"m{m}": len(scores) for m, scores in by_hand.items() if scores
        }
        for table in document["tables"]:
            assert table["brier"] == pytest.approx(np.mean(by_hand[int(table["model"][1:])]), abs=1e-12)
        left_out = {row["why"]: row["n"] for row in document["left_out"]}
        assert left_out.get("nothing says what happened", 0) == sum(q >= 4 for q, _ in forecasts)
        assert left_out.get(NOT_FORECAST, 0) == len({0, 1, 2, 3} - {q for q, _ in forecasts})
    assert found[0]["tables"] == found[1]["tables"]


def test_a_file_of_more_than_twenty_mebibytes_is_read(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    row = "q{},yes,0.5,2024-01-01,{}\n"
    with path.open("w") as file:
        file.write(",".join(HEADER) + "\n")
        file.writelines(row.format(n, "m" * 500) for n in range(45_000))
    assert path.stat().st_size > 20 * 2**20
    findings: list[Finding] = []
    table = read_table(path, findings)
    assert findings == []
    assert table is not None
    assert len(table) == 45_000
    assert table.row(44_999).line == 45_001


def test_a_parquet_file_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.parquet"
    path.write_bytes(b"question,outcome\n")
    findings: list[Finding] = []
    assert read_table(path, findings) is None
    assert "this is no Parquet table" in findings[0].message


# Groups and pairs


def test_tables_of_probabilities_are_kept_apart_by_a_column(tmp_path: Path) -> None:
    rows = [
        (f"q{n}", "yes", p, "2024-01-01", "m", region)
        for n, (p, region) in enumerate([(0.9, "north"), (0.8, "north"), (0.2, "south")])
    ]
    file = write(tmp_path, "f.csv", (*HEADER, "region"), *rows)
    truth = write(tmp_path, "t.csv", ("question", "outcome"), *((f"q{n}", "yes") for n in range(3)))
    document = given_document(file, truth, by=("region",))
    assert [(table["group"], table["n"]) for table in document["tables"]] == [
        ({"region": "north"}, 2),
        ({"region": "south"}, 1),
    ]
    assert document["tables"][1]["brier"] == pytest.approx(0.8**2)
    with pytest.raises(InputError, match="unknown column 'region'"):
        given_document(file, truth)
    with pytest.raises(InputError, match="there is no column 'regoin'; did you mean 'region'"):
        given_document(file, truth, by=("regoin",))


def test_relative_skill_is_the_geometric_mean_of_ratios_on_what_both_forecast() -> None:
    """By hand: a and b share 1 and 2, a and c share 2 only, b and c share 2 and 3."""
    places = {"a": [1, 2], "b": [1, 2, 3], "c": [2, 3]}
    values = {"a": [0.1, 0.3], "b": [0.2, 0.2, 0.4], "c": [0.1, 0.2]}
    scores = {name: (np.array(places[name]), np.array(values[name])) for name in places}
    a_b, a_c, b_c = (0.2 / 0.2), (0.3 / 0.1), (0.3 / 0.15)
    expected = {"a": (a_b * a_c) ** (1 / 3), "b": (b_c / a_b) ** (1 / 3), "c": (1 / a_c / b_c) ** (1 / 3)}
    found = relative_skill(scores)
    assert found == {name: pytest.approx(value, rel=1e-12) for name, value in expected.items()}
    assert math.prod(value for value in found.values() if value is not None) == pytest.approx(1)


def test_pairs_are_compared_where_a_table_has_two_models(tmp_path: Path) -> None:
    rows = [("q1", "yes", 0.9, "2024-01-01", "good"), ("q1", "yes", 0.5, "2024-01-01", "flat")]
    truth = write(tmp_path, "t.csv", ("question", "outcome"), ("q1", "yes"))
    document = given_document(write(tmp_path, "f.csv", HEADER, *rows), truth, reference="flat")
    ratio = 0.1**2 / 0.5**2
    by_model = {row["model"]: row for row in document["pairwise"]}
    assert by_model["good"]["relative_skill"] == pytest.approx(math.sqrt(ratio))
    assert by_model["good"]["scaled"] == pytest.approx(ratio)
    assert by_model["flat"]["scaled"] == 1
    assert given_document(write(tmp_path, "f.csv", HEADER, *rows[:1]), truth)["pairwise"] == []
