"""Anybody's forecasts from files: published scores to their printed digits, and everything that can be wrong."""

import csv
import json
import math
import re
from collections import defaultdict
from pathlib import Path

import pytest

from forecast.analysis.scoring.score_files import MOST_FINDINGS, given_document
from forecast.errors import InputError

DATA = Path(__file__).parents[3] / "shared" / "data"

#: `known_answers.json` gives our own earlier computation to 9 digits.
NINE_DIGITS = 5e-10


def write(folder, name, header, rows):
    path = folder / name
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])
    return path


def third_party(folder):
    if not (DATA / folder).is_dir():
        pytest.skip(f"{DATA / folder} is not there: third-party data, no part of the repository")
    return DATA / folder


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """Quantile forecasts of the scoringutils example in the columns of the hubverse."""
    folder, out = third_party("scoring_scoringutils"), tmp_path_factory.mktemp("hub")
    rows = list(csv.DictReader((folder / "example_quantile.csv").read_text().splitlines()))
    output = [
        (
            *(
                row[name]
                for name in ("model", "location", "target_end_date", "forecast_date", "target_type", "horizon")
            ),
            "quantile",
            row["quantile_level"],
            row["predicted"],
        )
        for row in rows
    ]
    truth = {(row["location"], row["target_end_date"], row["target_type"]): row["observed"] for row in rows}
    columns = ("model_id", "location", "target_end_date", "forecast_date", "target", "horizon")
    document = given_document(
        write(out, "output.csv", (*columns, "output_type", "output_type_id", "value"), output),
        write(
            out,
            "oracle.csv",
            ("location", "target_end_date", "target", "oracle_value"),
            [(*key, value) for key, value in truth.items()],
        ),
    )
    published = json.loads((folder / "known_answers.json").read_text())["published_readme_table_3_significant_digits"]
    return document, published


def test_weighted_interval_scores_are_those_that_scoringutils_published(hub):
    # README of epiforecasts/scoringutils, 3 significant digits
    document, published = hub
    rows = {(row["model"], row["group"]["target"]): row for row in document["numbers"]}
    assert len(published) == len(rows) == 7
    for answer in published:
        row = rows[answer["model"], answer["target_type"]]
        coverage = {part["level"]: part["observed"] for part in row["coverage"]}
        found = {name: row[name] for name in ("wis", "overprediction", "underprediction", "dispersion", "ae_median")}
        found |= {"interval_coverage_50": coverage[0.5], "interval_coverage_90": coverage[0.9]}
        for name, value in found.items():
            assert float(f"{value:.3g}") == answer[name], (answer["model"], answer["target_type"], name)
        parts = row["dispersion"] + row["overprediction"] + row["underprediction"]
        assert parts == pytest.approx(row["wis"], rel=1e-12)


def test_binary_forecasts_of_the_scoringutils_example_have_their_known_scores(tmp_path):
    folder = third_party("scoring_scoringutils")
    answers = json.loads((folder / "known_answers.json").read_text())["own_computation_binary"]
    rows = defaultdict(list)
    for row in csv.DictReader((folder / "example_binary.csv").read_text().splitlines()):
        rows[row["target_type"]].append(row)
    for target, members in rows.items():

        def question(row):
            # the observation is the forecast's: whether the number exceeded a median of its own
            return "/".join(row[name] for name in ("location", "target_end_date", "model", "horizon"))

        document = given_document(
            write(
                tmp_path,
                "f.csv",
                ("question", "outcome", "p", "made_on", "model"),
                [(question(row), "yes", row["predicted"], row["forecast_date"], row["model"]) for row in members],
            ),
            write(
                tmp_path,
                "t.csv",
                ("question", "outcome"),
                [(question(row), "yes" if row["observed"] == "1" else "no") for row in members],
            ),
        )
        tables = {table["model"]: table for table in document["tables"]}
        expected = [answer for answer in answers if answer["target_type"] == target]
        assert len(tables) == len(expected) > 2
        for answer in expected:
            table = tables[answer["model"]]
            assert table["n"] == answer["n"]
            assert table["brier"] == pytest.approx(answer["brier"], abs=NINE_DIGITS)
            # one forecast there gave 0 to what happened
            assert table["log_score"] == pytest.approx(float(answer["log_score"]), abs=NINE_DIGITS)
            assert (table["n_impossible"] > 0) == (answer["log_score"] == "inf")


