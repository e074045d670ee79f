"""The integrity checks: the real taxonomy passes, and each condition is broken by data that breaks nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Quad, RdfFormat, Store, Triple, parse

from kg.checks import check
from kg.graph import open_store
from kg.skos import check_skos
from kg.taxonomy import load_taxonomy
from kg.violations import Severity
from kg.vocab import Iris

if TYPE_CHECKING:
    from pathlib import Path

#: Two schemes, a broader and a narrower concept in the first.
GOOD = """
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX : <https://example.org/>
:A a skos:ConceptScheme ; skos:hasTopConcept :a .
:a a skos:Concept ; skos:inScheme :A ; skos:topConceptOf :A ; skos:prefLabel "a"@en ; skos:notation "1" .
:a1 a skos:Concept ; skos:inScheme :A ; skos:broader :a ; skos:prefLabel "a1"@en ; skos:altLabel "alt"@en ;
    skos:hiddenLabel "hidden"@en ; skos:notation "1.1" .
:B a skos:ConceptScheme ; skos:hasTopConcept :b .
:b a skos:Concept ; skos:inScheme :B ; skos:prefLabel "a"@en ; skos:notation "1" .
:C a skos:ConceptScheme ; skos:hasTopConcept :c .
:c a skos:Concept ; skos:inScheme :C ; skos:prefLabel "c"@en .
"""

BROKEN = {
    "S9": (":A", ":A a skos:Concept ; skos:inScheme :B ; skos:broader :b ; skos:prefLabel 'A'@en"),
    "S13 preferred and alternative": (":a1", ":a1 skos:altLabel 'a1'@en"),
    "S13 preferred and hidden": (":a1", ":a1 skos:hiddenLabel 'a1'@en"),
    "S13 alternative and hidden": (":a1", ":a1 skos:hiddenLabel 'alt'@en"),
    "S14": (":a", ":a skos:prefLabel 'another'@en"),
    "S27 directly": (":a1", ":a1 skos:related :a"),
    "S27 from the other side": (":a1", ":a skos:related :a1"),
    "S27 over several steps": (":a1", ":a skos:broadMatch :b . :c skos:narrowMatch :b . :a1 skos:relatedMatch :c"),
    "S37 and a concept": (":a1", ":a1 a skos:Collection"),
    "S37 and a scheme": (":A", ":A a skos:Collection"),
    "S46 broader": (":a", ":a skos:exactMatch :b ; skos:broadMatch :b"),
    "S46 narrower, matched from the other side": (":a", ":b skos:exactMatch :a . :b skos:narrowMatch :a"),
    "S46 related": (":a", ":a skos:exactMatch :b ; skos:relatedMatch :b"),
    "S46 over two matches": (":a", ":a skos:exactMatch :b . :b skos:exactMatch :c . :a skos:broadMatch :c"),
    "S46 with a wider concept of its own scheme": (":a1", ":a1 skos:exactMatch :b . :b skos:exactMatch :a"),
    "cycle": (":b", ":b skos:broadMatch :c . :c skos:broadMatch :b"),
    "cycle of one": (":a", ":a skos:narrower :a"),
    "top-concept": (":D", ":D a skos:ConceptScheme"),
    "scheme": (":d", ":d a skos:Concept ; skos:prefLabel 'd'@en"),
    "scheme that is none": (
        ":d",
        ":d a skos:Concept ; skos:prefLabel 'd'@en ; skos:inScheme :D ; skos:topConceptOf :D",
    ),
    "orphan": (":d", ":d a skos:Concept ; skos:inScheme :A ; skos:prefLabel 'd'@en"),
    "label": (":d", ":d a skos:Concept ; skos:inScheme :A ; skos:broader :a"),
    "label-clash": (":a", ":d a skos:Concept ; skos:inScheme :A ; skos:broader :a ; skos:prefLabel 'a'@en"),
    "notation": (
        ":a",
        ":d a skos:Concept ; skos:inScheme :A ; skos:broader :a ; skos:prefLabel 'd'@en ; skos:notation '1'",
    ),
}


def store_of(turtle: str) -> Store:
    store = Store()
    store.bulk_extend(parse(turtle, RdfFormat.TURTLE))
    return store


def test_sound_schemes_pass() -> None:
    assert check_skos(store_of(GOOD)) == []


@pytest.mark.parametrize("case", BROKEN)
def test_each_condition_is_broken_alone(case: str) -> None:
    focus, addition = BROKEN[case]
    found = check_skos(store_of(f"{GOOD}\n{addition} ."))
    assert {violation.rule for violation in found} == {case.split(maxsplit=1)[0]}
    assert f"https://example.org/{focus[1:]}" in {violation.focus for violation in found}
    assert {(violation.source, violation.severity) for violation in found} == {("skos", Severity.VIOLATION)}


def test_messages_name_what_clashes_and_what_to_do() -> None:
    found = check_skos(store_of(f"{GOOD}\n:a1 skos:hiddenLabel 'alt'@en ."))
    assert [violation.message for violation in found] == [
        'has "alt"@en as altLabel and as hiddenLabel; keep one of them'
    ]


#: What breaks each condition in the release itself, where chapters of several versions and mappings stand beside it.
BREAKS = {
    "S9": "scheme:objective a skos:Concept ; skos:inScheme scheme:role ; skos:topConceptOf scheme:role ; skos:prefLabel 'x'@en",
    "S13": "concept:reverse-kl skos:hiddenLabel 'Reverse KL'@en",
    "S14": "concept:reverse-kl skos:prefLabel 'KL the other way round'@en",
    "S27": "concept:reverse-kl skos:related concept:f-divergence",
    "S37": "concept:reverse-kl a skos:Collection",
    "S46": "concept:reverse-kl skos:exactMatch concept:kl-based",
    "cycle": "concept:kl-based skos:broader concept:reverse-kl",
    "top-concept": "scheme:new a skos:ConceptScheme",
    "scheme": "concept:new a skos:Concept ; skos:prefLabel 'New'@en",
    "orphan": "concept:new a skos:Concept ; skos:prefLabel 'New'@en ; skos:inScheme scheme:objective",
    "label": "concept:new a skos:Concept ; skos:inScheme scheme:objective ; skos:topConceptOf scheme:objective",
    "label-clash": (
        "concept:new a skos:Concept ; skos:inScheme scheme:objective ; skos:topConceptOf scheme:objective ; "
        "skos:prefLabel 'Reverse KL'@en"
    ),
}


@pytest.fixture(scope="module")
def release(home: Path) -> list[Triple]:
    """What graph/taxonomy of the release of the bundled facts says."""
    found = open_store(home).quads_for_pattern(None, None, None, Iris().graph("taxonomy"))
    return [quad.triple for quad in found]


def test_the_release_passes(release: list[Triple]) -> None:
    store = Store()
    store.bulk_extend(Quad(*triple) for triple in release)
    assert len(store) > 2000
    assert check_skos(store) == []


@pytest.mark.parametrize("rule", BREAKS)
def test_a_release_that_breaks_a_condition_is_refused(release: list[Triple], rule: str) -> None:
    prefixes = (
        "PREFIX skos: <http://www.w3.org/2004/02/skos/core#> PREFIX scheme: <https://w3id.org/opdkg/scheme/> "
        "PREFIX concept: <https://w3id.org/opdkg/concept/objective/>"
    )
    added = [quad.triple for quad in parse(f"{prefixes} {BREAKS[rule]} .", RdfFormat.TURTLE)]
    found = check([*release, *added], Iris())
    assert rule in {violation.rule for violation in found if violation.source == "skos"}


def test_the_taxonomy_passes() -> None:
    store = Store()
    store.bulk_extend(Quad(*quad.triple) for quad in load_taxonomy().quads(Iris()))
    assert len(store) > 1000
    assert check_skos(store) == []
