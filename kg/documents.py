"""Mapped papers → the search index's documents, with the values of every facet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.indexing import Document
from kg.vocab import DIMENSIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kg.mapping import Derivation, MappedPaper
    from kg.setups import Setup
    from kg.taxonomy import Taxonomy


def documents(
    derivation: Derivation, taxonomy: Taxonomy, card: Callable[[str], bytes] = lambda _: b""
) -> Iterator[Document]:
    """Return one document a paper, in order of id. ``card`` gives what the index keeps to show of a paper.

    A value of a dimension is a concept's slug, of the chapter facet ``{scheme}/{slug}``; broader concepts are values too.
    Models are slugs, authors names as listed, months ``2026-10``, ``code`` is yes or no, ``status`` current or dropped,
    sources the slugs of the snapshots that list the paper.
    """
    for mapped in derivation.papers:
        paper = mapped.paper
        models = [mention for setup in mapped.setups for mention in (*setup.teachers, *setup.students, *setup.involved)]
        yield Document(
            id=paper.id,
            title=paper.title,
            other_titles=paper.alternatives,
            authors=paper.authors,
            method_names=tuple(mapped.method_names),
            models=_distinct(mention.name for mention in models),
            ids=paper.upstream_ids,
            issued=paper.issued,
            year=paper.year,
            card=card(paper.id),
            facets={
                **{dimension: _concepts(mapped, dimension, taxonomy) for dimension in DIMENSIONS},
                "year": (str(paper.year),) if paper.year is not None else (),
                "month": (paper.issued.isoformat()[:7],) if paper.issued else (),
                "author": _distinct(paper.authors),
                "teacher": _slugs(mapped.setups, "teachers"),
                "student": _slugs(mapped.setups, "students"),
                "model": _distinct(mention.slug for mention in models),
                "code": ("yes" if any(resource.is_code for resource in mapped.resources) else "no",),
                "status": ("current" if paper.listed else "dropped",),
                "source": _distinct(listing.snapshot.slug for listing in paper.listings),
            },
        )


def _concepts(mapped: MappedPaper, dimension: str, taxonomy: Taxonomy) -> tuple[str, ...]:
    accepted = (
        broader
        for claim in mapped.claims
        if claim.dimension == dimension and claim.status == "accepted" and not claim.negated
        for broader in taxonomy.broader_closure(claim.concept)
    )
    return _distinct(str(concept) if dimension == "chapter" else concept.slug for concept in accepted)


def _slugs(setups: Iterable[Setup], side: str) -> tuple[str, ...]:
    return _distinct(mention.slug for setup in setups for mention in getattr(setup, side))


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
