"""A folder of pages that belongs to the program: writes what changed, removes what it wrote and nobody else touched.

The file `.forecast-site` lists what was written, a line for every file as `sha256sum` writes them, so that anybody can
check the folder with `sha256sum -c .forecast-site`. A file is listed before it is written: what is not listed is
somebody else's, and stays as it is. Where a build ended between the two, a name stands there twice, and either hash is
ours. The file `.forecast-site-made` says from what: key, hash and name, in a line each; it is written last,
for pages that were written, and one that no longer has its hash is made again, like all of them without this file.
"""

import os
import re
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

from forecast.errors import Finding, InputError, WorkspaceError
from forecast.ledger.files import abandoned, replace_atomically

__all__ = ["LIST", "MADE", "Folder"]

#: The file that lists the others, and the one that says what they were made from.
LIST, MADE = ".forecast-site", ".forecast-site-made"

#: Folders within the folder.
PARTS = ("assets", "scenarios")

#: Names that lead nowhere but into the folder, and to nothing hidden.
_NAME = r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]*/)*[A-Za-z0-9_][A-Za-z0-9_.-]*"
_LINE = re.compile(rf"([0-9a-f]{{64}})  ({_NAME})")
_MADE = re.compile(rf"([0-9a-f]{{64}})  ([0-9a-f]{{64}})  ({_NAME})")


class Folder:
    """A folder of pages; `written`, `unchanged`, `removed` and `foreign` name files in it, relative to it.

    Parameters
    ----------
    path
        Where; made if it is missing.

    Raises
    ------
    InputError
        If it is a file, or holds files and no list of the program's.
    WorkspaceError
        If it cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.written: list[str] = []
        self.removed: list[str] = []
        self.foreign: list[str] = []
        self.unchanged = 0
        self._before = _claimed(path)
        self._now: dict[str, str] = {}
        self._list = self._listing()
        self._made_before = self._made()
        self._made_now: list[tuple[str, str, str]] = []
        for folder in (path, *(path / part for part in PARTS)):
            for left in abandoned(folder):  # by a build that was ended
                left.unlink(missing_ok=True)

    def keep(self, key: str) -> bool:
        """Whether what was made from the inputs of this key is still there; then it stays, and need not be made."""
        made = self._made_before.get(key, [])
        if not made or not all(self._stands(name, digest) for digest, name in made):
            return False
        for digest, name in made:
            self._now[name] = digest
            self._made_now.append((key, digest, name))
        self.unchanged += len(made)
        return True

    def _stands(self, name: str, digest: str) -> bool:
        there = self._read(self.path / name) if digest in self._before.get(name, ()) else None
        return there is not None and sha256(there).hexdigest() == digest

    def put(self, name: str, content: bytes, key: str = "") -> None:
        """Write a file of the site, unless it is there with this content, or is somebody else's.

        Parameters
        ----------
        name, content
            Of the file.
        key
            Of what it was made from, for `keep`; several files may share one.

        Raises
        ------
        ValueError
            If the name leads out of the folder, or to a hidden file.
        """
        if re.fullmatch(_NAME, name) is None:
            raise ValueError(f"'{name}' is no name of a page")
        path, digest = self.path / name, sha256(content).hexdigest()
        there = self._read(path)
        if name not in self._before and there is not None and there != content:
            self.foreign.append(name)
            return
        self._now[name] = digest
        if key:
            self._made_now.append((key, digest, name))
        if there == content and name in self._before:
            self.unchanged += 1
            return
        self._announce(name, digest)
        if there == content:
            self.unchanged += 1
            return
        replace_atomically(path, lambda file: file.write(content), forced=False)
        self.written.append(name)

    def close(self) -> None:
        """Remove files of earlier builds that this one did not write; those that were edited since are left."""
        for name in sorted(self._before.keys() - self._now.keys()):
            there = self._read(self.path / name)
            if there is None:
                continue
            if sha256(there).hexdigest() not in self._before[name]:
                self.foreign.append(name)
                continue
            try:
                (self.path / name).unlink(missing_ok=True)
            except OSError as error:
                raise _refused(self.path / name, error) from error
            self.removed.append(name)
        self._replace(LIST, [(digest, name) for name, digest in sorted(self._now.items())])
        self._replace(MADE, sorted(self._made_now))

    def _replace(self, name: str, lines: Sequence[tuple[str, ...]]) -> None:
        content = "".join("  ".join(line) + "\n" for line in lines).encode()
        if self._read(self.path / name) != content:
            replace_atomically(self.path / name, lambda file: file.write(content))

    def _made(self) -> dict[str, list[tuple[str, str]]]:
        """Hash and name of the files of a key, from the last build that came to its end."""
        made: dict[str, list[tuple[str, str]]] = {}
        for line in (self._read(self.path / MADE) or b"").decode("utf-8", "replace").split("\n"):
            match = _MADE.fullmatch(line)
            if match:
                made.setdefault(match[1], []).append((match[2], match[3]))
        return made

    def _listing(self) -> Path:
        path = self.path / LIST
        if not path.exists():
            replace_atomically(path, lambda file: file.write(b""))
        return path

    def _announce(self, name: str, digest: str) -> None:
        """Say that a file is ours before it is there; a line that was cut off says nothing, and does not stay."""
        if digest in self._before.get(name, ()):
            return
        try:
            size = self._list.stat().st_size
            try:
                with self._list.open("a", encoding="ascii") as file:
                    file.write(f"\n{digest}  {name}\n")
            except OSError:
                os.truncate(self._list, size)
                raise
        except OSError as error:
            raise _refused(self._list, error) from error

    def _read(self, path: Path) -> bytes | None:
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _refused(path, error) from error


def _claimed(path: Path) -> dict[str, set[str]]:
    """What earlier builds wrote or were about to write, hashes by name.

    Raises
    ------
    InputError
        If the folder is somebody else's.
    """
    try:
        if path.exists() and not path.is_dir():
            raise InputError(Finding("error", f"{path} is no folder.", key="-o", found=str(path), accepted=_ACCEPTED))
        try:
            text = (path / LIST).read_text("utf-8", "replace")
        except FileNotFoundError:
            others = sorted(entry.name for entry in path.iterdir()) if path.is_dir() else []
            if any(not name.startswith(".tmp-") for name in others):
                message = f"{path} holds files that no site of this program wrote, such as '{others[0]}'."
                finding = Finding("error", message, key="-o", found=str(path), accepted=_ACCEPTED)
                raise InputError(finding) from None
            text = ""
    except OSError as error:
        raise _refused(path, error) from error
    claimed: dict[str, set[str]] = {}
    for name, digest in _listed(text):
        claimed.setdefault(name, set()).add(digest)
    return claimed


_ACCEPTED = "a new or empty folder, or one that `forecast site` wrote"


def _listed(text: str) -> Iterator[tuple[str, str]]:
    # what follows the last line end was cut off, and may be the beginning of another name
    for line in text.split("\n")[:-1]:
        match = _LINE.fullmatch(line)
        if match:
            yield match[2], match[1]


def _refused(path: Path, error: OSError) -> WorkspaceError:
    return WorkspaceError(f"{path}: {error.strerror or error}. Accepted: a folder that you may read and write to.")
