"""JSON-LD as trees: a thing with its parts inside it, under the short keys of ontology/context.jsonld.

A tree says what the Turtle of the same document says, no more and no less; authors stand in order. It carries those entries
of the context that it uses, so that it reads alike where there is no network.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from threading import Lock
from typing import TYPE_CHECKING, Any

from pyld import jsonld
from pyoxigraph import BlankNode, NamedNode, RdfFormat, serialize

from kg.entity import read_document
from kg.vocab import DCTERMS, DEFAULT_BASE_IRI, RDF, RDFS, XSD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyoxigraph import Store

    from kg.entity import Document
    from kg.vocab import Iris

    Node = dict[str, Any]

#: What a part says of the whole. In a tree it is read from the other end.
BACKWARD = (RDF.subject, RDFS.isDefinedBy)

#: An integer that every reader of JSON takes exactly, and writes the same again.
PLAIN_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,14}")

#: Named things stand with their names wherever they are referred to.
OPTIONS = {"embed": "@always", "omitDefault": True, "omitGraph": False}
REFERENCE = {"@embed": "@never"}

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
            return Tree("", tuple(map(_dumps, _expanded(document))), frozenset())
        terms = self.context.keys() & set(_words(list(nodes.values())))
        text = _dumps(nodes.pop(iri.value))
        return Tree(text, tuple(map(_dumps, nodes.values())), frozenset(terms))

    def _framed(self, document: Document) -> dict[str, Node]:
        """Return the trees of the thing and of what it does not lead to, by IRI."""
        # both concepts that these lead to and their names are where a narrower property leads to
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


class UnframeableError(Exception):
    """The document holds what has no place in a tree."""


class Outline:
    """Which statement of a document goes where in its tree. ``bare`` links are never followed."""

    def __init__(self, document: Document, bare: Iterable[NamedNode]) -> None:
        if any(isinstance(node, BlankNode) for each in document.triples for node in (each.subject, each.object)):
            raise UnframeableError
        self._doc = document
        self._bare = frozenset(bare)
        self._top = document.subject
        self._nodes = document.subjects()
        self._parts = {node for node in self._nodes if document.is_part(node)}

    def nodes(self) -> list[Node]:
        """Return the statements in expanded form: numbers as such, and parts in the document's order, which is theirs."""
        ranks = {node.value: rank for rank, node in enumerate(self._nodes)}
        nodes = _expanded(self._doc)
        for node in nodes:
            for key in node.keys() - {"@id"}:
                node[key] = sorted(map(_native, node[key]), key=lambda value: ranks.get(value.get("@id"), 0))
            types = node.get(RDF.type.value, ())
            if types and all("@id" in kind for kind in types):
                node["@type"] = [kind["@id"] for kind in node.pop(RDF.type.value)]
        return nodes

    def frame(self) -> Node:
        """Return the frame of the thing, and of whatever it does not lead to.

        Where a part refers to a part or to the whole it does no more than that, or terms that explain each other had no end.
        """
        top, parts = self._top, self._parts
        links = {node: list(self._links(node)) for node in (top, *self._nodes)}
        back = {link for node in self._nodes for link, other in links[node] if other == top}
        forward = {link for link, node in links[top] if node in parts} - back
        bare = back | self._bare | {link for part in parts for link, node in links[part] if node in parts}
        backward = [link for link in BACKWARD if self._has_only_nodes(link)]
        reached = {top} | {node for link, node in links[top] if link in forward or link not in bare}
        reached |= {part for part in parts for link, node in links[part] if node == top and link in backward}
        reached |= {node for part in parts & reached for link, node in links[part] if link not in bare}
        inner = {"@id": {}, **{link.value: REFERENCE for link in bare}}
        return {
            "@id": [top.value, *(node.value for node in self._nodes if node not in reached)],
            **{link.value: inner if link in forward else REFERENCE for link in forward | bare},
            "@reverse": {link.value: inner for link in backward},
        }

    def _links(self, node: NamedNode) -> Iterator[tuple[NamedNode, NamedNode]]:
        for predicate in self._doc.predicates(node):
            if predicate != RDF.type:
                for value in self._doc.nodes(node, predicate):
                    yield predicate, value

    def _has_only_nodes(self, predicate: NamedNode) -> bool:
        """Tell whether the property can be read from the other end: PyLD stumbles over literals there."""
        values = [value for node in self._nodes for value in self._doc.values(node, predicate)]
        return bool(values) and all(isinstance(value, NamedNode) for value in values)


def _expanded(document: Document) -> list[Node]:
    nodes: list[Node] = json.loads(serialize(document.triples, format=RdfFormat.JSON_LD) or b"[]")
    return nodes


def _dumps(content: object) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1)


def _native(value: Node) -> Node:
    """Return a number or truth value as JSON's own, if that is written just as the literal is."""
    text = value.get("@value", "")
    if value.get("@type") == XSD.integer.value and PLAIN_INTEGER.fullmatch(text):
        return {**value, "@value": int(text)}
    if value.get("@type") == XSD.boolean.value and text in ("true", "false"):
        return {**value, "@value": text == "true"}
    return value


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
