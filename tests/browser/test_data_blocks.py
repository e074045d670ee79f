"""A block of schema.org's words in a page is data to the browser: it is there, and the page's policy allows it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "DataCatalog"),
        ("/papers?loss=reverse-kl", "ItemList"),
        ("/paper/2306.13649", "ScholarlyArticle"),
        ("/concept/objective/reverse-kl", "DefinedTerm"),
        ("/scheme/objective", "DefinedTermSet"),
        ("/dataset", "Dataset"),
    ],
)
def test_the_browser_takes_the_block_for_data(page: Page, path: str, kind: str) -> None:
    """The fixture fails the test if Chromium complains of anything, a violation of the policy among it."""
    page.goto(path)
    text = page.locator('script[type="application/ld+json"]').text_content()
    assert text
    assert json.loads(text)["@type"] == kind
