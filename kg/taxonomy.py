"""ontology/taxonomy.yaml → the concept schemes of the graph, how they are looked up, and their SKOS.

The schemes of the file are joined by a survey version for every layout of chapters that the sources bring
(:meth:`Taxonomy.with_survey_versions`), so that each chapter that lists a paper is a concept.
"""

from __future__ import annotations

import re
from datetime import date
from importlib.resources import files
from itertools import chain
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Quad

from kg.concepts import Concept, ConceptMapping, Justification, Match, Relation, Scheme, SurveyVersion
from kg.errors import DataError
from kg.records import Chapter, Problem, SourceKind
from kg.strict_yaml import Fields, load_fields
from kg.survey_versions import (
    chapter_key,
    fitting_version,
    make_version,
    new_layout,
    newest_version,
    same_chapters,
    version_of,
)
from kg.vocab import DCTERMS, DIMENSIONS, DOCO, RDF, SKOS, XSD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from kg.records import ChapterPath, SourceFile
    from kg.vocab import Iris

__all__ = ["Concept", "Match", "Relation", "Scheme", "SurveyVersion", "Taxonomy", "load_taxonomy"]

FILE = "ontology/taxonomy.yaml"

#: What schemes and concepts may be called: a segment of an IRI that nobody has to escape.
SLUG = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")

#: The sources whose chapters are survey versions.
LISTS = (SourceKind.CATALOGUE, SourceKind.AWESOME)

#: The mapping property of the way back.
INVERSE = {Relation.EXACT: SKOS.exactMatch, Relation.CLOSE: SKOS.closeMatch, Relation.BROAD: SKOS.narrowMatch}


class Taxonomy:
    """Schemes by slug, and the matches between them. It never changes: a lookup that fails is a DataError or None."""

    def __init__(self, schemes: Iterable[Scheme], matches: Iterable[Match]) -> None:
        self.schemes: Mapping[str, Scheme] = {scheme.slug: scheme for scheme in schemes}
        self.matches = tuple(matches)
        self._same = _same_concepts(self.matches)

    @property
    def survey_versions(self) -> list[SurveyVersion]:
        """The schemes that are chapters of the survey, in order."""
        return [scheme for scheme in self.schemes.values() if isinstance(scheme, SurveyVersion)]

    def concept(self, scheme: str, slug: str) -> Concept:
        """Return a concept that must be there."""
        if scheme not in self.schemes or slug not in self.schemes[scheme].concepts:
            raise DataError(
                f"{scheme}/{slug} is not a concept of the taxonomy; name one that it has, or add it to {FILE}"
            )
        return self.schemes[scheme].concepts[slug]

    def scheme_of(self, dimension: str) -> Scheme:
        """Return the scheme of a dimension. Chapters have many schemes and are none."""
        for scheme in self.schemes.values():
            if scheme.dimension == dimension and not isinstance(scheme, SurveyVersion):
                return scheme
        raise DataError(f"no scheme has the dimension {dimension!r}; give one of the schemes in {FILE} that dimension")

    def find(self, dimension: str, spelling: str) -> Concept | None:
        """Return the one concept that ``spelling`` names: by slug or any label, else the same ignoring case, else None.

        A chapter is named with its survey version: ``survey-2026-05-23/5.3.1``.
        """
        schemes = (scheme for scheme in self.schemes.values() if scheme.dimension == dimension)
        names = [
            (name, concept)
            for concept in chain.from_iterable(scheme.concepts.values() for scheme in schemes)
            for name in ((str(concept),) if dimension == "chapter" else concept.spellings())
        ]
        exact = {concept for name, concept in names if name == spelling}
        found = exact or {concept for name, concept in names if name.casefold() == spelling.casefold()}
        return found.pop() if len(found) == 1 else None

    def broader_closure(self, concept: Concept) -> list[Concept]:
        """Return the concept itself and all that are broader, nearest first."""
        closure = [concept]
        for one in closure:
            wider = (self.schemes[one.scheme].concepts[slug] for slug in one.broader)
            closure += [other for other in wider if other not in closure]
        return closure

    def exact_matches(self, concept: Concept) -> list[Concept]:
        """Return the concepts that are exactly the same in other schemes; exactMatch is symmetric and transitive."""
        return [other for other in self._same.get(concept, ()) if other != concept]

    def chapter(self, scheme: str, path: ChapterPath) -> Concept:
        """Return the concept of a chapter in a survey version that has it."""
        version = self.schemes.get(scheme)
        if not isinstance(version, SurveyVersion) or chapter_key(path) not in version.chapters:
            place = " > ".join(chapter.title for chapter in path)
            raise DataError(f"{scheme} has no chapter {place!r}; build it from the file that lists the chapter")
        return version.chapters[chapter_key(path)]

    def with_survey_versions(self, files: Iterable[SourceFile]) -> tuple[Taxonomy, dict[str, str], list[Problem]]:
        """Find the survey version of every list snapshot, and make one where none has all of its chapters.

        Return the taxonomy with the new versions, the scheme's slug by that of the snapshot, and what a person should
        look at. Files are taken from the oldest on, so that a later one finds the version that an earlier one made.
        """
        versions, schemes = self.survey_versions, dict(self.schemes)
        matches, problems, found = list(self.matches), list[Problem](), dict[str, str]()
        lists = (file for file in files if file.snapshot.kind in LISTS)
        for file in sorted(lists, key=lambda file: (file.snapshot.day or date.max, file.snapshot.slug)):
            version = fitting_version(versions, file)
            if version is None:
                newest = newest_version(known for known in versions if known.kind is file.snapshot.kind)
                version, complaints = version_of(file, schemes)
                problems += [new_layout(file, version, newest), *complaints]
                matches += same_chapters(version, newest) if newest else ()
                versions.append(version)
                schemes[version.slug] = version
            found[file.snapshot.slug] = version.slug
        return Taxonomy(schemes.values(), matches), found, problems

    def quads(self, iris: Iris) -> Iterator[Quad]:
        """Return the SKOS of all schemes, as quads of graph/taxonomy."""
        graph = iris.graph("taxonomy")
        for scheme in self.schemes.values():
            yield from (Quad(*triple, graph) for triple in _scheme(scheme, iris))
            for concept in scheme.concepts.values():
                yield from (Quad(*triple, graph) for triple in _concept(concept, iris))
        for mapping in self.mappings():
            one, other = (iris.concept(end.scheme, end.slug) for end in (mapping.subject, mapping.object))
            yield Quad(one, mapping.predicate, other, graph)

    def mappings(self) -> list[ConceptMapping]:
        """Return every mapping once: as stated, else as the inverse of what is stated, else as what exact matches chain to."""
        found: dict[tuple[Concept, NamedNode, Concept], Justification] = {}
        for match in self.matches:
            found.setdefault((match.one, SKOS[match.relation], match.other), match.justification)
        for match in self.matches:
            found.setdefault((match.other, INVERSE[match.relation], match.one), Justification.INVERSE)
        for concept in self._same:
            for same in self.exact_matches(concept):
                found.setdefault((concept, SKOS.exactMatch, same), Justification.CHAIN)
        return [ConceptMapping(*statement, justification) for statement, justification in found.items()]


