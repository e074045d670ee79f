"""Every IRI of the graph answers, in every format, with what the graph says of it."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from pyoxigraph import NamedNode, RdfFormat, Triple, parse, serialize
from rdflib import Dataset, Graph
from rdflib.compare import isomorphic

from kg.media import CITATIONS
from kg.vocab import RDF, RDFS, SKOS, Iris
from server.formats import DOCUMENT_FORMATS, PAGE
from tests.server.conftest import HOSTILE_AUTHORS, HOSTILE_TITLES

if TYPE_CHECKING:
    from tests.server.conftest import Site

IRIS = Iris()
RDF_DOCUMENTS = [offer for offer in DOCUMENT_FORMATS if offer.name != PAGE.name]

#: How many IRIs of each kind are asked for. A kind is the first segment of the path.
SAMPLE = 25

GKD = "/paper/2306.13649"


def local(iri: str) -> str:
    return iri.removeprefix(IRIS.base.rstrip("/"))


def own_iris(site: Site) -> dict[str, list[str]]:
    """Every IRI under the base that the release holds, by kind, without fragments: those are never sent."""
    kinds: dict[str, set[str]] = defaultdict(set)
    for quad in site.store:
        for term in (quad.subject, quad.predicate, quad.object, quad.graph_name):
            if isinstance(term, NamedNode) and term.value.startswith(IRIS.base):
                iri = term.value.partition("#")[0]
                kinds[local(iri).split("/")[1]].add(iri)
    return {kind: sorted(iris) for kind, iris in kinds.items()}


def triples(data: bytes, media_type: str) -> set[Triple]:
    found = RdfFormat.from_media_type(media_type)
    assert found is not None, media_type
    return {quad.triple for quad in parse(data, format=found)}


def said_of(site: Site, iri: str) -> set[Triple]:
    return {quad.triple for quad in site.store.quads_for_pattern(NamedNode(iri), None, None)}


# ---------------------------------------------------------------- every IRI


def test_every_kind_of_iri_answers_as_page_and_as_turtle(site: Site) -> None:
    kinds = own_iris(site)
    assert {"paper", "name", "model", "repository", "concept", "scheme", "source", "listing", "claim"} < set(kinds)
    assert {"agent", "rule", "graph", "release", "dataset", "ontology", "dumps", "sparql"} < set(kinds)
    for kind, iris in kinds.items():
        step = max(1, len(iris) // SAMPLE)
        for iri in iris[::step]:
            page = site.get(local(iri))
            assert page.status_code in ((200, 303) if kind != "dumps" else (200,)), f"{iri}: {page.text[:300]}"
            if kind in ("dumps", "sparql"):
                continue
            document = site.get(local(iri), accept="text/turtle")
            if page.status_code == 303:
                assert document.status_code == 303
                continue
            assert page.mimetype == "text/html"
            assert document.mimetype == "text/turtle"
            assert said_of(site, iri) <= triples(document.data, "text/turtle"), iri


def test_iris_with_an_escaped_slash_or_a_whole_iri_in_them_answer(site: Site, hostile: Site) -> None:
    partitions = [iri for iri in own_iris(site)["release"] if "/class/" in iri or "/property/" in iri]
    assert len(partitions) > 50
    name = IRIS.name("A/B Testing Group").value
    assert "%2F" in name
    for place, iri in [(site, partitions[0]), (hostile, name)]:
        assert said_of(place, iri) <= triples(place.get(local(iri), accept="text/turtle").data, "text/turtle")


@pytest.mark.parametrize("author", HOSTILE_AUTHORS)
def test_any_spelling_of_a_name_answers_and_shows_its_papers(hostile: Site, author: str) -> None:
    page = hostile.page(local(IRIS.name(author).value))
    assert author in unescape(page)
    assert page.count('<article class="card">') == len(HOSTILE_TITLES)


def test_every_link_of_a_page_leads_somewhere(site: Site) -> None:
    seen = set()
    pages = ("/", GKD, "/concept/objective/reverse-kl", "/scheme/objective", "/model/qwen3-8b", "/taxonomy", "/dumps/")
    for page in pages:
        for address in re.findall(r'(?:href|src)="(/[^"]*)"', site.page(page)):
            path = unescape(address).partition("#")[0]
            if path not in seen and not path.startswith("/papers?"):
                seen.add(path)
                assert site.get(path, accept="*/*").status_code in (200, 303), f"{page} links to {path}"
    assert len(seen) > 200


# ---------------------------------------------------------------- one paper, in every format


def test_all_formats_of_a_paper_say_the_same(site: Site) -> None:
    expected = triples(site.get(f"{GKD}.nt").data, "application/n-triples")
    for offer in RDF_DOCUMENTS:
        by_suffix = site.get(GKD + offer.suffix, accept="text/html")
        by_type = site.get(GKD, accept=offer.media_type)
        assert by_suffix.data == by_type.data
        assert by_suffix.mimetype == by_type.mimetype == offer.media_type
        assert triples(by_type.data, offer.media_type) == expected, offer.name
        assert "Accept" in by_type.headers["Vary"]
        assert "Accept," not in by_suffix.headers["Vary"]


@pytest.mark.filterwarnings(
    "ignore:.*deprecated:DeprecationWarning:rdflib"
)  # its JSON-LD parser uses its own old names
def test_other_parsers_read_the_same(site: Site) -> None:
    expected = Graph().parse(data=site.get(f"{GKD}.nt").data, format="nt")
    for suffix, name in ((".ttl", "turtle"), (".rdf", "xml")):
        assert isomorphic(Graph().parse(data=site.get(GKD + suffix).data, format=name), expected), suffix
    for suffix, name in ((".jsonld", "json-ld"), (".trig", "trig")):
        dataset = Dataset().parse(data=site.get(GKD + suffix).data, format=name)
        assert {(s, p, o) for s, p, o, _ in dataset.quads()} == set(expected), suffix


def test_a_papers_document_holds_its_parts_and_names_what_it_points_to(site: Site) -> None:
    found = triples(site.get(f"{GKD}.ttl").data, "text/turtle")
    paper = IRIS.paper("2306.13649")
    claims = {quad.subject for quad in site.store.quads_for_pattern(None, RDF.subject, paper)}
    authorships = {quad.object for quad in site.store.quads_for_pattern(paper, IRIS.opd.hasAuthorship, None)}
    assert len(claims) > 5
    assert len(authorships) == 7
    for part in (*claims, *authorships, IRIS.setup("2306.13649", 1)):
        assert isinstance(part, NamedNode)
        assert said_of(site, part.value) <= found
    loss = IRIS.concept("objective", "forward-kl")
    assert {t.object.value for t in found if t.subject == loss and t.predicate == SKOS.prefLabel} == {"Forward KL"}  # type: ignore[union-attr]
    assert not any(t.subject == loss and t.predicate == SKOS.definition for t in found)


def test_a_concepts_document_does_not_grow_with_the_literature(site: Site) -> None:
    concept = IRIS.concept("role", "direct-opd")
    found = triples(site.get(f"{local(concept.value)}.ttl").data, "text/turtle")
    assert not any(t.object == concept and t.predicate == IRIS.opd.role for t in found)


def test_the_ontology_describes_its_terms(site: Site) -> None:
    found = triples(site.get("/ontology", accept="text/turtle").data, "text/turtle")
    terms = {quad.subject for quad in site.store.quads_for_pattern(None, RDFS.isDefinedBy, IRIS.ontology)}
    assert IRIS.opd.lossClass in terms
    assert {t for term in terms for t in said_of(site, term.value)} <= found  # type: ignore[union-attr]
    assert '<section class="term" id="lossClass">' in site.page("/ontology")


def test_a_dropped_paper_keeps_its_address_and_says_so(site: Site) -> None:
    dropped = next(
        site.store.quads_for_pattern(None, IRIS.opd.listingStatus, IRIS.concept("listing", "dropped"))
    ).subject
    assert isinstance(dropped, NamedNode)
    assert re.search(r"No longer listed since 20\d\d-\d\d-\d\d|Not on any list today", site.page(local(dropped.value)))


# ---------------------------------------------------------------- negotiation


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "text/html"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("text/turtle;q=0.5, application/ld+json", "application/ld+json"),
        ("application/json", "application/json"),
        ("application/rdf+xml, */*;q=0.1", "application/rdf+xml"),
        ("text/html;q=0, text/*", "text/turtle"),
        ("application/x-bibtex", "application/x-bibtex"),
    ],
)
def test_accept_chooses(site: Site, accept: str, media_type: str) -> None:
    assert site.get(GKD, accept=accept).mimetype == media_type


def test_absurd_accepts_are_refused_with_what_there_is(site: Site) -> None:
    response = site.get(GKD, accept="application/pdf")
    assert response.status_code == 406
    assert "text/turtle" in response.text
    concept = site.get("/concept/objective/reverse-kl", accept="application/x-bibtex")
    assert concept.status_code == 406


def test_links_name_the_iri_and_every_other_format(site: Site) -> None:
    links = site.get(GKD).headers["Link"]
    assert '<https://w3id.org/opdkg/paper/2306.13649>; rel="canonical"' in links
    assert '<http://localhost/paper/2306.13649.ttl>; rel="describedby"; type="text/turtle"' in links
    for offer in (*RDF_DOCUMENTS, *CITATIONS):
        assert f'<http://localhost{GKD}{offer.suffix}>; rel="alternate"; type="{offer.media_type}"' in links
    page = site.page(GKD)
    assert '<link rel="canonical" href="https://w3id.org/opdkg/paper/2306.13649">' in page
    assert site.get(GKD, accept="text/turtle").headers["Content-Location"].endswith(f"{GKD}.ttl")


def test_citations_are_for_papers(site: Site) -> None:
    assert site.get(f"{GKD}.ris").text.startswith("TY  - UNPB")
    assert json.loads(site.get(f"{GKD}.csl").data)[0]["DOI"] == "10.48550/arXiv.2306.13649"
    assert site.get("/concept/objective/reverse-kl.bib").status_code == 404


# ---------------------------------------------------------------- other names, and no names at all


@pytest.mark.parametrize(
    ("path", "target"),
    [
        (f"{GKD}v2", GKD),
        (f"{GKD}v2.ttl", f"{GKD}.ttl"),
        ("/paper/arXiv:2306.13649", GKD),
        ("/paper/ARXIV:2306.13649v1.bib", f"{GKD}.bib"),
        ("/paper/deepseekv4", "/paper/2606.19348"),
        ("/paper/https://arxiv.org/abs/2306.13649v3", GKD),
        (f"{GKD}v2?format=nt", f"{GKD}?format=nt"),
        ("/ontology/1.0.0", "/ontology"),
    ],
)
def test_other_names_lead_to_the_thing(site: Site, path: str, target: str) -> None:
    response = site.get(path)
    assert response.status_code == 303
    assert urlsplit(response.location)._replace(scheme="", netloc="").geturl() == target
    assert site.get(target).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/paper/2306.99999",
        "/paper/2306.99999v2.ttl",
        "/paper/",
        "/paper/2306.13649.docx",
        "/paper/2306.13649/author/99",
        "/paper/%22%3E%3Cscript%3E",
        "/paper/<script>alert(1)</script>",
        "/concept/objective/'; DROP",
        "/concept/" + "a/" * 500,
        "/name/" + "x" * 5000,
        "/.ttl",
        "/.git/config",
        "/%00",
        "/%ff%fe",
        "/release/..%2F..%2Fmanifest.json",
        "/ontology%23lossClass",
    ],
)
def test_what_is_not_there_is_a_plain_404(site: Site, path: str) -> None:
    response = site.get(path)
    assert response.status_code == 404
    assert response.mimetype == "text/html"
    assert "<script>alert" not in response.text
    assert "Traceback" not in response.text
    assert site.get(path, accept="application/json").mimetype == "application/problem+json"


# ---------------------------------------------------------------- hostile and local data


def test_a_page_shows_any_title_as_text_and_links_only_to_the_web(hostile: Site) -> None:
    for n, title in enumerate(HOSTILE_TITLES, start=1):
        page = hostile.page(f"/paper/2609.0000{n}")
        assert " ".join(title.split()) in unescape(page)
        assert "<script>alert" not in page
        links = [unescape(link) for link in re.findall(r'(?:href|src|action)="([^"]*)"', page)]
        assert all(link.startswith(("/", "#", "http://", "https://")) for link in links)


def test_local_data_is_shown_beside_what_the_sources_say(hostile: Site) -> None:
    page = hostile.page("/paper/2609.00001")
    assert "<h1>&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "2026-09-01" in page
    after = page.partition("Said by local data")[2]
    assert "A title of my own" in after
    assert "soon" in after
    assert "Read &lt;b&gt;this&lt;/b&gt;" in after
    assert 'href="javascript' not in page
    assert "https://example.org/note" in after
    assert json.loads(hostile.get("/papers?format=json").data)["total"] == len(HOSTILE_TITLES)


def test_things_of_local_data_answer_too(hostile: Site) -> None:
    assert "Mine" in hostile.page("/paper/not-listed-anywhere")
    assert hostile.get("/paper/not-listed-anywhere.bib").status_code == 404
    graph = triples(hostile.get("/graph/local/mine.ttl", accept="text/turtle").data, "text/turtle")
    assert IRIS.graph("local/mine.ttl") in {t.subject for t in graph}
    mentioned = hostile.get("/local/only-mentioned", accept="application/n-triples")
    assert mentioned.status_code == 200
    assert IRIS.base + "local/only-mentioned" in mentioned.text


def test_an_iri_beyond_ascii_answers_and_is_linked_in_ascii(hostile: Site) -> None:
    for path in ("/local/名前", "/local/%E5%90%8D%E5%89%8D"):
        response = hostile.get(path)
        assert response.status_code == 200
        assert "A name" in response.text
        assert '<https://w3id.org/opdkg/local/%E5%90%8D%E5%89%8D>; rel="cite-as"' in response.headers["Link"]
    assert "名前" in hostile.get("/local/%E5%90%8D%E5%89%8D.nt").text
    assert hostile.get("/local/%E5%90%8D%E5%89%8D.linkset.json").status_code == 200


@pytest.mark.parametrize("path", ["/paper/2609.00001", "/local/odd", "/local/only-mentioned", "/graph/local/mine.ttl"])
def test_local_data_is_json_ld_too(hostile: Site, path: str) -> None:
    """The first has blank nodes, the second an IRI that reads like one of the context's prefixes."""
    expected = Graph().parse(data=hostile.get(f"{path}.nt").data, format="nt")
    read = parse(hostile.get(f"{path}.jsonld").data, RdfFormat.JSON_LD)
    found = Graph().parse(
        data=serialize((quad.triple for quad in read), format=RdfFormat.N_TRIPLES) or b"", format="nt"
    )
    assert isomorphic(found, expected)


def test_plain_json_is_the_same_json_ld(site: Site) -> None:
    as_json = site.get(f"{GKD}.json")
    assert as_json.content_type == "application/json"
    assert as_json.data == site.get(f"{GKD}.jsonld").data == site.get(GKD, accept="application/json").data


def test_the_context_answers_where_the_iri_says(site: Site) -> None:
    response = site.get("/ontology/context.jsonld")
    assert response.content_type == "application/ld+json"
    whole = json.loads(response.data)["@context"]
    assert json.loads(site.get(f"{GKD}.jsonld").data)["@context"].items() <= whole.items()


def test_a_repository_whose_name_looks_like_a_suffix_is_itself(hostile: Site) -> None:
    assert "github.com/owner/x.json" in hostile.page("/repository/github.com/owner/x.json")
    assert hostile.get("/repository/github.com/owner/x.json.ttl").mimetype == "text/turtle"
