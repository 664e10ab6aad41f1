"""A hub of the hubverse: valid configuration, model output that sums to one, and the scores of `score` again."""

import csv
import json
import math
from dataclasses import replace
from datetime import date
from pathlib import Path

import jsonschema
import pytest

from forecast.analysis.scoring.resolved import score_document
from forecast.analysis.scoring.score_files import given_document
from forecast.errors import InputError, LedgerError
from forecast.exchange.hub import FILES, Hub, hub_files
from forecast.exchange.hub_tasks import hub_tasks
from forecast.exchange.selection import Chosen, chosen
from forecast.ledger.files import replace_folder
from forecast.ledger.records import Entry
from forecast.ledger.store import LEDGER_FILE, open_ledger
from forecast.scenario.read import read_scenario
from forecast.scenario.yaml_text import parse_yaml

from ..ledger.samples import ANSWER, forecast
from ..workspaces import edit
from .conftest import DAYS, LATER
from .hub_layout import OUTPUT_FILE, check_config

#: Names of our own versions in the tables of scores of a hub.
MODELS = {
    "forecast-v0_replay": ("v0", "replay"),
    "forecast-v1_replay": ("v1", "replay"),
    "forecast-v1_live": ("v1", "live"),
}


def hub_of(workspace: Path, *, files: bool = True) -> Hub:
    with open_ledger(workspace / LEDGER_FILE, read_only=True) as ledger:
        scenarios = {"toy": read_scenario(workspace, "toy")} if files else {}
        return hub_files(chosen(ledger, ["toy"]), scenarios, LATER)


@pytest.fixture(scope="module")
def hub(recorded_once, tmp_path_factory):
    """The files, and the folder they are in."""
    folder = tmp_path_factory.mktemp("exported") / "hub"
    made = hub_of(recorded_once)
    replace_folder(folder, made.files)
    return made, folder


