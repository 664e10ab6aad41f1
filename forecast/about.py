"""Which version this is, as in pyproject.toml: to ask the installed metadata takes as long as reading a scenario."""

__all__ = ["VERSION"]

VERSION = "0.1.0"