def _same_concepts(matches: Iterable[Match]) -> dict[Concept, list[Concept]]:
    """Return, for each concept that matches another one exactly, all that are the same, itself included."""
    groups: dict[Concept, list[Concept]] = {}
    for match in matches:
        if match.relation is Relation.EXACT:
            sides = (groups.get(side, [side]) for side in (match.one, match.other))
            joined = list(dict.fromkeys(chain(*sides)))
            groups.update((concept, joined) for concept in joined)
    return groups


Triple = tuple[NamedNode, NamedNode, NamedNode | Literal]


def _english(text: str) -> Literal:
    return Literal(text, language="en")


def _scheme(scheme: Scheme, iris: Iris) -> Iterator[Triple]:
    node = iris.scheme(scheme.slug)
    yield node, RDF.type, SKOS.ConceptScheme
    yield node, DCTERMS.title, _english(scheme.title)
    if scheme.definition:
        yield node, DCTERMS.description, _english(scheme.definition)
    if isinstance(scheme, SurveyVersion):
        yield node, RDF.type, iris.opd.SurveyVersion
        if scheme.issued:
            yield node, DCTERMS.issued, Literal(scheme.issued.isoformat(), datatype=XSD.date)
        for concept in scheme.concepts.values():
            yield iris.concept(scheme.slug, concept.slug), RDF.type, DOCO.Section
    for position, concept in enumerate(scheme.concepts.values(), start=1):
        yield iris.concept(scheme.slug, concept.slug), iris.opd.position, Literal(str(position), datatype=XSD.integer)
    for concept in scheme.top_concepts:
        top = iris.concept(scheme.slug, concept.slug)
        yield node, SKOS.hasTopConcept, top
        yield top, SKOS.topConceptOf, node