def test_market_forecasts_of_forecastbench_have_their_known_scores(tmp_path):
    folder = third_party("scoring_forecastbench_2024")
    (answer,) = json.loads((folder / "known_answers.json").read_text())["computed_here"]
    lines = (folder / "market_questions_2024-07-21_human.jsonl").read_text().splitlines()
    questions = [json.loads(line) for line in lines]
    resolved = [question for question in questions if question["resolved"]]

    def key(q):
        return f"{q['source']}/{q['id']}"  # one number names two questions of different sources

    def scored(clip, model):
        p = {key(q): min(max(float(q["freeze_value"]), clip), 1 - clip) for q in questions}
        return given_document(
            write(
                tmp_path,
                f"{model}.csv",
                ("question", "outcome", "p", "made_on"),
                [(name, "yes", value, "2024-07-21") for name, value in p.items()],
            ),
            write(
                tmp_path,
                "t.csv",
                ("question", "outcome"),
                [(key(q), "yes" if q["resolved_to"] == 1 else "no") for q in resolved],
            ),
        )

    document = scored(0.0, "market")
    (table,) = document["tables"]
    assert (table["n"], table["model"]) == (answer["n_resolved"], "market")
    assert table["brier"] == pytest.approx(answer["brier_of_freeze_value"], abs=NINE_DIGITS)
    assert table["murphy"]["uncertainty"] == pytest.approx(answer["base_rate"] * (1 - answer["base_rate"]), abs=1e-6)
    assert document["left_out"] == [{"why": "nothing says what happened", "n": 33}]
    (clipped,) = scored(0.001, "clipped")["tables"]
    assert clipped["log_score"] == pytest.approx(answer["log_score_clip_0_001"], abs=NINE_DIGITS)


FORECASTS = "question,outcome,p,made_on"


def score(folder, forecasts, truth, **options):
    (folder / "f.csv").write_text(forecasts)
    (folder / "t.csv").write_text(truth)
    return given_document(folder / "f.csv", folder / "t.csv", **options)


def refused(folder, forecasts, truth, **options):
    """What is found: `file:line column`, and the message."""
    with pytest.raises(InputError) as error:
        score(folder, forecasts, truth, **options)
    return [(finding.where().removeprefix(f"{folder}/"), finding.message) for finding in error.value.findings()]


def test_yes_alone_is_enough_and_so_is_no(tmp_path):
    # by hand: (.7 - 1)^2 and (.8 - 0)^2
    document = score(
        tmp_path,
        f"{FORECASTS}\na,yes,0.7,2024-01-01\nb,no,0.2,2024-01-01\n",
        "question,outcome\na,yes\nb,no\n",
    )
    (table,) = document["tables"]
    assert (table["section"], table["brier"]) == ("events", pytest.approx((0.09 + 0.64) / 2))


@pytest.mark.parametrize(
    ("order", "message"),
    [
        (("low", "midle", "high"), "--order: no forecast has the outcome 'midle'; did you mean 'middle'?"),
        (("low", "middle", "low", "high"), "--order: 'low' stands in the order twice"),
    ],
)
def test_an_order_of_unknown_or_repeated_outcomes_is_an_error(tmp_path, order, message):
    forecasts = "question,outcome,p,made_on\nq,low,0.2,2024-01-01\nq,middle,0.5,2024-01-01\nq,high,0.3,2024-01-01\n"
    with pytest.raises(InputError, match=re.escape(message)):
        score(tmp_path, forecasts, "question,outcome\nq,low\n", order=order)


