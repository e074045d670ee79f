"""The tree of an outline in the short names of a context: what JSON-LD's framing and compaction make of it, in one pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyoxigraph import Literal, NamedNode

from kg.context import UnframeableError, kind_of
from kg.outline import TYPE

if TYPE_CHECKING:
    from collections.abc import Callable

    from kg.context import Context
    from kg.entity import Term
    from kg.outline import Outline

    Node = dict[str, Any]
    Follow = Callable[[NamedNode, NamedNode], Node]


class TreeWriter:
    """Writes the trees of one outline. ``names`` are the terms and the shortened IRIs that they use, and more."""

    def __init__(self, outline: Outline, context: Context) -> None:
        self.names = {"id"}
        self._outline = outline
        self._doc = outline.document
        self._context = context
        self._ranks: dict[Term, int] = {node: rank for rank, node in enumerate(outline.nodes)}
        self._leaves: dict[NamedNode, Node] = {}

    def root(self, node: NamedNode) -> Node:
        """Return the tree of one of the outline's roots."""
        out = self._statements(node, self._of_root)
        for link in self._outline.backward:
            referring = [each for each in self._outline.nodes if node in self._doc.values(each, link)]
            if referring:
                key = self._context.reverse(link).name
                self.names.add(key)
                out[key] = [self._part(each) for each in sorted(referring, key=lambda each: each.value)]
        return self._in_order(out)

    def _of_root(self, link: NamedNode, value: NamedNode) -> Node:
        return self._part(value) if link in self._outline.forward else self._of_part(link, value)

    def _part(self, node: NamedNode) -> Node:
        return self._in_order(self._statements(node, self._of_part))

    def _of_part(self, link: NamedNode, value: NamedNode) -> Node:
        return self._reference(link, value) if link in self._outline.bare else self._leaf(value)

    def _leaf(self, node: NamedNode) -> Node:
        """Return a thing with its name."""
        if node not in self._leaves:
            self._leaves[node] = self._in_order(self._statements(node, self._reference))
        return self._leaves[node]

    def _reference(self, _link: NamedNode, value: NamedNode) -> Node:
        return self._bare(value)

    def _bare(self, node: NamedNode) -> Node:
        short = self._context.iri(node.value)
        self.names.add(short)
        return {"id": short}

    def _statements(self, node: NamedNode, follow: Follow) -> Node:
        out = self._bare(node)
        for predicate, values in self._doc.statements(node):
            if predicate == TYPE and all(isinstance(value, NamedNode) for value in values):
                out["type"] = [self._context.name(kind.value) for kind in self._doc.nodes(node, predicate)]
                self.names.update(("type", *out["type"]))
                continue
            # parts stand in the document's order, which is theirs
            for value in sorted(values, key=lambda value: self._ranks.get(value, 0)) if len(values) > 1 else values:
                self._add(out, predicate, value, follow)
        return out

    def _add(self, out: Node, predicate: NamedNode, value: object, follow: Follow) -> None:
        item: object
        if isinstance(value, Literal):
            kind = kind_of(value)
            key = self._context.key(predicate, kind)
            item = self._context.literal(value, kind, key)
            if isinstance(item, dict):
                self.names.update(item, (item.get("type", ""),))
        elif isinstance(value, NamedNode):
            key = self._context.key(predicate, "@id")
            item = followed = follow(predicate, value)
            if key.takes == "@id" and len(followed) == 1:
                item = followed["id"]
        else:
            msg = "blank nodes would get other names in each tree"
            raise UnframeableError(msg)
        self.names.add(key.name)
        if key.name not in out:
            out[key.name] = [item] if key.is_set else item
        elif isinstance(out[key.name], list):
            out[key.name].append(item)
        else:
            out[key.name] = [out[key.name], item]

    def _in_order(self, node: Node) -> Node:
        """Put the keys into the order of the context: what names a thing goes first."""
        ranks = self._context.ranks
        return {key: node[key] for key in sorted(node, key=lambda key: (ranks.get(key, len(ranks)), key))}
