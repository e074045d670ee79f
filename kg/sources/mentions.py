"""Links to papers outside the tables that list them, and the account that no paper's address was overlooked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kg.identifiers import clean_address, parse_arxiv_id
from kg.records import Mention
from kg.sources.headings import plain
from kg.sources.reading import MAX_TITLE

if TYPE_CHECKING:
    from kg.sources.page import Document, Heading, Link
    from kg.sources.reading import Reading

_ARXIV_ADDRESS = re.compile(r"arxiv\.org/(?:abs|pdf|html)/[^\s()\[\]<>\"'|]+", re.IGNORECASE)


def mention(
    link: Link, title: str, place: tuple[Heading, ...], reading: Reading, *, names_reading: bool = False
) -> None:
    """Note a link to an arXiv paper, or to any page if it ``names_reading``."""
    arxiv_id = parse_arxiv_id(link.target)
    address = clean_address(link.target) if names_reading and not arxiv_id else None
    if arxiv_id or address:
        context = next((plain(heading.text) for heading in reversed(place) if plain(heading.text)), "")
        reading.mentions.append(Mention(reading.file, link.line, context, plain(title)[:MAX_TITLE], arxiv_id, address))


def account_for_all(document: Document, reading: Reading) -> None:
    """Report what was not looked into, and each arXiv address met in no cell and no link: nothing is lost silently."""
    for number in document.skipped:
        reading.quarantine(number, "", "a cell or paragraph too long to be looked into", document.lines[number - 1])
    known = {entry.arxiv_id for entry in reading.entries} | {noted.arxiv_id for noted in reading.mentions}
    reported = {problem.line for problem in reading.problems}
    for number, line in enumerate(_without_comments(document.lines), start=1):
        for found in _ARXIV_ADDRESS.finditer(line):
            arxiv_id = parse_arxiv_id(found[0].rstrip(".,;:!?*_`"))
            if arxiv_id and arxiv_id not in known and number not in reported:
                reading.warn(number, "", f"{arxiv_id} stands in no table cell and no link: not read", line)


def _without_comments(lines: list[str]) -> list[str]:
    text = "\n".join(lines)
    kept = []
    position = 0
    while (start := text.find("<!--", position)) >= 0 and (end := text.find("-->", start)) >= 0:
        kept.append(text[position:start] + "\n" * text.count("\n", start, end))
        position = end
    return "".join((*kept, text[position:])).split("\n")
