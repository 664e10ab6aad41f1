"""The commands of `forecast` by task: names and lines of help; a command's module is imported only when it runs."""

from collections.abc import Iterable, Iterator, MutableMapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

__all__ = ["GROUPS", "CommandGroup", "Lazy"]


@dataclass(frozen=True, slots=True)
class Lazy:
    """A command or a group of commands: where it is defined in `forecast.cli`, and the line that `--help` prints."""

    name: str
    module: str
    attribute: str
    line: str

    def load(self) -> Any:
        """Import it."""
        found = getattr(import_module(f"forecast.cli.{self.module}"), self.attribute)
        if isinstance(found, typer.Typer):
            return typer.main.get_group(found)
        alone = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
        alone.command(self.name, short_help=self.line)(found)
        return typer.main.get_command(alone)


#: By task, each in the order in which an analyst needs them.
GROUPS: dict[str, tuple[Lazy, ...]] = {
    "Start": (
        Lazy("new", "scenario_commands", "new", "Begin a scenario, from a template or like another."),
        Lazy("check", "scenario_commands", "check", "Find everything wrong in a scenario's files."),
        Lazy("show", "scenario_commands", "show", "Print a scenario as known on a day: what counts and why."),
        Lazy("evidence", "evidence_group", "evidence", "Turn articles and data sets into evidence."),
        Lazy("codebook", "codebook_commands", "codebook", "Learn rates that several scenarios share."),
        Lazy("base-rate", "base_rate_command", "base_rate", "Estimate how often spells end, from a table."),
    ),
    "Forecast": (
        Lazy("update", "update_command", "update", "Forecast from the evidence of a day, and record it."),
        Lazy("status", "status_command", "status", "List scenarios: last forecast, news, what is due."),
        Lazy("replay", "replay_commands", "replay", "Forecast as of many earlier days, and score that."),
    ),
    "Understand": (
        Lazy("explain", "why_commands", "explain", "Explain a probability, or why it moved."),
        Lazy("whatif", "why_commands", "whatif", "Forecast with other evidence, next to today's answer."),
        Lazy("words", "words_command", "words", "Check which words hold under other readings."),
        Lazy("watch", "watch_commands", "watch", "Rank indicators by what they would tell."),
        Lazy("history", "ledger_commands", "history", "List recorded forecasts over time."),
        Lazy("compare", "compare_commands", "compare", "Compare model versions by how well they forecast."),
    ),
    "Publish": (
        Lazy("report", "report_commands", "report", "Write a report in which every number is cited."),
        Lazy("render", "publish_commands", "render", "Fill numbers into a draft, with citations."),
        Lazy("cite", "publish_commands", "cite", "Print a reference to a forecast or an answer."),
        Lazy("verify", "publish_commands", "verify", "Check every cited number of a document."),
        Lazy("site", "site_command", "site", "Write a static site of all scenarios."),
        Lazy("export", "export_command", "export", "Write recorded forecasts for other tools."),
    ),
    "Judge": (
        Lazy("resolve", "score_commands", "resolve", "Record how a question was settled."),
        Lazy("score", "score_commands", "score", "Score recorded forecasts, or those of files."),
    ),
    "Maintain": (
        Lazy("ledger", "ledger_commands", "ledger", "Verify, export, import and correct the ledger."),
        Lazy("schema", "scenario_commands", "schema", "Write JSON Schemas of the files, for editors."),
        Lazy("doctor", "ledger_commands", "doctor", "Find leftovers and draws that can be deleted."),
    ),
}


class _Commands(MutableMapping[str, Any]):
    """Commands by name, imported when they are asked for."""

    def __init__(self, commands: Iterable[Lazy]) -> None:
        self._found: dict[str, Any] = {command.name: command for command in commands}

    def __getitem__(self, name: str) -> Any:
        found = self._found[name]
        if isinstance(found, Lazy):
            found = self._found[name] = found.load()
        return found

    def __setitem__(self, name: str, command: Any) -> None:
        self._found[name] = command

    def __delitem__(self, name: str) -> None:
        del self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


class CommandGroup(TyperGroup):
    """The root of all commands: `--help` lists them by task without importing any."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.commands = _Commands(command for commands in GROUPS.values() for command in commands)

    def list_commands(self, ctx: Any) -> list[str]:
        """All names, in their order."""
        del ctx
        return list(self.commands)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write a section for every task."""
        del ctx
        for task, commands in GROUPS.items():
            with formatter.section(task):
                formatter.write_dl([(command.name.ljust(9), command.line) for command in commands])
