"""What the page of one paper shows, read from the paper's document: the page says what its RDF says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.vocab import DCTERMS, DIMENSIONS, FABIO, FOAF, PRISM, PROV, RDF, RDFS

if TYPE_CHECKING:
    from pyoxigraph import NamedNode

    from kg.entity import Document
    from kg.thesaurus import Concept, Scheme, Thesaurus
    from kg.vocab import Iris

#: How it is known which side of a setup teaches (ontology/opd.ttl, opd:orientation), in words.
ORIENTATIONS = {
    "stated": "the text says which side teaches",
    "self": "the model teaches itself",
    "size": "the larger side is taken to teach",
    "unknown": "the text leaves open which side teaches",
}


@dataclass(frozen=True, slots=True)
class Ref:
    """A thing to link to, by its name."""

    iri: str
    label: str


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """Who says that a concept holds of the paper: one row of the table of classifications."""

    iri: str
    dimension: str
    concept: Ref
    negated: bool
    status: Ref
    agent: Ref | None
    method: Ref | None
    confidence: Ref | None
    basis: Ref | None
    rule: Ref | None
    reason: str | None
    since: str | None
    sources: list[Ref]


@dataclass(frozen=True, slots=True)
class Setup:
    """Which models teach which. ``models`` are those of no known side."""

    iri: str
    text: str
    orientation: str
    teachers: list[Ref]
    students: list[Ref]
    models: list[Ref]


@dataclass(frozen=True, slots=True)
class ListingRow:
    """How sources list the paper, where they say the same."""

    iri: str
    titles: list[str]
    issued: str | None
    setups: list[str]
    sources: list[Ref]


@dataclass(frozen=True, slots=True)
class PaperPage:
    """The whole page. ``chapters`` gives the way to each chapter by survey version, the newest version first."""

    iri: str
    title: str
    other_titles: list[str]
    method_names: list[str]
    authors: list[Ref]
    issued: str | None
    venues: list[str]
    arxiv_id: str | None
    doi: str | None
    identifiers: list[str]
    status: Ref | None
    is_dropped: bool
    first_listed: str | None
    last_listed: str | None
    dropped_since: str | None
    concepts: dict[str, list[Concept]]
    chapters: list[tuple[Scheme, list[list[Concept]]]]
    repositories: list[Ref]
    links: list[str]
    setups: list[Setup]
    claims: list[ClaimRow]
    listings: list[ListingRow]


class PaperReader:
    """Reads the page out of the document."""

    def __init__(self, document: Document, iris: Iris, thesaurus: Thesaurus) -> None:
        self.doc = document
        self.node = document.subject
        self.iris = iris
        self.opd = iris.opd
        self.thesaurus = thesaurus

    def page(self) -> PaperPage:
        doc, node, opd = self.doc, self.node, self.opd
        status = self._ref(doc.node(node, opd.listingStatus))
        return PaperPage(
            iri=node.value,
            title=doc.text(node, DCTERMS.title) or node.value,
            other_titles=doc.texts(node, DCTERMS.alternative),
            method_names=doc.texts(node, opd.methodName),
            authors=self._authors(),
            issued=doc.text(node, DCTERMS.issued) or doc.text(node, opd.year),
            venues=doc.texts(node, PRISM.publicationName),
            arxiv_id=doc.text(node, FABIO.hasArXivId),
            doi=doc.text(node, PRISM.doi),
            identifiers=doc.texts(node, DCTERMS.identifier),
            status=status,
            is_dropped=status is not None and status.iri == self.iris.concept("listing", "dropped").value,
            first_listed=doc.text(node, opd.firstListed),
            last_listed=doc.text(node, opd.lastListed),
            dropped_since=doc.text(node, opd.droppedSince),
            concepts=self._concepts(),
            chapters=self._chapters(),
            repositories=self._refs(node, opd.repository),
            links=[link.value for link in (*doc.nodes(node, FOAF.page), *doc.nodes(node, RDFS.seeAlso))],
            setups=[self._setup(setup) for setup in doc.nodes(node, opd.reportsSetup)],
            claims=self._claims(),
            listings=[self._listing(listing) for listing in doc.nodes(node, opd.listing)],
        )

    def _ref(self, node: NamedNode | None) -> Ref | None:
        return Ref(node.value, self.doc.label(node) or node.value.rpartition("/")[2]) if node else None

    def _refs(self, node: NamedNode, predicate: NamedNode) -> list[Ref]:
        refs = (self._ref(value) for value in self.doc.nodes(node, predicate))
        return sorted((ref for ref in refs if ref), key=lambda ref: ref.label.casefold())

    def _authors(self) -> list[Ref]:
        doc, opd = self.doc, self.opd
        places = [(int(doc.text(a, opd.position) or 0), a) for a in doc.nodes(self.node, opd.hasAuthorship)]
        ordered = [authorship for _, authorship in sorted(places, key=lambda place: (place[0], place[1].value))]
        named = ((doc.node(a, opd.name), doc.text(a, opd.authorName) or "") for a in ordered)
        return [Ref(name.value, text) for name, text in named if name]

    def _concepts(self) -> dict[str, list[Concept]]:
        """Return the concepts that hold, by the label of their dimension; chapters have a place of their own."""
        found = {}
        for dimension, name in DIMENSIONS.items():
            iris = [value.value for value in self.doc.nodes(self.node, self.opd[name])]
            concepts = [self.thesaurus.concepts[iri] for iri in iris if iri in self.thesaurus.concepts]
            if concepts and dimension != "chapter":
                found[self._dimension(self.opd[name])] = concepts
        return found

    def _dimension(self, predicate: NamedNode) -> str:
        return self.thesaurus.labels.get(predicate.value, predicate.value)

    def _chapters(self) -> list[tuple[Scheme, list[list[Concept]]]]:
        iris = [value.value for value in self.doc.nodes(self.node, self.opd.inSection)]
        paths = [path for path in map(self.thesaurus.path_to, iris) if path]
        versions = self.thesaurus.survey_versions()
        by_version = ((version, [path for path in paths if path[-1].scheme == version.iri]) for version in versions)
        return [(version, found) for version, found in by_version if found]

    def _setup(self, node: NamedNode) -> Setup:
        doc, opd = self.doc, self.opd
        teachers, students = self._refs(node, opd.teacher), self._refs(node, opd.student)
        return Setup(
            node.value,
            doc.text(node, opd.setupText) or "",
            ORIENTATIONS.get(doc.text(node, opd.orientation) or "", ""),
            teachers,
            students,
            [model for model in self._refs(node, opd.model) if model not in (*teachers, *students)],
        )

    def _claims(self) -> list[ClaimRow]:
        claims = (self._claim(node) for node in self.doc.subjects() if self.doc.values(node, RDF.subject))
        order = ("accepted", "superseded", "rejected")
        shown = [
            *(name for name in DIMENSIONS if name != "chapter"),
            "chapter",
        ]  # there are many chapters: they come last
        dimensions = [self._dimension(self.opd[DIMENSIONS[name]]) for name in shown]

        def place(claim: ClaimRow) -> tuple[int, int, str]:
            status = claim.status.iri.rpartition("/")[2]
            return (
                dimensions.index(claim.dimension) if claim.dimension in dimensions else len(dimensions),
                order.index(status) if status in order else len(order),
                claim.concept.label,
            )

        return sorted((claim for claim in claims if claim), key=place)

    def _claim(self, node: NamedNode) -> ClaimRow | None:
        doc, opd = self.doc, self.opd
        predicate, concept = doc.node(node, RDF.predicate), self._ref(doc.node(node, RDF.object))
        status = self._ref(doc.node(node, opd.status))
        if predicate is None or concept is None or status is None:
            return None
        known = self.thesaurus.concepts.get(concept.iri)
        return ClaimRow(
            iri=node.value,
            dimension=self._dimension(predicate),
            concept=Ref(concept.iri, known.name) if known else concept,
            negated=doc.text(node, opd.negated) == "true",
            status=status,
            agent=self._ref(doc.node(node, PROV.wasAttributedTo)),
            method=self._ref(doc.node(node, opd.method)),
            confidence=self._ref(doc.node(node, opd.confidence)),
            basis=self._ref(doc.node(node, opd.confidenceBasis)),
            rule=self._ref(doc.node(node, opd.rule)),
            reason=doc.text(node, opd.reason),
            since=doc.text(node, DCTERMS.issued),
            sources=self._refs(node, PROV.wasDerivedFrom),
        )

    def _listing(self, node: NamedNode) -> ListingRow:
        doc = self.doc
        years = doc.texts(node, self.opd.year)
        return ListingRow(
            node.value,
            doc.texts(node, DCTERMS.title),
            doc.text(node, DCTERMS.date) or ", ".join(years) or None,
            doc.texts(node, self.opd.setupText),
            self._refs(node, PROV.wasDerivedFrom),
        )
