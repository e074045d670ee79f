"""Whole-graph dumps in six formats: the same quads give the same bytes.

A quad format holds the dataset with its named graphs, a triple format the union of its graphs.
"""

from __future__ import annotations

import gzip
import hashlib
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pyoxigraph import Quad, RdfFormat, Triple, serialize

from kg.media import JSON_LD, N_QUADS, N_TRIPLES, RDF_XML, TRIG, TURTLE, Format

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

CHECKSUMS = "SHA256SUMS"


@dataclass(frozen=True, slots=True)
class Dump:
    """The whole graph as one file, in one of the formats of kg/media.py."""

    format: Format

    @property
    def file(self) -> str:
        return f"opd.{self.format.name}.gz"

    @property
    def serialiser(self) -> RdfFormat:
        assert self.format.oxigraph is not None  # noqa: S101 (only formats for graphs are dumped)
        return self.format.oxigraph

    @property
    def has_graphs(self) -> bool:
        return bool(self.serialiser.supports_datasets)


#: Every dump, in the order in which pages list them.
DUMPS = tuple(map(Dump, (N_TRIPLES, N_QUADS, TURTLE, TRIG, JSON_LD, RDF_XML)))


def in_order(quads: Iterable[Quad]) -> list[Quad]:
    """Return the distinct quads, sorted by graph, subject, predicate and object: the order of every dump."""
    keyed = {(str(q.graph_name), str(q.subject), str(q.predicate), str(q.object)): q for q in quads}
    return [keyed[key] for key in sorted(keyed)]


def union(quads: Iterable[Quad]) -> list[Triple]:
    """Return the distinct triples of all graphs, sorted by subject, predicate and object."""
    keyed = {(str(q.subject), str(q.predicate), str(q.object)): q.triple for q in quads}
    return [keyed[key] for key in sorted(keyed)]


def write_dumps(folder: Path, quads: list[Quad], prefixes: Mapping[str, str]) -> dict[str, dict[str, object]]:
    """Write every dump and SHA256SUMS into ``folder``; return each file's size in bytes and sha256.

    ``quads`` are in order. gzip's time stamp and file name are left out, so that equal content gives equal bytes.
    """
    folder.mkdir(parents=True)
    triples = union(quads)
    written: dict[str, dict[str, object]] = {}
    for dump in DUMPS:
        statements: list[Quad] | list[Triple] = quads if dump.has_graphs else triples
        data = _gzipped(serialize(statements, format=dump.serialiser, prefixes=dict(prefixes)) or b"")
        (folder / dump.file).write_bytes(data)
        written[dump.file] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    sums = "".join(f"{facts['sha256']}  {file}\n" for file, facts in sorted(written.items()))
    (folder / CHECKSUMS).write_text(sums, encoding="ascii")
    return written


def _gzipped(data: bytes) -> bytes:
    """Compress without name, time and operating system: ``gzip.compress`` names the system in some versions of Python."""
    out = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=out, mtime=0) as file:
        file.write(data)
    return out.getvalue()
