"""How each source spells each concept, as SKOS-XL labels: a label is a thing of its own there, and can say where it stands.

A spelling is a code that a source classifies with, or a heading of its table of contents. What equals the concept's
preferred or alternative label is a label of that kind; any other is a hidden one, and is a plain skos:hiddenLabel as well,
as the SKOS Reference has it (B.3.4.2, "dumbing-down").
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from pyoxigraph import Literal, Quad

from kg.records import SourceKind
from kg.survey_versions import contents
from kg.vocab import PROV, RDF, SKOS, SKOSXL

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kg.concepts import Concept
    from kg.records import SourceFile
    from kg.rules import Rules
    from kg.taxonomy import Taxonomy
    from kg.vocab import Iris


def spellings(
    sources: Iterable[SourceFile], taxonomy: Taxonomy, rules: Rules, schemes: Mapping[str, str], iris: Iris
) -> Iterator[Quad]:
    """Return the labels as quads of graph/taxonomy. ``schemes`` gives each list snapshot's survey version."""
    found: dict[tuple[Concept, str], dict[str, None]] = defaultdict(dict)
    for source in sources:
        for concept, text in _spelt(source, taxonomy, rules, schemes):
            found[concept, text][source.snapshot.slug] = None
    for (concept, text), slugs in found.items():
        yield from _label(concept, text, slugs, iris)


def _spelt(
    source: SourceFile, taxonomy: Taxonomy, rules: Rules, schemes: Mapping[str, str]
) -> Iterator[tuple[Concept, str]]:
    """A curator names concepts by their slugs, and spells nothing."""
    if source.snapshot.kind is SourceKind.CURATION:
        return
    for statement in (statement for entry in source.entries for statement in entry.statements):
        concept = rules.translate(statement.dimension, statement.code)
        if concept:
            yield concept, statement.code
    version = schemes.get(source.snapshot.slug)
    for path in contents(source) if version else ():
        yield taxonomy.chapter(version or "", path), path[-1].title


def _label(concept: Concept, text: str, slugs: Iterable[str], iris: Iris) -> Iterator[Quad]:
    node, graph = iris.label(concept.scheme, concept.slug, text), iris.graph("taxonomy")
    subject, literal = iris.concept(concept.scheme, concept.slug), Literal(text, language="en")
    if text == concept.label:
        kind = SKOSXL.prefLabel
    elif text in concept.alt_labels:
        kind = SKOSXL.altLabel
    else:
        kind = SKOSXL.hiddenLabel
        yield Quad(subject, SKOS.hiddenLabel, literal, graph)
    yield Quad(subject, kind, node, graph)
    yield Quad(node, RDF.type, SKOSXL.Label, graph)
    yield Quad(node, SKOSXL.literalForm, literal, graph)
    for slug in slugs:
        yield Quad(node, PROV.wasDerivedFrom, iris.source(slug), graph)
