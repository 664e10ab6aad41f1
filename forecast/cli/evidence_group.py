"""The group `forecast evidence`: from proposals and data sets to reports."""

from forecast.cli.add_command import add
from forecast.cli.agreement_command import agreement
from forecast.cli.evidence_commands import evidence
from forecast.cli.list_command import list_
from forecast.cli.propose_command import propose

__all__ = ["evidence"]

evidence.command("propose", short_help="Propose rows of evidence from an article.")(propose)
evidence.command("add", short_help="Decide about proposals, or write a report by hand.")(add)
evidence.command("list", short_help="List coded reports, and whether they count.")(list_)
evidence.command("agreement", short_help="Measure how far two coders agree: Krippendorff's alpha.")(agreement)
