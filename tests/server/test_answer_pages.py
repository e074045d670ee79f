"""What a person without scripts gets from the endpoint: the beginning of an answer as a page that leads to the whole."""

from __future__ import annotations

import csv
import io
import re
from html import unescape

import pytest
import requests

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"

#: Texts that a careless writer of HTML would break.
TEXTS = ("plain", "<b>&amp;</b>", "</td><script>x</script>", "κλ 知識 𝄞", "'\"", "\u0007")

ESCAPED = (text.replace('"', '\\"').replace("\u0007", "\\u0007") for text in TEXTS)
VALUES = "SELECT * { VALUES ?text { " + " ".join(f'"{text}"' for text in ESCAPED) + " } }"

#: Takes hours: a product of the graph with itself, counted.
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"


def ask(address: str, query: str, **parameters: str) -> requests.Response:
    sent = {"query": query, **parameters}
    return requests.get(f"{address}/sparql", params=sent, headers={"Accept": BROWSER}, timeout=60)


def page(address: str, query: str, **parameters: str) -> str:
    response = ask(address, query, **parameters)
    assert (response.status_code, response.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    return response.text


def test_the_rows_are_a_table_whatever_they_say(address: str) -> None:
    shown = page(address, VALUES)
    cells = [unescape(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", shown)]
    assert cells == [text.replace("\u0007", "\ufffd") for text in TEXTS]
    assert "only the beginning" not in shown


def test_an_answer_of_many_rows_is_begun_and_its_links_lead_to_all(address: str) -> None:
    query = "SELECT ?paper { ?paper a opd:Paper } ORDER BY ?paper"
    shown = page(address, query)
    assert "This is only the beginning." in shown
    found = re.findall(r'<td[^>]*><a href="/paper/([^"]*)"', shown)
    (link,) = re.findall(r'href="(/sparql[^"#]*format=csv)"', shown)
    whole = [row[0] for row in csv.reader(io.StringIO(requests.get(address + unescape(link), timeout=60).text))][1:]
    assert whole[: len(found)] == [f"https://w3id.org/opdkg/paper/{paper}" for paper in found]
    assert len(whole) == 349 > len(found) > 100


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("ASK {}", '<p class="lead">Yes</p>'),
        ("ASK { FILTER(false) }", '<p class="lead">No</p>'),
        ("CONSTRUCT { <urn:a> <urn:b> '<b>' } {}", "&lt;urn:a&gt; &lt;urn:b&gt; &#34;&lt;b&gt;&#34; ."),
        ("SELECT * { FILTER(false) }", "<p>No row.</p>"),
        ("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o FILTER(false) }", "<p>No statement.</p>"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "This is only the beginning."),
        ("SELECT (GROUP_CONCAT(STR(?o)) AS ?all) { ?s ?p ?o }", "<p>Not even the first row fits on a page.</p>"),
    ],
)
def test_other_answers_are_told_in_words(address: str, query: str, told: str) -> None:
    assert told in page(address, query)


def test_what_follows_an_answer_keeps_its_dataset(address: str) -> None:
    graph = "https://w3id.org/opdkg/graph/ontology"
    shown = page(address, "SELECT (COUNT(*) AS ?n) { ?s a opd:Paper }", **{"default-graph-uri": graph})
    assert '<td class="nowrap">0</td>' in shown
    (link,) = re.findall(r'href="(/sparql[^"#]*format=tsv)"', shown)
    assert requests.get(address + unescape(link), timeout=60).text.split() == ["?n", "0"]
    assert f'<input type="hidden" name="default-graph-uri" value="{graph}">' in shown


def test_a_query_that_is_posted_is_answered_alike(address: str) -> None:
    data, headers = {"query": "ASK {}"}, {"Accept": BROWSER}
    response = requests.post(f"{address}/sparql", data=data, headers=headers, timeout=60)
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert ">Yes<" in response.text


def test_programs_get_no_page(address: str) -> None:
    for accept in ("*/*", "", "application/json", "text/html;q=0.5, text/csv", "application/*, text/html;q=0.9"):
        headers = {"Accept": accept}
        response = requests.get(f"{address}/sparql", params={"query": "SELECT * {}"}, headers=headers, timeout=60)
        assert response.status_code == 200
        assert "html" not in response.headers["Content-Type"], accept


def test_the_limits_hold_and_a_page_tells_of_them(address: str) -> None:
    for query, parameters, status in (
        (ENDLESS, {"timeout": "0.5"}, 504),
        ("SELECT nonsense", {}, 400),
        ("DROP ALL", {}, 403),
    ):
        response = ask(address, query, **parameters)
        assert (response.status_code, response.headers["Content-Type"]) == (status, "text/html; charset=utf-8")


def test_nothing_to_change_is_sent_again(address: str) -> None:
    first = ask(address, "ASK {}")
    headers = {"Accept": BROWSER, "If-None-Match": first.headers["ETag"]}
    again = requests.get(first.url, headers=headers, timeout=60)
    assert (again.status_code, again.content) == (304, b"")
    assert "Accept" in first.headers["Vary"]
