"""``/robots.txt`` and ``/sitemap.xml``, read as crawlers read them: by a robots parser, by a schema, and by following links."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

import pytest
import requests
from lxml import etree

from kg.settings import Settings
from server import crawlers
from server.app import create_app

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.conftest import Site

#: What https://www.sitemaps.org/protocol.html demands of either kind of file, in our words: RELAX NG.
SCHEMA = """
<grammar xmlns="http://relaxng.org/ns/structure/1.0" ns="http://www.sitemaps.org/schemas/sitemap/0.9"
         datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">
  <start>
    <choice>
      <element name="urlset"><oneOrMore><element name="url"><ref name="entry"/></element></oneOrMore></element>
      <element name="sitemapindex"><oneOrMore><element name="sitemap"><ref name="entry"/></element></oneOrMore></element>
    </choice>
  </start>
  <define name="entry">
    <element name="loc"><data type="anyURI">
      <param name="pattern">https?://[!-~]+</param><param name="minLength">12</param><param name="maxLength">2048</param>
    </data></element>
    <optional><element name="lastmod"><data type="date"/></element></optional>
  </define>
</grammar>
"""
NAMESPACE = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


def entries(xml: bytes) -> dict[str, str | None]:
    """The days by address, of a file that is valid."""
    root = etree.fromstring(xml)
    etree.RelaxNG(etree.fromstring(SCHEMA)).assertValid(root)
    places = [place.text for place in root.findall(".//s:loc", NAMESPACE)]
    days = [each.findtext("s:lastmod", namespaces=NAMESPACE) for each in root]
    assert len(set(places)) == len(places) <= 50_000
    return dict(zip(places, days, strict=True))


@pytest.fixture(scope="module")
def sitemap(address: str) -> dict[str, str | None]:
    response = requests.get(f"{address}/sitemap.xml", timeout=20)
    assert response.headers["Content-Type"] == "application/xml"
    return entries(response.content)


def test_a_robots_parser_may_read_every_thing_but_no_combination_of_facets(site: Site, address: str) -> None:
    robots = RobotFileParser(f"{address}/robots.txt")
    robots.read()
    assert robots.site_maps() == [f"{address}/sitemap.xml"]
    for path in ("/", "/papers", "/paper/2306.13649", "/paper/2306.13649.ttl", "/dumps/opd.nt.gz", "/ontology"):
        assert robots.can_fetch("anybot", f"{address}{path}"), path
    facets = re.findall(r'href="(/papers\?[^"]+)"', site.page("/"))
    assert len(facets) > 100
    for path in ("/sparql?query=ASK%20%7B%7D", *map(unescape, facets)):
        assert not robots.can_fetch("anybot", f"{address}{path}"), path


def test_the_sitemap_holds_every_paper_and_every_concept(
    site: Site, address: str, sitemap: dict[str, str | None]
) -> None:
    papers = json.loads(site.get("/papers?per=all", accept="application/json").data)["papers"]
    every = {f"{address}/paper/{paper['id']}" for paper in papers}
    found = {place for place in sitemap if urlsplit(place).path.startswith("/paper/")}
    assert found >= every
    assert len(found) == 349
    assert f"{address}/concept/objective/reverse-kl" in sitemap
    assert f"{address}/queries/f-divergences" in sitemap
    kinds = {urlsplit(place).path.split("/")[1] for place in sitemap}
    things = {"paper", "name", "model", "repository", "concept", "scheme", "source"}
    assert kinds == things | {"", "papers", "taxonomy", "queries", "ontology", "dumps"}


def test_a_paper_changed_when_a_source_spoke_of_it_last(address: str, sitemap: dict[str, str | None]) -> None:
    assert sitemap[f"{address}/paper/2306.13649"] == "2026-10-06"  # in the newest catalogue
    assert sitemap[f"{address}/source/catalogue-2026-10-06"] == "2026-10-06"
    assert sitemap[f"{address}/concept/objective/reverse-kl"] is None  # nothing tells


def test_what_the_sitemap_names_is_there(sitemap: dict[str, str | None]) -> None:
    with requests.Session() as session:
        for place in [*sitemap][:20] + [*sitemap][20::50]:
            response = session.get(place, headers={"Accept": "text/html"}, timeout=20, allow_redirects=False)
            assert response.status_code == 200, place


def test_addresses_are_those_that_are_seen_from_outside(home: Path) -> None:
    app = create_app(Settings(home=home, public_url="https://opd.example.org", query_workers=1))
    try:
        client = app.test_client()
        assert "Sitemap: https://opd.example.org/sitemap.xml" in client.get("/robots.txt").text
        assert all(place.startswith("https://opd.example.org/") for place in entries(client.get("/sitemap.xml").data))
    finally:
        app.extensions["opdkg"].engine.close()


def test_more_pages_than_a_file_may_name_are_shared_out(
    site: Site, sitemap: dict[str, str | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crawlers, "MAX_ADDRESSES", 1000)
    paths = [urlsplit(place).path for place in entries(site.get("/sitemap.xml").data)]
    assert paths == [f"/sitemap/{number}.xml" for number in range(1, len(paths) + 1)]
    parts = [entries(site.get(path).data) for path in paths]
    assert [len(part) for part in parts[:-1]] == [1000] * (len(parts) - 1)
    named = [urlsplit(place).path for part in parts for place in part]
    assert named == [urlsplit(place).path for place in sitemap]


@pytest.mark.parametrize(
    "path", ["/sitemap/0.xml", "/sitemap/2.xml", "/sitemap/99999999999999999999.xml", "/sitemap/x.xml"]
)
def test_a_part_that_is_not_there_is_a_404(site: Site, path: str) -> None:
    assert site.get(path, accept="application/xml").status_code == 404


def test_hostile_names_leave_the_sitemap_valid(hostile: Site) -> None:
    assert any("/name/" in place for place in entries(hostile.get("/sitemap.xml").data))
