"""What the pages of concepts, schemes, names and models show: facts, the tree they stand in, and their papers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.cards import CARD_AUTHORS, Card
from kg.vocab import DCTERMS, SKOS
from server.filters import Selection
from server.paper_page import Ref
from server.taxonomy import Count, concept_counts

if TYPE_CHECKING:
    from kg.entity import Document
    from kg.thesaurus import Concept, Scheme
    from server.reading import Reading

#: The mapping properties, as the page words them.
MAPPINGS = {
    SKOS.exactMatch: "is the same as",
    SKOS.closeMatch: "is close to",
    SKOS.broadMatch: "is a part of",
    SKOS.narrowMatch: "covers",
    SKOS.relatedMatch: "is related to",
}


@dataclass(frozen=True, slots=True)
class Papers:
    """The first page of the papers that a thing finds, and the address of all."""

    total: int
    cards: list[Card]
    address: str


@dataclass(frozen=True, slots=True)
class ConceptPage:
    """A concept, the way to it from the top, and all that it is called."""

    concept: Concept
    scheme: Scheme
    path: list[Concept]
    definition: str | None
    notes: list[str]
    other_labels: list[str]
    spellings: list[str]
    mappings: list[tuple[str, list[Ref]]]
    counts: dict[str, Count]
    concepts: dict[str, Concept]
    papers: Papers | None


@dataclass(frozen=True, slots=True)
class SchemePage:
    """A scheme with its whole tree."""

    scheme: Scheme
    description: str | None
    issued: str | None
    counts: dict[str, Count]
    concepts: dict[str, Concept]


def concept(here: Reading, document: Document) -> ConceptPage:
    """Return the page of a concept of the taxonomy."""
    node = document.subject
    found = here.thesaurus.concepts[node.value]
    mappings = ((word, document.nodes(node, predicate)) for predicate, word in MAPPINGS.items())
    return ConceptPage(
        concept=found,
        scheme=here.thesaurus.schemes[found.scheme],
        path=here.thesaurus.path_to(found.iri)[:-1],
        definition=document.text(node, SKOS.definition),
        notes=document.texts(node, SKOS.scopeNote),
        other_labels=document.texts(node, SKOS.altLabel),
        spellings=document.texts(node, SKOS.hiddenLabel),
        mappings=[(word, [_matched(here, each.value) for each in nodes]) for word, nodes in mappings if nodes],
        counts=concept_counts(here),
        concepts=here.thesaurus.concepts,
        papers=papers_of(here, document),
    )


def _matched(here: Reading, iri: str) -> Ref:
    """Name a matched concept with its scheme: it is one of another."""
    other = here.thesaurus.concepts.get(iri)
    return Ref(iri, f"{other.name} ({here.thesaurus.schemes[other.scheme].label})" if other else here.links.short(iri))


def scheme(here: Reading, document: Document) -> SchemePage:
    """Return the page of a scheme of the taxonomy."""
    node = document.subject
    return SchemePage(
        scheme=here.thesaurus.schemes[node.value],
        description=document.text(node, DCTERMS.description),
        issued=document.text(node, DCTERMS.issued),
        counts=concept_counts(here),
        concepts=here.thesaurus.concepts,
    )


def papers_of(here: Reading, document: Document) -> Papers | None:
    """Return the papers that a concept, a name or a model finds, None for anything else."""
    node, opd = document.subject, here.iris.opd
    pair = None
    if node.value in here.thesaurus.concepts:
        pair = here.facets.value_of(here.thesaurus.concepts[node.value])
    elif document.is_a(opd.AuthorName):
        pair = ("author", document.text(node, opd.authorName) or "")
    elif document.is_a(opd.LanguageModel):
        pair = ("model", node.value.rpartition("/")[2])
    if pair is None:
        return None
    selection = Selection.of(*pair)
    result = here.index.search(selection.request(()))
    return Papers(result.total, here.cards(result.ids, CARD_AUTHORS), selection.address())
