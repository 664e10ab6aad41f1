"""The schema of everything analysts write: types, ranges and rules that need one entry only.

Values arrive as the text that stands in the file; `fields` gives them their types. Rules that need several entries (an
unknown source, a date before the start) are in `rules`.
"""

from forecast.scenario.fields import Range
from forecast.scenario.schema.case import (
    Actor,
    BaseRate,
    Family,
    ModelVersion,
    NamedOrigin,
    Period,
    RegimesFile,
    Resolution,
    ScenarioFile,
    Step,
)
from forecast.scenario.schema.codebook import Codebook, GradeTable, Indicator, MeanStay, Regime, Watch
from forecast.scenario.schema.entry import Entry
from forecast.scenario.schema.evidence import Asserted, Report, Revision, Source, Withdrawal
from forecast.scenario.schema.questions import Occurs, Question, State, Stays

__all__ = [
    "Actor",
    "Asserted",
    "BaseRate",
    "Codebook",
    "Entry",
    "Family",
    "GradeTable",
    "Indicator",
    "MeanStay",
    "ModelVersion",
    "NamedOrigin",
    "Occurs",
    "Period",
    "Question",
    "Range",
    "Regime",
    "RegimesFile",
    "Report",
    "Resolution",
    "Revision",
    "ScenarioFile",
    "Source",
    "State",
    "Stays",
    "Step",
    "Watch",
    "Withdrawal",
]
