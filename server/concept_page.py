"""What the pages of concepts, schemes, names and models show: facts, the tree they stand in, and their papers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.cards import CARD_AUTHORS, Card
from kg.vocab import DCTERMS, PROV, SKOS, SKOSXL
from kg.words import analyse
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
    """The first page of the papers that a thing finds; ``address`` is the view of all, None where only a ``query`` has them."""

    total: int
    cards: list[Card]
    address: str | None
    query: str = ""


@dataclass(frozen=True, slots=True)
class Spelling:
    """How sources write a concept, and which of them do."""

    text: str
    sources: list[Ref]


@dataclass(frozen=True, slots=True)
class ConceptPage:
    """A concept, the way to it from the top, and all that it is called.

    ``hidden_labels`` are spellings that find it and that no source of this release has.
    """

    concept: Concept
    scheme: Scheme
    path: list[Concept]
    definition: str | None
    notes: list[str]
    other_labels: list[str]
    spellings: list[Spelling]
    hidden_labels: list[str]
    mappings: list[tuple[str, list[Ref]]]
    counts: dict[str, Count]
    concepts: dict[str, Concept]
    papers: Papers | None


@dataclass(frozen=True, slots=True)
class SchemePage:
    """A scheme with its whole tree, and its index: by first letter each label that people read, with its concept."""

    scheme: Scheme
    description: str | None
    issued: str | None
    counts: dict[str, Count]
    concepts: dict[str, Concept]
    index: dict[str, list[tuple[str, Concept]]]


def concept(here: Reading, document: Document) -> ConceptPage:
    """Return the page of a concept of the taxonomy."""
    node = document.subject
    found = here.thesaurus.concepts[node.value]
    spellings = _spellings(document)
    spelt = {spelling.text for spelling in spellings}
    mappings = ((word, document.nodes(node, predicate)) for predicate, word in MAPPINGS.items())
    return ConceptPage(
        concept=found,
        scheme=here.thesaurus.schemes[found.scheme],
        path=here.thesaurus.path_to(found.iri)[:-1],
        definition=document.text(node, SKOS.definition),
        notes=document.texts(node, SKOS.scopeNote),
        other_labels=document.texts(node, SKOS.altLabel),
        spellings=spellings,
        hidden_labels=[text for text in document.texts(node, SKOS.hiddenLabel) if text not in spelt],
        mappings=[(word, [_matched(here, each.value) for each in nodes]) for word, nodes in mappings if nodes],
        counts=concept_counts(here),
        concepts=here.thesaurus.concepts,
        papers=papers_of(here, document),
    )


def _spellings(document: Document) -> list[Spelling]:
    labels = [
        label
        for kind in (SKOSXL.prefLabel, SKOSXL.altLabel, SKOSXL.hiddenLabel)
        for label in document.nodes(document.subject, kind)
    ]
    return [
        Spelling(
            document.text(label, SKOSXL.literalForm) or "",
            [Ref(source.value, document.label(source) or "") for source in document.nodes(label, PROV.wasDerivedFrom)],
        )
        for label in labels
    ]


def _matched(here: Reading, iri: str) -> Ref:
    """Name a matched concept with its scheme: it is one of another."""
    other = here.thesaurus.concepts.get(iri)
    return Ref(iri, f"{other.name} ({here.thesaurus.schemes[other.scheme].label})" if other else here.links.short(iri))


def scheme(here: Reading, document: Document) -> SchemePage:
    """Return the page of a scheme of the taxonomy."""
    node = document.subject
    found = here.thesaurus.schemes[node.value]
    return SchemePage(
        scheme=found,
        description=document.text(node, DCTERMS.description),
        issued=document.text(node, DCTERMS.issued),
        counts=concept_counts(here),
        concepts=here.thesaurus.concepts,
        index=_index([here.thesaurus.concepts[iri] for iri in found.concepts]),
    )


def _index(concepts: list[Concept]) -> dict[str, list[tuple[str, Concept]]]:
    """Sort labels as a person looks for them: whatever stands before the first letter or digit does not count."""
    entries = [(label, each) for each in concepts for label in (each.label, *each.other_labels)]
    keyed = sorted(((analyse(label), label, each) for label, each in entries), key=lambda entry: entry[:2])
    index: dict[str, list[tuple[str, Concept]]] = {}
    for words, label, each in keyed:
        index.setdefault(words[0][0].upper() if words else "", []).append((label, each))
    return index


def papers_of(here: Reading, document: Document) -> Papers | None:
    """Return the papers that a concept, a name, a model or a source finds, None for anything else."""
    node, opd = document.subject, here.iris.opd
    pair = None
    if node.value in here.thesaurus.concepts:
        pair = here.facets.value_of(here.thesaurus.concepts[node.value])
    elif document.is_a(opd.AuthorName):
        pair = ("author", document.text(node, opd.authorName) or "")
    elif document.is_a(opd.LanguageModel):
        pair = ("model", node.value.rpartition("/")[2])
    elif document.is_a(opd.SourceSnapshot):
        pair = ("source", node.value.rpartition("/")[2])
    if pair is None:
        return None
    selection = Selection.of(*pair)
    result = here.index.search(selection.request(()))
    return Papers(result.total, here.cards(result.ids, CARD_AUTHORS), selection.address())
