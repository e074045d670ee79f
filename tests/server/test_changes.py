"""``/changes`` and ``/feed.atom``, over two releases (tests/two_releases.py) and over one."""

from __future__ import annotations

import gzip
import json
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from kg.patch import rdf_patch
from tests.server.conftest import opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.release import Release
    from tests.server.conftest import Site

ATOM = "{http://www.w3.org/2005/Atom}"
BASE = "https://w3id.org/opdkg/"
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@pytest.fixture(scope="module")
def two(two_releases: tuple[Release, Release]) -> Iterator[Site]:
    yield from opened(two_releases[1].home.path)


def changed(site: Site, query: str) -> dict[str, set[str]]:
    answer = site.get(f"/changes?{query}", "application/json")
    assert answer.status_code == 200, answer.text
    return {paper["id"]: {change["kind"] for change in paper["changes"]} for paper in json.loads(answer.data)["papers"]}


def test_the_page_tells_each_kind_and_links_to_the_papers(two: Site, two_releases: tuple[Release, Release]) -> None:
    before, after = two_releases
    page = two.page("/changes")
    assert f"From release {before.id} to {after.id}: 5 papers changed." in page
    for heading in ("Added", "Retitled", "Moved to another chapter", "Reclassified", "Code links", "Dropped upstream"):
        assert f'{heading} <span class="quiet">(1)</span></h2>' in page
    assert '<a href="/paper/2602.00005">Five</a>' in page
    assert "Four <span" in page
    assert "Fourth &amp; &lt;last&gt;" in page
    assert "<last>" not in page
    assert '<a href="/concept/objective/reverse-kl">Reverse KL</a>' in page
    assert '<a href="/repository/github.com/example/three">' in page


def test_a_paper_that_is_gone_is_no_link(two: Site, two_releases: tuple[Release, Release]) -> None:
    before, after = two_releases
    page = two.page(f"/changes?from={after.id}&to={before.id}")
    assert f"From release {after.id} to {before.id}: 5 papers changed." in page
    assert 'No longer in the graph <span class="quiet">(1)</span></h2>' in page
    assert 'Listed again <span class="quiet">(1)</span></h2>' in page


def test_a_facet_leaves_what_has_the_value_in_either_release(two: Site) -> None:
    assert changed(two, "loss=reverse-kl") == {"2602.00001": {"reclassified"}}
    assert changed(two, "loss=forward-kl") == {"2602.00001": {"reclassified"}}
    assert changed(two, "loss=kl-rl") == {}
    assert changed(two, "code=yes") == {"2602.00003": {"code"}}
    assert changed(two, "chapter=survey-2026-10-06/6") == {"2602.00004": {"retitled", "moved"}}
    assert changed(two, "q=five") == {"2602.00005": {"added"}}
    page = two.page("/changes?loss=reverse-kl&code=no")
    assert '<a class="chip" href="/changes?code=no" rel="nofollow">' in page
    assert 'href="/feed.atom?loss=reverse-kl&amp;code=no"' in page


def test_the_patch_is_that_of_the_two_releases(two: Site, two_releases: tuple[Release, Release]) -> None:
    before, after = two_releases
    whole = b"".join(rdf_patch(before, after))
    for path in ("/changes?format=patch", f"/changes?from={before.id}&to={after.id}&format=patch"):
        answer = two.get(path)
        assert answer.content_type == "application/rdf-patch"
        assert answer.data == whole
        etag = answer.headers["ETag"]
        assert two.get(path, If_None_Match=etag).status_code == 304
        packed = two.get(path, Accept_Encoding="gzip")
        assert gzip.decompress(packed.data) == whole
        again = two.get(path, Accept_Encoding="gzip", If_None_Match=packed.headers["ETag"])
        assert (again.status_code, again.headers["ETag"]) == (304, packed.headers["ETag"])
    assert two.get("/changes", "application/rdf-patch").data == whole
    assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("query", "status", "hint"),
    [
        ("to=gone", 404, "there are: 20"),
        ("from=../../etc", 404, "there are: 20"),
        ("loss=reverse-k", 400, "“reverse-kl”"),
        ("sort=title", 400, "means nothing here"),
        ("colour=red", 400, "There is no filter"),
        ("format=patch&loss=reverse-kl", 400, "whole releases"),
        ("format=bib", 406, "there is nothing here as format=bib"),
    ],
)
def test_a_wrong_question_is_answered_with_what_would_be_right(two: Site, query: str, status: int, hint: str) -> None:
    answer = two.get(f"/changes?{query}", "application/json")
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert hint in json.loads(answer.data)["detail"]


def test_with_one_release_the_page_says_that_there_is_nothing_to_compare_with(site: Site) -> None:
    page = site.page("/changes")
    assert "There is nothing to compare release " in page
    assert json.loads(site.get("/changes", "application/json").data)["from"] is None
    assert site.get("/changes?format=patch").status_code == 404


