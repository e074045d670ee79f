"""The site behind its real server, and Chromium to look at it with, with scripts and without."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

#: As root in a container there is no sandbox, and nothing may be fetched from elsewhere.
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking")


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def scripts(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def page(browser: Browser, address: str, scripts: bool) -> Iterator[Page]:  # noqa: FBT001 (a fixture, not a flag)
    """An empty page of the site. Whatever the browser complains of, a blocked script or a missing file, fails the test."""
    yield from _page(browser, address, scripts=scripts)


@pytest.fixture
def scripted(browser: Browser, address: str) -> Iterator[Page]:
    """The same where scripts run."""
    yield from _page(browser, address, scripts=True)


def _page(browser: Browser, address: str, *, scripts: bool) -> Iterator[Page]:
    context = browser.new_context(base_url=address, java_script_enabled=scripts, reduced_motion="reduce")
    context.set_default_timeout(10_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(address) else complaints.append(request.url))
    yield page
    context.close()
    assert complaints == []
