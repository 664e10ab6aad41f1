import os
import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.scenario.nodes import find, plain
from forecast.scenario.yaml_text import MAX_BYTES, MAX_DEPTH, parse_yaml, read_yaml


def parse(text):
    findings = []
    return parse_yaml(text, "f.yaml", findings), findings


def only(text):
    """The one finding of a text."""
    _, findings = parse(text)
    assert len(findings) == 1, [str(finding) for finding in findings]
    return findings[0]


def test_every_scalar_stays_the_text_that_stands_there():
    tree, findings = parse("a: 042\nb: no\non: 2024-01-07\nc: 1e3\nd: 'x'\ne: 1_000\nf: 0x10\n")
    assert findings == []
    assert plain(tree) == {
        "a": "042",
        "b": "no",
        "on": "2024-01-07",
        "c": "1e3",
        "d": "x",
        "e": "1_000",
        "f": "0x10",
    }


def test_a_value_points_to_the_line_of_its_key():
    tree, _ = parse("# head\na:\n  b: 1\n  c:\n    - x\n    - y\n")
    assert [find(tree, path).line for path in (["a"], ["a", "b"], ["a", "c"], ["a", "c", 1])] == [2, 3, 4, 6]


def test_an_empty_text_is_an_empty_mapping():
    for text in ("", "# only a comment\n", "---\n"):
        tree, findings = parse(text)
        assert plain(tree) == {}
        assert findings == []


@pytest.mark.parametrize("empty", ["a:", "a: ~", "a: null", "a: # comment"])
def test_no_value_reads_as_an_empty_text_for_the_schema_to_refuse(empty):
    assert plain(parse(empty)[0]) == {"a": ""}


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("a: 1\nb: !!int 2\n", "is a tag", 2),
        ("a: 1\nb: !!python/object/apply:os.system [ls]\n", "is a tag", 2),
        ("a: ! b\n", "is a tag", 1),
        ("a: &x 1\n", "'&x' names this place", 1),
        ("a: 1\nb: {c: *x}\n", "'\\*x' refers", 2),
        ("a: 1\nb: 2\na: 3\n", "'a' stands here twice, first on line 1", 3),
        ("a: 1\n<<: {b: 2}\n", "merges another mapping", 2),
        ("a: 1\n{b: 2}: 3\n", "where a key is wanted", 2),
        ("? [a, b]\n: 3\n", "where a key is wanted", 1),
        ("a: 1\n---\nb: 2\n", "a second document", 2),
        ("- a\n- b\n", "not a set of keys", 1),
        ("just text\n", "not a set of keys", 1),
        ("a: b: c\n", "this is not YAML", 1),
        ("a: 1\n\tb: 2\n", "this is not YAML", 2),
        ("a: [1, 2\nb: 3\n", "this is not YAML", 2),
        ("a: 'open\n", "this is not YAML", 2),
        ("a: 1\nb: \x07\n", "this is not YAML", 2),
    ],
)
def test_what_may_not_be_used_is_refused_with_its_line(text, message, line):
    finding = only(text)
    assert finding.level == "error"
    assert finding.line == line
    with pytest.raises(AssertionError, match=message):
        raise AssertionError(finding.message)


def test_several_offences_are_all_found():
    _, findings = parse("a: &x 1\nb: !t 2\nb: 3\nc: *x\n")
    assert [finding.line for finding in findings] == [1, 2, 3, 4]


