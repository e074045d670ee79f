"""What happened to papers → quads of ``graph/history``: a change each, dated, with what it was read from."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Quad

from kg.identifiers import repository_slug
from kg.mapping import day, integer, string
from kg.records import Commit, Resource, Statement
from kg.survey_versions import chapter_key, newest_version
from kg.timeline import changes_of, spelt
from kg.vocab import DCTERMS, PROV, RDF, RDFS, XSD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg.concepts import Concept
    from kg.mapping import Derivation, Facts
    from kg.merge import Merged
    from kg.records import ChapterPath
    from kg.rules import Rules
    from kg.states import Moment
    from kg.taxonomy import Taxonomy
    from kg.timeline import Change, Value
    from kg.vocab import Iris

#: The scheme of taxonomy.yaml whose concepts are the events.
SCHEME = "change"


def history(merged: Merged, derivation: Derivation, taxonomy: Taxonomy, rules: Rules, iris: Iris) -> Iterator[Quad]:
    """Return the changes, and the commits that made some of them."""
    mapper = _Mapper(derivation, taxonomy, rules, iris)
    pages = {source.snapshot.slug: source.history.pages for source in merged.sources if source.history}
    positions: Counter[str] = Counter()
    for change in sorted(changes_of(merged.states), key=lambda change: change.day):
        positions[change.paper] += 1
        yield from mapper.change(change, positions[change.paper])
    for moment in mapper.commits.values():
        yield from mapper.commit(moment, pages)


class _Mapper:
    def __init__(self, derivation: Derivation, taxonomy: Taxonomy, rules: Rules, iris: Iris) -> None:
        self.commits: dict[str, Moment] = {}
        self._taxonomy = taxonomy
        self._rules = rules
        self._iris = iris
        self._titles = {mapped.paper.id: mapped.paper.title for mapped in derivation.papers}
        resources = (resource for mapped in derivation.papers for resource in mapped.resources)
        self._repositories = {repository_slug(resource.address) for resource in resources if resource.is_code}
        self._graph = iris.graph("history")

    def _describe(self, subject: NamedNode, facts: Facts) -> Iterator[Quad]:
        return (Quad(subject, predicate, value, self._graph) for predicate, value in facts if value is not None)

    def change(self, change: Change, position: int) -> Iterator[Quad]:
        node, opd = self._iris.change(change.digest), self._iris.opd
        event = self._taxonomy.concept(SCHEME, change.event.value)
        earlier = change.earlier or change.later
        before, text_before = self._values(change.before, earlier)
        after, text_after = self._values(change.after, change.later)
        facts: Facts = [
            (RDF.type, opd.Change),
            (RDF.type, PROV.Entity),
            (RDFS.label, Literal(f"{event.label}: {self._titles[change.paper]}", language="en")),
            (opd.event, self._iris.concept(event.scheme, event.slug)),
            (opd.sourceKind, string(change.later.kind.value)),
            (opd.position, integer(position)),
            (DCTERMS.issued, day(change.day)),
            *((opd.before, value) for value in before),
            *((opd.after, value) for value in after),
            *((opd.textBefore, string(text)) for text in text_before),
            *((opd.textAfter, string(text)) for text in text_after),
            *((PROV.wasDerivedFrom, self._origin(moment)) for moment in (change.since, change.later) if moment),
        ]
        yield Quad(self._iris.paper(change.paper), opd.change, node, self._graph)
        yield from self._describe(node, facts)

    def _origin(self, moment: Moment) -> NamedNode:
        origin = moment.origin
        if isinstance(origin, Commit):
            self.commits.setdefault(origin.id, moment)
            return self._iris.commit(origin.id)
        return self._iris.source(origin.slug)

    def _values(self, values: Iterable[Value], moment: Moment) -> tuple[list[NamedNode], list[str]]:
        """Return the things among the values, and the words of those that are none."""
        nodes, texts = list[NamedNode](), list[str]()
        for value in values:
            node = self._node(value, moment)
            nodes += [node] if node else []
            texts += [] if node else [spelt(value)]
        return nodes, texts

    def _node(self, value: Value, moment: Moment) -> NamedNode | None:
        if isinstance(value, str):
            return None
        if isinstance(value, Resource):
            slug = repository_slug(value.address)
            return self._iris.repository(slug) if slug and slug in self._repositories else None
        if isinstance(value, Statement):
            concept = self._rules.translate(value.dimension, value.code)
        else:
            concept = self._chapter(value, moment)
        return self._iris.concept(concept.scheme, concept.slug) if concept else None

    def _chapter(self, path: ChapterPath, moment: Moment) -> Concept | None:
        """Return the chapter in the newest survey version of that time that has it, else in the newest of all, else None."""
        key = chapter_key(path)
        versions = [
            version
            for version in self._taxonomy.survey_versions
            if version.kind is moment.kind and key in version.chapters
        ]
        then = [version for version in versions if version.issued and version.issued <= moment.at]
        version = newest_version(then or versions)
        return version.chapters[key] if version else None

    def commit(self, moment: Moment, pages: dict[str, str | None]) -> Iterator[Quad]:
        commit, told_by = moment.origin, moment.history
        if not isinstance(commit, Commit) or told_by is None:
            return
        page = pages.get(told_by.slug)
        facts: Facts = [
            (RDF.type, self._iris.opd.Commit),
            (RDF.type, PROV.Entity),
            (RDFS.label, string(commit.id[:10])),
            (DCTERMS.identifier, string(commit.id)),
            (DCTERMS.date, _instant(commit.committed)),
            (PROV.generatedAtTime, _instant(commit.authored)),
            (DCTERMS.source, NamedNode(f"{page}{commit.id}") if page else None),
            (PROV.wasDerivedFrom, self._iris.source(told_by.slug)),
        ]
        yield from self._describe(self._iris.commit(commit.id), facts)


def _instant(text: str) -> Literal:
    return Literal(text, datatype=XSD.dateTime)
