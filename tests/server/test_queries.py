"""The questions' pages: a list, and for each its words, its query, and the answer that the engine gives to it."""

from __future__ import annotations

import csv
import re
from html import unescape
from io import StringIO
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from pyoxigraph import NamedNode
from rdflib import RDF, Graph, Literal, Namespace, URIRef

from kg.questions import find_question, load_questions
from kg.vocab import DEFAULT_BASE_IRI, Iris
from server.queries import MAX_ROWS

if TYPE_CHECKING:
    from tests.server.conftest import Site

QUESTIONS = load_questions()
SH = Namespace("http://www.w3.org/ns/shacl#")

each_question = pytest.mark.parametrize("name", [question.name for question in QUESTIONS])


def answer(site: Site, name: str) -> list[list[str]]:
    """The header and the rows of a question's answer, asked of the endpoint."""
    question = find_question(name)
    assert question
    response = site.client.get("/sparql", query_string={"query": question.text, "format": "csv"})
    return list(csv.reader(StringIO(response.text)))


def cells(page: str, tag: str) -> list[str]:
    found = re.findall(rf"<{tag}[ >].*?</{tag}>", page, re.DOTALL)
    return [unescape(re.sub(r"<[^>]+>", "", cell)) for cell in found]


def test_the_list_asks_every_question_in_plain_words(site: Site) -> None:
    page = unescape(site.page("/queries"))
    for question in QUESTIONS:
        assert f'<a href="/queries/{question.name}">{question.title}</a>' in page
        assert question.question in page


def test_programs_get_the_list_as_json(site: Site) -> None:
    response = site.get("/queries", "application/json")
    assert response.content_type == "application/json"
    assert "Accept" in response.headers["Vary"]
    assert response.json
    assert [(each["iri"], each["title"], each["question"], each["query"]) for each in response.json["queries"]] == [
        (f"{DEFAULT_BASE_IRI}queries/{each.name}", each.title, each.question, each.text) for each in QUESTIONS
    ]


@each_question
def test_a_page_shows_question_query_and_answer(site: Site, name: str) -> None:
    page = site.page(f"/queries/{name}")
    question = find_question(name)
    assert question
    assert question.question in unescape(page)
    assert question.text in unescape(page)
    header, *rows = answer(site, name)
    assert cells(page, "th") == header
    assert len(cells(page, "td")) == len(header) * min(len(rows), MAX_ROWS)
    assert (f"These are the first {MAX_ROWS} rows" in page) is (len(rows) > MAX_ROWS)


def test_the_cells_are_those_of_the_answer(site: Site) -> None:
    header, *rows = answer(site, "same-family-pairs")
    assert cells(site.page("/queries/same-family-pairs"), "td") == [cell for row in rows for cell in row]
    assert header == ["family", "papers"]


def test_a_resource_in_an_answer_is_a_link_to_its_page(site: Site) -> None:
    _, *rows = answer(site, "dropped-papers")
    page = site.page("/queries/dropped-papers")
    paper = rows[0][0].removeprefix(f"{DEFAULT_BASE_IRI}paper/")
    assert f'<td><a href="/paper/{paper}">paper:{paper}</a></td>' in page


def test_the_query_opens_in_the_editor(site: Site) -> None:
    page = site.page("/queries/f-divergences")
    links = [unescape(link) for link in re.findall(r'href="(/sparql[^"]+)"', page)]
    (editor,) = [link for link in links if link.startswith("/sparql#")]
    question = find_question("f-divergences")
    assert question
    assert parse_qs(urlsplit(editor).fragment) == {"query": [question.text]}


def test_the_editor_begins_with_the_questions_of_the_release(site: Site) -> None:
    offered = re.findall(r'<dt><a href="([^"]+)" data-query="([^"]+)">', site.page("/sparql"))
    held = site.store.quads_for_pattern(None, NamedNode(str(SH.select)), None, Iris().graph("description"))
    assert sorted((path, unescape(query)) for path, query in offered) == sorted(
        (quad.subject.value.removeprefix(DEFAULT_BASE_IRI.rstrip("/")), quad.object.value) for quad in held
    )
    assert len(offered) > 20


def test_the_whole_answer_is_a_link_away(site: Site) -> None:
    page = site.page("/queries/f-divergences")
    links = [unescape(link) for link in re.findall(r'href="(/sparql\?[^"]+)"', page)]
    csv_link, json_link = links
    assert list(csv.reader(StringIO(site.get(csv_link).text))) == answer(site, "f-divergences")
    found = site.get(json_link).get_json(force=True)["results"]["bindings"]
    assert len(found) == len(answer(site, "f-divergences")) - 1


@each_question
def test_the_text_has_an_address(site: Site, name: str) -> None:
    response = site.get(f"/queries/{name}.rq")
    question = find_question(name)
    assert question
    assert response.content_type == "application/sparql-query"
    assert response.text == question.text


@pytest.mark.parametrize("path", ["/queries/f-divergences", "/queries/f-divergences.ttl"])
def test_a_program_gets_the_question_as_rdf(site: Site, path: str) -> None:
    response = site.get(path, "text/turtle")
    graph = Graph().parse(data=response.data, format="turtle")
    node = URIRef(f"{DEFAULT_BASE_IRI}queries/f-divergences")
    question = find_question("f-divergences")
    assert question
    assert (node, RDF.type, SH.SPARQLExecutable) in graph
    assert graph.value(node, SH.select) == Literal(question.text)


@pytest.mark.parametrize("path", ["/queries/nothing", "/queries/nothing.rq", "/queries/%3Cscript%3E.rq"])
def test_there_is_no_other_question(site: Site, path: str) -> None:
    assert site.get(path, "application/json").status_code == 404


def test_every_prefix_has_an_address(site: Site) -> None:
    response = site.get("/ontology/prefixes/opd", "text/turtle")
    graph = Graph().parse(data=response.data, format="turtle")
    node = URIRef(f"{DEFAULT_BASE_IRI}ontology/prefixes/opd")
    assert str(graph.value(node, SH.namespace)) == f"{DEFAULT_BASE_IRI}ontology#"