def test_a_billion_laughs_expand_to_nothing():
    lines = ["a0: &a0 [lol, lol]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 20)]
    tree, findings = parse("\n".join(lines))
    assert len(findings) == 20 + 19 * 9
    assert plain(tree)["a19"] == []


@pytest.mark.parametrize("unit", ["[", "{a: ", "- ", "? "])
def test_a_bomb_of_nesting_is_refused_at_once(unit):
    begin = time.process_time()  # what others do on the machine takes none of it
    tree, findings = parse(unit * 100_000)
    assert time.process_time() - begin < 1
    assert tree is None
    assert findings[0].level == "error"


def test_nesting_up_to_the_limit_is_read():
    depth = MAX_DEPTH - 1
    tree, findings = parse("a: " + "[" * depth + "x" + "]" * depth)
    assert findings == []
    assert find(tree, ["a"] + [0] * depth).value == "x"
    assert "too deep" in only("a: " + "[" * (depth + 1) + "]" * (depth + 1)).message


def test_a_file_of_100_mb_is_refused_without_reading_it(tmp_path):
    path = tmp_path / "big.yaml"
    with path.open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    findings = []
    tracemalloc.start()
    try:
        assert read_yaml(path, "big.yaml", findings) is None
        assert tracemalloc.get_traced_memory()[1] < 1024 * 1024
    finally:
        tracemalloc.stop()
    assert "100 MiB" in findings[0].message
    assert f"{MAX_BYTES // 2**20} MiB" in findings[0].accepted


@pytest.mark.parametrize(
    ("data", "message", "line"),
    [
        (b"a: 1\nb: \xe4\n", "not UTF-8 (byte 0xe4)", 2),
        ("a: ä".encode("utf-16"), "not UTF-8", 1),
        (b"a: 1\nb: x\0y\n", "NUL", 2),
    ],
)
def test_what_is_not_utf_8_text_is_refused(tmp_path, data, message, line):
    path = tmp_path / "f.yaml"
    path.write_bytes(data)
    findings = []
    assert read_yaml(path, "f.yaml", findings) is None
    assert message in findings[0].message
    assert findings[0].line == line


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path):
    path = tmp_path / "f.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    findings = []
    tree = read_yaml(path, "f.yaml", findings)
    assert plain(tree) == {"a": "1", "b": "2"}
    assert find(tree, ["b"]).line == 2


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    findings = []
    assert read_yaml(tmp_path / "none.yaml", "none.yaml", findings) is None
    assert read_yaml(tmp_path, "folder", findings) is None
    assert [finding.message for finding in findings] == ["this file does not exist", "this is not a file"]


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    path = tmp_path / "f.yaml"
    path.write_text("a: 1\n")
    path.chmod(0)
    if os.geteuid() == 0:
        # root may read what has no permission, but nobody reads the first bytes of memory
        path = Path("/proc/self/mem")
    findings = []
    assert read_yaml(path, "f.yaml", findings) is None
    assert "cannot be read" in findings[0].message


def test_a_value_cut_by_a_comment_is_a_warning():
    finding = only("claim: Ranked #1 partner\n")
    assert finding.level == "warning"
    assert "'#1 partner'" in finding.message
    assert (finding.line, finding.key, finding.found) == (1, "claim", "Ranked")


@pytest.mark.parametrize(
    "text", ["step: month   # a comment\n", "claim: 'Ranked' # yes\n", "claim: a#b\n", "claim: x\n# y\n"]
)
def test_an_honest_comment_is_no_warning(text):
    assert parse(text)[1] == []


@given(st.text())
def test_no_text_breaks_the_reader(text):
    tree, findings = parse(text)
    assert tree is not None or any(finding.level == "error" for finding in findings)


YAML_PIECES = st.sampled_from(
    [
        "a",
        ": ",
        "- ",
        "\n",
        "  ",
        "[",
        "]",
        "{",
        "}",
        ",",
        "&x ",
        "*x",
        "!t ",
        "? ",
        "|",
        ">",
        "'",
        '"',
        "#",
        "%",
        "---",
        "\t",
    ]
)


@given(st.lists(YAML_PIECES, max_size=40))
def test_no_shuffled_yaml_breaks_the_reader(pieces):
    tree, findings = parse("".join(pieces))
    assert tree is not None or any(finding.level == "error" for finding in findings)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("bytes") / "f.yaml"
    path.write_bytes(data)
    findings = []
    tree = read_yaml(path, "f.yaml", findings)
    assert tree is not None or any(finding.level == "error" for finding in findings)
