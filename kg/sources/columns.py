"""The columns of a table in the list: what each holds, by the words of its header; whether they list papers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING

from kg.identifiers import parse_arxiv_id
from kg.sources.headings import plain

if TYPE_CHECKING:
    from kg.sources.page import Passage, Table


class Role(Enum):
    """What a column holds."""

    PAPER = auto()  #: title and link of the paper, mark, statement on the models
    LINKS = auto()
    DATE = auto()
    VENUE = auto()
    NAME = auto()
    MODELS = auto()
    OTHER = auto()  #: descriptions and whatever else: not read


_PAPER = {"paper", "papers", "title", "titles", "article", "publication", "work", "works", "preprint"}
_NAME = {"abbrev", "abbr", "abbreviation", "acronym", "method", "method name", "name", "short name", "alias"}
_VENUE = {"venue", "conference", "conf", "journal", "proceedings"}
_DATE = {"date", "year", "published", "submitted", "released"}
_LINKS = {
    "link",
    "links",
    "url",
    "arxiv",
    "pdf",
    "doi",
    "resource",
    "resources",
    "code",
    "github",
    "repo",
    "repository",
}
_LINKS |= {
    "implementation",
    "project",
    "page",
    "website",
    "homepage",
    "demo",
    "data",
    "dataset",
    "datasets",
    "artifacts",
}
_LINKS |= {"model", "models", "weights", "checkpoint", "checkpoints"}
_ARROWS = ("→", "->", "⇒", "=>")

#: Tables with such a column point to chapters or explain why; they list nothing of their own.
_BESIDE = {"section", "sections", "chapter", "chapters", "reason", "reasons", "verdict"}

#: Tables about such things are not about papers, even if their links lead to some.
_OTHER_SUBJECTS = {
    "post",
    "posts",
    "blog",
    "essay",
    "survey",
    "surveys",
    "problem",
    "problems",
    "resource",
    "resources",
}
_OTHER_SUBJECTS |= {
    "scenario",
    "version",
    "question",
    "benchmark",
    "benchmarks",
    "tool",
    "tools",
    "dataset",
    "datasets",
}
_OTHER_SUBJECTS |= {"framework", "frameworks", "codebase", "codebases", "library", "libraries"}
_INDEX = {"", "no", "nr", "id", "rank"}


@dataclass(frozen=True, slots=True)
class Columns:
    """The roles of a table's columns. ``subject`` is the one with what the table is about: papers, posts, surveys."""

    headers: tuple[str, ...]
    roles: tuple[Role, ...]
    paper: int | None
    subject: int
    lists_papers: bool

    def of(self, role: Role) -> list[int]:
        """Return the columns that have this role."""
        return [index for index, found in enumerate(self.roles) if found is role]


def columns_of(table: Table) -> Columns:
    """Read the header of a table, and its cells where the header does not say which column links to the papers."""
    headers = tuple(plain(text) for text in table.header)
    words = [re.findall(r"[^\W\d_]+", header.casefold()) for header in headers]
    subject = next((index for index, found in enumerate(words) if " ".join(found) not in _INDEX), 0)
    paper = _paper_column(table, words, subject)
    roles = [_role(header, found) for header, found in zip(headers, words, strict=True)]
    if paper is not None:
        roles[paper] = Role.PAPER
    explains = any("§" in header for header in headers) or any(
        found[:1] == ["why"] or _BESIDE & set(found) for found in words
    )
    lists_papers = paper is not None and not explains and not _points_to_sections(table)
    return Columns(headers, tuple(roles), paper, subject if paper is None else paper, lists_papers)


def _paper_column(table: Table, words: list[list[str]], subject: int) -> int | None:
    """Return the column of the papers: the one headed Title, else Paper or the like, else one that links to papers."""
    titled = [index for index, found in enumerate(words) if _PAPER & set(found)]
    if titled:
        return min(titled, key=lambda index: (bool(_LINKS & set(words[index])), "title" not in words[index], index))
    if _OTHER_SUBJECTS & set(words[subject]):
        return None
    for index in range(len(words)):
        cells = [row.cells[index] for row in table.rows]
        if cells and 2 * sum(map(_links_to_paper, cells)) >= len(cells):
            return index
    return None


def _links_to_paper(cell: Passage) -> bool:
    return bool(cell.links) and parse_arxiv_id(cell.links[0].target) is not None


def _points_to_sections(table: Table) -> bool:
    """Tell whether most cells of a column are section numbers, whatever the column is called."""
    return any(
        2 * sum(row.cells[index].text.strip().startswith("§") for row in table.rows) > len(table.rows)
        for index in range(len(table.header))
    )


def _role(header: str, words: list[str]) -> Role:
    found = set(words)
    if any(arrow in header for arrow in _ARROWS) or found & {"teacher", "student"} or words in (["model"], ["models"]):
        return Role.MODELS
    if found & _VENUE or words == ["published", "in"]:
        return Role.VENUE
    if found & _DATE:
        return Role.DATE
    if " ".join(words) in _NAME:
        return Role.NAME
    return Role.LINKS if not words or found & (_LINKS | _PAPER) else Role.OTHER
