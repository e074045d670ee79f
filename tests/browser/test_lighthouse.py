"""Lighthouse rates the site's main kinds of page as it rates a phone's visit: `make lighthouse` prints the scores."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.browser.conftest import ARGUMENTS
from tests.npm import NODE_PATH, install

LOCKED = Path(__file__).parent / "lighthouse"

CATEGORIES = ("performance", "accessibility", "best-practices", "seo")


@pytest.fixture(scope="module")
def lighthouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command, from the locked package."""
    folder = install(LOCKED, tmp_path_factory.mktemp("lighthouse") / "lighthouse")
    return folder / "node_modules" / ".bin" / "lighthouse"


@pytest.mark.parametrize("path", ["/", "/paper/2306.13649", "/queries/f-divergences"])
def test_every_category_has_at_least_95_points(lighthouse: Path, chromium: str, address: str, path: str) -> None:
    """Performance too: what it counts is simulated from what the page loads, so that a busy machine does not change it much."""
    done = subprocess.run(
        [
            *(lighthouse, address + path, "--quiet", "--output=json", "--no-enable-error-reporting"),
            *("--disable-full-page-screenshot", f"--only-categories={','.join(CATEGORIES)}"),
            f"--chrome-flags=--headless {' '.join(ARGUMENTS)}",
        ],
        env={**os.environ, "PATH": NODE_PATH, "CHROME_PATH": chromium},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    report = json.loads(done.stdout)
    scores = {name: round(100 * (report["categories"][name]["score"] or 0)) for name in CATEGORIES}
    print(path, scores)  # noqa: T201 (make lighthouse shows it)
    audits = {each["id"] for name in CATEGORIES for each in report["categories"][name]["auditRefs"] if each["weight"]}
    lost = {name: audit.get("displayValue") for name, audit in report["audits"].items() if audit["score"] != 1}
    assert min(scores.values()) >= 95, (scores, {name: lost[name] for name in audits & lost.keys()})
