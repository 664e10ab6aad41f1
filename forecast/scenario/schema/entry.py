"""What all entries that analysts write share."""

from pydantic import BaseModel, ConfigDict

__all__ = ["Entry"]


class Entry(BaseModel):
    """What all entries share: unknown keys are errors, nothing changes after reading."""

    # validators are built when they are first used: most entries are read only as parts of others
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, defer_build=True)
