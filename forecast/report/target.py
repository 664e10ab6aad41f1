"""Where a document or a picture is to be written, checked before anything is computed."""

import os
from collections.abc import Sequence
from pathlib import Path

from forecast.errors import Finding, InputError

__all__ = ["check_target"]


def check_target(path: Path, suffixes: Sequence[str], key: str) -> Path:
    """A path that can be written to, as far as can be told beforehand.

    Parameters
    ----------
    path
        The file.
    suffixes
        Endings that say how to write it.
    key
        The option that named it.

    Raises
    ------
    InputError
        If its ending is none of these, it is a folder, or its folder does not exist or may not be written to.
    """

    def refuse(message: str, accepted: str) -> InputError:
        return InputError(Finding("error", message, key=key, found=str(path), accepted=accepted))

    if path.suffix.lower() not in suffixes:
        raise refuse(f"the ending of '{path.name}' names no format.", f"FILE{', FILE'.join(suffixes)}")
    folder = path.absolute().parent
    if not folder.is_dir():
        raise refuse(f"there is no folder {path.parent}.", "a folder that exists")
    if path.is_dir():
        raise refuse(f"{path} is a folder.", "a file")
    if not os.access(folder, os.W_OK):
        raise refuse(f"the folder {folder} may not be written to.", "a folder that you may write to")
    return path
