"""A page that a browser saved as one file (.mhtml): its first HTML part. Pictures and scripts are not looked at."""

from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path

from forecast.coding.articles.article import Article
from forecast.coding.articles.decoded import decoded
from forecast.coding.articles.html_text import read_html
from forecast.errors import Finding, InputError

__all__ = ["read_mhtml"]

#: Parts of a saved page; what has more is not a page.
MAX_PARTS = 2_000


def read_mhtml(data: bytes, path: Path) -> Article:
    """The text of a saved page, with the address from which it was saved.

    Raises
    ------
    InputError
        If there is no HTML part.
    """
    message = message_from_bytes(data, policy=policy.default)
    for number, part in enumerate(message.walk()):
        if number >= MAX_PARTS:
            break
        if part.get_content_type() in ("text/html", "application/xhtml+xml"):
            payload = part.get_payload(decode=True)
            if not isinstance(payload, bytes):
                continue
            charset = part.get_content_charset()
            remarks: tuple[str, ...] = ()
            try:
                text = payload.decode(charset or "utf-8")
            except (LookupError, UnicodeDecodeError):
                text, remarks = decoded(payload, path, None, is_html=True)
            article = read_html(text, str(path))
            address = message.get("Snapshot-Content-Location") or part.get("Content-Location")
            is_web = address is not None and str(address).startswith(("http://", "https://"))
            url = article.url or (str(address).strip() if is_web else None)
            return replace(article, form="mhtml", url=url, remarks=(*remarks, *article.remarks))
    raise InputError(
        Finding("error", "this saved page has no HTML part", str(path), accepted="a page saved as HTML or MHTML")
    )
