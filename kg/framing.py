"""JSON-LD as trees: a thing with its parts inside it, under the short keys of ontology/context.jsonld.

A tree says what the Turtle of the same document says, no more and no less; authors stand in order. It carries those entries
of the context that it uses, so that it reads alike where there is no network.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pyoxigraph import RdfFormat, serialize

from kg.context import Context, UnframeableError
from kg.outline import Outline
from kg.tree import TreeWriter
from kg.vocab import DCTERMS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pyoxigraph import NamedNode, Triple

    from kg.entity import Description, Document, Documents
    from kg.vocab import Iris

    Node = dict[str, Any]

#: How many trees lists keep: of a paper one takes about 20 kB.
KEPT = 4096


@dataclass(frozen=True, slots=True)
class Tree:
    """What is said of one thing: its tree, and each node beside it. ``terms`` are those of the context that both use."""

    top: Node
    beside: tuple[Node, ...]
    terms: frozenset[str]

    def document(self, context: Context) -> Node:
        """Return the tree with the entries of the context that it uses, and the nodes beside it under ``included``."""
        included = {"included": self.beside} if self.beside else {}
        return {"@context": context.of(self.terms | included.keys()), **self.top, **included}


@dataclass(frozen=True, slots=True)
class Entry:
    """A thing in a list, as text: its tree, if it has one, and each node beside it."""

    tree: tuple[str, ...]
    beside: tuple[str, ...]
    terms: frozenset[str]


class Framer:
    """Writes the trees of one release, and keeps those of lists. Threads may share it."""

    def __init__(self, documents: Documents) -> None:
        self._context = Context(documents.iris)
        self._documents = documents
        self._entry = lru_cache(maxsize=KEPT)(self._make_entry)

    @property
    def context(self) -> Node:
        """The whole context."""
        return self._context.entries

    def document(self, iri: NamedNode) -> bytes:
        """Return the thing as a tree; what hangs on no branch of it stands under ``included``.

        Local data may hold what has no place in a tree: blank nodes, which would get other names in each, and IRIs that
        read like one of the context's prefixes. Then the nodes stand side by side, in JSON-LD's expanded form.
        """
        try:
            return _dumps(frame(self._read(iri), self._context, self._documents.iris).document(self._context)).encode()
        except UnframeableError:
            return self.listing([iri])

    def listing(self, iris: Iterable[NamedNode]) -> bytes:
        """Return one document of many things: their trees in order, then what hangs on none of them."""
        entries = [self._entry(iri) for iri in iris]
        trees = [text for entry in entries for text in entry.tree]
        nodes = ",\n".join([*trees, *dict.fromkeys(text for entry in entries for text in entry.beside)])
        context = _dumps(self._context.of(frozenset().union(*(entry.terms for entry in entries), ("graph",))))
        return f'{{\n"@context": {context},\n"graph": [\n{nodes}\n]\n}}\n'.encode()

    def _read(self, iri: NamedNode) -> Document:
        document = self._documents.read(iri)
        if document is None:
            msg = f"{iri} does not occur in the release"
            raise KeyError(msg)
        return document

    def _make_entry(self, iri: NamedNode) -> Entry:
        document = self._read(iri)
        try:
            tree = frame(document, self._context, self._documents.iris)
        except UnframeableError:
            # without a context, or in a list that of the other trees would be theirs
            nodes = ({"@context": None, **node} for node in expanded(document.triples))
            return Entry((), tuple(map(_dumps, nodes)), frozenset())
        return Entry((_dumps(tree.top),), tuple(map(_dumps, tree.beside)), tree.terms)


def frame(document: Description, context: Context, iris: Iris) -> Tree:
    """Return the tree of the document, and of what it does not lead to; UnframeableError if it has no place in one."""
    # the concepts of these are named where a narrower property leads to them
    outline = Outline(document, bare=(DCTERMS.subject, iris.opd.classifiedAs))
    writer = TreeWriter(outline, context)
    top, *beside = map(writer.root, outline.roots)
    return Tree(top, tuple(beside), context.terms_of(writer.names))


def expanded(triples: Iterable[Triple]) -> list[Node]:
    """Return the statements in JSON-LD's expanded form: nodes side by side."""
    nodes: list[Node] = json.loads(serialize(triples, format=RdfFormat.JSON_LD) or b"[]")
    return nodes


def _dumps(node: Node) -> str:
    """Write a key a line, and what hangs on it a branch a line."""
    return "{\n" + ",\n".join(f" {json.dumps(key)}: {_branches(value)}" for key, value in node.items()) + "\n}"


def _branches(value: object) -> str:
    if isinstance(value, list | tuple) and any(isinstance(each, dict) for each in value):
        return "[\n  " + ",\n  ".join(json.dumps(each, ensure_ascii=False) for each in value) + "\n ]"
    return json.dumps(value, ensure_ascii=False)
