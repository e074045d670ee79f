"""The reader's own RDF in a release: local annotations, or a whole other graph, from ``opdkg build --with FILE``."""

from __future__ import annotations

import hashlib
import io
import re
from typing import IO, TYPE_CHECKING, TypeVar, cast

from pyoxigraph import BlankNode, DefaultGraph, Literal, Quad, RdfFormat, Triple, parse

from kg.errors import DataError, UsageError
from kg.vocab import GRAPHS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pyoxigraph import NamedNode

    from kg.vocab import Iris

T = TypeVar("T")

#: What no XML document may hold, however it is written (XML 1.0, section 2.2): the dump in RDF/XML would not be readable.
NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


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
        quads = list(_statements(data, rdf_format, path))
    except (OSError, SyntaxError, ValueError) as error:
        msg = f"{path}: {error}"
        raise DataError(msg) from None
    taken = next((quad.graph_name for quad in quads if quad.graph_name in own), None)
    if taken is not None:
        msg = f"{path}: the graph {taken} is one of the release's own; give the statements another graph name or none"
        raise DataError(msg)
    mark = hashlib.sha256(path.name.encode() + b"\0" + data).hexdigest()[:12]
    return list(_named(quads, home, mark))


def _statements(data: bytes, rdf_format: RdfFormat, path: Path) -> Iterator[Quad]:
    lines = _Lines(data)
    for quad in parse(cast("IO[bytes]", lines), rdf_format, base_iri=path.resolve().as_uri()):
        place = f"{path}:{lines.number}"
        if isinstance(quad.object, Triple):
            raise DataError(
                f"{place}: has a triple as the object of {quad.predicate}, which not every dump of a release can hold; "
                "say it with rdf:Statement (rdf:subject, rdf:predicate, rdf:object)"
            )
        if isinstance(quad.object, Literal) and (unfit := NOT_XML.search(quad.object.value)):
            raise DataError(
                f"{place}: the {quad.predicate} holds the character U+{ord(unfit[0]):04X}, which XML cannot; take it out"
            )
        yield quad


class _Lines(io.RawIOBase):
    """Hands out a line at a time, so that what a parser has just read stands on line ``number``."""

    def __init__(self, data: bytes) -> None:
        self.number = 0
        self._data = data
        self._place = 0

    def read(self, size: int = -1) -> bytes:
        start = self._place
        end = self._data.find(b"\n", start) + 1 or len(self._data)
        self._place = end if size < 0 else min(end, start + size)
        if start < len(self._data) and (not start or self._data[start - 1 : start] == b"\n"):
            self.number += 1
        return self._data[start : self._place]


def _named(quads: list[Quad], home: NamedNode, mark: str) -> Iterator[Quad]:
    """Put the default graph's quads into ``home``, and keep the blank nodes of two files apart.

    Blank nodes are numbered as the file first names them: to name them by what they are like may take for ever.
    """
    named: dict[BlankNode, BlankNode] = {}

    def apart(term: T) -> T | BlankNode:
        return named.setdefault(term, BlankNode(f"l{mark}n{len(named)}")) if isinstance(term, BlankNode) else term

    for quad in quads:
        graph = home if isinstance(quad.graph_name, DefaultGraph) else apart(quad.graph_name)
        yield Quad(apart(quad.subject), quad.predicate, apart(quad.object), graph)