def test_outcomes_with_an_order_get_a_ranked_score(tmp_path):
    # low .2, middle .3, high .5, and middle comes, by hand: .2^2 + (.5 - 1)^2
    forecasts = f"{FORECASTS}\na,high,0.5,2024-01-01\na,low,0.2,2024-01-01\na,middle,0.3,2024-01-01\n"
    truth = "question,outcome\na,middle\n"
    (table,) = score(tmp_path, forecasts, truth, order=("low", "middle", "high"))["tables"]
    assert (table["section"], table["rps"]) == ("categories", pytest.approx(0.29))
    (table,) = score(tmp_path, forecasts, truth)["tables"]
    assert table["rps"] is None


def test_horizon_model_and_reference_are_read(tmp_path):
    forecasts = f"{FORECASTS},model\na,yes,0.8,2024-01-01,ours\na,yes,0.5,2024-01-01,coin\na,yes,0.9,2024-06-01,ours\n"
    document = score(tmp_path, forecasts, "question,outcome,ends\na,yes,2024-07-01\n", reference="coin", model="ours")
    (table,) = document["tables"]
    assert (table["model"], table["n"], table["n_paired"], table["reference"]) == ("ours", 2, 1, "coin")
    assert table["skill"] == pytest.approx(1 - 0.04 / 0.25)
    assert [(part["part"], part["n"]) for part in table["by"]["horizon"]] == [
        ("up to 3 months", 1),
        ("3 to 6 months", 1),
    ]


def test_annulled_and_open_questions_are_left_out_aloud(tmp_path):
    forecasts = f"{FORECASTS}\na,yes,0.8,2024-01-01\nb,yes,0.5,2024-01-01\nc,yes,0.5,2024-01-01\n"
    document = score(tmp_path, forecasts, "question,outcome\na,yes\nb,annulled\n")
    assert document["left_out"] == [
        {"why": "nothing says what happened", "n": 1},
        {"why": "the question was annulled", "n": 1},
    ]


def test_everything_wrong_in_both_files_is_said_at_once_with_its_line(tmp_path):
    forecasts = (
        f"{FORECASTS}\n"
        "q1,yes,0.7,2024-01-01\n"
        "q1,yes,0.6,2024-01-01\n"
        "q2,yes,1.7,2024-01-01\n"
        "q3,a,0.5,2024-01-01\n"
        "q3,b,0.4,2024-01-01\n"
        "q4,yes,x,2024-13-01\n"
        ",yes,nan,2024-01-01\n"
        "q5,a,1,2024-01-01\n"
        "q6,yes,0.5,2024-03-01\n"
    )
    truth = "question,outcome,ends\nq1,yes,\nq3,c,soon\nq9,yes,\nq1,no,\nq5,a,\nq6,yes,2024-02-01\nq2,,\n"
    assert refused(tmp_path, forecasts, truth) == [
        ("t.csv:3 ends", "'soon' is not a day as YYYY-MM-DD"),
        ("t.csv:5 question", "what happened to 'q1' stands in line 2 already"),
        ("t.csv:8 outcome", "'outcome' is empty"),
        ("f.csv:3 outcome", "this forecast of 'yes' stands in line 2 already"),
        ("f.csv:4 p", "1.7 is no probability"),
        ("f.csv:7 made_on", "'2024-13-01' is not a day of the calendar"),
        ("f.csv:7 p", "'x' is no number"),
        ("f.csv:8 question", "'question' is empty"),
        ("f.csv:8 p", "'nan' is no number"),
        ("f.csv:5", "the probabilities of a, b sum to 0.9"),
        ("t.csv:3 outcome", f"'c' is not among the outcomes forecast in {tmp_path}/f.csv:5"),
        ("f.csv:9 outcome", "'q5' has one outcome, so nothing was forecast"),
        ("f.csv:10 made_on", "made on 2024-03-01, after the question's last day, 2024-02-01"),
    ]


ONE = f"{FORECASTS}\na,yes,0.7,2024-01-01\n"
TRUTH = "question,outcome\na,yes\n"


