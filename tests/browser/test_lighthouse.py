"""Lighthouse rates the site's main kinds of page as it rates a phone's visit: `make lighthouse` prints the scores."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import ARGUMENTS
from tests.npm import NODE_PATH, install

LOCKED = Path(__file__).parent / "lighthouse"

CATEGORIES = ("performance", "accessibility", "best-practices", "seo")

PAGES = ("/", "/paper/2306.13649", "/queries/f-divergences")

#: What Lighthouse says where the browser was too slow to tell of a page's beginning, and how often it is asked.
AGAIN = b"Please run Lighthouse again"
ATTEMPTS = 3

Rate = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="module")
def rate(chromium: str, address: str, tmp_path_factory: pytest.TempPathFactory) -> Rate:
    """What Lighthouse, from the locked package, reports of a page: asked once for each."""
    folder = install(LOCKED, tmp_path_factory.mktemp("lighthouse") / "lighthouse")
    command = folder / "node_modules" / ".bin" / "lighthouse"

    @cache
    def report(path: str) -> dict[str, Any]:
        for _ in range(ATTEMPTS):
            done = subprocess.run(
                [
                    *(command, address + path, "--quiet", "--output=json", "--no-enable-error-reporting"),
                    *("--disable-full-page-screenshot", f"--only-categories={','.join(CATEGORIES)}"),
                    f"--chrome-flags=--headless {' '.join(ARGUMENTS)}",
                ],
                env={**os.environ, "PATH": NODE_PATH, "CHROME_PATH": chromium},
                capture_output=True,
                check=False,
            )
            if AGAIN not in done.stderr:
                break
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)

    return report


@pytest.mark.parametrize("path", PAGES)
def test_accessibility_practices_and_seo_have_at_least_95_points(rate: Rate, path: str) -> None:
    assert lost(rate(path), CATEGORIES[1:]) == {}


@pytest.mark.parametrize("path", PAGES)
def test_nothing_moves_while_a_page_is_drawn(rate: Rate, path: str) -> None:
    assert rate(path)["audits"]["cumulative-layout-shift"]["score"] == 1


@pytest.mark.performance
@pytest.mark.parametrize("path", PAGES)
def test_performance_has_at_least_95_points(rate: Rate, path: str) -> None:
    """It counts how long scripts block the page, and so what else the machine does at the time."""
    assert lost(rate(path), CATEGORIES[:1]) == {}


def lost(report: dict[str, Any], categories: tuple[str, ...]) -> dict[str, object]:
    """The categories with fewer than 95 points, each with these and with what took the others away."""
    found = {}
    for name in categories:
        category = report["categories"][name]
        score = round(100 * (category["score"] or 0))
        print(report["requestedUrl"], name, score)  # noqa: T201 (make lighthouse shows it)
        if score < 95:
            audits = {each["id"]: report["audits"][each["id"]] for each in category["auditRefs"] if each["weight"]}
            found[name] = (
                score,
                {key: audit.get("displayValue") for key, audit in audits.items() if audit["score"] != 1},
            )
    return found
