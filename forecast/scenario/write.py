"""Changing what analysts wrote without touching anything else: comments, order, quotes and line ends stay.

A change is spliced into the text where it belongs; then the new text is read with the program's own reader and must say
what was wanted, or nothing is written. Files are replaced whole, so a crash leaves the old one.
"""

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from forecast.errors import Finding, InputError, WorkspaceError
from forecast.scenario.nodes import Step, plain
from forecast.scenario.render import as_plain, block, flow, scalar
from forecast.scenario.spans import Span, spans
from forecast.scenario.yaml_text import parse_yaml, read_text

__all__ = [
    "alone",
    "append_report",
    "replace_file",
    "replace_text",
    "replacing",
    "set_resolution",
    "set_value",
    "set_values",
    "with_reports",
]

#: Entries that fit are written on one line.
LINE_CHARS = 120

_BOM = b"\xef\xbb\xbf"


def append_report(path: Path, report: Mapping[str, object]) -> None:
    """Add a report after the last one of a YAML evidence file; begins the file if there is none.

    Parameters
    ----------
    path
        `evidence/<name>.yaml`.
    report
        Fields as the schema names them, `id` first; None leaves a field out.

    Raises
    ------
    InputError
        If the file cannot be read, or cannot be edited by a program.
    WorkspaceError
        If it cannot be written; the old file stays.
    """
    with alone(path):
        replace_text(path, with_reports(path, [report]))


def with_reports(path: Path, reports: Sequence[Mapping[str, object]]) -> str:
    """The text that an evidence file would have with reports added, as by `append_report`; nothing is written.

    Hold `alone(path)` from before this until the file is replaced.
    """
    text, tree = _read(path)
    wanted = dict(tree)
    wanted["reports"] = [*_listed(path, tree), *map(as_plain, reports)]
    for report in reports:
        text = _appended(text, report)
    _verify(path, text, wanted)
    return text


def _appended(text: str, report: Mapping[str, object]) -> str:
    root = spans(text)
    listed = root.child("reports") if root is not None else None
    newline = _newline(text)
    if root is None or listed is None:
        return _end_line(text) + "reports:" + newline + _item(report, "  ", newline)
    if listed.kind == "list" and listed.items and listed.is_flow:
        end = listed.items[-1].end
        return text[:end] + ", " + flow(report) + text[end:]
    if listed.kind == "list" and listed.items:
        item = _item(report, " " * listed.column, newline)
        return _insert_lines(text, listed.end, (newline if _is_apart(text, listed) else "") + item)
    # an empty list gives way to a list in lines
    rest = text[listed.end :]
    edited = text[: listed.key_end] + ":" + _rest_of_line(rest) + newline
    return edited + _item(report, "  ", newline) + _after_line(rest)


def _is_apart(text: str, listed: Span) -> bool:
    """Whether the last entry of a list stands below an empty line: then the next one does, too."""
    lines = text[: listed.items[-1].start].splitlines()
    return len(listed.items) > 1 and len(lines) > 1 and not lines[-2].strip()


def set_resolution(path: Path, question: str, resolution: Mapping[str, object]) -> None:
    """Write how a question was resolved, in place of what was there; begins the file if there is none."""
    set_value(path, [question], resolution)


def set_value(path: Path, steps: Sequence[Step], value: object) -> None:
    """Set the value at the end of a key path, in place of what was there.

    Parameters
    ----------
    path
        A YAML file of a scenario; it is begun if there is none.
    steps
        Keys; an entry of a list is named by its `id` or its position. Missing keys are added after the last key of
        their mapping.
    value
        Text, number, flag, date, list or mapping.

    Raises
    ------
    InputError
        If the file cannot be read, a step leads through a text or a list has no such entry, or the layout is one that
        a program cannot edit.
    WorkspaceError
        If it cannot be written; the old file stays.
    """
    set_values(path, [(steps, value)])


