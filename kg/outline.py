"""Which statement of a document goes where in its tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from kg.context import UnframeableError
from kg.entity import BACKWARD
from kg.vocab import RDF

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kg.entity import Description


TYPE = RDF.type


class Outline:
    """The tree of one document. What parts say of the whole is read from the other end in it.

    ``roots`` are the thing and whatever it does not lead to. A root's ``forward`` links lead to parts, and its ``backward``
    ones are those of parts to it; ``bare`` links are never followed from roots and parts, the given ones least of all.
    """

    def __init__(self, document: Description, bare: Iterable[NamedNode]) -> None:
        if document.has_blank_subjects:
            msg = "blank nodes would get other names in each tree"
            raise UnframeableError(msg)
        self.document = document
        self.top = top = document.subject
        self.nodes = document.subjects()
        self.parts = parts = {node for node in self.nodes if document.is_part(node)}
        links = {node: list(self._links(node)) for node in (top, *self.nodes)}
        back = {link for node in self.nodes for link, other in links[node] if other == top}
        self.forward = {link for link, node in links[top] if node in parts} - back
        # where a part refers to a part or to the whole it does no more than that, or terms that explain each other had no end
        self.bare = back | {*bare} | {link for part in parts for link, node in links[part] if node in parts}
        self.backward = [link for link in BACKWARD if self._has_only_nodes(link)]
        reached = {top} | {node for link, node in links[top] if link in self.forward or link not in self.bare}
        reached |= {part for part in parts for link, node in links[part] if node == top and link in self.backward}
        reached |= {node for part in parts & reached for link, node in links[part] if link not in self.bare}
        self.roots = [top, *sorted({*self.nodes} - reached, key=lambda node: node.value)]

    def _links(self, node: NamedNode) -> Iterator[tuple[NamedNode, NamedNode]]:
        for predicate, values in self.document.statements(node):
            if predicate != TYPE:
                yield from ((predicate, value) for value in values if isinstance(value, NamedNode))

    def _has_only_nodes(self, predicate: NamedNode) -> bool:
        """Tell whether the property can be read from the other end: literals have none."""
        values = [value for node in self.nodes for value in self.document.values(node, predicate)]
        return bool(values) and all(isinstance(value, NamedNode) for value in values)
