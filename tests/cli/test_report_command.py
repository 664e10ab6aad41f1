"""`forecast report` as the shell calls it."""

import threading
from pathlib import Path

from .conftest import Command

type Done = tuple[Path, str]


def test_a_report_is_written_and_what_to_do_next_is_said(command: Command, done: Done) -> None:
    ended = command("report", "toy", "-o", "r.md", "--quiet")
    assert ended.code == 0
    assert ended.out.splitlines() == [
        f"{done[1]} reported in r.md",
        "its pictures stand in r.figures",
        "next: forecast verify r.md",
    ]
    assert Path("r.md").read_text().startswith("# A toy alliance\n")


def test_json_says_what_was_written_and_recorded(command: Command, done: Done) -> None:
    document = command("report", "toy/unbroken-2025", "-o", "r.html", "--brief", "--json").document
    assert (document["forecast"], document["question"], document["outcome"]) == (done[1], "unbroken-2025", "yes")
    assert document["brief"] is True
    assert len(document["workings"]) == 3
    assert document["missing"] == []


def test_without_a_forecast_the_next_command_is_named(command: Command, toy: Path) -> None:
    ended = command("report", "toy", "-o", "r.md")
    assert ended.code == 2
    assert "`forecast update toy` makes one" in ended.err
    assert not Path("r.md").exists()
    assert not Path(".forecast").exists()


def test_a_bad_file_name_is_an_error_before_anything_else(command: Command, toy: Path) -> None:
    ended = command("report", "nothing", "-o", "r.xls", "--json")
    assert ended.code == 2
    assert ended.document["errors"][0]["key"] == "-o"


def test_two_at_once_both_write_and_record_their_workings_once(done: Done) -> None:
    from forecast.api import Workspace

    made = []
    threads = [
        threading.Thread(target=lambda n=n: made.append(Workspace(done[0]).report("toy", done[0] / f"r{n}.html")))
        for n in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 2
    assert made[0].document["workings"] == made[1].document["workings"]
    assert Workspace(done[0]).verify() == []