def set_values(path: Path, edits: Sequence[tuple[Sequence[Step], object]]) -> None:
    """Set several values at once, none of them within another; as `set_value`, and all or nothing."""
    with alone(path):
        text, tree = _read(path)
        wanted = tree
        for steps, value in edits:
            wanted = _with(path, wanted, list(steps), as_plain(value))
        root = spans(text)
        if root is None:
            # nothing to splice into: the first value begins the text
            (first, value), *others = edits
            text = _end_line(text) + _lines(str(first[0]), _nested(first[1:], value), "", _newline(text))
            edits, root = others, spans(text)
        assert root is not None
        placed = [(_deepest(root, steps), steps, value) for steps, value in edits]
        # from the end of the text to its beginning, so that what is still to be edited keeps its place
        for (here, depth), steps, value in sorted(placed, key=_edited_at, reverse=True):
            if depth == len(steps):
                text = _replaced(text, here, value)
            else:
                text = _added(text, here, str(steps[depth]), _nested(steps[depth + 1 :], value))
        _verify(path, text, wanted)
        replace_text(path, text)


def _deepest(root: Span, steps: Sequence[Step]) -> tuple[Span, int]:
    """The last span on the way that exists, and how many steps lead there."""
    here, depth = root, 0
    while depth < len(steps) and (inner := here.child(steps[depth])) is not None:
        here, depth = inner, depth + 1
    return here, depth


def _edited_at(placed: tuple[tuple[Span, int], Sequence[Step], object]) -> int:
    (here, depth), steps, _ = placed
    return here.start if depth == len(steps) else here.end


