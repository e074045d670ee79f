"""The Nu HTML checker finds nothing to mend on any kind of page, on hostile data among it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.npm import install
from tests.page_kinds import KINDS
from tests.things import of_every_class

if TYPE_CHECKING:
    from tests.server.conftest import Site

LOCKED = Path(__file__).parent / "vnu"

#: What a browser sends.
ACCEPT = "text/html,application/xhtml+xml,*/*;q=0.5"

#: Lists of the hostile papers, which each thing has a page of its own besides.
HOSTILE_LISTS = (
    "/",
    "/papers?q=b",
    "/compare?paper=2609.00001&paper=2609.00002&paper=2609.00003",
    "/changes",
    "/local/controls",
)


@pytest.fixture(scope="module")
def checker(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command, of the locked package; without Java the test is skipped."""
    java = shutil.which("java")
    if java is None:
        pytest.skip(
            "the Nu HTML checker needs Java, and none is installed (Debian: apt-get install default-jre-headless)"
        )
    folder = install(LOCKED, tmp_path_factory.mktemp("vnu") / "vnu")
    return [java, "-jar", str(folder / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar")]


def test_the_checker_has_nothing_to_say(checker: list[str], site: Site, hostile: Site, tmp_path: Path) -> None:
    for kind in KINDS:
        address = kind.address(lambda path: site.get(path, ACCEPT).text)
        response = site.get(address, ACCEPT)
        assert (response.status_code, response.mimetype) == (kind.status, "text/html"), (address, response.text[:500])
        (tmp_path / f"{kind.name}.html").write_bytes(response.data)
    things = [
        hostile.app.extensions["opdkg-reading"].links.local(thing.value) for thing in of_every_class(hostile.store)
    ]
    for number, address in enumerate((*HOSTILE_LISTS, *filter(None, things))):
        response = hostile.get(address, ACCEPT)
        if response.mimetype == "text/html":
            (tmp_path / f"hostile-{number}.html").write_bytes(response.data)
    assert _findings(checker, tmp_path) == []


def test_every_address_that_answers_with_a_page_is_among_the_kinds(site: Site) -> None:
    known = {kind.path.partition("?")[0] for kind in KINDS}
    fixed = {rule.rule for rule in site.app.url_map.iter_rules() if "GET" in rule.methods and not rule.arguments}
    pages = {path for path in fixed if site.get(path).mimetype == "text/html" and site.get(path).status_code == 200}
    assert pages <= known, "tests/page_kinds.py lacks a page"


def test_the_checker_would_say_it(checker: list[str], tmp_path: Path) -> None:
    (tmp_path / "wrong.html").write_text("<!doctype html><html lang=en><title>x</title><p id=a><p id=a><b>", "utf-8")
    assert any("Duplicate ID" in found for found in _findings(checker, tmp_path))


def _findings(checker: list[str], folder: Path) -> list[str]:
    files = sorted(map(str, folder.glob("*.html")))
    done = subprocess.run([*checker, "--format", "json", "--stdout", *files], capture_output=True, check=False)
    messages = json.loads(done.stdout)["messages"]
    return [f"{each['url'].rpartition('/')[2]}: {each['message']} {each.get('extract', '')}" for each in messages]
