"""axe-core finds no barrier on any kind of page, in light and in dark."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.npm import install

if TYPE_CHECKING:
    from playwright.sync_api import Page

LOCKED = Path(__file__).parent / "axe"

PAGES = (
    "/",
    "/papers?loss=reverse-kl&q=self",
    "/paper/2306.13649",
    "/concept/objective/reverse-kl",
    "/scheme/objective",
    "/model/qwen3-8b",
    "/taxonomy",
    "/trends",
    "/atlas",
    "/queries",
    "/queries/f-divergences",
    "/ontology",
    "/dumps/",
)


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The script, from the locked package."""
    folder = install(LOCKED, tmp_path_factory.mktemp("axe") / "axe")
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", PAGES)
def test_there_is_no_barrier(scripted: Page, axe: str, path: str) -> None:
    for colours in ("light", "dark"):
        scripted.emulate_media(color_scheme=colours)
        scripted.goto(path)
        scripted.wait_for_load_state("networkidle")
        scripted.evaluate(axe)
        found = scripted.evaluate("axe.run().then((result) => result.violations)")
        assert [(each["id"], node["html"][:200]) for each in found for node in each["nodes"]] == [], colours
