"""Each shape is broken once, by data that breaks just this: a shape that cannot fail guards nothing."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from pyoxigraph import Quad, Store

from kg.build import map_sources
from kg.checks import check
from kg.dumps import union
from kg.vocab import Iris
from tests.kg.sample import past, sources

IRIS = Iris()
PREFIXES = IRIS.prefixes() | {
    "claim": f"{IRIS.base}claim/",
    "source": f"{IRIS.base}source/",
    "name": f"{IRIS.base}name/",
    "agent": f"{IRIS.base}agent/",
}

#: The IRIs that the cases below speak of, all of the sample graph.
P = "<https://w3id.org/opdkg/paper/2306.08543>"
AUTHOR = "<https://w3id.org/opdkg/paper/2306.08543/author/1>"
SETUP = "<https://w3id.org/opdkg/paper/2306.08543/setup/1>"
COMMIT = f"<https://w3id.org/opdkg/commit/{'2' * 40}>"
SOURCE = "<https://w3id.org/opdkg/source/awesome-2026-05-23>"
REPOSITORY = "<https://w3id.org/opdkg/repository/github.com/microsoft/lmops>"
MODEL = "<https://w3id.org/opdkg/model/gpt-2-xl>"
NAME = "<https://w3id.org/opdkg/name/Gu,_Yuxian>"
CONCEPT = "<https://w3id.org/opdkg/concept/%s>"
EVENT = CONCEPT % "change/%s"
ELSEWHERE = "<https://w3id.org/opdkg/concept/listing/current>"
LABEL = "<https://w3id.org/opdkg/concept/objective/reverse-kl/label/RKL>"
ONE_CLAIM = "{ SELECT ?c { ?c a opd:Classification } ORDER BY ?c LIMIT 1 }"
ONE_CHANGE = "{ SELECT ?h { ?h a opd:Change } ORDER BY ?h LIMIT 1 }"
ONE_LISTING = "{ SELECT ?l { ?l a opd:Listing } ORDER BY ?l LIMIT 1 }"


def add(*triples: str) -> str:
    return "INSERT DATA { " + " . ".join(triples) + " }"


def drop(subject: str, predicate: str) -> str:
    return f"DELETE WHERE {{ {subject} {predicate} ?o }}"


def swap(subject: str, predicate: str, value: str) -> str:
    return f"{drop(subject, predicate)}; {add(f'{subject} {predicate} {value}')}"


def strip(kind: str, predicate: str) -> str:
    return f"DELETE {{ ?s {predicate} ?o }} WHERE {{ ?s a opd:{kind} ; {predicate} ?o }}"


def claim(change: str) -> str:
    return f"{change} WHERE {{ {ONE_CLAIM} }}"


def claim_both(predicate: str, one: str, other: str) -> str:
    return claim(f"INSERT {{ ?c {predicate} {CONCEPT % one}, {CONCEPT % other} }}")


def event(change: str) -> str:
    return f"{change} WHERE {{ {ONE_CHANGE} }}"


def listing(change: str) -> str:
    return f"{change} WHERE {{ {ONE_LISTING} }}"


#: For each shape, updates that break it, each by itself.
BREAKING: dict[str, list[str]] = {
    "Paper": [add("_:b a opd:Paper")],
    "Paper-title": [drop(P, "dcterms:title"), add(f'{P} dcterms:title "A second"'), swap(P, "dcterms:title", '"x"@en')],
    "Paper-alternative": [add(f'{P} dcterms:alternative ""')],
    "Paper-citationKey": [
        drop(P, "opd:citationKey"),
        add(f'{P} opd:citationKey "another2023key"'),
        swap(P, "opd:citationKey", '"a,b"'),
    ],
    "Paper-issued": [add(f'{P} dcterms:issued "2024-01-01"^^xsd:date'), add(f'{P} dcterms:issued "2024"^^xsd:gYear')],
    "Paper-year": [add(f"{P} opd:year 2024"), swap(P, "opd:year", "12"), swap(P, "opd:year", '"2023"')],
    "Paper-arxiv": [swap(P, "fabio:hasArXivId", '"2306.08543v2"'), add(f'{P} fabio:hasArXivId "2306.08544"')],
    "Paper-doi": [add(f'{P} prism:doi "https://doi.org/10.48550/arXiv.2306.08543"')],
    "Paper-page": [add(f"{P} foaf:page <https://example.org/>"), swap(P, "foaf:page", "<javascript:alert(1)>")],
    "Paper-creator": [add(f"{P} dc:creator {NAME}")],
    "Paper-authorship": [add(f"{P} opd:hasAuthorship {NAME}")],
    "Paper-listing": [drop(P, "opd:listing"), add(f"{P} opd:listing {NAME}")],
    "Paper-status": [drop(P, "opd:listingStatus"), add(f"{P} opd:listingStatus {CONCEPT % 'listing/dropped'}")],
    "Paper-statusScheme": [add(f"{P} opd:listingStatus {CONCEPT % 'role/analysis'}")],
    "Paper-firstListed": [
        add(f'{P} opd:firstListed "2027-01-01"^^xsd:date'),
        swap(P, "opd:firstListed", '"2027-01-01"^^xsd:date'),
    ],
    "Paper-lastListed": [add(f'{P} opd:lastListed "2027-01-01"^^xsd:date')],
    "Paper-droppedSince": [add(f'{P} opd:droppedSince "soon"')],
    "Paper-repository": [add(f"{P} opd:repository {NAME}")],
    "Paper-setup": [add(f"{P} opd:reportsSetup {NAME}")],
    "Paper-methodName": [add(f'{P} opd:methodName ""')],
    "Paper-loss": [drop(P, "opd:lossClass"), add(f"{P} opd:lossClass {ELSEWHERE}")],
    "Paper-signal": [drop(P, "opd:signalSource"), add(f"{P} opd:signalSource {ELSEWHERE}")],
    "Paper-stabilization": [drop(P, "opd:stabilization"), add(f"{P} opd:stabilization {ELSEWHERE}")],
    "Paper-role": [drop(P, "opd:role"), add(f"{P} opd:role {ELSEWHERE}")],
    "Paper-access": [drop(P, "opd:teacherAccess"), add(f"{P} opd:teacherAccess {ELSEWHERE}")],
    "Paper-granularity": [drop(P, "opd:granularity"), add(f"{P} opd:granularity {ELSEWHERE}")],
    "Paper-section": [add(f"{P} opd:inSection {ELSEWHERE}")],
    "Paper-coverage": [add(f"{P} opd:coverage {ELSEWHERE}")],
    "Paper-types": [f"DELETE DATA {{ {P} a schema:ScholarlyArticle }}", f"DELETE DATA {{ {P} a fabio:ResearchPaper }}"],
    "Authorship-name": [drop(AUTHOR, "opd:authorName"), add(f'{AUTHOR} opd:authorName "Another"')],
    "Authorship-position": [
        drop(AUTHOR, "opd:position"),
        add(f"{AUTHOR} opd:position 3"),
        swap(AUTHOR, "opd:position", "0"),
    ],
    "Authorship-spelling": [drop(AUTHOR, "opd:name"), swap(AUTHOR, "opd:name", f"{MODEL}")],
    "Authorship-paper": [
        f"DELETE DATA {{ {P} opd:hasAuthorship {AUTHOR} }}",
        add(f"<https://w3id.org/opdkg/paper/2601.00002> opd:hasAuthorship {AUTHOR}"),
    ],
    "AuthorName-label": [drop(NAME, "opd:authorName"), add(f'{NAME} opd:authorName "Another"')],
    "AuthorName-used": [f"DELETE WHERE {{ ?a opd:name {NAME} }}"],
    "Listing-source": [strip("Listing", "prov:wasDerivedFrom"), listing(f"INSERT {{ ?l prov:wasDerivedFrom {NAME} }}")],
    "Listing-paper": [
        "DELETE WHERE { ?p opd:listing ?l }",
        listing("INSERT { paper:other opd:listing ?l . paper:another opd:listing ?l }"),
    ],
    "Listing-title": [listing('INSERT { ?l dcterms:title "" }')],
    "SourceSnapshot-sha256": [drop(SOURCE, "opd:sha256"), add(f'{SOURCE} opd:sha256 "ABC"')],
    "SourceSnapshot-kind": [drop(SOURCE, "opd:sourceKind"), swap(SOURCE, "opd:sourceKind", '"blog"')],
    "SourceSnapshot-date": [
        add(f'{SOURCE} dcterms:date "2020-01-01"^^xsd:date'),
        swap(SOURCE, "dcterms:date", '"May"'),
    ],
    "Change-paper": [
        "DELETE WHERE { ?p opd:change ?h }",
        event("INSERT { paper:2601.00002 opd:change ?h . paper:2306.08543 opd:change ?h }"),
        event("INSERT { paper:other opd:change ?h }"),
    ],
    "Change-event": [
        strip("Change", "opd:event"),
        event(f"INSERT {{ ?h opd:event {EVENT % 'code'}, {EVENT % 'moved'} }}"),
    ],
    "Change-eventScheme": [event(f"INSERT {{ ?h opd:event {ELSEWHERE} }}")],
    "Change-kind": [strip("Change", "opd:sourceKind"), event('INSERT { ?h opd:sourceKind "curation" }')],
    "Change-date": [strip("Change", "dcterms:issued"), event('INSERT { ?h dcterms:issued "May" }')],
    "Change-position": [strip("Change", "opd:position"), event("INSERT { ?h opd:position 0 }")],
    "Change-before": [event(f"INSERT {{ ?h opd:before {NAME} }}")],
    "Change-after": [event(f"INSERT {{ ?h opd:after {NAME} }}")],
    "Change-textBefore": [event('INSERT { ?h opd:textBefore "" }')],
    "Change-textAfter": [event("INSERT { ?h opd:textAfter 1 }")],
    "Change-source": [strip("Change", "prov:wasDerivedFrom"), event(f"INSERT {{ ?h prov:wasDerivedFrom {NAME} }}")],
    "Commit-id": [drop(COMMIT, "dcterms:identifier"), swap(COMMIT, "dcterms:identifier", '"HEAD"')],
    "Commit-date": [drop(COMMIT, "dcterms:date"), swap(COMMIT, "dcterms:date", '"2026-02-02"^^xsd:date')],
    "Commit-written": [drop(COMMIT, "prov:generatedAtTime"), add(f'{COMMIT} prov:generatedAtTime "then"')],
    "Commit-page": [
        swap(COMMIT, "dcterms:source", "<file:///srv/list>"),
        add(f"{COMMIT} dcterms:source <https://a.example/>"),
    ],
    "Commit-source": [drop(COMMIT, "prov:wasDerivedFrom"), swap(COMMIT, "prov:wasDerivedFrom", NAME)],
    "Classification-subject": [strip("Classification", "rdf:subject"), claim(f"INSERT {{ ?c rdf:subject {NAME} }}")],
    "Classification-predicate": [
        strip("Classification", "rdf:predicate"),
        claim("INSERT { ?c rdf:predicate opd:year }"),
    ],
    "Classification-object": [strip("Classification", "rdf:object"), claim(f"INSERT {{ ?c rdf:object {NAME} }}")],
    "Classification-status": [
        strip("Classification", "opd:status"),
        claim_both("opd:status", "status/rejected", "status/superseded"),
    ],
    "Classification-statusScheme": [claim(f"INSERT {{ ?c opd:status {ELSEWHERE} }}")],
    "Classification-method": [
        strip("Classification", "opd:method"),
        claim_both("opd:method", "method/rule", "method/curator"),
    ],
    "Classification-methodScheme": [claim(f"INSERT {{ ?c opd:method {ELSEWHERE} }}")],
    "Classification-agent": [
        strip("Classification", "prov:wasAttributedTo"),
        claim(f"INSERT {{ ?c prov:wasAttributedTo {NAME} }}"),
    ],
    "Classification-source": [
        strip("Classification", "prov:wasDerivedFrom"),
        claim(f"INSERT {{ ?c prov:wasDerivedFrom {NAME} }}"),
    ],
    "Classification-confidence": [claim_both("opd:confidence", "confidence/high", "confidence/low")],
    "Classification-confidenceScheme": [claim(f"INSERT {{ ?c opd:confidence {ELSEWHERE} }}")],
    "Classification-basis": [
        strip("Classification", "opd:confidenceBasis"),
        claim_both("opd:confidenceBasis", "basis/rule", "basis/human"),
    ],
    "Classification-basisScheme": [claim(f"INSERT {{ ?c opd:confidenceBasis {ELSEWHERE} }}")],
    "Classification-negated": [strip("Classification", "opd:negated"), claim('INSERT { ?c opd:negated "no" }')],
    "Classification-rule": [claim(f"INSERT {{ ?c opd:rule {NAME} }}")],
    "Classification-date": [claim('INSERT { ?c dcterms:issued "May" }')],
    "PlainTriples-claimed": [
        add(f"{P} opd:lossClass {CONCEPT % 'objective/other'}"),
        f"DELETE WHERE {{ ?c rdf:subject {P} ; rdf:object {CONCEPT % 'objective/reverse-kl'} ; ?p ?o }}",
    ],
    "PlainTriples-written": [drop(P, "opd:lossClass"), drop(P, "opd:classifiedAs"), drop(P, "dcterms:subject")],
    "DistillationSetup-text": [drop(SETUP, "opd:setupText"), add(f'{SETUP} opd:setupText "A → B"')],
    "DistillationSetup-orientation": [drop(SETUP, "opd:orientation"), swap(SETUP, "opd:orientation", '"guessed"')],
    "DistillationSetup-paper": [drop(P, "opd:reportsSetup"), add(f"paper:other opd:reportsSetup {SETUP}")],
    "DistillationSetup-teacher": [add(f"{SETUP} opd:teacher {NAME}")],
    "DistillationSetup-student": [add(f"{SETUP} opd:student {NAME}")],
    "DistillationSetup-model": [add(f"{SETUP} opd:model {NAME}")],
    "DistillationSetup-self": [add(f'{SETUP} opd:selfDistillation "perhaps"')],
    "LanguageModel-label": [drop(MODEL, "rdfs:label"), add(f'{MODEL} rdfs:label "Another"')],
    "LanguageModel-parameters": [add(f"{MODEL} opd:parameters 7"), swap(MODEL, "opd:parameters", "0")],
    "LanguageModel-active": [add(f"{MODEL} opd:activeParameters 0")],
    "LanguageModel-used": [f"DELETE WHERE {{ ?s opd:model {MODEL} }}"],
    "Repository-address": [
        drop(REPOSITORY, "schema:codeRepository"),
        add(f"{REPOSITORY} schema:codeRepository <ftp://example.org/>"),
    ],
    "SameAs-target": [add(f'{P} owl:sameAs "10.48550/arXiv.2306.08543"')],
    "Label-form": [drop(LABEL, "skosxl:literalForm"), add(f'{LABEL} skosxl:literalForm "rkl"@en')],
    "Label-concept": [
        f"DELETE WHERE {{ ?c skosxl:altLabel {LABEL} }}",
        add(f"{CONCEPT % 'objective/forward-kl'} skosxl:hiddenLabel {LABEL}"),
    ],
    "Label-source": [drop(LABEL, "prov:wasDerivedFrom"), swap(LABEL, "prov:wasDerivedFrom", NAME)],
}


@pytest.fixture(scope="module")
def sample() -> list[Quad]:
    inputs = sources()
    inputs.sources.append(past())
    return [Quad(*triple) for triple in union(map_sources(inputs, [], IRIS).quads)]


def violated(quads: list[Quad], update: str | None = None) -> set[str]:
    store = Store()
    store.extend(quads)
    if update:
        store.update(update, prefixes=PREFIXES)
    return {violation.rule for violation in check((quad.triple for quad in store), IRIS)}


def test_the_sample_conforms(sample: list[Quad]) -> None:
    assert violated(sample) == set()


def test_every_shape_has_a_case_that_breaks_it() -> None:
    text = files("ontology").joinpath("shapes.ttl").read_text(encoding="utf-8")
    shapes = set(re.findall(r"^shape:([\w-]+) (?:a sh:NodeShape|sh:target|a sh:SPARQLConstraint)", text, re.MULTILINE))
    assert shapes - {"PlainTriples"} == BREAKING.keys()


@pytest.mark.parametrize(
    ("shape", "update"), [(shape, update) for shape, updates in BREAKING.items() for update in updates]
)
def test_a_shape_notices_what_breaks_it(sample: list[Quad], shape: str, update: str) -> None:
    assert shape in violated(sample, update)
