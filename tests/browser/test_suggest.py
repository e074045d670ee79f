"""Suggesting a paper in Chromium, with scripts and without."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_look_up_a_paper_that_is_missing_and_one_that_is_not(page: Page) -> None:
    page.goto("/changes")
    page.get_by_role("main").get_by_role("link", name="Suggest a paper").click()
    page.get_by_label("arXiv id, DOI or address").fill("arXiv:2611.00001")
    page.get_by_text("How you would classify it").click()
    page.get_by_label("Loss").select_option("Reverse KL")
    page.get_by_role("button", name="Look it up").click()
    expect(page.get_by_role("heading", name="The graph lacks arXiv:2611.00001")).to_be_visible()
    expect(page.get_by_role("link", name="Open upstream's form")).to_have_attribute(
        "href", re.compile(r"^https://github\.com/")
    )
    expect(page.get_by_text("curator: Your Name")).to_contain_text('loss: "reverse-kl"')

    page.get_by_label("arXiv id, DOI or address").fill("2306.13649")
    page.get_by_role("button", name="Look it up").click()
    page.get_by_role("link", name=re.compile("^On-Policy Distillation of Language Models")).click()
    expect(page).to_have_url(re.compile(r"/paper/2306\.13649$"))


def test_follow_only_some_papers(page: Page) -> None:
    page.goto("/changes")
    page.get_by_text("Compare other releases").click()
    page.get_by_label("Loss").select_option("Reverse KL")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("link", name="Loss: Reverse KL")).to_be_visible()
    expect(page.get_by_role("link", name="Atom feed")).to_have_attribute("href", "/feed.atom?loss=reverse-kl")
