"""Codebooks as each model version sees them: the shared one, the scenario's changes, the version's overrides."""

import re
from dataclasses import replace
from pathlib import Path

from forecast.errors import Finding, InputError
from forecast.scenario.fields import ID_PATTERN
from forecast.scenario.nodes import Node, mapping, merge, plain
from forecast.scenario.reading import Reading, check_ids, files_in
from forecast.scenario.schema import Codebook, Entry, Indicator, Regime
from forecast.scenario.validation import nearest, validate
from forecast.scenario.yaml_text import parse_yaml

__all__ = ["codebook_from", "read_codebook", "read_codebooks"]

SECTIONS = ("regimes", "indicators")

#: A key without which an entry only changes one that exists.
_DEFINING = {"regimes": "means", "indicators": "kind"}

#: Key of a shared codebook's file that `codebook learn` writes.
_LEARNED_FROM = "learned_from"

#: Where a version's changes stand in its file.
_OVERRIDES = "overrides"


def read_codebooks(reading: Reading) -> dict[str, Codebook]:
    """Merge and read the codebook of every model version.

    Parameters
    ----------
    reading
        `marks` has the trees of scenario.yaml and of the versions; the merged trees are added to it.

    Returns
    -------
    dict
        By version: the codebook with those of its entries that could be read.
    """
    own = reading.optional_yaml(reading.folder / "indicators.yaml")
    _refuse_other_keys(reading, own)
    shared: dict[str, Node | None] = {}
    codebooks: dict[str, Codebook] = {}
    trees: dict[str, Node] = {}
    scenario = reading.marks["scenario"].get("")
    for version, tree in reading.marks["models"].items():
        asking = mapping(tree).get("codebook") or mapping(scenario).get("codebook")
        if asking is None or not isinstance(asking.value, str) or not re.fullmatch(ID_PATTERN, asking.value):
            continue
        name = asking.value
        if name not in shared:
            shared[name] = _shared(reading, name, asking)
        base = shared[name]
        if base is None or own is None:
            continue
        merged = _changed(reading, base, own, "")
        overrides = mapping(tree).get(_OVERRIDES)
        if overrides is not None:
            merged = _changed(reading, merged, overrides, f"{_OVERRIDES}.")
        trees[version] = merged
        codebooks[version] = _codebook(reading, merged)
    reading.marks["codebooks"] = trees
    return codebooks


def read_codebook(workspace: Path, name: str) -> Codebook:
    """A shared codebook as its file has it, without the changes of any case.

    Raises
    ------
    InputError
        If there is none of that name, or anything in it is wrong.
    """
    folder = workspace / "scenarios" / "codebooks"
    names = [path.stem for path in files_in(folder, ".yaml")]
    if name not in names:
        message = f"there is no codebook '{name}'{nearest(name, names)}"
        raise InputError(Finding("error", message, found=name, accepted=", ".join(names) or "a file in codebooks/"))
    reading = Reading(workspace, folder)
    node = reading.yaml(folder / f"{name}.yaml")
    return _whole(reading, node)


def codebook_from(text: str, shown_as: str) -> Codebook:
    """A codebook as a text says it; raises as `read_codebook` does."""
    reading = Reading(Path(), Path())
    return _whole(reading, parse_yaml(text, shown_as, reading.findings))


def _whole(reading: Reading, node: Node | None) -> Codebook:
    _refuse_other_keys(reading, node, may_be_learned=True)
    codebook = _codebook(reading, node) if node is not None else None
    if reading.findings or codebook is None:
        raise InputError(reading.findings)
    return codebook


def _shared(reading: Reading, name: str, asking: Node) -> Node | None:
    folder = reading.workspace / "scenarios" / "codebooks"
    path = folder / f"{name}.yaml"
    if not path.exists():
        names = [other.stem for other in files_in(folder, ".yaml")]
        accepted = ", ".join(names) or f"a file scenarios/codebooks/{name}.yaml"
        reading.error(f"there is no codebook '{name}'{nearest(name, names)}", asking, "codebook", accepted)
        return None
    node = reading.yaml(path)
    _refuse_other_keys(reading, node, may_be_learned=True)
    return node


def _refuse_other_keys(reading: Reading, node: Node | None, *, may_be_learned: bool = False) -> None:
    keys = (*SECTIONS, _LEARNED_FROM) if may_be_learned else SECTIONS
    for key, entry in mapping(node).items():
        if key not in keys:
            reading.error(f"unknown key '{key}'{nearest(key, keys)}", entry, key, ", ".join(keys), key)


def _changed(reading: Reading, base: Node, change: Node, prefix: str) -> Node:
    """Merge a change, without entries that neither exist nor define themselves: a misspelt name, reported as such."""
    kept: dict[str, Node] = {}
    for section, entries in mapping(change).items():
        if section not in SECTIONS:
            continue
        if not isinstance(entries.value, dict):
            message = f"'{section}' has no value" if entries.value == "" else f"'{section}' has the wrong form"
            reading.error(message, entries, prefix + section, "keys with values")
            continue
        there = mapping(mapping(base).get(section))
        rest = dict(entries.value)
        for name, entry in entries.value.items():
            if name in there or _DEFINING[section] in mapping(entry):
                continue
            del rest[name]
            message = f"the codebook has no {section.removesuffix('s')} '{name}'{nearest(name, there)}"
            accepted = f"{', '.join(there)}; or a new one with `{_DEFINING[section]}` and the rest"
            reading.error(message, entry, f"{prefix}{section}.{name}", accepted, name)
        kept[section] = Node(rest, entries.file, entries.line)
    return merge(base, Node(kept, change.file, change.line))


def _codebook(reading: Reading, tree: Node) -> Codebook:
    """The entries that can be read. Each is validated by itself, so that one error hides no other."""
    regimes = _entries(reading, Regime, tree, "regimes", 2)
    indicators = _entries(reading, Indicator, tree, "indicators", 1)
    return Codebook.model_construct(
        regimes=regimes, indicators=indicators, learned_from=_learned_from(reading, mapping(tree).get(_LEARNED_FROM))
    )


def _learned_from(reading: Reading, node: Node | None) -> tuple[str, ...]:
    cases = plain(node) if node is not None else []
    if isinstance(cases, list) and all(isinstance(case, str) and re.fullmatch(ID_PATTERN, case) for case in cases):
        return tuple(cases)
    assert node is not None
    reading.error(f"'{_LEARNED_FROM}' has the wrong form", node, _LEARNED_FROM, "a list of ids of cases")
    return ()


def _entries[T: Entry](reading: Reading, model: type[T], tree: Node, section: str, least: int) -> dict[str, T]:
    listed = mapping(tree).get(section)
    entries = mapping(listed)
    if len(entries) < least:
        message = f"the codebook has too few {section}"
        reading.error(message, listed or tree, section, f"at least {least}", str(len(entries)))
    check_ids(reading, entries, f"{section}.")
    found: list[Finding] = []
    read = {name: validate(model, node, (section, name), found) for name, node in entries.items()}
    in_versions = f"{reading.name(reading.folder / 'models')}/"
    for finding in found:
        # the value at fault may come from the version's file
        is_override = (finding.file or "").startswith(in_versions)
        reading.findings.append(replace(finding, key=f"{_OVERRIDES}.{finding.key}") if is_override else finding)
    return {name: entry for name, entry in read.items() if entry is not None}