def replace_file(path: Path, data: bytes) -> None:
    """Replace a file by another in one step: readers see the old or the new one, also after a crash.

    Raises
    ------
    WorkspaceError
        If it cannot be written; the old file stays and nothing is left beside it.
    """
    with replacing(path) as file:
        file.write(data)


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file to be written bit by bit, which takes the place of the old one at the end; nothing does after an error.

    Raises
    ------
    WorkspaceError
        If it cannot be written; the old file stays and nothing is left beside it.
    """
    path = path.resolve()  # a link stays a link
    temporary: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        mode = path.stat().st_mode if path.exists() else 0o666 & ~_umask()
        Path(temporary).chmod(mode & 0o7777)
        Path(temporary).replace(path)
    except OSError as error:
        raise WorkspaceError(
            f"'{path}' cannot be written: {error.strerror or error}; the old file is unchanged"
        ) from error
    finally:
        if temporary is not None:
            with suppress(OSError):
                Path(temporary).unlink(missing_ok=True)
    _sync_folder(path.parent)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Keep other processes from editing files of the folder meanwhile: what one reads the other must not replace."""
    try:
        import fcntl
    except ImportError:  # pragma: no cover - a system without such locks
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _sync_folder(folder: Path) -> None:
    """Make the renaming itself durable, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _read(path: Path) -> tuple[str, dict[str, Any]]:
    """Text without byte order mark, and what it says; both empty for a missing file."""
    if not path.exists():
        return "", {}
    findings: list[Finding] = []
    text = read_text(path, str(path), findings)
    node = None if text is None else parse_yaml(text, str(path), findings)
    errors = [finding for finding in findings if finding.level == "error"]
    if errors or text is None or node is None:
        raise InputError(errors)
    return text, plain(node)


def _listed(path: Path, tree: Mapping[str, Any]) -> list[Any]:
    reports = tree.get("reports", [])
    if reports == "":
        return []
    if not isinstance(reports, list):
        raise InputError(Finding("error", "'reports' is not a list", str(path), key="reports", accepted="a list"))
    return reports


def _verify(path: Path, text: str, wanted: object) -> None:
    """Refuse a text that does not say what is wanted."""
    findings: list[Finding] = []
    node = parse_yaml(text, str(path), findings)
    if node is None or _stripped(plain(node)) != _stripped(wanted):
        raise InputError(
            Finding(
                "error", "this file is laid out in a way that a program cannot edit; nothing was written", str(path)
            )
        )


def replace_text(path: Path, text: str) -> None:
    """Replace a file by a text, as `replace_file`; a byte order mark that it had stays."""
    had_mark = path.exists() and path.read_bytes().startswith(_BOM)
    replace_file(path, (_BOM if had_mark else b"") + text.encode())


def _stripped(value: Any) -> Any:
    """A block text at the very end of a file gains a line end when something is added below it."""
    if isinstance(value, dict):
        return {key: _stripped(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_stripped(item) for item in value]
    return value.rstrip("\r\n")


def _with(path: Path, tree: Any, steps: Sequence[Step], value: Any) -> Any:
    """The plain tree with one value set."""
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if isinstance(tree, dict):
        return {**tree, str(step): _with(path, tree.get(str(step), {}), rest, value)}
    if isinstance(tree, list):
        for number, item in enumerate(tree):
            if number == step or (isinstance(item, dict) and item.get("id") == step):
                return [*tree[:number], _with(path, item, rest, value), *tree[number + 1 :]]
        raise InputError(Finding("error", f"there is no entry '{step}' here", str(path), key=str(step)))
    if tree == "":
        return _with(path, {}, steps, value)
    raise InputError(
        Finding("error", f"'{step}' cannot be set below a text", str(path), key=str(step), found=str(tree))
    )


def _nested(steps: Sequence[Step], value: object) -> object:
    for step in reversed(steps):
        value = {str(step): value}
    return value


def _replaced(text: str, old: Span, value: object) -> str:
    if old.kind != "text" and not old.is_flow:
        # a block of lines gives way to one line; one that ends with a folded text has taken the line's end with it
        end = old.end - len(_newline(text)) if text[: old.end].endswith("\n") else old.end
        return text[: old.key_end] + ": " + flow(value) + text[end:]
    gap = " " if old.start == old.end and text[old.start - 1 : old.start] == ":" else ""
    end = old.end
    if text[old.start : old.start + 1] in ("|", ">") and text[end - 1 : end] == "\n":
        end -= 2 if text[end - 2 : end] == "\r\n" else 1
    return text[: old.start] + gap + flow(value) + text[end:]


def _added(text: str, parent: Span, key: str, value: object) -> str:
    if parent.kind == "text":  # no value yet, else `_with` has refused
        return text[: parent.end] + " " + flow({key: value}) + text[parent.end :]
    if parent.is_flow:
        last = list(parent.keys.values())[-1].end if parent.keys else parent.start + 1
        return text[:last] + (", " if parent.keys else "") + flow({key: value})[1:-1] + text[last:]
    return _insert_lines(text, parent.end, _lines(key, value, " " * parent.column, _newline(text)))


def _lines(key: str, value: object, indent: str, newline: str) -> str:
    """`key: value` on one line where it fits, else one line for each inner key."""
    line = f"{indent}{scalar(key)}: {flow(value)}"
    if len(line) <= LINE_CHARS or not isinstance(value, Mapping):
        return line + newline
    return f"{indent}{scalar(key)}:{newline}" + block(value, indent + "  ", newline)


def _item(report: Mapping[str, object], indent: str, newline: str) -> str:
    lines = block(report, indent + "  ", newline)
    return indent + "- " + lines[len(indent) + 2 :]


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _end_line(text: str) -> str:
    return text if not text or text.endswith("\n") else text + _newline(text)


def _insert_lines(text: str, position: int, lines: str) -> str:
    """Insert whole lines after the line in which a value ends, behind a comment there."""
    if text[position - 1 : position] != "\n":
        end = text.find("\n", position)
        if end < 0:
            return _end_line(text) + lines
        position = end + 1
    return text[:position] + lines + text[position:]


def _rest_of_line(rest: str) -> str:
    return rest.split("\n", 1)[0].rstrip("\r")


def _after_line(rest: str) -> str:
    return rest.split("\n", 1)[1] if "\n" in rest else ""
