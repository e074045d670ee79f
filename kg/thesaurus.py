"""The release's own concepts, schemes and terms by name: read once when the server starts, since every page needs them.

Only graph/taxonomy and graph/ontology are read, which do not grow with the literature; local data may hold a million
concepts, and those are read when they are asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode

from kg.entity import LABELS
from kg.vocab import DCTERMS, RDF, SKOS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyoxigraph import Store

    from kg.vocab import Iris

SECTION = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3})*")


@dataclass(slots=True)
class Concept:
    """A concept as lists and trees show it. ``broader`` and ``narrower`` are IRIs of concepts of the same scheme.

    ``other_labels`` are those that people read, ``hidden_labels`` those that only find the concept.
    """

    iri: str
    scheme: str
    label: str
    position: int
    notation: str | None = None
    definition: str | None = None
    other_labels: list[str] = field(default_factory=list)
    hidden_labels: list[str] = field(default_factory=list)
    broader: list[str] = field(default_factory=list)
    narrower: list[str] = field(default_factory=list)

    @property
    def slug(self) -> str:
        return self.iri.rpartition("/")[2]

    @property
    def name(self) -> str:
        """The label, behind the section number if the concept is a numbered chapter."""
        numbered = self.notation and SECTION.fullmatch(self.notation)
        return f"§{self.notation} {self.label}" if numbered else self.label


@dataclass(slots=True)
class Scheme:
    """A concept scheme. ``concepts`` holds the IRIs of all, ``top`` of its top concepts, both in reading order."""

    iri: str
    label: str
    is_survey: bool
    issued: str
    top: list[str] = field(default_factory=list)
    concepts: list[str] = field(default_factory=list)

    @property
    def slug(self) -> str:
        return self.iri.rpartition("/")[2]


class Thesaurus:
    """All concepts and schemes of graph/taxonomy, and the labels of graph/ontology's terms, by IRI."""

    def __init__(self, store: Store, iris: Iris) -> None:
        self.concepts: dict[str, Concept] = {}
        self.schemes: dict[str, Scheme] = {}
        self.labels: dict[str, str] = {}
        taxonomy = _Facts(store, iris.graph("taxonomy"))
        ontology = _Facts(store, iris.graph("ontology"))
        for facts in (taxonomy, ontology):
            self.labels |= {subject: label for subject in facts.subjects() if (label := facts.label(subject))}
        for iri in taxonomy.instances(SKOS.ConceptScheme):
            is_survey = iris.opd.SurveyVersion.value in taxonomy.values(iri, RDF.type)
            issued = next(iter(taxonomy.values(iri, DCTERMS.issued)), "")
            self.schemes[iri] = Scheme(iri, self.labels.get(iri, iri), is_survey, issued)
        for iri in taxonomy.instances(SKOS.Concept):
            self._add_concept(iri, taxonomy, iris.opd.position)
        self._link()

    def _add_concept(self, iri: str, taxonomy: _Facts, position: NamedNode) -> None:
        scheme = next((value for value in taxonomy.values(iri, SKOS.inScheme) if value in self.schemes), None)
        if scheme is None:
            return
        self.concepts[iri] = Concept(
            iri,
            scheme,
            self.labels.get(iri, iri),
            position=int(next(iter(taxonomy.values(iri, position)), "0")),
            notation=next(iter(taxonomy.values(iri, SKOS.notation)), None),
            definition=next(iter(taxonomy.values(iri, SKOS.definition)), None),
            other_labels=sorted(taxonomy.values(iri, SKOS.altLabel)),
            hidden_labels=sorted(taxonomy.values(iri, SKOS.hiddenLabel)),
            broader=sorted(taxonomy.values(iri, SKOS.broader)),
        )

    def _link(self) -> None:
        for concept in sorted(
            self.concepts.values(), key=lambda concept: (concept.scheme, concept.position, concept.slug)
        ):
            scheme = self.schemes[concept.scheme]
            scheme.concepts.append(concept.iri)
            concept.broader = [iri for iri in concept.broader if iri in self.concepts]
            for broader in concept.broader:
                self.concepts[broader].narrower.append(concept.iri)
            if not concept.broader:
                scheme.top.append(concept.iri)

    def survey_versions(self) -> list[Scheme]:
        """Return the survey's versions, the newest first."""
        return sorted((s for s in self.schemes.values() if s.is_survey), key=lambda s: (s.issued, s.slug), reverse=True)

    def scheme_name(self, iri: str) -> str:
        """Return the label of a scheme, in lower case, as it stands before a concept's name."""
        return self.schemes[iri].label.lower()

    def path_to(self, iri: str) -> list[Concept]:
        """Return the concepts from the top of the tree down to this one, by each one's first broader concept."""
        path: list[Concept] = []
        concept = self.concepts.get(iri)
        while concept is not None and concept not in path:
            path.append(concept)
            concept = self.concepts.get(next(iter(concept.broader), ""))
        return path[::-1]


class _Facts:
    """The statements of one graph by subject and predicate; literals and IRIs alike as text."""

    def __init__(self, store: Store, graph: NamedNode) -> None:
        self._values: dict[str, dict[NamedNode, list[str]]] = {}
        for quad in store.quads_for_pattern(None, None, None, graph):
            if isinstance(quad.subject, NamedNode) and isinstance(quad.object, NamedNode | Literal):
                self._values.setdefault(quad.subject.value, {}).setdefault(quad.predicate, []).append(quad.object.value)

    def subjects(self) -> Iterator[str]:
        return iter(self._values)

    def values(self, subject: str, predicate: NamedNode) -> list[str]:
        return self._values.get(subject, {}).get(predicate, [])

    def instances(self, kind: NamedNode) -> list[str]:
        return [subject for subject in self._values if kind.value in self.values(subject, RDF.type)]

    def label(self, subject: str) -> str | None:
        return next((value for predicate in LABELS for value in self.values(subject, predicate)), None)
