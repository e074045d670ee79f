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

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

CHECKSUMS = "SHA256SUMS"


@dataclass(frozen=True, slots=True)
class DumpFormat:
    """One dump: ``name`` is what ``opdkg export --format`` and the file's ending call it."""

    name: str
    title: str
    media_type: str
    rdf_format: RdfFormat

    @property
    def file(self) -> str:
        return f"opd.{self.name}.gz"

    @property
    def has_graphs(self) -> bool:
        return bool(self.rdf_format.supports_datasets)


FORMATS = (
    DumpFormat("nt", "N-Triples", "application/n-triples", RdfFormat.N_TRIPLES),
    DumpFormat("nq", "N-Quads", "application/n-quads", RdfFormat.N_QUADS),
    DumpFormat("ttl", "Turtle", "text/turtle", RdfFormat.TURTLE),
    DumpFormat("trig", "TriG", "application/trig", RdfFormat.TRIG),
    DumpFormat("jsonld", "JSON-LD", "application/ld+json", RdfFormat.JSON_LD),
    DumpFormat("rdf", "RDF/XML", "application/rdf+xml", RdfFormat.RDF_XML),
)


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
    for dump in FORMATS:
        text = dump_bytes(quads if dump.has_graphs else triples, dump, prefixes)
        data = _gzipped(text)
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


def dump_bytes(statements: Iterable[Quad] | Iterable[Triple], dump: DumpFormat, prefixes: Mapping[str, str]) -> bytes:
    """Serialise quads or triples, in the order given."""
    data = serialize(statements, format=dump.rdf_format, prefixes=dict(prefixes))
    return data or b""
