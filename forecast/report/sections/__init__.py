"""The sections of a report: each takes what was gathered and gives a section, or None where it has nothing to say."""
