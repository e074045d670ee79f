"""Papers side by side: the same cells as page, CSV and LaTeX, and everything that can be wrong with the address."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from kg.comparison import COLUMNS
from tests.server.conftest import HOSTILE_TITLES
from tests.server.test_papers import ids, papers

if TYPE_CHECKING:
    from tests.server.conftest import Site

#: What the sources say of two papers: the loss taxonomy, the catalogue and the list's column of models.
MINILLM = {
    "id": "2306.08543",
    "year": "2023",
    "loss": "Reverse KL",
    "code": "github.com/microsoft/lmops; github.com/microsoft/lmops/tree/main/minillm",
}
GKD = {"id": "2306.13649", "year": "2023", "loss": "Forward KL", "teacher": "T5-XL", "code": ""}


def table(site: Site, query: str) -> list[dict[str, str]]:
    response = site.get(f"/compare?{query}&format=csv")
    assert response.status_code == 200, response.text
    return list(csv.DictReader(io.StringIO(response.text, newline="")))


def cells(page: str) -> list[list[str]]:
    """The text of each row of the page's table, hidden words and links taken away."""
    rows = re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)[1:]
    return [
        [
            " ".join(
                unescape(re.sub(r"<[^>]*>", "", re.sub(r'<span class="hidden">.*?</span>|take away', "", cell))).split()
            )
            for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        ]
        for row in rows
    ]


def test_papers_are_compared_in_the_order_of_the_address(site: Site) -> None:
    found = table(site, "paper=2306.13649&paper=2306.08543")
    for row, expected in zip(found, (GKD, MINILLM), strict=True):
        assert expected.items() <= row.items()
    assert table(site, "paper=2306.08543&paper=arXiv:2306.13649v3&paper=2306.08543") == found[::-1]


def test_the_page_shows_what_the_csv_holds(site: Site) -> None:
    query = "loss=reverse-kl&code=yes"
    shown = cells(site.page(f"/compare?{query}"))
    assert shown == [
        [row["title"], *(row[key].replace("; ", ", ") or "–" for key in COLUMNS)] for row in table(site, query)
    ]


def test_a_filter_is_compared_in_its_order_up_to_a_limit_that_is_told(site: Site) -> None:
    found = papers(site, "loss=kl-based&sort=oldest&per=all")
    assert [row["id"] for row in table(site, "loss=kl-based&sort=oldest")] == ids(found)[:50]
    assert f"the first 50 of {found['total']} papers" in site.page("/compare?loss=kl-based&sort=oldest")


def test_a_named_paper_can_be_taken_away_and_the_list_is_one_step_back(site: Site) -> None:
    page = site.page("/compare?loss=kl-based&page=2&paper=2306.13649&paper=2306.08543")
    less = [unescape(link) for link in re.findall(r'href="([^"]*)" rel="nofollow">take away', page)]
    assert [parse_qsl(urlsplit(link).query)[-1] for link in less] == [("paper", "2306.08543"), ("paper", "2306.13649")]
    assert all(site.get(link).status_code == 200 for link in less)
    assert 'href="/papers?loss=kl-based&amp;page=2">Back' in page


def test_latex_has_a_cell_for_every_column_and_the_keys_of_the_bibtex(site: Site) -> None:
    query = "loss=reverse-kl"
    text = site.get(f"/compare?{query}", accept="application/x-latex").text
    assert text.startswith("% \\usepackage{booktabs}\n\\begin{tabular}{llllllllll}\n\\toprule\nPaper & Year & ")
    assert text.endswith("\\bottomrule\n\\end{tabular}\n")
    body = text.partition("\\midrule\n")[2].partition("\\bottomrule")[0].splitlines()
    assert len(body) == papers(site, query)["total"]
    for line in body:
        assert line.endswith(r" \\")
        assert len(re.findall(r"(?<!\\)&", line)) == len(COLUMNS)
    keys = set(re.findall(r"@misc\{([^,]+),", site.get(f"/papers?{query}&format=bib").text))
    assert set(re.findall(r"\\cite\{([^}]+)\}", text)) == keys


def test_titles_stay_text_in_every_format(hostile: Site) -> None:
    assert {row[0] for row in cells(hostile.page("/compare"))} == {" ".join(title.split()) for title in HOSTILE_TITLES}
    assert {row["title"] for row in table(hostile, "")} == {*HOSTILE_TITLES[:2], f"'{HOSTILE_TITLES[2]}"}
    text = hostile.get("/compare?format=tex").text
    assert r"{\textless}script{\textgreater}alert(1)" in text
    assert "<" not in text
    assert text.count("{") == text.count("}")
    assert re.search(r"(?<!\\)[#_]|(?<!\\)%(?! \\usepackage)", text.replace(r"\_", "")) is None


@pytest.mark.parametrize(
    ("query", "status", "told"),
    [
        ("paper=nothing", 400, "is no paper of this release"),
        ("paper=%3Cscript%3E", 400, "&lt;script&gt;"),
        (f"paper={'x' * 5000}", 400, "is no paper of this release"),
        ("paper=%00%ff", 400, "is no paper of this release"),
        ("paper=not-listed-anywhere", 400, "is no paper of this release"),
        ("papers=2306.13649", 400, "There is no filter"),
        ("loss=reverse", 400, "Did you mean"),
        ("format=json", 406, "csv"),
    ],
)
def test_a_wrong_address_gets_a_page_that_helps(site: Site, query: str, status: int, told: str) -> None:
    response = site.get(f"/compare?{query}")
    assert (response.status_code, response.mimetype) == (status, "text/html")
    assert told in response.text


def test_more_papers_than_a_table_holds_are_refused(site: Site) -> None:
    named = ids(papers(site, "per=100"))[:51]
    assert (
        "at most 50 papers, and 51 are chosen"
        in site.get("/compare?" + urlencode([("paper", each) for each in named])).text
    )
    assert len(table(site, urlencode([("paper", each) for each in named[:50]]))) == 50
