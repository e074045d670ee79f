"""A whole graph as trees: of each thing that is no part of another one, in the order in which the context has their classes."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyoxigraph import Literal, NamedNode, Triple

from kg.context import Context, UnframeableError
from kg.entity import BACKWARD, LABELS, Description, facts_of, part_links, parts_among, statement_place
from kg.framing import Tree, expanded, frame
from kg.vocab import RDF

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg.entity import Facts, Term
    from kg.vocab import Iris

    Node = dict[str, Any]


#: The place of things without a class.
LAST = sys.maxsize


@dataclass(frozen=True, slots=True)
class Forest:
    """``flat`` are the nodes, in expanded form, of what has no place in a tree: blank nodes would fall apart in many."""

    context: Context
    trees: list[Tree]
    flat: list[Node]

    def whole(self) -> bytes:
        """Return one JSON-LD document, a thing a line: the trees, then what stands beside them."""
        beside = (node for tree in self.trees for node in tree.beside)
        flat = ({"@context": None, **node} for node in self.flat)
        nodes = list(dict.fromkeys(map(_line, (*(tree.top for tree in self.trees), *beside, *flat))))
        context = _line(self.context.of(frozenset().union(*(tree.terms for tree in self.trees), ("graph",))))
        text = ",\n".join(nodes)
        return f'{{"@context": {context}, "graph": [\n{text}\n]}}\n'.encode()

    def lines(self) -> bytes:
        """Return a JSON-LD document a line, each with the context that it uses; what is flat stands in the last one."""
        documents = [tree.document(self.context) for tree in self.trees]
        if self.flat:
            documents.append({"@graph": self.flat})
        return "".join(f"{_line(document)}\n" for document in documents).encode()


def grow(triples: Iterable[Triple], iris: Iris) -> Forest:
    """Return the trees of the graph. Every statement is in one of them or in ``flat``."""
    context = Context(iris)
    named: list[Triple] = []
    flat: list[Triple] = []
    for triple in triples:
        is_named = isinstance(triple.subject, NamedNode) and isinstance(triple.object, NamedNode | Literal)
        (named if is_named else flat).append(triple)
    graph = _Graph(facts_of(sorted(named, key=statement_place)), iris)
    trees = []
    for top in sorted(graph.tops(), key=lambda node: (graph.place(node, context), node.value)):
        try:
            trees.append(frame(graph.description(top), context, iris))
        except UnframeableError:
            flat += graph.statements(top)
    return Forest(context, trees, expanded(dict.fromkeys(flat)))


class _Graph:
    """The statements about named things, by subject and property: what documents are read from without a store."""

    def __init__(self, facts: Facts, iris: Iris) -> None:
        self._facts = facts
        self._nodes = [node for node in facts if isinstance(node, NamedNode)]
        links = part_links(iris)
        backward: dict[Term, list[Term]] = {}
        for node in self._nodes:
            for link in facts[node].keys() & BACKWARD:
                for whole in facts[node][link]:
                    backward.setdefault(whole, []).append(node)
        self._parts: dict[NamedNode, list[NamedNode]] = {}
        for node in self._nodes:
            found = [part for link in links & facts[node].keys() for part in facts[node][link]] + backward.get(node, [])
            if found:
                self._parts[node] = [part for part in parts_among(found, node) if part in facts]
        self._labels: dict[Term, dict[NamedNode, list[Term]]] = {}

    def tops(self) -> list[NamedNode]:
        """Return what is part of nothing, and whatever is only part of parts."""
        parts = {part for found in self._parts.values() for part in found}
        inside = {part for top in self._nodes if top not in parts for part in self._parts.get(top, ())}
        return [node for node in self._nodes if node not in inside]

    def place(self, node: NamedNode, context: Context) -> tuple[int, str]:
        """Order things by class: the one of theirs that stands first in the context; other classes and none come last."""
        kinds = [
            context.name(kind.value) for kind in self._facts[node].get(RDF.type, ()) if isinstance(kind, NamedNode)
        ]
        return min(((context.ranks.get(kind, len(context.ranks)), kind) for kind in kinds), default=(LAST, ""))

    def description(self, node: NamedNode) -> Description:
        """Return what ``Documents`` reads of the node: its statements, those of its parts, and labels."""
        around: Facts = {each: self._facts[each] for each in (node, *self._parts.get(node, ()))}
        for said in list(around.values()):
            for values in said.values():
                for value in values:
                    if value not in around and value in self._facts:
                        label = self._label(value)
                        if label:
                            around[value] = label
        return Description(node, around)

    def _label(self, node: Term) -> dict[NamedNode, list[Term]]:
        """Return the best label that there is of the node, under its property."""
        if node not in self._labels:
            said = self._facts[node]
            self._labels[node] = next(({each: said[each][:1]} for each in LABELS if each in said), {})
        return self._labels[node]

    def statements(self, node: NamedNode) -> Iterator[Triple]:
        """Yield the node's own statements and those of its parts."""
        for subject in (node, *self._parts.get(node, ())):
            for predicate, values in self._facts[subject].items():
                yield from (Triple(subject, predicate, value) for value in values)


def _line(node: Node) -> str:
    return json.dumps(node, ensure_ascii=False, separators=(",", ":"))