def _concept(concept: Concept, iris: Iris) -> Iterator[Triple]:
    node = iris.concept(concept.scheme, concept.slug)
    yield node, RDF.type, SKOS.Concept
    yield node, SKOS.inScheme, iris.scheme(concept.scheme)
    yield node, SKOS.prefLabel, _english(concept.label)
    yield from ((node, SKOS.altLabel, _english(label)) for label in concept.alt_labels)
    yield from ((node, SKOS.hiddenLabel, _english(label)) for label in concept.hidden_labels)
    if concept.definition:
        yield node, SKOS.definition, _english(concept.definition)
    if concept.notation:
        yield node, SKOS.notation, Literal(concept.notation)
    for slug in concept.broader:
        wider = iris.concept(concept.scheme, slug)
        yield node, SKOS.broader, wider
        yield wider, SKOS.narrower, node


def load_taxonomy(text: str | None = None) -> Taxonomy:
    """Read ontology/taxonomy.yaml, or ``text`` in its place. A DataError names the field that is wrong and why."""
    if text is None:
        text = files("ontology").joinpath("taxonomy.yaml").read_text(encoding="utf-8")
    top = load_fields(text, FILE)
    schemes = [_read_scheme(slug, fields) for slug, fields in top.fields("schemes").named_fields().items()]
    schemes += [_read_version(slug, fields) for slug, fields in top.fields("survey_versions").named_fields().items()]
    taxonomy = Taxonomy(schemes, ())
    if len(taxonomy.schemes) < len(schemes):
        raise top.fault("one has the name of a scheme; give it another", "survey_versions")
    dimensions = [scheme.dimension for scheme in schemes if scheme.dimension not in (None, "chapter")]
    if len(set(dimensions)) < len(dimensions):
        raise top.fault("two have the same dimension; give each its own", "schemes")
    mappings = top.fields("mappings")
    matches = [match for relation in Relation for match in _read_matches(relation, mappings, taxonomy)]
    mappings.end()
    top.end()
    return Taxonomy(schemes, matches)


def _check_slug(slug: str, fields: Fields) -> None:
    if not SLUG.fullmatch(slug):
        raise fields.fault("a name is made of a-z, 0-9, hyphens and dots; write it so")


def _read_scheme(slug: str, fields: Fields) -> Scheme:
    _check_slug(slug, fields)
    dimension = fields.text_or_none("dimension")
    if dimension is not None and dimension not in DIMENSIONS.keys() - {"chapter"}:
        raise fields.fault(
            f"{dimension!r} is none of {', '.join(DIMENSIONS)} (chapter is for survey versions)", "dimension"
        )
    children = fields.fields("concepts")
    named = children.named_fields().items()
    scheme = Scheme(
        slug,
        fields.text("title"),
        concepts={name: _read_concept(slug, name, child) for name, child in named},
        definition=fields.text("definition"),
        dimension=dimension,
    )
    fields.end()
    for concept in scheme.concepts.values():
        for wider in concept.broader:
            if wider not in scheme.concepts:
                raise children.fault(f"{wider!r} is not a concept of this scheme; add it", concept.slug, "broader")
    return scheme


def _read_concept(scheme: str, slug: str, fields: Fields) -> Concept:
    _check_slug(slug, fields)
    concept = Concept(
        scheme=scheme,
        slug=slug,
        label=fields.text("label"),
        definition=fields.text("definition"),
        notation=fields.text_or_none("notation"),
        alt_labels=fields.texts("alt"),
        hidden_labels=fields.texts("hidden"),
        broader=fields.texts("broader"),
    )
    fields.end()
    return concept


def _read_version(slug: str, fields: Fields) -> SurveyVersion:
    _check_slug(slug, fields)
    kind = fields.text("kind")
    if kind not in {known.value for known in LISTS}:
        raise fields.fault(f"{kind!r} is neither awesome nor catalogue", "kind")
    version, complaints = make_version(
        slug,
        fields.text("title"),
        kind=SourceKind(kind),
        issued=fields.day("issued"),
        chapters=dict(_read_chapters(fields, ())),
    )
    fields.end()
    if complaints:
        raise fields.fault(f"{complaints[0]}; correct it", "chapters")
    return version


def _read_chapters(fields: Fields, parents: ChapterPath) -> Iterator[tuple[ChapterPath, str]]:
    for child in fields.items("chapters"):
        path = (*parents, Chapter(child.text("title"), child.text_or_none("notation")))
        yield path, child.text("definition")
        yield from _read_chapters(child, path)
        child.end()


def _read_matches(relation: Relation, fields: Fields, taxonomy: Taxonomy) -> Iterator[Match]:
    for pair in fields.pairs(relation):
        try:
            one, other = (taxonomy.concept(scheme, slug) for scheme, _, slug in (name.partition("/") for name in pair))
        except DataError as fault:
            raise fields.fault(str(fault), relation) from None
        if one.scheme == other.scheme:
            raise fields.fault(f"{list(pair)} are of one scheme; use broader, or match another scheme", relation)
        yield Match(relation, one, other)
