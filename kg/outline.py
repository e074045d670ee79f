"""Which statement of a document goes where in its tree: what is asked of the framing algorithm, and of which nodes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from pyoxigraph import BlankNode, NamedNode, RdfFormat, serialize

from kg.vocab import RDF, RDFS, XSD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg.entity import Document

    Node = dict[str, Any]

#: What a part says of the whole. In a tree it is read from the other end.
BACKWARD = (RDF.subject, RDFS.isDefinedBy)

#: An integer that every reader of JSON takes exactly, and writes the same again.
PLAIN_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,14}")

REFERENCE = {"@embed": "@never"}


class UnframeableError(Exception):
    """The document holds what has no place in a tree."""


class Outline:
    """The tree of one document. ``bare`` links are never followed."""

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
        nodes = expanded(self._doc)
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


def expanded(document: Document) -> list[Node]:
    """Return the document in JSON-LD's expanded form: its nodes side by side."""
    nodes: list[Node] = json.loads(serialize(document.triples, format=RdfFormat.JSON_LD) or b"[]")
    return nodes


def _native(value: Node) -> Node:
    """Return a number or truth value as JSON's own, if that is written just as the literal is."""
    text = value.get("@value", "")
    if value.get("@type") == XSD.integer.value and PLAIN_INTEGER.fullmatch(text):
        return {**value, "@value": int(text)}
    if value.get("@type") == XSD.boolean.value and text in ("true", "false"):
        return {**value, "@value": text == "true"}
    return value
