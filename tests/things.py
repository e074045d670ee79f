"""Which things of a release a test looks at that cannot look at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from kg.vocab import RDF, Iris

if TYPE_CHECKING:
    from pyoxigraph import Store


def of_every_class(store: Store) -> list[NamedNode]:
    """The first and the last thing of every class, and things without one."""
    chosen = [Iris().endpoint, Iris().graph("papers")]
    for kind in {quad.object for quad in store.quads_for_pattern(None, RDF.type, None)}:
        things = sorted((quad.subject for quad in store.quads_for_pattern(None, RDF.type, kind)), key=str)
        chosen += [thing for thing in (things[0], things[-1]) if isinstance(thing, NamedNode)]
    assert len(set(chosen)) > 40
    return sorted(set(chosen), key=str)
