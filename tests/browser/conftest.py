"""One Chromium for all tests of a file; every page is watched for what it must not do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.programs import found

CHROMIUM = found("chromium")

OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@dataclass
class Seen:
    """What a page did beside showing itself."""

    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Stopped at the end of a file: while it runs, no other event loop can."""
    assert CHROMIUM is not None  # every test here is marked as one that needs it
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=list(OPTIONS))
        yield started
        started.close()


type Open = Callable[..., tuple[Page, Seen]]


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Open]:
    """Opens a file from the disk, waits for its charts, and checks at the end that the page was quiet."""
    contexts: list[BrowserContext] = []
    watched: list[Seen] = []

    def opened(path: Path, **context: Any) -> tuple[Page, Seen]:
        contexts.append(browser.new_context(**context))
        page, seen = contexts[-1].new_page(), Seen()
        watched.append(seen)
        page.on("console", lambda message: seen.console.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: seen.console.append(str(error)))
        page.on("request", lambda request: seen.requests.append(request.url))
        page.on("dialog", lambda dialog: (seen.dialogs.append(dialog.message), dialog.dismiss()))
        page.goto(path.as_uri())
        scripts = context.get("java_script_enabled", True)
        if scripts and page.locator("[data-chart]").count():
            page.wait_for_selector("html[data-charts=ready]", timeout=20_000)
        return page, seen

    yield opened
    for context in contexts:
        context.close()
    for seen in watched:
        assert seen.console == []
        assert seen.dialogs == []
        assert [url for url in seen.requests if not url.startswith(("file:", "data:"))] == []


def serious(page: Page, *rules: str) -> list[str]:
    """What axe-core finds of serious or critical impact, by some rules or by all."""
    from axe_playwright_python.sync_playwright import Axe

    # style sheets are there already; it would fetch them again. What passed is not written out, which halves the time.
    options: dict[str, Any] = {"preload": False, "resultTypes": ["violations"]}
    options |= {"runOnly": list(rules)} if rules else {}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found if one["impact"] in ("serious", "critical")
    ]


def overflow(page: Page) -> int:
    """Pixels by which the page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))
