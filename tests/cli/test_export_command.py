"""`forecast export`, as it is typed: what it prints, refuses and leaves behind."""

from pathlib import Path

import pytest

from .conftest import Command


def test_it_says_what_was_written_and_that_replays_are_replays(done: tuple[Path, str], command: Command):
    ended = command("export", "toy", "-o", "answers.csv")

    assert ended.code == 0
    assert ended.out == "answers.csv: 9 answers of 1 forecast, 9 of replays\n"
    assert Path("answers.csv").read_text().startswith("forecast,scenario,as_of,made_at,kind,model,")


def test_a_retracted_forecast_is_left_out_aloud(done: tuple[Path, str], command: Command):
    command("ledger", "retract", done[1], "--reason", "coded twice")

    ended = command("export", "toy", "-o", "answers.csv")
    assert ended.code == 2
    assert "nothing is left to export (9 answers: the forecast was retracted)" in ended.err
    assert not Path("answers.csv").exists()
    assert command("export", "toy", "-o", "answers.csv", "--retracted").code == 0


def test_json_prints_one_document(done: tuple[Path, str], command: Command):
    document = command("export", "toy", "-o", "hub", "--json").document

    assert (document["format"], document["live"], document["replay"]) == ("hubverse", 0, 8)
    assert document["left_out"] == [{"why": "the question was closed", "n": 1}]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("export", "toy"), "it is not said where to"),
        (("export", "toy", "-o", "a.xlsx"), "the ending of 'a.xlsx' stands for no format"),
        (("export", "nobody", "-o", "a.csv"), "no forecast of 'nobody' is recorded"),
        (("export", "\x1b[2J\u202e=cmd", "-o", "a.csv"), r"\x1b[2J\u202e=cmd"),
    ],
)
def test_bad_input_is_named_and_writes_nothing(
    done: tuple[Path, str], command: Command, arguments: tuple[str, ...], message: str
):
    before = sorted(Path().iterdir())
    ended = command(*arguments)

    assert ended.code == 2
    assert message in ended.err
    assert sorted(Path().iterdir()) == before


def test_an_empty_ledger_has_nothing_to_export(toy: Path, command: Command):
    ended = command("export", "-o", "a.csv")

    assert ended.code == 2
    assert "holds no forecast" in ended.err
    assert not (toy / ".forecast").exists()


def test_a_hub_is_scored_by_its_folder_alone(done: tuple[Path, str], command: Command):
    command("export", "-o", "hub")

    ended = command("score", "--forecasts", "hub")
    assert ended.code == 0
    assert "forecast-v1_replay" in ended.out


def test_a_folder_without_model_output_is_no_hub(toy: Path, command: Command):
    ended = command("score", "--forecasts", ".")

    assert ended.code == 2
    assert "there is no model output in this folder" in ended.err
