"""Each spelling of a concept is in the release with the sources that have it: no more, no fewer, and as SKOS wants it."""

from __future__ import annotations

import json
from collections import defaultdict
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest
from pyoxigraph import Literal, NamedNode, Store

from kg.build import map_sources
from kg.graph import open_store
from kg.vocab import PROV, RDF, SKOS, SKOSXL, Iris
from tests.kg.sample import sources

if TYPE_CHECKING:
    from pathlib import Path

IRIS = Iris()
PLAIN = {SKOSXL.prefLabel: SKOS.prefLabel, SKOSXL.altLabel: SKOS.altLabel, SKOSXL.hiddenLabel: SKOS.hiddenLabel}

#: Kind of label, concept, spelling, and the sources that have it.
Spelling = tuple[str, str, str, frozenset[str]]


def spellings(store: Store) -> set[Spelling]:
    found = set()
    for label in (quad.subject for quad in store.quads_for_pattern(None, RDF.type, SKOSXL.Label)):
        (form,) = (quad.object for quad in store.quads_for_pattern(label, SKOSXL.literalForm, None))
        links = [(kind, quad.subject) for kind in PLAIN for quad in store.quads_for_pattern(None, kind, label)]
        ((kind, concept),) = links
        assert isinstance(form, Literal)
        assert list(store.quads_for_pattern(concept, PLAIN[kind], form)), "the plain label that follows from it"
        derived = (quad.object for quad in store.quads_for_pattern(label, PROV.wasDerivedFrom, None))
        slugs = frozenset(node.value.rpartition("/")[2] for node in derived if isinstance(node, NamedNode))
        path = concept.value.partition("/concept/")[2]
        found.add((kind.value.partition("#")[2], path, form.value, slugs))
    return found


@pytest.fixture(scope="module")
def sample() -> set[Spelling]:
    store = Store()
    store.bulk_extend(map_sources(sources(), [], IRIS).quads)
    return spellings(store)


def test_codes_and_headings_are_spellings_and_a_curators_slugs_are_not(sample: set[Spelling]) -> None:
    catalogue, readme, losses = "catalogue-2026-10-06", "awesome-2026-05-23", "loss-taxonomy-2026-06-03"
    by_scheme = defaultdict(set)
    for kind, concept, text, slugs in sample:
        by_scheme[concept.partition("/")[0]].add((kind, text, *slugs))
    assert by_scheme["role"] == {("hiddenLabel", "direct_opd", catalogue)}
    assert by_scheme["objective"] == {("altLabel", "RKL", losses)}
    headings = {text: slugs for _, concept, text, slugs in sample if concept.startswith("survey-")}
    assert headings == {
        "Objectives and update rules": {catalogue},
        "Objective Functions and Optimization": {readme},
        "Adaptive Divergence Objectives": {readme},
    }


def test_every_code_of_the_bundled_facts_is_there_with_its_sources(home: Path) -> None:
    """The codes are read from the files themselves."""
    expected = defaultdict(set)
    for file in files("kg").joinpath("data/snapshot").iterdir():
        for entry in json.loads(file.read_text(encoding="utf-8"))["entries"]:
            for statement in entry.get("statements", ()):
                expected[statement["code"]].add(file.name.removesuffix(".json"))
    assert len(expected) > 10
    found = {text: slugs for _, concept, text, slugs in spellings(open_store(home)) if "survey-" not in concept}
    assert found == expected


def test_a_heading_is_kept_as_each_version_writes_it(home: Path) -> None:
    by_concept = defaultdict(set)
    for _, concept, text, _ in spellings(open_store(home)):
        by_concept[concept].add(text)
    assert by_concept["survey-2026-05-23/5.1"] == {"White-Box Logit Supervision"}
