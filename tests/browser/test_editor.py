"""The query editor at /sparql in Chromium. The page fixtures see to it that nothing is blocked and nothing asked elsewhere."""

from __future__ import annotations

import csv
import io
import re
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from kg.questions import find_question

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

QUESTION = "loss-classes-by-year"


@pytest.fixture
def editor(scripted: Page) -> Page:
    """The editor as someone finds it who has never been here."""
    scripted.goto("/sparql")
    expect(query(scripted)).to_have_count(1)
    return scripted


def query(page: Page) -> Locator:
    return page.get_by_role("textbox", name="SPARQL query")


def write(page: Page, text: str) -> None:
    query(page).focus()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def written(page: Page) -> str:
    return "\n".join(page.locator(".tabPanel.active .CodeMirror-line").all_inner_texts())


def run(page: Page) -> None:
    page.locator(".tabPanel.active").get_by_role("button", name="Run query").click()


def results(page: Page) -> Locator:
    return page.locator(".tabPanel.active .yasr_results tbody tr")


def offered(page: Page) -> Locator:
    return page.locator(".CodeMirror-hints").get_by_role("option")


def answer(page: Page, text: str) -> list[list[str]]:
    """What the endpoint itself answers, without the header."""
    response = page.request.post("/sparql", form={"query": text}, headers={"Accept": "text/csv"})
    return list(csv.reader(io.StringIO(response.text())))[1:]


def test_the_query_that_is_there_runs_and_its_links_lead_to_pages_of_this_site(editor: Page) -> None:
    run(editor)
    expect(results(editor)).to_have_count(20)
    expect(editor.get_by_role("status").filter(has_text="20 results")).to_be_visible()
    paper = results(editor).first.get_by_role("link")
    title = results(editor).first.locator("td").last.inner_text()
    expect(paper).to_have_text(re.compile(r"^paper:\S+$"))
    paper.click()
    expect(editor).to_have_url(re.compile(r"^http://127\.0\.0\.1:\d+/paper/"))
    expect(editor.get_by_role("heading", level=1)).to_have_text(title)


def test_an_example_opens_in_a_tab_of_its_own_and_only_once(editor: Page) -> None:
    question = find_question(QUESTION)
    assert question
    editor.get_by_text("questions to start from").click()
    for _ in range(2):
        editor.locator("#examples").get_by_role("link", name=question.title).click()
        expect(editor.get_by_role("tab", selected=True)).to_contain_text(question.title)
    expect(editor.get_by_role("tab")).to_have_count(3)  # the first one, this one, and the one that adds another
    assert "SELECT" in written(editor)
    expect(results(editor)).to_have_count(len(answer(editor, question.text)))
    editor.get_by_role("tab").first.click()
    assert "opd:Paper" in written(editor)


def test_a_shared_link_opens_the_query_and_runs_it(editor: Page, browser: Browser) -> None:
    shared = 'SELECT ?answer WHERE { BIND("1 + 1 = 2 & \\"so\\" on #ü" AS ?answer) }'
    write(editor, shared)
    editor.get_by_role("button", name="Share query").click()
    link = editor.get_by_role("textbox", name="Link to this query").input_value()
    assert "/sparql#query=" in link
    with closing(browser.new_context()) as elsewhere:
        page = elsewhere.new_page()
        page.goto(link)
        expect(results(page)).to_have_count(1)
        expect(results(page).locator("td").last).to_have_text('1 + 1 = 2 & "so" on #ü')
        assert written(page) == shared
        expect(page).to_have_url(re.compile(r"/sparql$"))


def test_a_link_that_is_followed_while_the_editor_is_open_opens_a_tab(editor: Page) -> None:
    editor.evaluate("location.hash = 'query=' + encodeURIComponent('SELECT (1+1 AS ?two) {}') + '&title=Two'")
    expect(editor.get_by_role("tab", selected=True)).to_contain_text("Two")
    expect(results(editor).locator("td").last).to_have_text("2")


def test_ask_and_construct_are_shown_as_well(editor: Page) -> None:
    write(editor, "ASK { ?paper a opd:Paper }")
    run(editor)
    expect(editor.locator(".tabPanel.active .yasr_results")).to_contain_text("True")
    write(editor, "CONSTRUCT WHERE { <https://w3id.org/opdkg/paper/2306.13649> opd:year ?year }")
    run(editor)
    expect(results(editor)).to_have_count(1)
    expect(results(editor)).to_contain_text("2023")


