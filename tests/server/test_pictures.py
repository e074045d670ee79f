"""The pictures' numbers are those that plain Python counts in the sources, on the page as in the data, and lead to the papers."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest

from server.pictures import ATLAS, PAGES
from tests.queries import counted

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tests.server.conftest import Site

PICTURES = [(page, picture.name) for page, (_, pictures) in PAGES.items() for picture in pictures]

each_picture = pytest.mark.parametrize(("page", "by"), PICTURES)

Numbers = dict[tuple[object, object], int]


def numbers(rows: list[counted.Row], row: int, column: int, number: int = -1) -> Numbers:
    """Those of an answer, by the columns that hold the two axes."""
    return {(line[row] or "no day known", line[column]): int(str(line[number])) for line in rows}


def models() -> Numbers:
    top = counted.most_used_models()[:25]
    parts = {"in any part": 4, "as teacher": 5, "as student": 6}
    found = {(line[1], part): int(str(line[place])) for line in top for part, place in parts.items()}
    return {cell: number for cell, number in found.items() if number}


#: What the sources say, counted without the graph.
COUNTED: dict[str, Callable[[], Numbers]] = {
    "loss": lambda: numbers(counted.papers_per_month_by_loss(), 0, 2),
    "share": lambda: numbers(counted.loss_classes_by_quarter(), 0, 2),
    "role": lambda: numbers(counted.papers_per_month_by_role(), 0, 2),
    "chapter": lambda: numbers(counted.papers_per_month_by_chapter(), 0, 2),
    "size": lambda: numbers(counted.sizes_of_teacher_and_student(), 0, 1),
    "family": lambda: numbers(counted.families_of_teacher_and_student(), 0, 1),
    "signal": lambda: numbers(counted.loss_and_signal(), 1, 3),
    "model": models,
}


def data(site: Site, page: str, by: str) -> dict[str, Any]:
    response = site.get(f"/{page}.json?by={by}", "application/json")
    assert response.status_code == 200, response.text
    assert response.content_type == "application/json"
    found: dict[str, Any] = response.get_json()
    return found


def cells(found: dict[str, Any]) -> Numbers:
    row, column = found["rows"]["name"], found["columns"]["name"]
    return {(each[row], re.sub(r"^§\S+ ", "", each[column])): each["papers"] for each in found["values"]}


def table(page: str, by: str) -> list[list[str]]:
    """The rows of a picture's table as text."""
    section = page[page.index(f'<section aria-labelledby="{by}">') :].partition("</section>")[0]
    lines = re.findall(r"<tr>(.*?)</tr>", section, re.DOTALL)
    return [
        [
            unescape(re.sub(r"<meter.*?</meter>|<[^>]+>", "", cell)).strip()
            for cell in re.findall(r"<t[hd].*?</t[hd]>", line)
        ]
        for line in lines
    ]


@each_picture
def test_the_numbers_are_those_of_the_sources(site: Site, page: str, by: str) -> None:
    assert cells(data(site, page, by)) == COUNTED[by]()


@each_picture
def test_the_axes_name_every_number_once(site: Site, page: str, by: str) -> None:
    found = data(site, page, by)
    for axis in (found["rows"], found["columns"]):
        assert len(axis["values"]) == len(set(axis["values"]))
        assert set(axis["values"]) >= {each[axis["name"]] for each in found["values"]}
    times = [time for time in found["rows"]["values"] if time[:2] == "20"]
    assert times == sorted(times)


@each_picture
def test_the_table_has_the_same_numbers(site: Site, page: str, by: str) -> None:
    found = data(site, page, by)
    header, *lines = table(site.page(f"/{page}"), by)
    names = [each["name"] for each in (found["rows"], found["columns"])]
    columns = header[1 : len(found["columns"]["values"]) + 1]
    assert columns == found["columns"]["values"]
    assert {
        (line[0], column): int(number)
        for line in lines
        for column, number in zip(columns, line[1:], strict=False)
        if number
    } == {tuple(each[name] for name in names): each["papers"] for each in found["values"]}
    if len(header) > len(columns) + 1:
        assert [int(line[-1]) for line in lines] == [sum(map(int, filter(None, line[1:-1]))) for line in lines]


@each_picture
def test_each_number_leads_to_as_many_papers(site: Site, page: str, by: str) -> None:
    """Without an address are only numbers of no known day, or of a class whose facet would count the narrower ones too."""
    found = data(site, page, by)
    linked = [each for each in found["values"] if each["address"]]
    others = [each for each in found["values"] if not each["address"]]
    assert linked
    assert {each[found["rows"]["name"]] for each in others if each.get("loss") != "f-divergence"} <= {"no day known"}
    for each in linked[:: max(1, len(linked) // 25)] + sorted(linked, key=lambda each: -each["papers"])[:5]:
        path = each["address"].removeprefix("http://localhost")
        assert site.get(f"{path}&per=25", "application/json").json["total"] == each["papers"], path


@each_picture
def test_the_page_leads_to_data_question_and_query(site: Site, page: str, by: str) -> None:
    html = unescape(site.page(f"/{page}"))
    picture = next(each for each in PAGES[page][1] if each.name == by)
    assert f'<a href="/{page}.json?by={by}">JSON</a>' in html
    assert f'<a href="/queries/{picture.question}">the question</a>' in html
    assert data(site, page, by)["question"].endswith(f"/queries/{picture.question}")
    label = re.search(rf'aria-label="{re.escape(picture.title)}\. ([^"]+)" data-source="/{page}\.json\?by={by}"', html)
    assert label
    most = max(data(site, page, by)["values"], key=lambda each: each["papers"])
    assert f"the largest is {most['papers']}: " in label[1]


def test_without_by_the_data_is_that_of_the_first_picture(site: Site) -> None:
    assert site.get("/atlas.json", "*/*").data == site.get(f"/atlas.json?by={ATLAS[0].name}", "*/*").data


@pytest.mark.parametrize("by", ["nothing", "<script>", "x" * 5000, "size", "\x00"])
def test_a_picture_that_is_not_there_is_a_400_that_names_the_others(site: Site, by: str) -> None:
    response = site.client.get("/trends.json", query_string={"by": by}, headers={"Accept": "application/json"})
    assert response.status_code == 400
    assert "There are: loss, share, role, chapter." in response.get_json(force=True)["detail"]


@pytest.mark.parametrize(("page", "empty"), [("trends", 1), ("atlas", 3)])
def test_a_release_without_models_or_known_losses_says_so(hostile: Site, page: str, empty: int) -> None:
    html = hostile.page(f"/{page}")
    assert html.count("<section") == len(PAGES[page][1])
    assert html.count("<p>There are no papers to show.</p>") == empty
    assert html.count("<table") == html.count("data-source=") == len(PAGES[page][1]) - empty


def test_the_taxonomys_branches_fold(site: Site) -> None:
    html = site.page("/taxonomy")
    branch = html[html.index('<li><a href="/concept/objective/kl-based">') :].partition("</details>")[0]
    assert "<summary>3 narrower</summary>" in branch
    # Loss taxonomy: 34 FKL, 43 RKL and 21 symmetric; one more title says reverse KL.
    assert re.findall(r'<a class="quiet" href="/papers\?loss=([a-z-]+)">(\d+)<', branch) == [
        ("kl-based", "99"),
        ("forward-kl", "34"),
        ("reverse-kl", "44"),
        ("symmetric-kl", "21"),
    ]