@pytest.mark.parametrize(
    ("forecasts", "truth", "found"),
    [
        ("", TRUTH, [("f.csv", "this file is empty")]),
        (f"{FORECASTS}\n", "", [("f.csv", "there are no rows below the columns"), ("t.csv", "this file is empty")]),
        (
            "question,outcome,prob,made_on\na,yes,0.7,2024-01-01\n",
            TRUTH,
            [("f.csv:1 p", "there is no column 'p'"), ("f.csv:1 prob", "unknown column 'prob'")],
        ),
        (ONE, "question,outcom\na,yes\n", [
            ("t.csv:1 outcome", "there is no column 'outcome'"),
            ("t.csv:1 outcom", "unknown column 'outcom'; did you mean 'outcome'?"),
        ]),
        ("question,p,p,\na,b,c,d\n", TRUTH, [
            ("f.csv:1 p", "column 'p' stands here twice"),
            ("f.csv:1", "column 4 has no name"),
        ]),
        (f"{ONE}b,yes\n", TRUTH, [("f.csv:3", "2 cells under 4 columns")]),
        (f'{ONE}"b,yes\n', TRUTH, [("f.csv:3", "this is not CSV: unexpected end of data")]),
    ],
)  # fmt: skip
def test_files_that_cannot_be_read_say_why(tmp_path, forecasts, truth, found):
    assert refused(tmp_path, forecasts, truth) == found


def test_a_row_is_named_by_the_line_on_which_it_begins(tmp_path):
    forecasts = f'{FORECASTS}\n"a\nb",yes,0.7,2024-01-01\n\nc,yes,2,2024-01-01\n'
    assert refused(tmp_path, forecasts, TRUTH)[0] == ("f.csv:5 p", "2 is no probability")


def test_a_wrong_column_does_not_bury_the_reader(tmp_path):
    found = refused(tmp_path, FORECASTS + "\nq,yes,7,2024-01-01" * 200 + "\n", "question,outcome\nq,yes\n")
    assert len(found) == MOST_FINDINGS + 1
    assert found[-1][1] == "and 150 more findings of this kind or others."


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"reference": "oners"}, "there is no forecast by 'oners'"),
        ({"model": "g"}, "there is no forecast by 'g'"),
        ({"by": ("target",)}, "there is no column 'target'"),
    ],
)
def test_options_that_name_nothing_are_refused(tmp_path, options, message):
    assert message in refused(tmp_path, ONE, TRUTH, **options)[0][1]


HUB = "location,target,output_type,output_type_id,value"
ORACLE = "location,target,output_type,output_type_id,oracle_value"


def test_categories_and_samples_of_a_hub_are_scored(tmp_path):
    # by hand: Brier (.04 + .49 + .25) / 2, ranked .2^2 + .5^2; the sample 1, 2.5 and 2: .75 - 1.5 / 4
    document = score(
        tmp_path,
        f"{HUB}\nES,t,pmf,low,0.2\nES,t,pmf,middle,0.3\nES,t,pmf,high,0.5\nDE,t,sample,1,1\nDE,t,sample,2,2.5\n"
        "DE,t,mean,NA,3\nFR,t,sample,1,1\n",
        f"{ORACLE}\nDE,t,sample,NA,2\nES,t,pmf,low,0\nES,t,pmf,middle,1\nES,t,pmf,high,0\nFR,t,sample,NA,NA\n",
        order=("low", "middle", "high"),
    )
    (table,), (row,) = document["tables"], document["numbers"]
    assert (table["brier"], table["rps"]) == (pytest.approx(0.39), pytest.approx(0.29))
    assert table["log_score"] == pytest.approx(-math.log(0.3))
    assert (row["output_type"], row["group"], row["crps"], row["n"]) == (
        "sample",
        {"target": "t"},
        pytest.approx(0.375),
        1,
    )
    assert document["left_out"] == [
        {"why": "rows of output type 'mean' are not scored", "n": 1},
        {"why": "the oracle does not say what came", "n": 1},
    ]


