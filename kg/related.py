"""Papers that have something in common with a paper, those with the most first, and what it is.

Everything that two papers share weighs as much as it is rare: the logarithm of how many times as many papers there are as have
it. Within one kind of thing (loss, model, author, …) the heaviest counts in full and each further one a quarter. Why so is told
in docs/decisions/related-papers.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import log
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from kg.cards import GAPS
from kg.vocab import DC, DIMENSIONS
from kg.worth import Worth

if TYPE_CHECKING:
    from kg.library import Library

#: What two papers may share, as facets: concepts with their broader ones, models, and authors' names.
CONCEPTS = ("loss", "signal", "stabilization", "role", "access", "granularity", "chapter")
KINDS = (*CONCEPTS, "model", "author")

#: What a further shared thing of the same kind counts, as a part of its weight.
FURTHER = 0.25

#: Weights are whole numbers of such parts of 1, so that the index adds them up exactly, and equal papers are truly equal.
PARTS = 256

#: How many papers' traits are kept, about 2 kB each.
_REMEMBERED = 4096

#: The values that a paper has by facet, each with the IRI of what it stands for.
Traits = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Shared:
    """What both papers have. ``papers`` is how many have it; ``implied`` says that something narrower is shared as well."""

    facet: str
    value: str
    iri: str
    papers: int
    weight: float
    implied: bool


@dataclass(frozen=True, slots=True)
class Related:
    """A paper with what it shares with the one asked for: kind by kind, the heaviest first."""

    id: str
    score: float
    shared: tuple[Shared, ...]


class Relatives:
    """Finds related papers: what a paper has is read from the store, who else has it from the search index."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._versions = [version.iri for version in library.thesaurus.survey_versions()]
        self._traits = lru_cache(_REMEMBERED)(self._read_traits)

    def of(self, paper_id: str, limit: int) -> list[Related]:
        """Return the papers with the highest scores above 0, equal ones by id. The paper itself is in the release."""
        own = self._asked(paper_id)
        kinds = [[Worth(facet, value, self._weight(facet, value)) for value in own[facet]] for facet in KINDS]
        found = self._library.index.sharing(kinds, FURTHER, limit + 1)
        others = [(each, score) for each, score in found if each != paper_id]
        return [Related(each, score, self._shared(own, self._traits(each))) for each, score in others[:limit]]

    def _weight(self, facet: str, value: str) -> float:
        index = self._library.index
        return round(PARTS * log(len(index) / index.frequency(facet, value))) / PARTS

    def _asked(self, paper_id: str) -> Traits:
        """Return the paper's traits, of chapters those of the newest survey version that has it: older ones repeat them."""
        own, concepts = self._traits(paper_id), self._library.thesaurus.concepts
        by_version = {
            version: {value: iri for value, iri in own["chapter"].items() if concepts[iri].scheme == version}
            for version in self._versions
        }
        return {**own, "chapter": next(filter(None, by_version.values()), {})}

    def _shared(self, own: Traits, other: Traits) -> tuple[Shared, ...]:
        found: list[Shared] = []
        for facet in KINDS:
            both = {value: iri for value, iri in own[facet].items() if value in other[facet]}
            implied = {broader for iri in both.values() for broader in self._closure(iri) if broader != iri}
            shared = [
                Shared(
                    facet,
                    value,
                    iri,
                    self._library.index.frequency(facet, value),
                    self._weight(facet, value),
                    iri in implied,
                )
                for value, iri in both.items()
            ]
            found += sorted(shared, key=lambda each: (-each.weight, each.value))
        return tuple(found)

    def _read_traits(self, paper_id: str) -> Traits:
        """Read what the release itself says: broader concepts are there too, gaps are not."""
        library = self._library
        node, opd, graph = library.iris.paper(paper_id), library.iris.opd, library.iris.graph("papers")

        def values(subject: NamedNode, predicate: NamedNode) -> list[NamedNode | Literal]:
            quads = library.store.quads_for_pattern(subject, predicate, None, graph)
            return [quad.object for quad in quads if isinstance(quad.object, NamedNode | Literal)]

        traits: dict[str, dict[str, str]] = {
            facet: {
                self._value(facet, iri): iri
                for concept in values(node, opd[DIMENSIONS[facet]])
                if concept.value.rpartition("/")[2] not in GAPS
                for iri in self._closure(concept.value)
            }
            for facet in CONCEPTS
        }
        setups = [setup for setup in values(node, opd.reportsSetup) if isinstance(setup, NamedNode)]
        models = [model.value for setup in setups for model in values(setup, opd.model)]
        traits["model"] = {model.rpartition("/")[2]: model for model in models}
        traits["author"] = {name.value: library.iris.name(name.value).value for name in values(node, DC.creator)}
        return traits

    def _value(self, facet: str, iri: str) -> str:
        """Return the facet's value for a concept (kg/documents.py)."""
        slug = iri.rpartition("/")[2]
        scheme = self._library.thesaurus.concepts[iri].scheme.rpartition("/")[2]
        return f"{scheme}/{slug}" if facet == "chapter" else slug

    def _closure(self, iri: str) -> set[str]:
        """Return a concept of the taxonomy and all that are broader."""
        concepts, found, waiting = self._library.thesaurus.concepts, set[str](), [iri]
        while waiting:
            each = waiting.pop()
            if each in concepts and each not in found:
                found.add(each)
                waiting += concepts[each].broader
        return found
