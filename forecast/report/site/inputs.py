"""What pages were made from, as keys: a page whose key is the same need not be made again."""

from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from forecast import about

__all__ = ["key"]

#: Files of the program that decide what a page looks like.
_SUFFIXES = frozenset({".py", ".html", ".css", ".js", ".toml"})

#: Libraries that do.
_LIBRARIES = ("jinja2", "markupsafe", "altair", "vl-convert-python")


def key(*inputs: object) -> str:
    """SHA-256, 64 hexadecimal digits, of inputs and of the program itself.

    Parameters
    ----------
    *inputs
        Of types whose `repr` tells all that they hold, and in an order of its own (no sets).
    """
    return sha256(f"{_program()}\n{inputs!r}".encode("utf-8", "surrogatepass")).hexdigest()


@cache
def _program() -> str:
    """Hash of the program: with other code or another template every page is made again."""
    digest = sha256()
    for path in sorted(_files(Path(about.__file__).parent)):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    digest.update(" ".join(version(name) for name in _LIBRARIES).encode())
    return digest.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.suffix in _SUFFIXES)
