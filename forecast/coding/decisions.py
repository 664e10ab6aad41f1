"""What a coder decides about many proposals at once, from numbers or from the proposals file itself."""

from collections.abc import Sequence
from pathlib import Path

from forecast.coding.accept import Wanted
from forecast.coding.proposals_file import read_proposals
from forecast.coding.reviewed import Decision
from forecast.errors import Finding, InputError
from forecast.scenario.record import Scenario
from forecast.scenario.validation import nearest
from forecast.scenario.workspace import shown_in

__all__ = ["decisions", "numbers", "proposals_named"]

#: A range of numbers may not be longer.
MOST_NUMBERS = 100_000


def proposals_named(scenario: Scenario, file: Path | str) -> Path:
    """The proposals file of that path, or of that name in the scenario's folder `proposals/`.

    Raises
    ------
    InputError
        If there is neither; names what there is.
    """
    folder = scenario.folder / "proposals"
    for path in (Path(file), folder / Path(file).name, folder / f"{Path(file).name}.yaml"):
        try:
            if path.is_file():
                return path.resolve()
        except (OSError, ValueError):
            break
    names = [path.name for path in sorted(folder.glob("*.yaml")) if not path.name.startswith(".")]
    stems = [Path(name).stem for name in names]
    message = f"there is no proposals file '{file}'{nearest(Path(file).stem, stems)}"
    accepted = ", ".join(names) or f"a file made by 'forecast evidence propose {scenario.id} ARTICLE'"
    raise InputError(Finding("error", message, key="--from", found=str(file), accepted=accepted))


def decisions(
    scenario: Scenario,
    path: Path,
    accept: Sequence[int] = (),
    reject: Sequence[int] = (),
    later: Sequence[int] = (),
    *,
    everything: bool = False,
) -> list[Wanted]:
    """What is wanted of each proposal that something is wanted of; without numbers, what the file says.

    Parameters
    ----------
    scenario, path
        The case and the proposals file.
    accept, reject, later
        Numbers.
    everything
        Accept also all others that are undecided.
    """
    entries = read_proposals(path, shown_in(scenario.workspace, path)).entries
    said = {Decision.ACCEPT: accept, Decision.REJECT: reject, Decision.LATER: later}
    wanted = [Wanted(number, decision) for decision, listed in said.items() for number in listed]
    named = {one.number for one in wanted}
    if everything:
        wanted += [
            Wanted(entry.number, Decision.ACCEPT)
            for entry in entries
            if entry.number not in named and entry.decision is Decision.UNDECIDED
        ]
    elif not wanted:
        # what was written once is not written again, though somebody took it out of evidence since
        wanted = [
            Wanted(entry.number, entry.decision)
            for entry in entries
            if entry.decision is not Decision.UNDECIDED and entry.report is None
        ]
    return wanted


def numbers(text: str | None, key: str) -> list[int]:
    """The numbers in `1,4,7-9`, each once.

    Raises
    ------
    InputError
        If it is no such list; names the option `key`.
    """
    if text is None:
        return []
    listed: list[int] = []
    for part in text.split(","):
        first, dash, last = (piece.strip() for piece in part.partition("-"))
        ends = [first, last] if dash else [first, first]
        if not all(end.isascii() and end.isdigit() and len(end) <= 6 for end in ends) or int(ends[0]) > int(ends[1]):
            message = f"'{part.strip()}' is no number of a proposal"
            raise InputError(Finding("error", message, key=key, found=text[:80], accepted="numbers: 1,4,7-9"))
        listed += range(int(ends[0]), min(int(ends[1]), int(ends[0]) + MOST_NUMBERS) + 1)
    return list(dict.fromkeys(listed))
