"""What the taxonomy is made of: concepts, the schemes that hold them, and matches between schemes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from kg.records import SourceKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pyoxigraph import NamedNode

#: How a chapter is recognized in any version: its number, and the words of its title and of its parent's title.
ChapterKey = tuple[str, str, str]


class Relation(StrEnum):
    """The SKOS mapping properties that the taxonomy states. The inverse ones follow from them."""

    EXACT = "exactMatch"
    CLOSE = "closeMatch"
    BROAD = "broadMatch"


@dataclass(frozen=True, slots=True)
class Concept:
    """A concept of one scheme. ``broader`` are slugs in the same scheme; none makes it a top concept.

    ``hidden_labels`` are upstream spellings that find it and that nobody should read.
    """

    scheme: str
    slug: str
    label: str
    definition: str | None = None
    notation: str | None = None
    alt_labels: tuple[str, ...] = ()
    hidden_labels: tuple[str, ...] = ()
    broader: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.scheme}/{self.slug}"

    def spellings(self) -> Iterator[str]:
        """Return everything that the concept may be called by."""
        yield from (self.slug, self.label, *self.alt_labels, *self.hidden_labels)


@dataclass(frozen=True, slots=True)
class Scheme:
    """Concepts by slug. ``dimension`` is the facet key that the scheme belongs to, if any (kg/vocab.py, DIMENSIONS)."""

    slug: str
    title: str
    concepts: Mapping[str, Concept]
    definition: str | None = None
    dimension: str | None = None

    @property
    def top_concepts(self) -> list[Concept]:
        """The concepts that have no broader one, in order."""
        return [concept for concept in self.concepts.values() if not concept.broader]


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyVersion(Scheme):
    """The chapters as one version of the list or the catalogue has them: ``chapters`` gives the concept of each.

    ``issued`` is the day of the first snapshot that is known to have them, None if that has no date.
    """

    kind: SourceKind
    issued: date | None
    chapters: Mapping[ChapterKey, Concept]


class Justification(StrEnum):
    """Why a mapping holds, by the names of https://w3id.org/semapv/vocab/."""

    CURATED = "ManualMappingCuration"
    LEXICAL = "LexicalMatching"
    INVERSE = "MappingInversion"
    CHAIN = "MappingChaining"


@dataclass(frozen=True, slots=True)
class Match:
    """``one`` relates to ``other``, a concept of another scheme; with Relation.BROAD ``other`` is the wider one."""

    relation: Relation
    one: Concept
    other: Concept
    justification: Justification = Justification.CURATED


@dataclass(frozen=True, slots=True)
class ConceptMapping:
    """One statement between concepts of two schemes, as the graph has it: stated in a match, or following from matches."""

    subject: Concept
    predicate: NamedNode
    object: Concept
    justification: Justification
