"""How a paper is cited, as its page shows it: a formatted reference, and the text of each citation format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.media import CITATIONS, Format
from kg.reference import reference
from kg.serialise import as_citations

if TYPE_CHECKING:
    from kg.cards import Card


@dataclass(frozen=True, slots=True)
class CiteBox:
    """A reference as a line, the paper's citation key, and its entry in each format."""

    reference: str
    key: str
    entries: list[tuple[Format, str]]


def cite_box(card: Card) -> CiteBox:
    """Return how the paper is cited. The card names all authors."""
    entries = [(each, as_citations([card], each).decode()) for each in CITATIONS]
    return CiteBox(reference(card.citation()), card.key, entries)
