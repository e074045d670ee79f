"""From a filter to a file, a query and a table, in Chromium, with scripts and without: every step is a link or a form."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.browser.test_editor import results, written
from tests.browser.test_site import option, total

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page


def test_filter_add_remove_export_and_compare(page: Page, tmp_path: Path) -> None:
    page.goto("/")
    page.get_by_role("link", name="Self-distillation").click()
    expect(page).to_have_url(re.compile(r"/papers\?access=self$"))
    option(page, "code", "yes").click()
    expect(page).to_have_url(re.compile(r"access=self&code=yes$"))
    expect(page.locator(".chip")).to_have_count(2)
    found = total(page)
    page.locator(".chip", has_text="Teacher access").click()
    expect(page).to_have_url(re.compile(r"/papers\?code=yes$"))
    option(page, "loss", "reverse-kl").click()
    expect(page).to_have_url(re.compile(r"loss=reverse-kl&code=yes$"))
    assert found != total(page) > 2

    with page.expect_download() as download:
        page.get_by_role("link", name="BibTeX").click()
    assert _text(download.value, tmp_path).count("@misc{") == total(page)

    titles = page.locator(".card h3").all_inner_texts()
    for place in (2, 0):
        page.get_by_role("checkbox").nth(place).check()
    page.get_by_role("button", name="Compare").click()
    expect(page).to_have_url(re.compile(r"/compare\?loss=reverse-kl&code=yes&paper=[^&]+&paper=[^&]+$"))
    rows = page.get_by_role("row")
    expect(rows).to_have_count(3)
    expect(rows.nth(1)).to_contain_text(titles[0])
    expect(rows.nth(2)).to_contain_text(titles[2])
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    lines = list(csv.DictReader(_text(download.value, tmp_path).splitlines()))
    assert [line["title"] for line in lines] == [titles[0], titles[2]]
    assert {line["loss"].split("; ")[0] for line in lines} == {"Reverse KL"}

    page.get_by_role("link", name=f"take away {titles[0]}").click()
    expect(rows).to_have_count(2)
    page.get_by_role("link", name="Back to the papers").click()
    expect(page).to_have_url(re.compile(r"/papers\?loss=reverse-kl&code=yes$"))


def test_words_are_marked_and_a_chapter_leads_to_its_papers(page: Page) -> None:
    page.goto("/papers")
    page.get_by_role("searchbox").fill("reverse kl")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".card mark").first).to_have_text("Reverse")
    page.goto("/taxonomy")
    link = page.locator('a[href^="/papers?chapter="]').first
    count = int(link.inner_text().split()[0])
    link.click()
    expect(page.locator("#total")).to_have_text(re.compile(rf"^{count} paper"))


def test_a_selection_opens_in_the_editor_and_finds_the_same(scripted: Page) -> None:
    scripted.goto("/papers?loss=contrastive&loss=preference&signal=-self")
    titles = scripted.locator(".card h3").all_inner_texts()
    scripted.get_by_role("link", name="Open as SPARQL").click()
    expect(results(scripted)).to_have_count(len(titles))
    assert "?paper opd:lossClass/skos:broader* ?loss ." in written(scripted)
    for title in titles:
        expect(results(scripted).filter(has_text=title)).to_have_count(1)


def _text(download: object, folder: Path) -> str:
    file = folder / download.suggested_filename  # type: ignore[attr-defined]  # its class has no public name
    download.save_as(file)  # type: ignore[attr-defined]
    return file.read_text(encoding="utf-8")
