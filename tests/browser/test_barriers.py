"""axe-core finds no barrier on any kind of page, in light and in dark."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.npm import install
from tests.page_kinds import KINDS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.page_kinds import PageKind

LOCKED = Path(__file__).parent / "axe"


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The script, from the locked package."""
    folder = install(LOCKED, tmp_path_factory.mktemp("axe") / "axe")
    return (folder / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_there_is_no_barrier(browser: Browser, address: str, axe: str, kind: PageKind) -> None:
    with closing(browser.new_context(base_url=address, reduced_motion="reduce")) as context:
        page = context.new_page()
        page.goto(kind.address(lambda path: page.request.get(path, headers={"Accept": "text/html"}).text()))
        if kind.drawn:
            page.locator(kind.drawn).last.wait_for()
        page.evaluate(axe)
        for colours, options in (("light", {}), ("dark", {"runOnly": ["color-contrast"]})):
            page.emulate_media(color_scheme=colours)
            found = page.evaluate("(options) => axe.run(options).then((result) => result.violations)", options)
            assert [(each["id"], node["html"][:200]) for each in found for node in each["nodes"]] == [], colours
