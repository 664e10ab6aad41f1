"""The verbs for notebooks and for the command line: one verb, one function.

What only one verb needs is imported by that verb: a command should not wait for the modules of the others.

>>> import forecast
>>> case = forecast.open("dprk-russia")
>>> case.update(as_of="2024-01-07").to_frame()  # doctest: +SKIP
"""

from forecast.api.case import Case, open  # noqa: A004 - forecast.open is the public name
from forecast.api.files import base_rate, score_files
from forecast.api.records import Records, UpdateRecords, WatchRecords
from forecast.api.workspace import Workspace

__all__ = ["Case", "Records", "UpdateRecords", "WatchRecords", "Workspace", "base_rate", "open", "score_files"]
