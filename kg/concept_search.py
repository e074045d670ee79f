"""Concepts by what they are called: every word of the question begins a word of one of the concept's labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.words import analyse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.thesaurus import Concept


@dataclass(frozen=True, slots=True)
class Hit:
    """A concept that was found, and the label by which it was found."""

    concept: Concept
    label: str


def find_concepts(concepts: Iterable[Concept], question: str) -> list[Hit]:
    """Return the concepts that the question finds: those called just so first, then those whose label begins so.

    Within these, they come in the reading order of their schemes.
    """
    words = analyse(question)
    found = []
    for concept in concepts if words else ():
        ranked = [(rank, label) for label in _labels(concept) if (rank := _rank(words, analyse(label))) is not None]
        if ranked:
            rank, label = min(ranked, key=lambda pair: pair[0])  # of equals the preferred label, which comes first
            found.append((rank, Hit(concept, label)))
    found.sort(key=lambda pair: (pair[0], pair[1].concept.scheme, pair[1].concept.position))
    return [hit for _, hit in found]


def _labels(concept: Concept) -> Iterable[str]:
    return (concept.label, *concept.other_labels, *concept.hidden_labels, concept.notation or "")


def _rank(words: list[str], label: list[str]) -> int | None:
    if words == label:
        return 0
    if " ".join(label).startswith(" ".join(words)):
        return 1
    return 2 if all(any(part.startswith(word) for part in label) for word in words) else None
