"""Typed links: in the header, in the page's head, and whole in both formats of a linkset."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import TYPE_CHECKING

import pytest
from requests.utils import parse_header_links

from kg.build import build
from kg.inputs import Inputs
from kg.media import CITATIONS
from kg.release import Home
from kg.sources import read_source
from server.formats import DOCUMENT_FORMATS
from tests.server.conftest import opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.server.conftest import Site

BASE = "https://w3id.org/opdkg"
HERE = "http://localhost"
GKD = "/paper/2306.13649"
CC0 = "http://creativecommons.org/publicdomain/zero/1.0/"

#: Relation, target and media type.
Triple = tuple[str, str, str | None]


def in_header(site: Site, path: str, accept: str = "text/html") -> set[Triple]:
    links = parse_header_links(site.get(path, accept=accept).headers["Link"])
    return {(link["rel"], link["url"], link.get("type")) for link in links}


def in_linkset(site: Site, path: str) -> dict[str, set[Triple]]:
    """Read the links by anchor, the same from both formats."""
    as_json = site.get(f"{path}.linkset.json", accept="*/*")
    assert as_json.content_type == "application/linkset+json"
    found: dict[str, set[Triple]] = {
        context["anchor"]: {
            (rel, target["href"], target.get("type"))
            for rel, targets in context.items()
            if rel != "anchor"
            for target in targets
        }
        for context in json.loads(as_json.data)["linkset"]
    }
    as_text = site.get(f"{path}.linkset", accept="*/*")
    assert as_text.content_type == "application/linkset"
    listed: dict[str, set[Triple]] = {}
    for link in parse_header_links(as_text.text.replace("\n", " ")):
        listed.setdefault(link["anchor"], set()).add((link["rel"], link["url"], link.get("type")))
    assert listed == found
    return found


def test_a_papers_page_says_what_a_machine_looks_for(site: Site) -> None:
    """The relations are those of https://signposting.org/FAIR/#level1 for a landing page."""
    links = in_header(site, GKD)
    assert {
        ("cite-as", BASE + GKD, None),
        ("canonical", BASE + GKD, None),
        ("type", "https://schema.org/AboutPage", None),
        ("type", "https://schema.org/ScholarlyArticle", None),
        ("license", CC0, None),
        ("author", f"{BASE}/name/Agarwal,_Rishabh", None),
        ("describedby", f"{HERE}{GKD}.jsonld", "application/ld+json"),
        ("describedby", f"{HERE}{GKD}.bib", "application/x-bibtex"),
        ("linkset", f"{HERE}{GKD}.linkset", "application/linkset"),
        ("linkset", f"{HERE}{GKD}.linkset.json", "application/linkset+json"),
    } <= links
    others = [offer for offer in (*DOCUMENT_FORMATS, *CITATIONS) if offer.name != "html"]
    assert {("alternate", f"{HERE}{GKD}{offer.suffix}", offer.media_type) for offer in others} <= links
    assert [link[1] for link in parsed(site, GKD) if link[0] == "author"] == [
        f"{BASE}/name/{name}"
        for name in (
            "Agarwal,_Rishabh",
            "Vieillard,_Nino",
            "Zhou,_Yongchao",
            "Stanczyk,_Piotr",
            "Ramos,_Sabela",
            "Geist,_Matthieu",
            "Bachem,_Olivier",
        )
    ]


def parsed(site: Site, path: str) -> list[tuple[str, str]]:
    return [(link["rel"], link["url"]) for link in parse_header_links(site.get(path).headers["Link"])]


@pytest.mark.parametrize("path", [GKD, "/concept/objective/reverse-kl", "/scheme/objective", "/ontology", "/dataset"])
def test_head_header_and_linkset_say_the_same(site: Site, path: str) -> None:
    header = in_header(site, path)
    linkset = in_linkset(site, path)
    assert linkset[HERE + path] == {link for link in header if link[0] != "linkset"}
    page = site.page(path)
    head = page.partition("</head>")[0]
    for rel, target, _ in header - {link for link in header if link[0] == "alternate"}:
        assert f'<link rel="{rel}" href="{target}"' in unescape(head)
    for _, target, _ in (link for link in header if link[0] == "describedby"):
        assert ("describes", HERE + path, "text/html") in linkset[target]


