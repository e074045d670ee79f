"""Concepts by name: by any label, in any case, from the beginnings of words."""

from __future__ import annotations

import pytest

from kg.concept_search import find_concepts
from kg.thesaurus import Concept

REVERSE = Concept(
    "c/reverse", "s", "Reverse KL", 1, "RKL", other_labels=["Mode-seeking KL"], hidden_labels=["rkl_loss"]
)
KL = Concept("c/kl", "s", "KL-based", 0, other_labels=["Kullback-Leibler based"])
RENYI = Concept("c/renyi", "s", "Other divergence", 2, other_labels=["Rényi divergence"])
CHAPTER = Concept("c/4.1", "t", "Reverse engineering", 1, "4.1")
ALL = [RENYI, CHAPTER, REVERSE, KL]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("reverse kl", [("c/reverse", "Reverse KL")]),
        ("REVERSE", [("c/reverse", "Reverse KL"), ("c/4.1", "Reverse engineering")]),
        ("kl", [("c/kl", "KL-based"), ("c/reverse", "Reverse KL")]),
        ("mode seek", [("c/reverse", "Mode-seeking KL")]),
        ("seeking mode", [("c/reverse", "Mode-seeking KL")]),
        ("renyi", [("c/renyi", "Rényi divergence")]),
        ("rkl_loss", [("c/reverse", "rkl_loss")]),
        ("4.1", [("c/4.1", "4.1")]),
        ("everse", []),
        ("reverse contrastive", []),
        ("", []),
        ("  – ", []),
    ],
)
def test_concepts_are_found_best_first(question: str, found: list[tuple[str, str]]) -> None:
    assert [(hit.concept.iri, hit.label) for hit in find_concepts(ALL, question)] == found


def test_what_is_called_just_so_comes_before_what_begins_so() -> None:
    longer = Concept("c/longer", "a", "KL-based and more", 0)
    assert [hit.concept.iri for hit in find_concepts([longer, KL], "kl-based")] == ["c/kl", "c/longer"]
