"""A path of this site → the IRI that it stands for, as the store spells it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import unquote

from pyoxigraph import Literal, NamedNode

from kg.entity import is_described, is_mentioned
from kg.identifiers import parse_arxiv_id
from kg.vocab import DCTERMS, OWL, segment

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyoxigraph import Store

    from kg.vocab import Iris

MAX_PATH_CHARS = 2048
MAX_SEGMENTS = 16


def find(store: Store, iris: Iris, path: str) -> NamedNode | None:
    """Return the IRI of a decoded path, None if it does not occur in the release. One that is described goes first.

    Servers decode paths before we see them, so that an escaped slash looks like one that divides: if the path does not
    name anything as it stands, each run of its segments is tried as one segment.
    """
    if len(path) > MAX_PATH_CHARS:
        return None
    spellings = list(_spellings(iris, path.split("/")))
    tests = (is_described, is_mentioned)
    return next((iri for test in tests for iri in spellings if test(store, iri)), None)


def _spellings(iris: Iris, parts: list[str]) -> Iterator[NamedNode]:
    yield _iri(iris, parts)
    with suppress(ValueError):  # local data may write letters beyond ASCII as they are
        yield NamedNode(iris.base + "/".join(map(_with_letters, parts)))
    for start in range(1, min(len(parts), MAX_SEGMENTS)):
        for end in range(min(len(parts), MAX_SEGMENTS), start + 1, -1):
            yield _iri(iris, [*parts[:start], "/".join(parts[start:end]), *parts[end:]])


def _iri(iris: Iris, parts: list[str]) -> NamedNode:
    return NamedNode(iris.base + "/".join(map(segment, parts)))


def _with_letters(part: str) -> str:
    return "".join(segment(each) if each.isascii() else each for each in part)


def find_elsewhere(store: Store, iris: Iris, path: str) -> NamedNode | None:
    """Return the IRI that a path means by another name, None if there is none.

    A paper may be asked for by any spelling of its arXiv id, with or without a version, and by an upstream id; a version
    of the ontology is the ontology.
    """
    kind, _, rest = path.partition("/")
    if kind == "paper" and rest:
        return _paper_called(store, iris, rest)
    iri = _iri(iris, path.split("/"))
    versioned = next(iter(store.quads_for_pattern(None, OWL.versionIRI, iri, None)), None)
    return versioned.subject if versioned and isinstance(versioned.subject, NamedNode) else None


def _paper_called(store: Store, iris: Iris, name: str) -> NamedNode | None:
    arxiv_id = parse_arxiv_id(unquote(name))
    if arxiv_id and iris.paper(arxiv_id).value != _iri(iris, ["paper", name]).value:
        paper = iris.paper(arxiv_id)
        return paper if is_described(store, paper) else None
    known = store.quads_for_pattern(None, DCTERMS.identifier, Literal(name), None)
    return next((quad.subject for quad in known if isinstance(quad.subject, NamedNode)), None)