def test_an_answer_is_shown_as_text_and_only_addresses_are_links(editor: Page) -> None:
    write(
        editor,
        """SELECT ?literal ?script ?elsewhere ?here WHERE {
          BIND("<b title='x'>bold</b>" AS ?literal) BIND(IRI("javascript:alert(1)") AS ?script)
          BIND(<https://example.org/it's> AS ?elsewhere) BIND(<https://w3id.org/opdkg//example.org/> AS ?here)
        }""",
    )
    run(editor)
    cells = results(editor).locator("td:visible")
    expect(cells).to_have_text(
        [
            "<b title='x'>bold</b>",
            "javascript:alert(1)",
            "https://example.org/it's",
            "https://w3id.org/opdkg//example.org/",
        ]
    )
    links = [link.get_attribute("href") for link in cells.get_by_role("link").all()]
    assert links == ["https://example.org/it's", "https://w3id.org/opdkg//example.org/"]


def test_a_mistake_is_marked_where_it_is_written(editor: Page) -> None:
    write(editor, "SELECT ?paper WHERE {\n  ?paper }")
    editor.locator(".parseErrorIcon").hover()
    expect(editor.get_by_text("This line is invalid. Expected:")).to_be_visible()


def test_an_error_is_told_in_the_servers_words(browser: Browser, address: str) -> None:
    wrong = "SELECT ?paper WHERE {\n  ?paper ?p ?o"
    with closing(browser.new_context(base_url=address)) as context:  # Chromium itself complains of an answer with 400
        page = context.new_page()
        page.goto("/sparql")
        write(page, wrong)
        run(page)
        problem = page.request.post("/sparql", form={"query": wrong}).json()
        alert = page.get_by_role("alert")
        expect(alert).to_contain_text("400 Bad Request")
        expect(alert).to_contain_text(problem["detail"])


def test_terms_of_the_graph_are_completed_and_their_prefixes_declared(editor: Page) -> None:
    write(editor, "SELECT * WHERE {\n  ?paper opd:lossc")
    editor.keyboard.press("Control+Space")
    expect(offered(editor)).to_have_text(["opd:lossClass"])
    editor.keyboard.press("Enter")
    expect(editor.locator(".CodeMirror-line").first).to_have_text("PREFIX opd: <https://w3id.org/opdkg/ontology#>")
    editor.keyboard.insert_text(" concept:reverse-k")
    editor.keyboard.press("Control+Space")
    concept = "<https://w3id.org/opdkg/concept/objective/reverse-kl>"
    offered(editor).filter(has_text=re.compile(f"^{re.escape(concept)}$")).click()
    assert written(editor).endswith(f"?paper opd:lossClass {concept}")


def test_a_class_is_completed_where_a_class_belongs(editor: Page) -> None:
    write(editor, "SELECT * WHERE {\n  ?paper a opd:pap")
    editor.keyboard.press("Control+Space")
    expect(offered(editor)).to_have_text(["opd:Paper"])


def test_queries_are_kept_in_this_browser_and_answers_are_not(editor: Page) -> None:
    write(editor, "SELECT ?kept WHERE { VALUES ?kept { 1 2 3 } }")
    run(editor)
    expect(results(editor)).to_have_count(3)
    assert editor.context.cookies() == []
    assert editor.evaluate("sessionStorage.length") == 0
    editor.reload()
    expect(query(editor)).to_have_count(1)
    assert written(editor) == "SELECT ?kept WHERE { VALUES ?kept { 1 2 3 } }"
    expect(results(editor)).to_have_count(0)


def test_a_long_query_runs_too(editor: Page) -> None:
    write(
        editor, f"SELECT ?last WHERE {{ VALUES ?last {{ {' '.join(map(str, range(10_000)))} }} FILTER(?last = 9999) }}"
    )
    run(editor)
    expect(results(editor).locator("td").last).to_have_text("9999")


@pytest.mark.parametrize("width", [380, 800, 1440])
def test_it_is_no_wider_than_the_window(editor: Page, width: int) -> None:
    editor.set_viewport_size({"width": width, "height": 900})
    run(editor)
    expect(results(editor)).to_have_count(20)
    assert editor.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


@pytest.mark.parametrize("scripts", [False], indirect=True, ids=["without scripts"])
def test_without_scripts_the_form_asks(page: Page) -> None:
    page.goto("/sparql")
    page.get_by_label("Query").fill("SELECT ?answer WHERE { BIND(6*7 AS ?answer) }")
    page.get_by_label("Format").select_option("csv")
    with page.expect_download() as download:
        page.get_by_role("button", name="Run").click()
    assert download.value.path().read_text(encoding="utf-8").split() == ["answer", "42"]
