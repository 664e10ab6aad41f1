"""Logs made without the program, from the public algorithm alone: what anybody with a text editor and SHA-256 can do.

`prev` of the first record is SHA-256 of `forecast ledger LOG`; `hash` is SHA-256 of `prev` and the digest of the
content; an id is a prefix and the first ten base32 characters of the digest.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

PREFIXES = {"forecast": "fc-", "evidence": "ev-", "model": "mo-", "retraction": "re-", "workings": "wk-"}


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def name_of(content: Mapping[str, Any]) -> str:
    digest = sha256(canonical(content))
    return PREFIXES[content["type"]] + base64.b32encode(bytes.fromhex(digest)).decode().lower()[:10]


def chained(log: str, contents: Iterable[Mapping[str, Any]], seq: int = 0, prev: str = "") -> list[dict[str, Any]]:
    """The lines of a log, from its beginning or after record `seq`, whose hash is `prev`."""
    prev = prev or sha256(f"forecast ledger {log}")
    lines = []
    for content in contents:
        seq += 1
        hash_ = sha256(prev + sha256(canonical(content)))
        lines.append(
            {"log": log, "seq": seq, "id": name_of(content), "prev": prev, "hash": hash_, "content": dict(content)}
        )
        prev = hash_
    return lines


def written(path: Path, lines: Iterable[Mapping[str, Any]]) -> Path:
    path.write_text("".join(canonical(line) + "\n" for line in lines))
    return path