def table(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(newline="") as file:
        return list(csv.DictReader(file))


def output(folder: Path) -> list[dict[str, str]]:
    paths = sorted(folder.glob("model-output/*/*.csv"))
    return [{**row, "model": path.parent.name} for path in paths for row in table(folder, str(path))]


def test_the_configuration_has_the_published_layout(hub):
    folder = hub[1] / "hub-config"
    check_config(*(json.loads((folder / f"{name}.json").read_text()) for name in ("admin", "tasks", "target-data")))


def test_the_layout_is_checked_at_all(hub):
    admin, tasks, target_data = (
        json.loads((hub[1] / f"hub-config/{name}.json").read_text()) for name in ("admin", "tasks", "target-data")
    )
    tasks["rounds"][0]["model_tasks"][0]["output_type"]["pmf"]["value"]["maximum"] = 2
    with pytest.raises(jsonschema.ValidationError, match="1 was expected"):
        check_config(admin, tasks, target_data)


def test_model_output_is_named_by_round_team_and_model_and_holds_only_configured_tasks(hub):
    made, folder = hub
    tasks = json.loads((folder / "hub-config/tasks.json").read_text())["rounds"][0]["model_tasks"]
    valid = {
        (day, task["task_ids"]["target"]["optional"][0], task["task_ids"]["target_end_date"]["optional"][0], outcome)
        for task in tasks
        for day in task["task_ids"]["origin_date"]["optional"]
        for outcome in task["output_type"]["pmf"]["output_type_id"]["required"]
    }
    for path in folder.glob("model-output/*/*.csv"):
        match = OUTPUT_FILE.fullmatch(path.name)
        assert match is not None
        assert path.parent.name == f"{match[2]}-{match[3]}"
        rows = table(folder, str(path))
        assert {row["origin_date"] for row in rows} == {match[1]}
        keys = ("origin_date", "target", "target_end_date", "output_type_id")
        assert {tuple(row[key] for key in keys) for row in rows} <= valid
    assert all(FILES.fullmatch(name) for name in made.files)


def test_every_probability_mass_function_sums_to_one_exactly(hub):
    sums: dict[tuple[str, ...], list[float]] = {}
    for row in output(hub[1]):
        key = (row["model"], row["origin_date"], row["target"])
        sums.setdefault(key, []).append(float(row["value"]))
    assert len(sums) > 20
    assert {math.fsum(values) for values in sums.values()} == {1.0}


def test_live_forecasts_and_replays_are_models_of_their_own(hub):
    made, folder = hub
    assert {path.name for path in folder.glob("model-output/*")} == set(MODELS)
    assert set(made.kinds) == {"live", "replay"}
    metadata = json.loads((folder / "hub-config/model-metadata-schema.json").read_text())
    for name, (version, kind) in MODELS.items():
        node = parse_yaml((folder / f"model-metadata/{name}.yml").read_text(), name, [])
        assert node is not None
        found = {key: value.value for key, value in node.value.items()}
        jsonschema.validate(found, metadata)
        assert (found["model_version"], found["kind"]) == (version, kind)


def test_what_came_is_in_the_oracle_output_with_one_category_that_came(hub):
    made, folder = hub
    rows = table(folder, "target-data/oracle-output.csv")
    came = {row["target"]: row["output_type_id"] for row in rows if row["oracle_value"] == "1"}
    assert came == {"toy/dispute-2024": "yes", "toy/regime-2025": "fragile", "toy/unbroken-2025": "no"}
    assert made.n_resolved == 3
    assert len(rows) == 6


def test_a_hub_scores_as_the_ledger_does(hub, recorded_once, ledger):
    """The round trip: `export --as hubverse`, then `score --forecasts HUB`, against `score toy`."""
    ours = score_document([read_scenario(recorded_once, "toy")], ledger.forecasts(), LATER)["tables"]
    document = given_document(hub[1], reference="forecast-v0_replay")
    theirs = document["tables"]
    assert "their scores flatter" in document["warnings"][0]

    def scores(tables, name):
        keys = ("n", "n_questions", "brier", "log_score", "rps", "auc", "n_impossible")
        found = {}
        for row in tables:
            model, kind = name(row)
            found[kind, row["section"], model] = {key: row[key] for key in keys} | (
                {"skill": row["skill"]} if kind == "replay" else {}
            )
        return found

    expected = scores(ours, lambda row: (row["model"], row["kind"]))
    got = scores(theirs, lambda row: MODELS[row["model"]])
    assert set(got) == set(expected)
    assert {section for _, section, _ in got} == {"events", "stays", "state"}
    for key, row in expected.items():
        for name, value in row.items():
            assert got[key][name] == (None if value is None else pytest.approx(value, rel=0, abs=1e-12)), (key, name)


def test_the_csv_of_answers_scores_as_the_ledger_does(recorded_once, ledger, tmp_path):
    from forecast.exchange.tables import csv_bytes

    (tmp_path / "a.csv").write_bytes(csv_bytes(chosen(ledger, ["toy"], retracted=True)))
    (tmp_path / "t.csv").write_text("question,outcome\ndispute-2024,yes\n")
    (found, *_) = [
        row for row in given_document(tmp_path / "a.csv", tmp_path / "t.csv")["tables"] if row["model"] == "v1 (replay)"
    ]
    ours = score_document([read_scenario(recorded_once, "toy")], ledger.forecasts(), LATER)["tables"]
    (expected,) = [r for r in ours if (r["kind"], r["section"], r["model"]) == ("replay", "events", "v1")]
    assert found["brier"] == pytest.approx(expected["brier"], abs=1e-12)
    assert found["n"] == expected["n"]


def test_of_several_forecasts_of_one_day_the_last_counts(hub, ledger):
    made, folder = hub
    day = DAYS[0].isoformat()
    last = [e for e in ledger.forecasts() if e.forecast.as_of == day and e.forecast.model == "v1"][-1]
    expected = {(a.question, a.outcome): a.p for a in last.forecast.answers if a.p is not None}
    rows = [r for r in output(folder) if r["model"] == "forecast-v1_replay" and r["origin_date"] == day]
    found = {(r["target"].removeprefix("toy/"), r["output_type_id"]): float(r["value"]) for r in rows}
    assert found == pytest.approx(expected, rel=0, abs=1e-12)
    assert made.left_out["a later forecast of the same model and day stands in its place"] == 9


def test_an_answer_that_could_be_known_then_stays_out(recorded):
    before = hub_of(recorded)
    edit(recorded, "toy/resolutions.yaml", "known: 2024-03-15", "known: 2024-02-20")
    after = hub_of(recorded)

    gone = [r for r in _rows(before) if r not in _rows(after)]
    assert {row.split(",")[1] for row in gone} == {"toy/dispute-2024"}
    assert min(row.split(",")[0] for row in gone) == "2024-03-01"
    assert after.left_out["the answer could be known then"] == len(gone)


def test_a_question_that_was_changed_is_another_target_that_nothing_resolves(recorded):
    edit(
        recorded,
        "toy/scenario.yaml",
        "id: dispute-2024, ask: Do they quarrel in 2024?, kind: occurs, indicator: dispute",
        "id: dispute-2024, ask: Do they quarrel in 2024?, kind: occurs, indicator: dispute, at_least: 2",
    )
    made = hub_of(recorded)
    targets = {row.split(",")[1] for row in _rows(made)}
    (changed,) = [name for name in targets if name.startswith("toy/dispute-2024")]
    assert changed.startswith("toy/dispute-2024~")
    assert b"dispute" not in made.files["target-data/oracle-output.csv"]
    assert any("before their definition changed" in note for note in made.notes)


def test_without_the_files_of_a_case_the_hub_has_no_oracle_and_says_so(recorded):
    made = hub_of(recorded, files=False)
    assert made.n_resolved == 0
    assert made.notes == ("what happened is not known here: no files of toy",)


def test_a_longer_question_and_a_strange_version_have_names_of_their_own():
    long = "x" * 40
    records = [
        record(number, model=model, questions=({"id": name, "between": ["2024-01-01", "2025-01-01"]},), question=name)
        for number, (model, name) in enumerate([("v1.0", long + "a"), ("v1-0", long + "b")])
    ]
    made = hub_files(Chosen(tuple((e, e.forecast.answers) for e in records), {}), {}, LATER)
    check_config(*(json.loads(made.files[f"hub-config/{n}.json"]) for n in ("admin", "tasks", "target-data")))
    names = {name.split("/")[1] for name in made.files if name.startswith("model-output")}
    assert len(names) == 2
    assert all(name.startswith("forecast-v1_0_") for name in names)


def record(number=0, question="treaty-2024", answers=None, **changes) -> Entry:
    given = {"questions": ({"id": question, "kind": "occurs", "between": ["2024-01-01", "2025-01-01"]},), **changes}
    answers = answers or (replace(ANSWER, question=question),)
    content = forecast(number, **given, answers=answers).to_content()
    return Entry("log", number + 1, f"fc-aaaaaaaaa{number}", "", "", content)


def tasks_of(*entries: Entry):
    return hub_tasks(Chosen(tuple((entry, entry.forecast.answers) for entry in entries), {}), {})


def test_a_lone_yes_gets_its_no_and_outcomes_that_are_missing_are_refused():
    tasks, _ = tasks_of(record())
    assert tasks[0].p == pytest.approx({"yes": 0.3, "no": 0.7})
    regime = replace(ANSWER, outcome="durable", kind="state")
    with pytest.raises(LedgerError, match=r"treaty-2024: durable sum to 0\.3\. Accepted: all outcomes"):
        tasks_of(record(answers=(regime,)))


def test_a_name_on_record_that_is_no_id_gets_into_no_file_name():
    with pytest.raises(LedgerError, match=r"a hub has no room for the name '\.\./\.\./etc'"):
        tasks_of(record(scenario="../../etc"))


def test_an_outcome_that_one_version_does_not_know_has_zero_there():
    two = tuple(replace(ANSWER, outcome=name, kind="state", p=p) for name, p in (("durable", 0.6), ("fragile", 0.4)))
    three = (*(replace(a, p=a.p / 2) for a in two), replace(two[0], outcome="dead", p=0.5))
    made = hub_files(
        Chosen(
            tuple((e, e.forecast.answers) for e in (record(0, answers=two), record(1, model="v3", answers=three))), {}
        ),
        {},
        LATER,
    )
    assert "2024-01-07,dprk-russia/treaty-2024,2025-01-01,state,pmf,dead,0.0" in _rows(made)
    assert made.notes[-1].startswith("outcomes that a version did not know have p 0 there")


def test_a_hub_of_nothing_is_an_error():
    closed = record(answers=(replace(ANSWER, p=None, mcse=None, low=None, high=None, closed=True),))
    with pytest.raises(InputError, match=r"no open answer is left for a hub \(1 answers: the question was closed\)"):
        hub_files(Chosen(((closed, closed.forecast.answers),), {}), {}, date(2026, 1, 1))


def _rows(made: Hub) -> list[str]:
    files = [content.decode() for name, content in made.files.items() if name.startswith("model-output")]
    return [line for text in files for line in text.splitlines()[1:]]
