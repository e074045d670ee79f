"""JSON-LD as trees: a thing with its parts inside it, under the short keys of ontology/context.jsonld.

A tree says what the Turtle of the same document says, no more and no less; authors stand in order. It carries those entries
of the context that it uses, so that it reads alike where there is no network.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from threading import Lock
from typing import TYPE_CHECKING, Any

from pyld import jsonld

from kg.entity import read_document
from kg.outline import Outline, UnframeableError, expanded
from kg.vocab import DCTERMS, DEFAULT_BASE_IRI

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyoxigraph import NamedNode, Store

    from kg.entity import Document
    from kg.vocab import Iris

    Node = dict[str, Any]

#: Named things stand with their names wherever they are referred to.
OPTIONS = {"embed": "@always", "omitDefault": True, "omitGraph": False}

#: How many trees are kept: of a paper one takes about 20 kB, and the time of framing it.
KEPT = 4096


@dataclass(frozen=True, slots=True)
class Tree:
    """What is said of one thing, as JSON text: its tree, empty if it has none, and each node beside it.

    ``terms`` are those of the context that both use.
    """

    text: str
    beside: tuple[str, ...]
    terms: frozenset[str]


class Framer:
    """Writes the trees of one release, and keeps them. Threads may share it."""

    def __init__(self, store: Store, iris: Iris) -> None:
        self.context_address = f"{iris.base}ontology/context.jsonld"
        text = files("ontology").joinpath("context.jsonld").read_text(encoding="utf-8")
        self.context: Node = json.loads(text.replace(DEFAULT_BASE_IRI, iris.base))["@context"]
        self._ranks = {term: rank for rank, term in enumerate(self.context)}
        self._store = store
        self._iris = iris
        self._tree = lru_cache(maxsize=KEPT)(self._make_tree)
        self._lock = Lock()  # PyLD's own caches know nothing of threads

    def document(self, iri: NamedNode) -> bytes:
        """Return the thing as a tree; what hangs on no branch of it stands under ``included``.

        Local data may hold what has no place in a tree: blank nodes, which would get other names in each, and IRIs that
        read like one of the context's prefixes. Then the nodes stand side by side, in JSON-LD's expanded form.
        """
        tree = self._tree(iri)
        if not tree.text:
            return self.listing([iri])
        included = {"included": [json.loads(text) for text in tree.beside]} if tree.beside else {}
        context = self._context_of(tree.terms | included.keys())
        return _dumps({"@context": context, **json.loads(tree.text), **included}).encode()

    def listing(self, iris: Iterable[NamedNode]) -> bytes:
        """Return one document of many things: their trees in order, then what hangs on none of them."""
        trees = [self._tree(iri) for iri in iris]
        beside = dict.fromkeys(text for tree in trees for text in tree.beside)
        nodes = ",\n".join([*(tree.text for tree in trees if tree.text), *beside])
        context = _dumps(self._context_of(frozenset().union(*(tree.terms for tree in trees), ("graph",))))
        return f'{{\n"@context": {context},\n"graph": [\n{nodes}\n]\n}}\n'.encode()

    def _make_tree(self, iri: NamedNode) -> Tree:
        document = read_document(self._store, iri, self._iris)
        if document is None:
            msg = f"{iri} does not occur in the release"
            raise KeyError(msg)
        try:
            nodes = self._framed(document)
        except UnframeableError:
            # without a context, or in a list that of the other trees would be theirs
            return Tree("", tuple(_dumps({"@context": None, **node}) for node in expanded(document)), frozenset())
        terms = self.context.keys() & set(_words(list(nodes.values())))
        text = _dumps(nodes.pop(iri.value))
        return Tree(text, tuple(map(_dumps, nodes.values())), frozenset(terms))

    def _framed(self, document: Document) -> dict[str, Node]:
        """Return the trees of the thing and of what it does not lead to, by IRI."""
        # the concepts of these are named where a narrower property leads to them
        outline = Outline(document, bare=(DCTERMS.subject, self._iris.opd.classifiedAs))
        frame = {"@context": self.context_address, **outline.frame()}
        try:
            with self._lock:
                framed = jsonld.frame(outline.nodes(), frame, {**OPTIONS, "documentLoader": self._load})
        except jsonld.JsonLdError as error:
            raise UnframeableError from error
        # PyLD puts them into the order of their IRIs, and shortens these
        return dict(zip(sorted(frame["@id"]), map(self._in_order, framed["graph"]), strict=True))

    def _load(self, address: str, _options: object) -> Node:
        """Stand in for the network, on which there is nothing but the context."""
        if address != self.context_address:
            raise jsonld.JsonLdError(
                f"{address} is not fetched", "jsonld.LoadDocumentError", code="loading document failed"
            )
        return {"contextUrl": None, "documentUrl": address, "document": {"@context": self.context}}

    def _in_order(self, value: Any) -> Any:  # noqa: ANN401 (any JSON)
        """Put the keys of every node into the order of the context: what names a thing goes first."""
        if isinstance(value, list):
            return [self._in_order(each) for each in value]
        if isinstance(value, dict):
            keys = sorted(value, key=lambda key: (self._ranks.get(key, len(self._ranks)), key))
            return {key: self._in_order(value[key]) for key in keys}
        return value

    def _context_of(self, terms: frozenset[str]) -> Node:
        """Return the terms' entries, and those of the prefixes that these use."""
        used = {"@version", *terms, *_words([self.context[term] for term in terms])}
        return {term: entry for term, entry in self.context.items() if term in used}


def _dumps(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1)


def _words(value: object) -> Iterator[str]:
    """Yield every key and text, and what each has before its colon: all terms and prefixes in use are among them."""
    if isinstance(value, str):
        yield value
        yield value.partition(":")[0]
    elif isinstance(value, list):
        for each in value:
            yield from _words(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _words(key)
            yield from _words(each)
