"""The network and the pictures of single things in Chromium: drawn under the strict policy, and tables without scripts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

NETWORK = re.compile("names that publish together")


def test_the_network_is_drawn_or_else_a_table(page: Page, scripts: bool) -> None:  # noqa: FBT001 (a fixture, not a flag)
    page.goto("/network?shared=4")
    table = page.locator(".numbers table")
    if scripts:
        picture = page.get_by_role("img", name=NETWORK)
        names = page.request.get("/network.json?shared=4").json()
        expect(picture.locator("svg .mark-symbol path")).to_have_count(len(names["names"]))
        expect(picture.locator("svg .mark-path path")).to_have_count(len(names["pairs"]))
        expect(table).to_be_hidden()
    else:
        expect(page.get_by_role("img")).to_have_count(0)
        expect(table).to_be_visible()


def test_a_line_leads_to_the_papers_of_both(scripted: Page) -> None:
    scripted.goto("/network?shared=5")
    edge = scripted.get_by_role("img", name=NETWORK).locator("svg .mark-path path").first
    edge.dispatch_event("click")
    expect(scripted).to_have_url(re.compile(r"/network\?shared=5&one=.*&other=.*#pair"))
    expect(scripted.locator("#pair")).to_contain_text("(5)")


def test_a_point_leads_to_the_name(scripted: Page) -> None:
    scripted.goto("/network?shared=5")
    scripted.get_by_role("img", name=NETWORK).locator("svg .mark-symbol path").first.click()
    expect(scripted).to_have_url(re.compile(r"/name/"))
    expect(scripted.locator(".kind")).to_have_text("Author name")


def test_the_network_is_narrowed_by_its_form(page: Page) -> None:
    page.goto("/network")
    page.get_by_text("Choose other papers").click()
    page.get_by_label("Papers together, at least").fill("2")
    page.get_by_label("Loss").select_option("Reverse KL")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile(r"/network\?shared=2&.*loss=reverse-kl"))
    page.get_by_role("link", name="Take away Loss: Reverse KL").click()
    expect(page).to_have_url(re.compile(r"/network\?shared=2$"))


def test_a_model_s_pictures_lead_to_papers(scripted: Page) -> None:
    scripted.goto("/model/qwen3-8b")
    pictures = scripted.locator(".picture svg")
    expect(pictures).to_have_count(2)
    scripted.get_by_role("img", name="Teachers and students of it").locator("svg .mark-rect path").first.click()
    expect(scripted).to_have_url(re.compile(r"/papers\?teacher=.*&student="))


def test_the_reasons_of_a_related_paper_can_be_followed(page: Page) -> None:
    page.goto("/paper/2402.03898")
    page.get_by_role("link", name="Related papers").click()
    first = page.locator(".related li").first
    expect(first).to_contain_text("also by")
    first.get_by_role("link", name="Ko, Jongwoo").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ko, Jongwoo")
