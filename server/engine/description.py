"""What a DESCRIBE answers: of each thing described the document that its IRI answers with (kg/entity.py).

Oxigraph's own answer is a thing's statements and no more: for a paper without its authors, its classifications and the
names of what it points to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from kg.entity import Documents

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pyoxigraph import Store, Triple

    from kg.vocab import Iris


def describe(store: Store, found: Iterable[Triple], iris: Iris) -> Iterator[Triple]:
    """Return each statement of Oxigraph's answer and of its subjects' documents once, reading a document at a time."""
    documents = Documents(store, iris)
    read: set[NamedNode] = set()
    given: set[Triple] = set()
    for triple in found:
        statements = [triple]
        if isinstance(triple.subject, NamedNode) and triple.subject not in read:
            read.add(triple.subject)
            statements += [quad.triple for quad in documents.quads(triple.subject)]
        for each in statements:
            if each not in given:
                given.add(each)
                yield each
