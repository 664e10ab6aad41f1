"""A change touches what it changes and nothing else."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecast.errors import InputError, WorkspaceError
from forecast.scenario.nodes import find, plain
from forecast.scenario.write import append_report, replace_file, replacing, set_resolution, set_value
from forecast.scenario.yaml_text import parse_yaml

EVIDENCE = """\
# who coded this, and why   # twice

defaults:   {source: 'paper' , coded_by: "xy"}    # for all

reports:
    # the first
    - id:   S1        # odd spaces
      claim: 'It''s so'
      cameo: [042,  043]
      note: >
        folded
        text

    - {id: S2, claim: flow}   # flow

# the end
other: 042
"""


def read(path):
    findings = []
    tree = parse_yaml(path.read_text(), "f", findings)
    assert findings == []
    return plain(tree)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "e.yaml"
    path.write_text(EVIDENCE)
    return path


def test_an_appended_report_leaves_every_other_byte_as_it_was(path):
    append_report(
        path,
        {
            "id": "S3",
            "when": date(2024, 1, 7),
            "claim": "Ranked #1: yes",
            "use": True,
            "p_true": (0.5, 1),
            "note": None,
        },
    )
    # below an empty line, as the report before it
    lines = ("- id: S3", "  when: 2024-01-07", '  claim: "Ranked #1: yes"', "  use: true", "  p_true: [0.5, 1]")
    added = "\n" + "".join(f"    {line}\n" for line in lines)
    before, after = EVIDENCE.split("\n# the end", 1)
    assert path.read_text() == before + added + "\n# the end" + after


def test_a_changed_value_leaves_every_other_byte_as_it_was(path):
    set_value(path, ["reports", "S1", "claim"], "it is not")
    assert path.read_text() == EVIDENCE.replace("'It''s so'", "it is not")
    set_value(path, ["reports", "S2", "grade"], "B2")
    set_value(path, ["defaults", "coded_by"], "zz")
    set_value(path, ["other"], 43)
    expected = EVIDENCE.replace("'It''s so'", "it is not").replace("claim: flow}", "claim: flow, grade: B2}")
    assert path.read_text() == expected.replace('"xy"', "zz").replace("other: 042", "other: 43")


def test_a_missing_key_is_added_after_the_last_one_of_its_mapping(path):
    set_value(path, ["reports", "S1", "withdrawn"], {"on": date(2025, 1, 1), "reason": "wrong"})
    added = "      withdrawn: {on: 2025-01-01, reason: wrong}\n"
    assert path.read_text() == EVIDENCE.replace("        text\n\n", "        text\n\n" + added)


def test_a_folded_text_gives_way_to_a_short_one(path):
    set_value(path, ["reports", "S1", "note"], "short")
    assert path.read_text() == EVIDENCE.replace("note: >\n        folded\n        text\n", "note: short")


def test_a_block_gives_way_to_a_value(path):
    set_value(path, ["reports"], [])
    assert read(path) == {"defaults": {"source": "paper", "coded_by": "xy"}, "reports": [], "other": "042"}


def test_line_ends_and_byte_order_mark_stay(tmp_path):
    path = tmp_path / "r.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: {outcome: yes}  # c\r\n")
    set_resolution(path, "b", {"outcome": "no", "on": date(2024, 1, 1)})
    assert path.read_bytes() == b"\xef\xbb\xbfa: {outcome: yes}  # c\r\nb: {outcome: no, on: 2024-01-01}\r\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing yet\n",
        "reports:\n",
        "reports:   # none yet\n",
        "reports: []  # none yet\nother: 1\n",
        "reports: [{id: a}]\n",
        "reports:\n- id: a",
        "reports:\n  - id: a\n    note: |\n      text\n",
        "defaults: {source: x}",
    ],
)
def test_a_report_can_be_appended_to_any_layout(tmp_path, text):
    path = tmp_path / "e.yaml"
    path.write_text(text)
    before = read(path)
    append_report(path, {"id": "N", "claim": "new"})
    after = read(path)
    assert after.pop("reports") == [*(before.pop("reports", None) or []), {"id": "N", "claim": "new"}]
    assert after == before
    assert all(part in path.read_text() for part in text.split() if part.startswith("#"))


def test_a_missing_file_is_begun(tmp_path):
    append_report(tmp_path / "evidence" / "e.yaml", {"id": "N", "claim": "new"})
    assert (tmp_path / "evidence" / "e.yaml").read_text() == "reports:\n  - id: N\n    claim: new\n"
    set_resolution(tmp_path / "r.yaml", "q", {"outcome": "yes"})
    assert (tmp_path / "r.yaml").read_text() == "q: {outcome: yes}\n"


def test_a_long_entry_is_written_in_lines(tmp_path):
    set_resolution(tmp_path / "r.yaml", "q", {"outcome": "yes", "note": "word " * 30 + "end"})
    assert (tmp_path / "r.yaml").read_text().startswith("q:\n  outcome: yes\n  note: word word")


def test_a_written_report_reads_back_through_the_programs_reader(case):
    append_report(
        case.path("evidence"),
        {
            "id": "S4",
            "indicator": "meeting",
            "when": "2023-Q4",
            "claim": 'They said: "we met" #2',
            "grade": "B2",
            "withdrawn": {"on": date(2025, 1, 1), "reason": "no, they did not"},
        },
    )
    report = case.read().reports[-1]
    assert (report.id, str(report.when), report.claim) == ("S4", "2023-Q4", 'They said: "we met" #2')
    assert report.withdrawn.reason == "no, they did not"


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(claim=TEXTS, note=TEXTS)
def test_any_text_reads_back_as_itself(tmp_path, claim, note):
    path = tmp_path / "e.yaml"
    path.write_text(EVIDENCE)
    append_report(path, {"id": "N", "claim": claim, "tags": [note]})
    set_value(path, ["reports", "S1", "claim"], note)
    tree = parse_yaml(path.read_text(newline=""), "f", [])
    assert plain(find(tree, ["reports", 2])) == {"id": "N", "claim": claim, "tags": [note]}
    assert plain(find(tree, ["reports", 0, "claim"])) == note


@pytest.mark.parametrize(
    ("steps", "message"),
    [(["reports", "S9", "claim"], "no entry 'S9'"), (["other", "x"], "below a text"), (["reports", 7], "no entry '7'")],
)
def test_a_place_that_is_not_there_is_an_error_and_nothing_is_written(path, steps, message):
    with pytest.raises(InputError, match=message):
        set_value(path, steps, "x")
    assert path.read_text() == EVIDENCE


def test_a_file_with_errors_is_not_edited(path):
    path.write_text("a: &x 1\n")
    with pytest.raises(InputError, match="names this place"):
        set_value(path, ["a"], "2")
    assert path.read_text() == "a: &x 1\n"


def test_a_failed_write_keeps_the_old_file_and_leaves_nothing_behind(path, monkeypatch):
    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WorkspaceError, match="No space left on device; the old file is unchanged"):
        set_value(path, ["other"], "1")
    assert path.read_text() == EVIDENCE
    assert list(path.parent.iterdir()) == [path]


def test_a_replaced_file_keeps_its_mode_and_a_link_stays_a_link(tmp_path):
    real = tmp_path / "real.yaml"
    real.write_text("a: 1\n")
    real.chmod(0o640)
    link = tmp_path / "link.yaml"
    link.symlink_to(real)
    replace_file(link, b"a: 2\n")
    assert link.is_symlink()
    assert real.read_text() == "a: 2\n"
    assert real.stat().st_mode & 0o777 == 0o640
    assert Path(link).read_text() == "a: 2\n"


def test_a_file_written_bit_by_bit_takes_its_place_at_the_end_only(tmp_path: Path):
    path = tmp_path / "rows.csv"
    path.write_text("old")
    with replacing(path) as file:
        file.write(b"new ")
        assert path.read_text() == "old"
        file.write(b"rows")
    assert path.read_text() == "new rows"


def test_what_interrupts_the_writing_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path):
    path = tmp_path / "rows.csv"
    path.write_text("old")

    def interrupted() -> None:
        with replacing(path) as file:
            file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert [(entry.name, entry.read_text()) for entry in tmp_path.iterdir()] == [("rows.csv", "old")]


def test_a_value_that_ends_with_a_folded_text_can_be_replaced_and_what_follows_stays(tmp_path):
    path = tmp_path / "resolutions.yaml"
    path.write_text(
        "a:\n  outcome: yes\n  note: >-\n    a judgement,\n    in two lines\nb:\n  outcome: no\n# the end\n"
    )
    set_resolution(path, "a", {"outcome": "annulled"})
    assert path.read_text() == "a: {outcome: annulled}\nb:\n  outcome: no\n# the end\n"


def test_two_who_edit_one_file_at_once_lose_nothing(tmp_path):
    path = tmp_path / "resolutions.yaml"
    path.write_text("first: {outcome: yes}\n")
    code = (
        "import sys; from pathlib import Path; from forecast.scenario.write import set_resolution\n"
        "for number in range(15): set_resolution(Path(sys.argv[1]), f'{sys.argv[2]}{number}', {'outcome': 'no'})"
    )
    children = [subprocess.Popen([sys.executable, "-c", code, str(path), name]) for name in "abc"]
    assert [child.wait(timeout=120) for child in children] == [0, 0, 0]
    found = [line.split(":")[0] for line in path.read_text().splitlines()]
    assert sorted(found) == sorted(["first", *(f"{name}{number}" for name in "abc" for number in range(15))])
