"""The pictures in Chromium: drawn under the strict policy, in light and dark, and the same numbers without scripts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.mark.parametrize("path", ["/trends", "/atlas"])
def test_there_are_pictures_or_else_tables(page: Page, path: str, scripts: bool) -> None:  # noqa: FBT001 (a fixture, not a flag)
    page.goto(path)
    pictures, tables = page.get_by_role("img"), page.locator(".numbers table")
    if scripts:
        expect(pictures.locator("svg")).to_have_count(4)
        for table in tables.all():
            expect(table).to_be_hidden()
        page.get_by_text("The numbers as a table").first.click()
        expect(tables.first).to_be_visible()
    else:
        expect(pictures).to_have_count(0)
        for table in tables.all():
            expect(table).to_be_visible()


def test_a_mark_leads_to_its_papers(scripted: Page) -> None:
    scripted.goto("/atlas")
    place = scripted.get_by_role("img", name="Teacher and student, by family.")
    place.locator("svg .mark-text text", has_text=re.compile("^86$")).click()
    expect(scripted).to_have_url(re.compile(r"/papers\?teacher=.*&student="))
    expect(scripted.locator("#total")).to_have_text("86 papers")


def test_a_number_in_the_table_leads_to_its_papers(page: Page, scripts: bool) -> None:  # noqa: FBT001 (a fixture, not a flag)
    page.goto("/trends")
    if scripts:
        expect(page.get_by_role("img").locator("svg")).to_have_count(4)
        page.get_by_text("The numbers as a table").first.focus()
        page.keyboard.press("Enter")
    page.locator('a[href="/papers?loss=forward-kl&month=2023-06"]').focus()
    page.keyboard.press("Enter")
    expect(page.locator("#total")).to_have_text("1 paper")


def test_the_picture_follows_the_colours_of_the_page(scripted: Page) -> None:
    scripted.emulate_media(color_scheme="light")
    scripted.goto("/atlas")
    label = scripted.locator(".picture svg .role-axis-label text").first
    seen = set()
    for media, colours in (("screen", "light"), ("screen", "dark"), ("print", "dark")):
        scripted.emulate_media(media=media, color_scheme=colours)
        ink = scripted.evaluate("getComputedStyle(document.body).color")
        expect(label).to_have_css("fill", ink)
        seen.add(ink)
    assert len(seen) == 3
