"""What people do on the site, in Chromium, with scripts and without: the same steps lead to the same addresses."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator, Page


def total(page: Page) -> int:
    return int(page.locator("#total").inner_text().split()[0])


def option(page: Page, facet: str, value: str) -> Locator:
    return page.locator(f'[data-key="{facet}={value}"]').first


def test_search_combine_exclude_and_take_away(page: Page) -> None:
    page.goto("/")
    everything = total(page)
    page.get_by_role("searchbox").fill("distillation")
    page.get_by_role("button", name="Search").click()
    expect(page).to_have_url(re.compile(r"/papers\?q=distillation$"))
    expect(page.locator(".chip")).to_have_count(1)
    searched = total(page)
    assert 0 < searched < everything

    count = int(option(page, "loss", "reverse-kl").locator("xpath=../*[@class='count']").inner_text().split()[0])
    option(page, "loss", "reverse-kl").click()
    expect(page).to_have_url(re.compile(r"/papers\?q=distillation&loss=reverse-kl$"))
    expect(page.locator("#total")).to_have_text(f"{count} papers")
    expect(option(page, "loss", "reverse-kl")).to_have_attribute("aria-current", "true")

    option(page, "year", "-2025").click()
    expect(page).to_have_url(re.compile(r"loss=reverse-kl&year=-2025$"))
    expect(page.get_by_role("link", name="Year: not 2025")).to_be_visible()
    assert total(page) < count

    page.get_by_role("link", name="Loss: Reverse KL").click()
    expect(page).to_have_url(re.compile(r"/papers\?q=distillation&year=-2025$"))
    page.get_by_role("link", name="Clear all").click()
    expect(page).to_have_url(re.compile(r"/papers$"))
    expect(page.locator("#total")).to_have_text(f"{everything} papers")


def test_back_and_forward_and_a_shared_address_show_the_same(page: Page) -> None:
    page.goto("/papers?loss=reverse-kl")
    before = total(page)
    option(page, "code", "yes").click()
    expect(page.locator(".chip")).to_have_count(2)
    after, shared = total(page), page.url
    page.go_back()
    expect(page.locator("#total")).to_have_text(f"{before} papers")
    page.go_forward()
    expect(page.locator("#total")).to_have_text(f"{after} papers")
    page.goto(shared)
    assert total(page) == after


def test_pages_and_order(page: Page) -> None:
    page.goto("/papers?loss=reverse-kl")
    page.get_by_role("link", name="title", exact=True).click()
    expect(page).to_have_url(re.compile(r"sort=title$"))
    first = page.locator(".card h3").all_inner_texts()
    assert first == sorted(first, key=lambda title: [word.casefold() for word in re.findall(r"\w+", title)])
    page.get_by_role("link", name="Next", exact=True).click()
    expect(page).to_have_url(re.compile(r"sort=title&page=2$"))
    assert set(page.locator(".card h3").all_inner_texts()).isdisjoint(first)


def test_follow_a_concept_to_its_papers(page: Page) -> None:
    page.goto("/paper/2306.13649")
    page.get_by_role("link", name="Forward KL").first.click()
    expect(page).to_have_url(re.compile(r"/concept/objective/forward-kl$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Forward KL")
    found = page.get_by_role("heading", name="Papers").inner_text()
    page.get_by_role("link", name="Narrow these down").click()
    expect(page).to_have_url(re.compile(r"/papers\?loss=forward-kl$"))
    assert f"({total(page)})" in found


def test_download_the_graph(page: Page, tmp_path: Path) -> None:
    page.goto("/dumps/")
    with page.expect_download() as download:
        page.get_by_role("link", name="opd.nt.gz").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert file.name == "opd.nt.gz"
    assert b"<https://w3id.org/opdkg/paper/2306.13649>" in gzip.decompress(file.read_bytes())


def test_typing_narrows_down_by_itself(scripted: Page) -> None:
    scripted.goto("/")
    scripted.get_by_role("searchbox").press_sequentially("minillm")
    expect(scripted.locator("#total")).to_have_text("1 paper")
    expect(scripted.get_by_role("searchbox")).to_be_focused()
    expect(scripted.locator("#status")).to_have_text("1 paper")
    assert scripted.url.endswith("q=minillm")
    option(scripted, "code", "yes").click()
    expect(scripted).to_have_url(re.compile(r"q=minillm&code=yes$"))
    scripted.get_by_role("searchbox").fill("")
    expect(scripted).to_have_url(re.compile(r"/papers\?code=yes$"))


def test_on_a_phone_the_filters_open_on_demand(page: Page, scripts: bool) -> None:  # noqa: FBT001 (a fixture, not a flag)
    page.set_viewport_size({"width": 380, "height": 900})
    page.goto("/papers")
    if scripts:
        expect(option(page, "loss", "reverse-kl")).to_be_hidden()
        page.get_by_role("button", name="Filters").click()
        expect(option(page, "loss", "reverse-kl")).to_be_visible()
        option(page, "loss", "reverse-kl").click()
        expect(page).to_have_url(re.compile(r"loss=reverse-kl$"))
        expect(option(page, "loss", "reverse-kl")).to_be_visible()
    else:
        expect(option(page, "loss", "reverse-kl")).to_be_visible()
        page.get_by_role("link", name="To the papers").click()
        expect(page).to_have_url(re.compile(r"#results$"))


def test_a_paper_can_be_cited_in_every_format(page: Page, scripts: bool) -> None:  # noqa: FBT001 (a fixture)
    page.goto("/paper/2306.08543")
    page.get_by_role("link", name="Cite this paper").click()
    expect(page).to_have_url(re.compile("#cite$"))
    entry = page.locator("#cite-bib")
    expect(entry).to_be_hidden()
    page.locator("summary", has_text="BibTeX").click()
    expect(entry).to_contain_text("@misc{gu2023minillm,")
    page.locator("summary", has_text="RIS").click()
    expect(page.locator("#cite-ris")).to_be_visible()
    expect(entry).to_be_hidden()  # one at a time
    expect(page.get_by_role("button", name="Copy the reference")).to_be_visible(visible=scripts)
    with page.expect_download() as download:
        page.locator("details[open]").get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == "gu2023minillm.ris"


def test_a_reference_is_copied(scripted: Page) -> None:
    scripted.context.grant_permissions(["clipboard-read", "clipboard-write"])
    scripted.goto("/paper/2306.08543")
    scripted.get_by_role("button", name="Copy the reference").click()
    expect(scripted.get_by_text("Copied")).to_be_visible()
    copied = scripted.evaluate("navigator.clipboard.readText()")
    assert copied == scripted.locator("#cite-reference").inner_text()
    assert copied.startswith("Yuxian Gu, Li Dong")


def test_where_there_is_no_clipboard_the_text_is_selected(scripted: Page) -> None:
    scripted.add_init_script("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    scripted.goto("/paper/2306.08543")
    scripted.get_by_role("button", name="Copy the reference").click()
    expect(scripted.get_by_text("Selected")).to_be_visible()
    selected = scripted.evaluate("String(getSelection())")
    assert selected.strip() == scripted.locator("#cite-reference").inner_text()