def feed(site: Site, query: str = "") -> ET.Element:
    """The feed, once it is seen to have what RFC 4287 demands of one."""
    answer = site.get(f"/feed.atom{query}", "*/*")
    assert (answer.status_code, answer.content_type) == (200, "application/atom+xml; charset=utf-8")
    root = ET.fromstring(answer.data)  # noqa: S314 (our own)
    assert root.tag == f"{ATOM}feed"
    assert root.find(f"{ATOM}author/{ATOM}name") is not None
    for element in (root, *root.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):  # exactly one of each (4.1.1, 4.1.2)
            (found,) = element.findall(f"{ATOM}{name}")
            assert found.text
        assert text(element, "id").startswith(BASE)
        assert INSTANT.fullmatch(text(element, "updated"))
        alternates = [link for link in element.findall(f"{ATOM}link") if link.get("rel") == "alternate"]
        assert [link.get("type") for link in alternates] == ["text/html"]
        assert all(str(link.get("href")).startswith("http://localhost/") for link in alternates)
    ids = [text(entry, "id") for entry in root.iter(f"{ATOM}entry")]
    assert len(ids) == len(set(ids))
    (itself,) = [link.get("href") for link in root.findall(f"{ATOM}link") if link.get("rel") == "self"]
    assert itself == f"http://localhost/feed.atom{query}"
    assert all(content.get("type") == "xhtml" and len(content) == 1 for content in root.iter(f"{ATOM}content"))
    return root


def text(element: ET.Element, name: str) -> str:
    return element.findtext(f"{ATOM}{name}") or ""


def titles(root: ET.Element) -> list[tuple[str, str]]:
    return [(text(entry, "updated")[:10], text(entry, "title")) for entry in root.iter(f"{ATOM}entry")]


def test_the_feed_tells_changes_and_then_the_newest_papers(two: Site) -> None:
    root = feed(two)
    assert titles(root) == [
        ("2026-10-07", "Retitled, moved to another chapter: Fourth & <last>"),
        ("2026-10-07", "Code links: Three"),
        ("2026-10-07", "Dropped upstream: Two"),
        ("2026-10-07", "Reclassified: One"),
        ("2026-10-06", "Five"),  # since the day of the catalogue that first lists it
        ("2026-09-01", "Six"),
        ("2026-09-01", "Fourth & <last>"),
        ("2026-09-01", "Three"),
        ("2026-09-01", "One"),
    ]
    assert text(root, "updated") == "2026-10-07T00:00:00Z"
    entry = next(entry for entry in root.iter(f"{ATOM}entry") if text(entry, "title") == "Reclassified: One")
    assert "Loss: Reverse KL → Forward KL" in "".join(entry.itertext())
    five = next(entry for entry in root.iter(f"{ATOM}entry") if text(entry, "title") == "Five")
    assert text(five, "id") == f"{BASE}paper/2602.00005"
    assert text(five, "published") == "2026-02-05T00:00:00Z"


def test_an_entry_keeps_its_id_whatever_else_is_in_the_feed(two: Site) -> None:
    ids = {text(entry, "title"): text(entry, "id") for entry in feed(two).iter(f"{ATOM}entry")}
    for query in ("?loss=forward-kl", "?chapter=survey-2026-10-06%2F6", "?code=yes"):
        narrowed = {text(entry, "title"): text(entry, "id") for entry in feed(two, query).iter(f"{ATOM}entry")}
        assert narrowed
        assert narrowed.items() <= ids.items()


def test_a_subscriber_hears_of_a_paper_that_leaves_the_class(two: Site) -> None:
    assert titles(feed(two, "?loss=reverse-kl")) == [("2026-10-07", "Reclassified: One")]


def test_a_fresh_install_has_the_newest_papers_in_its_feed(site: Site) -> None:
    newest = json.loads(site.get("/papers?status=current&sort=newest&per=100", "application/json").data)["papers"]
    ids = {text(entry, "id") for entry in feed(site).iter(f"{ATOM}entry")}
    assert ids == {paper["iri"] for paper in newest[:50]}


def test_hostile_titles_and_texts_break_no_feed(hostile: Site) -> None:
    root = feed(hostile)
    assert "<script>alert(1)</script> & \"quotes\" 'single'" in {title for _, title in titles(root)}
    answer = hostile.get("/feed.atom?q=%00%3Cb%3E%26%0B", "*/*")
    assert "<b>&" in text(ET.fromstring(answer.data), "title")  # noqa: S314 (our own)
    assert hostile.get("/feed.atom?format=json").status_code == 200
    assert hostile.get("/feed.atom?sort=newest").status_code == 400


def test_every_page_names_the_feed(site: Site) -> None:
    for path in ("/", "/paper/2306.13649", "/dumps/"):
        assert '<link rel="alternate" type="application/atom+xml" href="/feed.atom"' in site.page(path)
