"""Everything that people do on the site, by keyboard alone, with scripts and without: no step uses a mouse."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.test_editor import results, write, written
from tests.browser.test_site import option, total

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

#: More stops than the longest page has.
MOST_STOPS = 600

FOCUSED = "(place) => place === document.activeElement"

#: What is focused shows it, itself or by the box around it, and stands within the window.
SHOWS_FOCUS = """() => {
  const outlined = (each) => getComputedStyle(each).outline.includes("solid 2px");
  const { top, bottom, left, right } = document.activeElement.getBoundingClientRect();
  const seen = right > 0 && bottom > 0 && left < innerWidth && top < innerHeight;
  return seen && (outlined(document.activeElement) || Boolean(document.activeElement.closest(".yasqe")));
}"""

#: Whether the focus went on in the order in which the page is written.
GOES_ON = """() => {
  const before = window.lastStop;
  window.lastStop = document.activeElement;
  return !before || Boolean(before.compareDocumentPosition(window.lastStop) & Node.DOCUMENT_POSITION_FOLLOWING);
}"""


def tab_to(page: Page, place: Locator) -> None:
    """Press Tab until the place is focused."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if place.evaluate(FOCUSED):
            return
    raise AssertionError(f"Tab never comes to {place}")


def test_the_first_key_leads_past_the_menu(page: Page) -> None:
    page.goto("/papers?loss=reverse-kl")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("searchbox")).to_be_focused()
    tab_to(page, page.get_by_role("link", name="To the papers"))
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("#results a").first).to_be_focused()


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize(
    "path", ["/papers?loss=reverse-kl", "/paper/2306.13649", "/taxonomy", "/compare?loss=contrastive", "/sparql"]
)
def test_every_stop_shows_and_comes_in_the_order_of_the_page(scripted: Page, path: str, colours: str) -> None:
    scripted.emulate_media(color_scheme=colours)
    scripted.goto(path)
    if path == "/sparql":
        expect(scripted.get_by_role("textbox", name="SPARQL query")).to_have_count(1)
    for _ in range(40):
        scripted.keyboard.press("Tab")
        if scripted.evaluate("document.activeElement === document.body"):  # the browser's own turn
            break
        assert scripted.evaluate(SHOWS_FOCUS), scripted.evaluate("document.activeElement.outerHTML")
        assert scripted.evaluate(GOES_ON), scripted.evaluate("document.activeElement.outerHTML")


def test_search_choose_sort_and_take_away(page: Page) -> None:
    page.goto("/")
    tab_to(page, page.get_by_role("searchbox"))
    page.keyboard.type("distillation")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/papers\?q=distillation$"))
    searched = total(page)
    tab_to(page, option(page, "loss", "reverse-kl"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"q=distillation&loss=reverse-kl$"))
    tab_to(page, option(page, "code", "-yes"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"loss=reverse-kl&code=-yes$"))
    tab_to(page, page.get_by_role("link", name="oldest", exact=True))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"sort=oldest$"))
    assert total(page) < searched
    for left, chip in enumerate(("Loss: Reverse KL", "Code: not with code", "distillation")):
        expect(page.locator(".chip")).to_have_count(3 - left)
        page.reload()
        tab_to(page, page.locator(".chip", has_text=re.compile(chip, re.IGNORECASE)))
        page.keyboard.press("Enter")
    expect(page.locator(".chip")).to_have_count(0)


def test_where_scripts_run_the_focus_stays_at_what_was_chosen(scripted: Page) -> None:
    scripted.goto("/papers")
    tab_to(scripted, option(scripted, "loss", "reverse-kl"))
    scripted.keyboard.press("Enter")
    expect(scripted).to_have_url(re.compile(r"loss=reverse-kl$"))
    expect(option(scripted, "loss", "reverse-kl")).to_be_focused()


def test_on_a_phone_the_filters_open(scripted: Page) -> None:
    scripted.set_viewport_size({"width": 380, "height": 900})
    scripted.goto("/papers")
    toggle = scripted.get_by_role("button", name="Filters")
    tab_to(scripted, toggle)
    scripted.keyboard.press("Enter")
    expect(toggle).to_have_attribute("aria-expanded", "true")
    tab_to(scripted, option(scripted, "loss", "reverse-kl"))


def test_compare_and_export(page: Page) -> None:
    page.goto("/papers?loss=contrastive")
    boxes = page.get_by_role("checkbox")
    for place in (0, 1):
        tab_to(page, boxes.nth(place))
        page.keyboard.press("Space")
        expect(boxes.nth(place)).to_be_checked()
    tab_to(page, page.get_by_role("button", name="Compare"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("row")).to_have_count(3)
    tab_to(page, page.get_by_role("link", name="LaTeX"))
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert r"\begin{tabular}" in download.value.path().read_text(encoding="utf-8")


def test_cite(page: Page, scripts: bool) -> None:  # noqa: FBT001 (a fixture, not a flag)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/paper/2306.08543")
    tab_to(page, page.get_by_role("link", name="Cite this paper"))
    page.keyboard.press("Enter")
    if scripts:
        tab_to(page, page.get_by_role("button", name="Copy the reference"))
        page.keyboard.press("Enter")
        expect(page.get_by_text("Copied")).to_be_visible()
    tab_to(page, page.locator("summary", has_text="BibTeX"))
    page.keyboard.press("Enter")
    expect(page.locator("#cite-bib")).to_be_visible()
    tab_to(page, page.locator("details[open]").get_by_role("link", name="Download"))
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename == "gu2023minillm.bib"


def test_follow_a_concept_and_ask_a_question(page: Page) -> None:
    page.goto("/paper/2306.13649")
    tab_to(page, page.get_by_role("link", name="Forward KL").first)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Forward KL")
    tab_to(page, page.get_by_role("link", name="Questions"))
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("link", name="All f-divergences, rolled up"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="Answer").get_by_role("row").nth(1)).to_be_visible()


def test_a_branch_of_the_taxonomy_folds(page: Page) -> None:
    page.goto("/taxonomy")
    whole = page.get_by_role("listitem").filter(has=page.get_by_role("link", name="KL-based", exact=True))
    leaf = whole.get_by_role("link", name="Reverse KL", exact=True)
    tab_to(page, whole.locator("summary"))
    page.keyboard.press("Enter")
    expect(leaf).to_be_hidden()
    page.keyboard.press("Space")
    expect(leaf).to_be_visible()


def test_the_editor_runs_a_query_and_lets_the_focus_go_both_ways(scripted: Page) -> None:
    scripted.goto("/sparql")
    editor = scripted.get_by_role("textbox", name="SPARQL query")
    expect(editor).to_have_count(1)
    tab_to(scripted, editor)
    write(scripted, "SELECT ?answer WHERE { BIND(6*7 AS ?answer) }")
    scripted.keyboard.press("Control+Enter")
    expect(results(scripted).locator("td").last).to_have_text("42")
    before = written(scripted)
    scripted.keyboard.press("Tab")
    expect(scripted.get_by_role("button", name="Share query")).to_be_focused()
    scripted.keyboard.press("Shift+Tab")
    expect(editor).to_be_focused()
    scripted.keyboard.press("Shift+Tab")
    expect(scripted.get_by_role("tab", name="Add a new tab")).to_be_focused()
    assert written(scripted) == before
    tab_to(scripted, scripted.get_by_role("button", name="Run query"))
    scripted.keyboard.press("Enter")
    expect(results(scripted)).to_have_count(1)
    tab_to(scripted, scripted.get_by_role("contentinfo").get_by_role("link").first)
