"""The script that draws the charts of a page: Vega, bundled by the converter from its own copy, with ours.

Bundling takes seconds and gives the same for the same converter, so what it gave is kept in the user's folder for
caches, with a hash that says whether it is whole. Where nothing can be kept, it is bundled each time.
"""

from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from forecast.errors import WorkspaceError
from forecast.ledger.files import replace_atomically

__all__ = ["charts_script"]


@cache
def charts_script() -> str:
    """The script, ready to stand in a page."""
    ours = (files("forecast.report") / "templates/charts.js").read_text("utf-8")
    key = sha256(f"{version('vl-convert-python')}\n{ours}".encode()).hexdigest()
    kept = _folder() / f"charts-{key[:16]}.js"
    script = _read(kept)
    if script is None:
        script = _bundled(ours)
        content = script.encode()
        with suppress(WorkspaceError, OSError):
            replace_atomically(kept, lambda file: file.write(f"// {sha256(content).hexdigest()}\n".encode() + content))
    # in the page it would end the script
    return script.replace("</script", r"<\/script").replace("<!--", r"<\!--")


def _folder() -> Path:
    import platformdirs

    return platformdirs.user_cache_path("forecast", appauthor=False)


def _read(path: Path) -> str | None:
    try:
        head, _, content = path.read_bytes().partition(b"\n")
    except OSError:
        return None
    return content.decode() if head == f"// {sha256(content).hexdigest()}".encode() else None


def _bundled(ours: str) -> str:
    import vl_convert

    script: str = vl_convert.javascript_bundle(ours)
    return script
