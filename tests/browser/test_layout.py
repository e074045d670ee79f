"""No kind of page is wider than what it is shown on: a phone, a small window, a wide one, a sheet of paper."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.page_kinds import KINDS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.page_kinds import PageKind

#: Widths in CSS pixels: of screens, and of what margins of 15 mm leave of an A4 sheet.
SHOWN = (("screen", 380), ("screen", 800), ("screen", 1440), ("print", 680))

EXCESS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_no_page_is_wider_than_what_it_is_shown_on(browser: Browser, address: str, kind: PageKind) -> None:
    with closing(browser.new_context(base_url=address)) as context:
        page = context.new_page()
        page.set_viewport_size({"width": SHOWN[0][1], "height": 900})
        page.goto(kind.address(lambda path: page.request.get(path, headers={"Accept": "text/html"}).text()))
        if kind.drawn:
            page.locator(kind.drawn).last.wait_for()
        excess = {}
        for medium, width in SHOWN:
            page.emulate_media(media=medium)
            page.set_viewport_size({"width": width, "height": 900})
            excess[medium, width] = page.evaluate(EXCESS)
        assert {shown: by for shown, by in excess.items() if by > 0} == {}
