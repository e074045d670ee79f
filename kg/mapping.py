"""Merged records → quads: the graph's model, one function per kind of thing.

Everything here is deterministic and free of blank nodes. What a node is called is in kg/vocab.py, what it means in
ontology/opd.ttl. Papers and all that hangs on them go to ``graph/papers``; who said what to ``graph/claims``; statements
about other graphs' resources to ``graph/links``.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pyoxigraph import Literal, NamedNode, Quad

from kg.citation_keys import citation_keys
from kg.claims import GAP_RULE, Claim, claims_of
from kg.identifiers import repository_slug, slugify
from kg.models import ModelMention
from kg.records import Problem
from kg.setups import Setup, read_setups
from kg.titles import overlap
from kg.vocab import (
    DC,
    DCTERMS,
    DIMENSIONS,
    FABIO,
    FOAF,
    OWL,
    PRISM,
    PROV,
    RDF,
    RDFS,
    SCHEMA,
    XSD,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from kg.merge import Listing, Merged, Paper
    from kg.records import Entry, Resource, Snapshot
    from kg.rules import Rules
    from kg.taxonomy import Taxonomy
    from kg.vocab import Iris, Namespace

Term = NamedNode | Literal
Facts = list[tuple[NamedNode, Term | None]]

#: Of its own words or the paper's, a title must share more than this for a method's name beside it to be the paper's.
LEAST_AGREEMENT = 0.5

AGENTS = {
    "survey-authors": (PROV.Organization, "Authors of the survey"),
    "awesome-list": (PROV.Organization, "Maintainers of the Awesome list"),
    "loss-auditor": (PROV.SoftwareAgent, "Language-model auditor of loss formulations"),
    "opdkg": (PROV.SoftwareAgent, "Rules of this graph"),
}


@dataclass(slots=True)
class MappedPaper:
    """A paper with what was derived of it: the search index and the quality rules read the same. ``key`` is to cite it by."""

    paper: Paper
    key: str
    claims: list[Claim]
    setups: list[Setup]
    resources: list[Resource]
    method_names: list[str]
    venues: list[str]


@dataclass(slots=True)
class Derivation:
    """All papers with their claims and setups, and what could not be translated on the way."""

    papers: list[MappedPaper]
    problems: list[Problem] = field(default_factory=list)


def derive(merged: Merged, taxonomy: Taxonomy, rules: Rules, schemes: Mapping[str, str]) -> Derivation:
    """Read setups and make claims for every paper. ``schemes`` gives each list snapshot's survey version."""
    curators = {source.snapshot.slug: source.curator for source in merged.sources if source.curator}
    keys = citation_keys(merged.papers)
    result = Derivation([])
    for paper in merged.papers:
        setups = _setups(paper)
        claims = claims_of(
            paper,
            taxonomy=taxonomy,
            rules=rules,
            schemes=schemes,
            curators=curators,
            self_distillation=any(setup.self_distillation for setup in setups),
            problems=result.problems,
        )
        entries = [listing.entry for listing in paper.listings if _is_meant(paper, listing.entry)]
        result.papers.append(
            MappedPaper(
                paper,
                keys[paper.id],
                claims,
                setups,
                resources=list(_distinct_resources(paper)),
                method_names=list(dict.fromkeys(name for entry in entries for name in entry.method_names)),
                venues=list(dict.fromkeys(venue for entry in entries for venue in entry.venues)),
            )
        )
    return result


def _setups(paper: Paper) -> list[Setup]:
    """Read the setups of the newest README that states any; what older ones state stays in the paper's listings."""
    for listing in paper.listings:
        setups = _read(listing.entry)
        if setups:
            return list(dict.fromkeys(setups))
    return []


def _is_meant(paper: Paper, entry: Entry) -> bool:
    """Tell whether an entry's other names can be trusted: whether its titles are this paper's, and not another one's.

    An early list mixed up some ids. What it calls the paper under a title that the better source does not confirm stays in
    the listing, and is no name of the paper.
    """
    return all(overlap(title, paper.title) > LEAST_AGREEMENT for title in entry.titles)


def _read(entry: Entry) -> list[Setup]:
    return [setup for text in entry.models for setup in read_setups(text, stated=entry.models_direction)]


def _distinct_resources(paper: Paper) -> Iterator[Resource]:
    seen = set()
    for listing in paper.listings:
        for resource in listing.entry.resources:
            if resource.address not in seen:
                seen.add(resource.address)
                yield resource