def test_numbers_are_kept_apart_by_the_columns_that_are_named(tmp_path):
    forecasts = f"{HUB}\nDE,t,quantile,0.25,1\nDE,t,quantile,0.75,3\nFR,t,quantile,0.25,1\nFR,t,quantile,0.75,3\n"
    truth = "location,target,oracle_value\nDE,t,2\nFR,t,5\n"
    assert [row["n"] for row in score(tmp_path, forecasts, truth)["numbers"]] == [2]
    rows = score(tmp_path, forecasts, truth, by=("location",))["numbers"]
    assert [(row["group"], row["coverage"]) for row in rows] == [
        ({"location": "DE"}, [{"level": 0.5, "observed": 1.0, "n": 1}]),
        ({"location": "FR"}, [{"level": 0.5, "observed": 0.0, "n": 1}]),
    ]
    assert rows[0]["ae_median"] is None


def test_a_level_that_is_written_in_two_ways_is_refused(tmp_path):
    forecasts = f"{HUB}\nDE,t,quantile,0.5,4\nDE,t,quantile,0.50,5\n"
    truth = f"{ORACLE}\nDE,t,quantile,NA,5\n"
    assert refused(tmp_path, forecasts, truth) == [
        ("f.csv:2 output_type_id", "the level 0.5 stands twice, written in two ways")
    ]


def test_everything_wrong_in_hub_files_is_said_at_once(tmp_path):
    forecasts = (
        f"{HUB}\nDE,t,quantile,0.1,5\nDE,t,quantile,0.5,4\nDE,t,quantile,0.9,9\nFR,t,quantile,0.1,5\n"
        "FR,t,quantile,0.5,6\nIT,t,pmf,low,0.5\nIT,t,pmf,high,0.4\nES,t,pmf,low,0.5\nES,t,pmf,high,0.5\n"
        "ES,t,pmf,high,0.5\nUK,t,sample,1,NA\nUK,t,quantile,most,1\nPL,t,pmf,low,-1\n"
    )
    truth = f"{ORACLE}\nDE,t,quantile,NA,5\nDE,t,quantile,NA,6\nES,t,pmf,middle,1\nES,t,pmf,low,1\nES,t,pmf,high,2\n"
    assert refused(tmp_path, forecasts, truth) == [
        ("t.csv:3 oracle_value", "5 came already for DE, t"),
        ("t.csv:5 oracle_value", "'middle' came already for ES, t"),
        ("t.csv:6 oracle_value", "a category came or did not"),
        ("f.csv:11 output_type_id", "this forecast stands in line 10 already"),
        ("f.csv:12 value", "'NA' is no number"),
        ("f.csv:14 value", "-1 is no probability"),
        ("f.csv:2 value", "the quantiles fall from level 0.1 to 0.5"),
        ("f.csv:5 output_type_id", "the levels 0.1, 0.5 are not symmetric about 0.5"),
        ("f.csv:13 output_type_id", "'most' is no quantile level"),
        ("f.csv:7", "the probabilities of low, high sum to 0.9"),
        ("f.csv:9 output_type_id", "'middle' came, which is not among the categories of this forecast"),
    ]


@pytest.mark.parametrize(
    ("truth", "options", "found"),
    [
        ("place,oracle_value\nDE,5\n", {}, ("t.csv:1 place", "unknown column 'place'")),
        ("location,value\nDE,5\n", {}, ("t.csv:1 oracle_value", "there is no column 'oracle_value'")),
        ("location,output_type,oracle_value\nDE,pmf,1\n", {}, ("t.csv:1 output_type_id", "there is no column")),
        ("location,oracle_value\nXX,5\n", {}, ("t.csv", "it knows what came of no forecast in")),
        ("location,oracle_value\nDE,5\n", {"by": ("horizon",)}, ("f.csv:1 --group-by", "there is no column 'horizon'")),
    ],
)
def test_hub_files_that_do_not_meet_are_refused(tmp_path, truth, options, found):
    where, message = refused(tmp_path, f"{HUB}\nDE,t,sample,1,5\n", truth, **options)[0]
    assert where == found[0]
    assert message.startswith(found[1])
