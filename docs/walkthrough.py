"""Runs a page of documentation as a reader would: its files, its edits, its commands, in order.

    uv run python docs/walkthrough.py docs/tutorial.md           run it and name the blocks that differ
    uv run python docs/walkthrough.py docs/tutorial.md --write   put what the commands print now into the page
    uv run python docs/walkthrough.py README.md --in .           begin with a copy of the scenarios of this folder

A page has fenced blocks. A line "File `PATH`:" before a block makes its text that file, "Change `PATH`:" before a
`diff` block replaces lines in it. In a `console` block a line after `$ ` is a command and the rest what it prints;
a line `...` stands for any number of lines. `forecast` runs in this process, so that PyMC is imported once for all.
"""

import argparse
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from pathlib import Path

from forecast.cli.app import main
from forecast.words import ICD203

__all__ = ["Block", "Command", "blocks", "commands", "difference", "run"]

#: Where the reader's folder is said to be.
HOME = "/home/you"

#: A line that stands for any number of lines.
GAP = "..."

#: Printed probabilities may differ by this much: some five Monte Carlo errors, and rounding.
TOLERANCE = 0.03

_BLOCK = re.compile(
    r"(?:^(?P<use>File|Change) `(?P<path>\S+)`:\n\n)?^```(?P<language>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_PROGRESS = re.compile(r"^\[ *[\d.]+ s\] .*\n", re.MULTILINE)
_DECIMAL = re.compile(r"[+<>-]?\d+\.\d+")
_WORDS = re.compile("|".join(sorted((band.term for band in ICD203.bands), key=len, reverse=True)))
#: What differs from run to run and means nothing here: ids, hashes, instants, and how the sampler fared.
_MASKS = (
    (re.compile(r"fc-[a-z2-7]{10}"), "FORECAST"),
    (re.compile(r"\b[0-9a-f]{16,64}\b"), "HASH"),
    (re.compile(r"\bdraws [0-9a-f]{10}"), "DRAWS"),
    (re.compile(r"\bsize [\d,]+"), "SIZE"),
    (re.compile(r"\(\d+ s\)"), "(SECONDS)"),
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d"), "INSTANT"),
)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, text, and what its comment says it is for; `start` and `end` of the text."""

    language: str
    text: str
    use: str | None
    path: str | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Command:
    """A line after `$ `, and what is said to come out."""

    line: str
    output: str


def blocks(page: str) -> list[Block]:
    """All fenced blocks of a page."""
    return [
        Block(found["language"], found["text"], found["use"], found["path"], *found.span("text"))
        for found in _BLOCK.finditer(page)
    ]


def commands(block: Block) -> list[Command]:
    """The commands of a `console` block."""
    parts = re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]
    return [Command(*part.split("\n", 1)) for part in parts]


def run(page: str, home: Path) -> Iterator[tuple[Block, Command, str]]:
    """Do what a page says, from the folder `home` on; gives every command with what it really printed.

    Raises
    ------
    ValueError
        If an edit does not fit the file.
    """
    folder = home
    for block in blocks(page):
        if block.use == "File":
            target = folder / str(block.path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text, encoding="utf-8")
        elif block.use == "Change":
            _edit(folder / str(block.path), block.text)
        elif block.language == "console":
            for command in commands(block):
                if command.line.startswith("cd "):
                    folder = (folder / command.line.removeprefix("cd ")).resolve(strict=True)
                    yield block, command, ""
                else:
                    yield block, command, _run(command.line, folder).replace(str(home.resolve()), HOME)


def _edit(path: Path, diff: str) -> None:
    """Replace what a diff shows; a new hunk begins where a line without `+` follows one that has it."""
    text = path.read_text(encoding="utf-8")
    for hunk in re.findall(r"(?:^[- ].*\n)+(?:^\+.*\n)*", diff, flags=re.MULTILINE):
        lines = hunk.splitlines(keepends=True)
        old = "".join(line[1:] for line in lines if line[0] in "- ")
        new = "".join(line[1:] for line in lines if line[0] in "+ ")
        if text.count(old) != 1:
            raise ValueError(f"{path.name} has {text.count(old)} places that read\n{old}")
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def _run(line: str, folder: Path) -> str:
    """What a command prints, both streams together, without the progress of a fit."""
    first, _, rest = line.partition(" | ")
    if not first.startswith("forecast "):
        done = subprocess.run(line, shell=True, cwd=folder, capture_output=True, text=True, check=True)
        return done.stdout + done.stderr
    out = io.StringIO()
    # a page shows mistakes too, and so other exit codes than 0
    with chdir(folder), redirect_stdout(out), redirect_stderr(out), suppress(SystemExit):
        main(first.split()[1:])
    text = re.sub(r" +$", "", _PROGRESS.sub("", out.getvalue()), flags=re.MULTILINE)
    if rest:
        return subprocess.run(rest, shell=True, input=text, capture_output=True, text=True, check=True).stdout
    return text


def difference(said: str, printed: str) -> str:
    """Where the output in a page differs from the real one in what is stable; empty if nowhere.

    Numbers with decimals may differ by `TOLERANCE`, and the words beside them at a border; spacing does not matter.
    """
    lines, gap = _lines(printed), False
    for line in _lines(said):
        if line == GAP:
            gap = True
            continue
        while gap and lines and not _same(line, lines[0]):
            lines.pop(0)
        if not lines or not _same(line, lines[0]):
            return f"the page says\n  {line}\nbut this came out:\n  {lines[0] if lines else '(nothing)'}"
        lines.pop(0)
        gap = False
    return f"the page does not have\n  {lines[0]}" if lines and not gap else ""


def _lines(text: str) -> list[str]:
    return [_stable(line) for line in text.splitlines() if line.strip(" ─")]


def _stable(line: str) -> str:
    for pattern, mask in _MASKS:
        line = pattern.sub(mask, line)
    line = re.sub("─+", "─", _WORDS.sub("WORDS", line))
    return " ".join(line.split())


def _shape(line: str) -> str:
    return _DECIMAL.sub("#", _stable(line))


def _same(said: str, printed: str) -> bool:
    if _shape(said) != _shape(printed):
        return False
    pairs = zip(_DECIMAL.findall(said), _DECIMAL.findall(printed), strict=True)
    return all(abs(float(a.strip("<>")) - float(b.strip("<>"))) <= TOLERANCE for a, b in pairs)


def _rewritten(page: str, home: Path) -> str:
    """The page with what the commands print now."""
    printed: dict[int, str] = {}
    for block, command, output in run(page, home):
        text = _shortened(command.output, output) if GAP in command.output.splitlines() else output
        printed[block.start] = printed.get(block.start, "") + f"$ {command.line}\n{text}"
    for block in reversed(blocks(page)):
        if block.start in printed:
            page = page[: block.start] + printed[block.start] + page[block.end :]
    return page


def _shortened(said: str, printed: str) -> str:
    """Of what was printed the lines that the page shows, whatever their numbers are now."""
    lines, kept = printed.splitlines(), []
    for line in said.splitlines():
        if line == GAP or not line:
            kept.append(line)
            continue
        position = next((n for n, real in enumerate(lines) if _shape(real) == _shape(line)), None)
        if position is None:
            print(f"left as it was, for nothing like it was printed: {line}", file=sys.stderr)
            kept.append(line)
        else:
            kept.append(lines[position])
            del lines[: position + 1]
    return "".join(f"{line}\n" for line in kept)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("page", type=Path)
    parser.add_argument("--write", action="store_true", help="put what the commands print now into the page")
    parser.add_argument("--in", dest="start", type=Path, help="begin with a copy of this folder's scenarios")
    given = parser.parse_args()
    text = given.page.read_text("utf-8")
    os.environ.pop("FORECAST_HOME", None)
    with tempfile.TemporaryDirectory() as temporary:
        if given.start:
            shutil.copytree(given.start / "scenarios", Path(temporary) / "scenarios")
        if given.write:
            given.page.write_text(_rewritten(text, Path(temporary)), encoding="utf-8")
        else:
            for _, command, output in run(text, Path(temporary)):
                if found := difference(command.output, output):
                    print(f"$ {command.line}\n{found}\n")