# ---------------------------------------------------------------- literals


def string(text: str) -> Literal:
    """Return a plain string, without a language: titles and names are not ours to label."""
    return Literal(text)


def integer(value: int) -> Literal:
    """Return an xsd:integer in canonical form."""
    return Literal(str(value), datatype=XSD.integer)


def boolean(value: bool) -> Literal:  # noqa: FBT001 (a literal of its own argument)
    """Return an xsd:boolean in canonical form."""
    return Literal("true" if value else "false", datatype=XSD.boolean)


def day(value: date) -> Literal:
    """Return an xsd:date without a time zone."""
    return Literal(value.isoformat(), datatype=XSD.date)


# ---------------------------------------------------------------- the graph


def quads(merged: Merged, derivation: Derivation, rules: Rules, iris: Iris) -> Iterator[Quad]:
    """Return the quads of graph/papers, graph/claims and graph/links. Some may repeat."""
    mapper = _Mapper(iris)
    for mapped in derivation.papers:
        yield from mapper.paper(mapped)
    yield from mapper.names()
    yield from mapper.models()
    for source in merged.sources:
        yield from mapper.source(source.snapshot)
        if source.curator:
            yield from mapper.curator(source.curator)
    yield from mapper.agents()
    yield from mapper.rules(rules)


class _Mapper:
    """Holds the IRIs, and what several papers share: names and models are described once, after all papers."""

    def __init__(self, iris: Iris) -> None:
        self.iris = iris
        self.opd: Namespace = iris.opd
        self._papers = iris.graph("papers")
        self._claims = iris.graph("claims")
        self._links = iris.graph("links")
        self._names: dict[str, NamedNode] = {}
        self._models: dict[str, ModelMention] = {}
        self._spellings: dict[str, set[str]] = defaultdict(set)

    def _describe(self, subject: NamedNode, facts: Facts, graph: NamedNode) -> Iterator[Quad]:
        for predicate, value in facts:
            if value is not None:
                yield Quad(subject, predicate, value, graph)

    # ------------------------------------------------------------ papers

    def paper(self, mapped: MappedPaper) -> Iterator[Quad]:
        paper, opd = mapped.paper, self.opd
        subject = self.iris.paper(paper.id)
        page = paper.address or (f"https://arxiv.org/abs/{paper.arxiv_id}" if paper.arxiv_id else None)
        status = self.iris.concept("listing", "current" if paper.listed else "dropped")
        facts: Facts = [
            (RDF.type, opd.Paper),
            (RDF.type, FABIO.ResearchPaper),
            (RDF.type, SCHEMA.ScholarlyArticle),
            (opd.citationKey, string(mapped.key)),
            (DCTERMS.title, string(paper.title)),
            *((DCTERMS.alternative, string(title)) for title in paper.alternatives),
            (DCTERMS.issued, day(paper.issued) if paper.issued else None),
            (opd.year, integer(paper.year) if paper.year is not None else None),
            (FABIO.hasArXivId, string(paper.arxiv_id) if paper.arxiv_id else None),
            (PRISM.doi, string(f"10.48550/arXiv.{paper.arxiv_id}") if paper.arxiv_id else None),
            *((DCTERMS.identifier, string(upstream_id)) for upstream_id in paper.upstream_ids),
            (FOAF.page, NamedNode(page) if page else None),
            *((opd.methodName, string(name)) for name in mapped.method_names),
            *((PRISM.publicationName, string(venue)) for venue in mapped.venues),
            (opd.listingStatus, status),
            (opd.firstListed, day(paper.first_listed) if paper.first_listed else None),
            (opd.lastListed, day(paper.last_listed) if paper.last_listed else None),
            (opd.droppedSince, day(paper.dropped_since) if paper.dropped_since else None),
        ]
        yield from self._describe(subject, facts, self._papers)
        yield from self._authors(subject, paper)
        for listing in paper.listings:
            yield from self._listing(subject, paper, listing)
        for resource in mapped.resources:
            yield from self._resource(subject, resource)
        for number, setup in enumerate(mapped.setups, start=1):
            yield from self._setup(subject, self.iris.setup(paper.id, number), setup)
        for claim in mapped.claims:
            yield from self._claim(subject, claim)
        if paper.arxiv_id:
            yield from self._links_of(subject, paper.arxiv_id)

    def _authors(self, subject: NamedNode, paper: Paper) -> Iterator[Quad]:
        for position, spelling in enumerate(paper.authors, start=1):
            authorship = self.iris.authorship(paper.id, position)
            name = self._names.setdefault(spelling, self.iris.name(spelling))
            yield Quad(subject, DC.creator, string(spelling), self._papers)
            yield Quad(subject, self.opd.hasAuthorship, authorship, self._papers)
            facts: Facts = [
                (RDF.type, self.opd.Authorship),
                (self.opd.authorName, string(spelling)),
                (self.opd.position, integer(position)),
                (self.opd.name, name),
            ]
            yield from self._describe(authorship, facts, self._papers)

    def _listing(self, subject: NamedNode, paper: Paper, listing: Listing) -> Iterator[Quad]:
        entry = listing.entry
        titles = entry.titles or entry.short_titles
        setup_texts = list(dict.fromkeys(setup.text for setup in _read(entry)))
        kind = listing.snapshot.kind
        said = (
            paper.id,
            kind,
            *titles,
            entry.issued or "",
            *map(str, entry.years),
            entry.address or "",
            *setup_texts,
            *entry.method_names,
            *entry.venues,
        )
        node = self.iris.listing(hashlib.sha256("\n".join(said).encode()).hexdigest()[:16])
        yield Quad(subject, self.opd.listing, node, self._papers)
        facts: Facts = [
            (RDF.type, self.opd.Listing),
            (RDF.type, PROV.Entity),
            *((DCTERMS.title, string(title)) for title in titles),
            *((self.opd.year, integer(year)) for year in entry.years),
            (DCTERMS.date, string(entry.issued) if entry.issued else None),
            (FOAF.page, NamedNode(entry.address) if entry.address else None),
            *((self.opd.setupText, string(text)) for text in setup_texts),
            *((self.opd.methodName, string(name)) for name in entry.method_names),
            *((PRISM.publicationName, string(venue)) for venue in entry.venues),
            (PROV.wasDerivedFrom, self.iris.source(listing.snapshot.slug)),
        ]
        yield from self._describe(node, facts, self._papers)

    def _resource(self, subject: NamedNode, resource: Resource) -> Iterator[Quad]:
        slug = repository_slug(resource.address) if resource.is_code else None
        if slug is None:
            yield Quad(subject, RDFS.seeAlso, NamedNode(resource.address), self._papers)
            return
        node = self.iris.repository(slug)
        yield Quad(subject, self.opd.repository, node, self._papers)
        if resource.label.casefold().startswith("official"):
            yield Quad(subject, self.opd.officialRepository, node, self._papers)
        facts: Facts = [
            (RDF.type, self.opd.Repository),
            (RDF.type, SCHEMA.SoftwareSourceCode),
            (RDFS.label, string(slug)),
            (SCHEMA.codeRepository, NamedNode(resource.address)),
        ]
        yield from self._describe(node, facts, self._papers)

    def _links_of(self, subject: NamedNode, arxiv_id: str) -> Iterator[Quad]:
        """Link by identifier, one to one. DOIs ignore case, but IRIs do not: dblp spells them in upper case."""
        doi = f"10.48550/arXiv.{arxiv_id}"
        for spelling in dict.fromkeys((doi, doi.upper())):
            yield Quad(subject, OWL.sameAs, NamedNode(f"https://doi.org/{spelling}"), self._links)

    # ------------------------------------------------------------ setups and models

    def _setup(self, subject: NamedNode, node: NamedNode, setup: Setup) -> Iterator[Quad]:
        for mention in (*setup.teachers, *setup.students, *setup.involved):
            known = self._models.setdefault(mention.slug, mention)
            self._spellings[known.slug].add(mention.name)
        yield Quad(subject, self.opd.reportsSetup, node, self._papers)
        teachers = [self.iris.model(mention.slug) for mention in setup.teachers]
        students = [self.iris.model(mention.slug) for mention in setup.students]
        involved = [self.iris.model(mention.slug) for mention in setup.involved]
        facts: Facts = [
            (RDF.type, self.opd.DistillationSetup),
            (self.opd.setupText, string(setup.text)),
            (self.opd.orientation, string(setup.orientation.value)),
            (self.opd.selfDistillation, None if setup.self_distillation is None else boolean(setup.self_distillation)),
            *((self.opd.teacher, model) for model in teachers),
            *((self.opd.student, model) for model in students),
            *((self.opd.model, model) for model in (*teachers, *students, *involved)),
        ]
        yield from self._describe(node, facts, self._papers)

    def models(self) -> Iterator[Quad]:
        for slug, model in sorted(self._models.items()):
            label, *others = sorted(self._spellings[slug], key=lambda name: (name.casefold() != slug, name))
            facts: Facts = [
                (RDF.type, self.opd.LanguageModel),
                (RDFS.label, string(label)),
                *((DCTERMS.alternative, string(other)) for other in others),
                (self.opd.family, string(model.family) if model.family else None),
                (self.opd.parameters, integer(model.parameters) if model.parameters else None),
                (self.opd.activeParameters, integer(model.active_parameters) if model.active_parameters else None),
                (self.opd.variant, string(model.variant) if model.variant else None),
            ]
            yield from self._describe(self.iris.model(slug), facts, self._papers)

    def names(self) -> Iterator[Quad]:
        for spelling, node in sorted(self._names.items()):
            facts: Facts = [
                (RDF.type, self.opd.AuthorName),
                (RDFS.label, string(spelling)),
                (self.opd.authorName, string(spelling)),
            ]
            yield from self._describe(node, facts, self._papers)

    # ------------------------------------------------------------ claims and their provenance

    def _claim(self, subject: NamedNode, claim: Claim) -> Iterator[Quad]:
        opd, concept = self.opd, self.iris.concept
        predicate = opd[DIMENSIONS[claim.dimension]]
        value = concept(claim.concept.scheme, claim.concept.slug)
        if claim.status == "accepted" and not claim.negated:
            for plain in (predicate, opd.classifiedAs, DCTERMS.subject):
                yield Quad(subject, plain, value, self._papers)
        facts: Facts = [
            (RDF.type, opd.Classification),
            (RDF.type, RDF.Statement),
            (RDF.type, PROV.Entity),
            (RDF.subject, subject),
            (RDF.predicate, predicate),
            (RDF.object, value),
            (opd.status, concept("status", claim.status)),
            (opd.method, concept("method", claim.method)),
            (opd.confidenceBasis, concept("basis", claim.basis)),
            (opd.confidence, concept("confidence", claim.confidence) if claim.confidence else None),
            (opd.negated, boolean(claim.negated)),
            (opd.reason, string(claim.reason) if claim.reason else None),
            (opd.rule, self.iris.rule(claim.rule) if claim.rule else None),
            (PROV.wasAttributedTo, self.iris.agent(claim.agent)),
            *((PROV.wasDerivedFrom, self.iris.source(slug)) for slug in claim.snapshots),
            (DCTERMS.issued, day(claim.day) if claim.day else None),
        ]
        yield from self._describe(self.iris.claim(claim.digest), facts, self._claims)

    def source(self, snapshot: Snapshot) -> Iterator[Quad]:
        facts: Facts = [
            (RDF.type, self.opd.SourceSnapshot),
            (RDF.type, PROV.Entity),
            (RDFS.label, string(snapshot.file)),
            (self.opd.sourceKind, string(snapshot.kind.value)),
            (self.opd.sha256, string(snapshot.sha256)),
            (DCTERMS.extent, integer(snapshot.size)),
            (DCTERMS.date, day(snapshot.day) if snapshot.day else None),
            (DCTERMS.source, NamedNode(snapshot.address) if snapshot.address else None),
        ]
        yield from self._describe(self.iris.source(snapshot.slug), facts, self._claims)

    def curator(self, name: str) -> Iterator[Quad]:
        facts: Facts = [(RDF.type, PROV.Agent), (RDF.type, PROV.Person), (RDFS.label, string(name))]
        yield from self._describe(self.iris.agent(f"curator-{slugify(name)}"), facts, self._claims)

    def agents(self) -> Iterator[Quad]:
        for slug, (kind, label) in AGENTS.items():
            facts: Facts = [(RDF.type, PROV.Agent), (RDF.type, kind), (RDFS.label, Literal(label, language="en"))]
            yield from self._describe(self.iris.agent(slug), facts, self._claims)

    def rules(self, rules: Rules) -> Iterator[Quad]:
        described = [(rule.id, rule.note) for rule in rules]
        described.append(
            (GAP_RULE, "No accepted claim in this dimension: the gap is stated, so that it can be asked for.")
        )
        for slug, note in described:
            facts: Facts = [
                (RDF.type, self.opd.Rule),
                (RDF.type, PROV.Plan),
                (RDFS.label, string(slug)),
                (RDFS.comment, Literal(note, language="en")),
            ]
            yield from self._describe(self.iris.rule(slug), facts, self._claims)