def test_a_header_stays_short_and_the_linkset_has_the_rest(site: Site) -> None:
    concepts = {link for link in in_linkset(site, "/scheme/objective")[f"{HERE}/scheme/objective"] if link[0] == "item"}
    assert ("item", f"{BASE}/concept/objective/unclassified", None) in concepts
    crowded = max(
        site.store.query(
            "SELECT ?p (COUNT(?a) AS ?n) { GRAPH ?g { ?p <https://w3id.org/opdkg/ontology#hasAuthorship> ?a } } GROUP BY ?p"
        ),
        key=lambda row: int(row["n"].value),
    )
    path = crowded["p"].value.removeprefix(BASE)
    header = [link for link in in_header(site, path) if link[0] == "author"]
    whole = [link for link in in_linkset(site, path)[HERE + path] if link[0] == "author"]
    assert len(header) == 10
    assert len(whole) == len(set(whole)) > 10
    assert len(site.get(path).headers["Link"]) < 4096


def test_parts_and_wholes_are_linked(site: Site) -> None:
    assert ("collection", f"{BASE}/scheme/objective", None) in in_header(site, "/concept/objective/reverse-kl")
    release = site.get("/").text.partition('<a href="/release/')[2].partition('"')[0]
    path = f"/release/{release}"
    links = in_linkset(site, path)[HERE + path]
    assert ("item", f"{BASE}/dumps/{release}/opd.nt.gz", None) in links
    assert ("collection", f"{BASE}/dataset", None) in links
    assert ("type", "https://schema.org/Dataset", None) in links


def test_a_document_that_is_no_page_says_what_it_describes(site: Site) -> None:
    for path, accept in ((f"{GKD}.ttl", "*/*"), (GKD, "text/turtle")):
        links = in_header(site, path, accept)
        assert ("describes", HERE + GKD, "text/html") in links
        assert ("canonical", BASE + GKD, None) in links
        assert not {link for link in links if link[0] in ("cite-as", "describedby")}


def test_there_is_no_linkset_of_nothing(site: Site) -> None:
    response = site.get("/paper/2306.99999.linkset.json", accept="application/json")
    assert (response.status_code, response.mimetype) == (404, "application/problem+json")
    assert site.get(f"{GKD}v2.linkset").location == f"{GKD}.linkset"


# ---------------------------------------------------------------- what there was


@pytest.fixture(scope="module")
def successor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The second of two releases; the first one had a paper more, from another source."""
    home = tmp_path_factory.mktemp("two")
    for ids in (("2609.00001", "2609.00002"), ("2609.00001",)):
        build(Home(home), Inputs([read_source(catalogue(ids).encode(), "catalog-2026-10-06.json")]))
    yield from opened(home)


def catalogue(ids: tuple[str, ...]) -> str:
    papers = [
        {
            "paper_id": paper_id,
            "arxiv_id": paper_id,
            "title": f"Paper {paper_id}",
            "authors": ["One, Some"],
            "year": 2026,
            "submitted": "2026-09-01",
            "paper_url": f"https://arxiv.org/abs/{paper_id}",
            "mechanism": "direct_opd",
            "home": "objectives",
            "code_urls": [],
            "code_status": "none",
        }
        for paper_id in ids
    ]
    return json.dumps({"updated_on": "2026-10-06", "total": len(papers), "papers": papers})


@pytest.mark.parametrize("accept", ["text/html", "application/ld+json"])
def test_what_an_earlier_release_had_is_gone(successor: Site, accept: str) -> None:
    assert successor.get("/paper/2609.00001", accept=accept).status_code == 200
    for path in ("/paper/2609.00002", "/paper/2609.00002.ttl", "/paper/2609.00002/author/1"):
        response = successor.get(path, accept=accept)
        assert response.status_code == 410
        assert re.search(r"Release \S+ had something at /paper/2609.00002", response.text)
    assert successor.get("/paper/2609.00003", accept=accept).status_code == 404


def test_an_earlier_release_is_what_can_still_be_downloaded_of_it(successor: Site) -> None:
    gone = successor.get("/paper/2609.00002").text
    former = re.search(r"Release (\S+) had", gone)[1]  # type: ignore[index]
    for suffix in ("", ".ttl"):
        response = successor.get(f"/release/{former}{suffix}")
        assert (response.status_code, response.headers["Location"]) == (303, f"/dumps/{former}/")
    assert successor.get("/release/2001-01-01-0000000000").status_code == 404
