"""Canonical JSON and the hashes and short ids made from it: what equals what, on any machine and in any year.

Canonical JSON has sorted keys, no spaces, UTF-8, the shortest floats that read back the same, and no NaN or infinity.
Hashes are SHA-256 in hexadecimal; short ids are the first characters of the hash in base32 (RFC 4648), lower case.
"""

import base64
import hashlib
import json
from pathlib import Path

__all__ = ["canonical_json", "file_sha256", "is_unaltered", "sha256", "short_id"]

SHORT_ID_CHARS = 10


def canonical_json(value: object) -> str:
    """The one JSON text of a value built of dict, list, tuple, str, bool, None, int and float.

    Raises
    ------
    ValueError
        If a float is NaN or infinite, or a value has no JSON form.
    """
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    except TypeError as error:
        raise ValueError(f"this has no canonical JSON: {error}") from error


def sha256(text: str) -> str:
    """SHA-256 of a text in UTF-8, 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def short_id(prefix: str, digest: str) -> str:
    """`prefix` followed by the first 10 base32 characters (50 bits) of a hexadecimal digest."""
    return prefix + base64.b32encode(bytes.fromhex(digest)).decode().lower()[:SHORT_ID_CHARS]


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, read in blocks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_unaltered(path: Path, digest: str) -> bool:
    """Whether a file is there, can be read, and has this SHA-256."""
    try:
        return file_sha256(path) == digest
    except OSError:
        return False
