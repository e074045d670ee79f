"""The reader's own RDF in a release: local annotations, or a whole other graph, from ``opdkg build --with FILE``."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, TypeVar

from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, DefaultGraph, Quad, RdfFormat, parse

from kg.errors import DataError, UsageError
from kg.vocab import GRAPHS

if TYPE_CHECKING:
    from pathlib import Path

    from pyoxigraph import NamedNode

    from kg.vocab import Iris

T = TypeVar("T")


def read_local(path: Path, iris: Iris) -> list[Quad]:
    """Read an RDF file of any format. Triples go into ``graph/local/{file name}``, quads keep their graphs.

    Blank nodes get names that depend on the file alone, so that the same file gives the same release.
    """
    rdf_format = RdfFormat.from_extension(path.suffix.lstrip(".").casefold())
    if rdf_format is None:
        msg = f"{path}: the ending {path.suffix!r} is of no RDF format; use ttl, nt, nq, trig, rdf, jsonld or n3"
        raise UsageError(msg)
    home = iris.graph(f"local/{path.name}")
    own = {iris.graph(name) for name in GRAPHS}
    try:
        data = path.read_bytes()
        base = path.resolve().as_uri()
        quads = Dataset(parse(data, rdf_format, base_iri=base))
    except (OSError, SyntaxError, ValueError) as error:
        msg = f"{path}: {error}"
        raise DataError(msg) from None
    taken = next((quad.graph_name for quad in quads if quad.graph_name in own), None)
    if taken is not None:
        msg = f"{path}: the graph {taken} is one of the release's own; give the statements another graph name or none"
        raise DataError(msg)
    if any(isinstance(term, BlankNode) for quad in quads for term in (quad.subject, quad.object, quad.graph_name)):
        quads.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    mark = hashlib.sha256(path.name.encode() + b"\0" + data).hexdigest()[:12]
    return [_into(quad, home, mark) for quad in quads]


def _into(quad: Quad, home: NamedNode, mark: str) -> Quad:
    """Put a quad of the default graph into ``home``, and keep the blank nodes of two files apart."""

    def apart(term: T) -> T | BlankNode:
        return BlankNode(f"l{mark}{term.value}") if isinstance(term, BlankNode) else term

    graph = home if isinstance(quad.graph_name, DefaultGraph) else apart(quad.graph_name)
    return Quad(apart(quad.subject), quad.predicate, apart(quad.object), graph)
