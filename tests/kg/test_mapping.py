"""What the graph says of the sample's papers, asked the way a user would ask."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pyoxigraph import Store

from kg.build import map_sources
from kg.inputs import Inputs
from kg.records import Resource, Statement
from kg.vocab import Iris
from tests.kg.sample import sources

IRIS = Iris()
MINILLM = "<https://w3id.org/opdkg/paper/2306.08543>"
DROPPED = "<https://w3id.org/opdkg/paper/2601.00002>"
PREFIXES = IRIS.prefixes() | {"claim": f"{IRIS.base}claim/", "source": f"{IRIS.base}source/"}


def store_of(inputs: Inputs) -> Store:
    store = Store()
    store.extend(map_sources(inputs, [], IRIS).quads)
    return store


@pytest.fixture(scope="module")
def store() -> Store:
    return store_of(sources())


def rows(store: Store, pattern: str, *names: str) -> list[tuple[str, ...]]:
    select = " ".join(f"?{name}" for name in names)
    found = store.query(f"SELECT {select} {{ {pattern} }}", prefixes=PREFIXES, use_default_graph_as_union=True)
    return sorted(tuple(getattr(solution[name], "value", "") for name in names) for solution in found)


def values(store: Store, subject: str, path: str) -> list[str]:
    return [value for (value,) in rows(store, f"{subject} {path} ?v", "v")]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("dcterms:title", ["MiniLLM: On-Policy Distillation of Large Language Models"]),
        ("dcterms:alternative", ["MiniLLM"]),
        ("dcterms:issued", ["2023-06-14"]),
        ("opd:year", ["2023"]),
        ("fabio:hasArXivId", ["2306.08543"]),
        ("prism:doi", ["10.48550/arXiv.2306.08543"]),
        ("foaf:page", ["https://arxiv.org/abs/2306.08543"]),
        ("opd:methodName", ["MiniLLM"]),
        ("opd:listingStatus/skos:prefLabel", ["Current"]),
        ("opd:firstListed", ["2026-05-23"]),
        ("opd:lastListed", ["2026-10-06"]),
        ("opd:droppedSince", []),
        ("opd:officialRepository/schema:codeRepository", ["https://github.com/microsoft/LMOps"]),
        ("owl:sameAs", ["https://doi.org/10.48550/ARXIV.2306.08543", "https://doi.org/10.48550/arXiv.2306.08543"]),
        ("opd:lossClass", ["https://w3id.org/opdkg/concept/objective/reverse-kl"]),
        ("opd:role/skos:notation", ["direct_opd"]),
        ("opd:coverage", ["https://w3id.org/opdkg/concept/coverage/in-survey"]),
        ("opd:inSection/skos:notation", ["4", "4.2"]),
        ("dc:creator", ["Dong, Li", "Gu, Yuxian"]),
    ],
)
def test_a_paper_says(store: Store, path: str, expected: list[str]) -> None:
    assert values(store, MINILLM, path) == expected


def test_a_year_is_a_number(store: Store) -> None:
    assert store.query(
        f"ASK {{ {MINILLM} opd:year ?y FILTER(?y = 2023) }}", prefixes=PREFIXES, use_default_graph_as_union=True
    )


def test_authors_keep_their_order(store: Store) -> None:
    pattern = f"{MINILLM} opd:hasAuthorship [ opd:position ?n ; opd:authorName ?name ; opd:name/opd:authorName ?name ]"
    assert rows(store, pattern, "n", "name") == [("1", "Gu, Yuxian"), ("2", "Dong, Li")]


def test_a_name_that_stands_twice_has_two_authorships_and_is_one_name() -> None:
    inputs = sources()
    catalogue = inputs.sources[0]
    entry = replace(catalogue.entries[0], authors=("Li, Yao", "Gu, Yuxian", "Li, Yao"))
    inputs.sources[0] = replace(catalogue, entries=(entry,))
    found = store_of(inputs)
    assert rows(found, "?a opd:name <https://w3id.org/opdkg/name/Li,_Yao> ; opd:position ?n", "n") == [("1",), ("3",)]


def test_a_dropped_paper_says_since_when(store: Store) -> None:
    assert values(store, DROPPED, "opd:listingStatus/skos:prefLabel") == ["Dropped"]
    assert values(store, DROPPED, "opd:droppedSince") == ["2026-10-06"]


def test_the_larger_model_teaches_where_nothing_else_is_said(store: Store) -> None:
    pattern = (
        f"{MINILLM} opd:reportsSetup [ opd:orientation ?how ; opd:teacher/rdfs:label ?t ; opd:student/rdfs:label ?s ]"
    )
    assert rows(store, pattern, "how", "t", "s") == [("size", "GPT-2 1.5B", "GPT-2 120M")]


def test_a_model_that_teaches_itself_is_teacher_and_student(store: Store) -> None:
    pattern = f"{DROPPED} opd:reportsSetup [ opd:selfDistillation true ; opd:teacher ?m ; opd:student ?m ]"
    assert rows(store, pattern, "m") == [("https://w3id.org/opdkg/model/qwen3-8b",)]


def test_a_claim_tells_who_said_what_how_and_from_which_source(store: Store) -> None:
    pattern = f"""?c a opd:Classification, rdf:Statement, prov:Entity ; rdf:subject {MINILLM} ; rdf:predicate opd:lossClass ;
        rdf:object ?what ; prov:wasAttributedTo/rdfs:label ?who ; opd:method/skos:notation ?how ; dcterms:issued ?day ;
        opd:confidence/skos:prefLabel ?sure ; opd:status/skos:prefLabel ?status ; prov:wasDerivedFrom ?source"""
    assert rows(store, pattern, "what", "who", "how", "day", "sure", "status", "source") == [
        (
            "https://w3id.org/opdkg/concept/objective/reverse-kl",
            "Language-model auditor of loss formulations",
            "AI_GENERATED",
            "2026-06-03",
            "High",
            "Accepted",
            "https://w3id.org/opdkg/source/loss-taxonomy-2026-06-03",
        )
    ]


def test_the_curator_wins_and_gives_a_reason(store: Store) -> None:
    assert values(store, DROPPED, "opd:lossClass") == ["https://w3id.org/opdkg/concept/objective/forward-kl"]
    pattern = f"?c rdf:subject {DROPPED} ; opd:reason ?why ; prov:wasAttributedTo/rdfs:label ?who"
    assert rows(store, pattern, "why", "who") == [("Equation 3", "A. Curator")]


def test_what_the_curator_denies_is_rejected_and_kept() -> None:
    inputs = sources()
    losses = inputs.sources[2]
    audited = replace(losses.entries[0], arxiv_id="2601.00002", statements=(Statement("loss", "KL+RL", "low"),))
    inputs.sources[2] = replace(losses, entries=(*losses.entries, audited))
    pattern = f"""?c rdf:subject {DROPPED} ; rdf:predicate opd:lossClass ; rdf:object/skos:prefLabel ?what ;
        opd:status/skos:prefLabel ?status ; opd:negated ?no"""
    assert rows(store_of(inputs), pattern, "what", "status", "no") == [
        ("Forward KL", "Accepted", "false"),
        ("KL + RL", "Accepted", "true"),
        ("KL + RL", "Rejected", "false"),
    ]


def test_a_gap_can_be_asked_for(store: Store) -> None:
    assert values(store, DROPPED, "opd:role") == ["https://w3id.org/opdkg/concept/role/unclassified"]
    pattern = f"?c rdf:subject {DROPPED} ; rdf:predicate opd:role ; opd:rule/rdfs:label ?rule"
    assert rows(store, pattern, "rule") == [("unclassified",)]


def test_a_class_that_a_newer_audit_replaces_is_superseded() -> None:
    inputs = sources()
    old = inputs.sources[2]
    newer = replace(
        old,
        snapshot=replace(old.snapshot, slug="loss-taxonomy-2026-07-01", day=old.snapshot.day.replace(month=7, day=1)),
        entries=(replace(old.entries[0], statements=(Statement("loss", "FKL", "medium"),)),),
    )
    inputs.sources.append(newer)
    found = store_of(inputs)
    assert values(found, MINILLM, "opd:lossClass/skos:prefLabel") == ["Forward KL"]
    pattern = f"?c rdf:subject {MINILLM} ; rdf:object/skos:prefLabel ?what ; opd:status <https://w3id.org/opdkg/concept/status/superseded>"
    assert rows(found, pattern, "what") == [("Reverse KL",)]


def test_an_unknown_code_is_reported_and_claims_nothing() -> None:
    inputs = sources()
    losses = inputs.sources[2]
    inputs.sources[2] = replace(
        losses, entries=(replace(losses.entries[0], statements=(Statement("loss", "NEW", "high"),)),)
    )
    graph = map_sources(inputs, [], IRIS)
    (problem,) = [problem for problem in graph.problems if problem.field == "loss"]
    assert "'NEW'" in problem.reason
    assert (problem.file, problem.line) == ("loss-2026-06-03.md", 80)


def test_each_source_keeps_what_it_said(store: Store) -> None:
    pattern = f"""{MINILLM} opd:listing ?l . ?l dcterms:title ?title ; prov:wasDerivedFrom/opd:sourceKind ?kind
        OPTIONAL {{ ?l opd:year ?year }}"""
    assert rows(store, pattern, "kind", "title", "year") == [
        ("awesome", "MiniLLM", "2024"),
        ("catalogue", "MiniLLM: On-Policy Distillation of Large Language Models", ""),
        ("loss-taxonomy", "MiniLLM", ""),
    ]


def test_code_in_a_subfolder_is_its_own_repository() -> None:
    inputs = sources()
    catalogue = inputs.sources[0]
    link = Resource("Code", "https://github.com/microsoft/LMOps/tree/main/minillm")
    inputs.sources[0] = replace(catalogue, entries=(replace(catalogue.entries[0], resources=(link,)),))
    found = store_of(inputs)
    assert values(found, MINILLM, "opd:repository/schema:codeRepository") == [link.address]
    assert values(found, MINILLM, "opd:officialRepository") == []


def test_a_link_that_is_no_code_is_to_be_seen_also() -> None:
    inputs = sources()
    catalogue = inputs.sources[0]
    link = Resource("Model", "https://huggingface.co/org/model")
    inputs.sources[0] = replace(catalogue, entries=(replace(catalogue.entries[0], resources=(link,)),))
    assert values(store_of(inputs), MINILLM, "rdfs:seeAlso") == [link.address]
