"""The files of a release to download: the same quads give the same bytes.

The whole graph in six formats (a format with named graphs holds the dataset, one without them the union of its graphs), the
same in RDF 1.2 and as JSON-LD trees, the papers as a table and as citations, and the links by themselves. DUMPS is the one
table of them.
"""

from __future__ import annotations

import gzip
import hashlib
import io
from bisect import bisect_left, bisect_right
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pyoxigraph import NamedNode, Quad, Triple, serialize

from kg import linksets
from kg.cards import Card, read_card
from kg.forest import Forest, grow
from kg.media import (
    BIBTEX,
    CSL,
    CSV,
    JSON_LD,
    JSON_LD_LINES,
    N_QUADS,
    N_QUADS_12,
    N_TRIPLES,
    RDF_XML,
    RIS,
    SSSOM,
    TRIG,
    TURTLE,
    TURTLE_12,
    Format,
)
from kg.rdf12 import annotated_quads, annotated_triples, claimed
from kg.serialise import as_citations, as_csv
from kg.sssom import FILE as SSSOM_FILE
from kg.sssom import sssom
from kg.thesaurus import Thesaurus
from kg.vocab import RDF

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from pyoxigraph import Store

    from kg.dataset import Edition
    from kg.taxonomy import Taxonomy
    from kg.vocab import Iris

CHECKSUMS = "SHA256SUMS"
PACKED = ".gz"


class Scope(StrEnum):
    """What a dump is of."""

    GRAPH = "The whole graph"
    ANNOTATED = "The whole graph in RDF 1.2, claims as annotations"
    TREES = "The whole graph as trees, a thing with its parts inside it"
    PAPERS = "The papers"
    LINKS = "Links"


class Unit(StrEnum):
    """What a dump's items are."""

    QUADS = "quads"
    TRIPLES = "triples"
    THINGS = "things"
    PAPERS = "papers"
    MAPPINGS = "mappings"


@dataclass(frozen=True)
class Contents:
    """What dumps are written from. ``quads`` are in order, ``store`` holds the same."""

    edition: Edition
    quads: list[Quad]
    store: Store
    taxonomy: Taxonomy

    @property
    def iris(self) -> Iris:
        return self.edition.iris

    @cached_property
    def triples(self) -> list[Triple]:
        return union(self.quads)

    @cached_property
    def forest(self) -> Forest:
        return grow(self.triples, self.iris)

    @cached_property
    def claimed(self) -> dict[Any, Triple]:
        return claimed(self.store, self.iris)

    @cached_property
    def cards(self) -> list[Card]:
        """All papers by id: a new one changes few lines of a file."""
        nodes = self.store.quads_for_pattern(None, RDF.type, self.iris.opd.Paper, self.iris.graph("papers"))
        ids = sorted(self.iris.paper_id(quad.subject.value) for quad in nodes if isinstance(quad.subject, NamedNode))
        thesaurus = Thesaurus(self.store, self.iris)
        return [read_card(self.store, self.iris, thesaurus, paper_id) for paper_id in ids]


@dataclass(frozen=True, slots=True)
class Dump:
    """One file. ``name`` is what it is called unpacked; ``write`` returns its bytes and how many items are in them."""

    name: str
    format: Format
    scope: Scope
    unit: Unit
    write: Callable[[Dump, Contents], tuple[bytes, int]]
    conforms_to: str | None = None

    @property
    def file(self) -> str:
        return self.name + PACKED


@dataclass(frozen=True, slots=True)
class Measures:
    """What the manifest says of a file: of its bytes as they are, of those that it unpacks to, and how many items it has."""

    bytes: int
    sha256: str
    items: int
    unpacked_bytes: int
    unpacked_sha256: str


def in_order(quads: Iterable[Quad]) -> list[Quad]:
    """Return the distinct quads, sorted by graph, subject, predicate and object: the order of every dump."""
    keyed = {(str(q.graph_name), str(q.subject), str(q.predicate), str(q.object)): q for q in quads}
    return [keyed[key] for key in sorted(keyed)]


def with_more(quads: list[Quad], more: Iterable[Quad]) -> list[Quad]:
    """Return quads that are in order with more of one graph, put in order too."""
    added = list(more)
    name = str(added[0].graph_name)
    begin = bisect_left(quads, name, key=_graph_name)
    end = bisect_right(quads, name, key=_graph_name)
    return [*quads[:begin], *in_order([*quads[begin:end], *added]), *quads[end:]]


def _graph_name(quad: Quad) -> str:
    return str(quad.graph_name)


def union(quads: Iterable[Quad]) -> list[Triple]:
    """Return the distinct triples of all graphs, sorted by subject, predicate and object."""
    keyed = {(str(q.subject), str(q.predicate), str(q.object)): q.triple for q in quads}
    return [keyed[key] for key in sorted(keyed)]


def _graph(dump: Dump, contents: Contents) -> tuple[bytes, int]:
    return _serialised(dump, contents.quads if dump.unit is Unit.QUADS else contents.triples, contents.iris)


def _annotated(dump: Dump, contents: Contents) -> tuple[bytes, int]:
    if dump.unit is Unit.QUADS:
        quads = annotated_quads(contents.quads, contents.claimed, contents.iris)
        return _serialised(dump, list(quads), contents.iris)
    return _serialised(dump, list(annotated_triples(contents.triples, contents.claimed)), contents.iris)


def _trees(dump: Dump, contents: Contents) -> tuple[bytes, int]:
    forest = contents.forest
    return forest.lines() if dump.format is JSON_LD_LINES else forest.whole(), len(forest.trees)


def _links(dump: Dump, contents: Contents) -> tuple[bytes, int]:
    return _serialised(dump, union(linksets.links(contents.store, dump.file, contents.iris)), contents.iris)


def _serialised(dump: Dump, statements: list[Quad] | list[Triple], iris: Iris) -> tuple[bytes, int]:
    data = serialize(statements, format=dump.format.oxigraph, prefixes=iris.vocabularies())
    return data or b"", len(statements)


def _table(_: Dump, contents: Contents) -> tuple[bytes, int]:
    return as_csv(contents.cards), len(contents.cards)


def _citations(dump: Dump, contents: Contents) -> tuple[bytes, int]:
    return as_citations(contents.cards, dump.format), len(contents.cards)


def _mappings(_: Dump, contents: Contents) -> tuple[bytes, int]:
    mappings = contents.taxonomy.mappings()
    return sssom(mappings, contents.edition).encode(), len(mappings)


JSON_LD_11 = "https://www.w3.org/TR/json-ld11/"
RDF_12 = "https://www.w3.org/TR/rdf12-concepts/"
RFC_4180 = "https://www.rfc-editor.org/rfc/rfc4180"
SSSOM_SPEC = "https://w3id.org/sssom/"

#: Every dump, in the order in which pages list them.
DUMPS = (
    Dump("opd.nt", N_TRIPLES, Scope.GRAPH, Unit.TRIPLES, _graph),
    Dump("opd.nq", N_QUADS, Scope.GRAPH, Unit.QUADS, _graph),
    Dump("opd.ttl", TURTLE, Scope.GRAPH, Unit.TRIPLES, _graph),
    Dump("opd.trig", TRIG, Scope.GRAPH, Unit.QUADS, _graph),
    Dump("opd.jsonld", JSON_LD, Scope.GRAPH, Unit.QUADS, _graph),
    Dump("opd.rdf", RDF_XML, Scope.GRAPH, Unit.TRIPLES, _graph),
    Dump("opd-rdf12.ttl", TURTLE_12, Scope.ANNOTATED, Unit.TRIPLES, _annotated, RDF_12),
    Dump("opd-rdf12.nq", N_QUADS_12, Scope.ANNOTATED, Unit.QUADS, _annotated, RDF_12),
    Dump("opd-trees.jsonld", JSON_LD, Scope.TREES, Unit.THINGS, _trees, JSON_LD_11),
    Dump("opd-trees.jsonl", JSON_LD_LINES, Scope.TREES, Unit.THINGS, _trees, JSON_LD_11),
    Dump("papers.csv", CSV, Scope.PAPERS, Unit.PAPERS, _table, RFC_4180),
    Dump("papers.bib", BIBTEX, Scope.PAPERS, Unit.PAPERS, _citations),
    Dump("papers.ris", RIS, Scope.PAPERS, Unit.PAPERS, _citations),
    Dump("papers.csl.json", CSL, Scope.PAPERS, Unit.PAPERS, _citations),
    Dump("links.nt", N_TRIPLES, Scope.LINKS, Unit.TRIPLES, _links),
    Dump("mappings.nt", N_TRIPLES, Scope.LINKS, Unit.TRIPLES, _links),
    Dump(SSSOM_FILE, SSSOM, Scope.LINKS, Unit.MAPPINGS, _mappings, SSSOM_SPEC),
)

#: The dumps of the whole graph, by format.
WHOLE = {dump.format.name: dump for dump in DUMPS if dump.scope is Scope.GRAPH}


def write_dumps(folder: Path, contents: Contents) -> dict[str, dict[str, int | str]]:
    """Write every dump and SHA256SUMS into ``folder``; return the Measures of each file, for the manifest.

    gzip's time stamp and file name are left out, so that equal content gives equal bytes.
    """
    folder.mkdir(parents=True)
    written: dict[str, dict[str, int | str]] = {}
    for dump in DUMPS:
        data, items = dump.write(dump, contents)
        packed = _gzipped(data)
        (folder / dump.file).write_bytes(packed)
        written[dump.file] = asdict(Measures(len(packed), _sha256(packed), items, len(data), _sha256(data)))
    sums = "".join(f"{facts['sha256']}  {file}\n" for file, facts in sorted(written.items()))
    (folder / CHECKSUMS).write_text(sums, encoding="ascii")
    return written


def measured(manifest: dict[str, Any]) -> dict[Dump, Measures]:
    """Return what a manifest says of each dump that its release has, in the order of DUMPS.

    A release that an earlier version of this program built may lack some, or say less of them than there is to list.
    """
    known = {field.name for field in fields(Measures)}
    written = {file: facts for file, facts in manifest["dumps"].items() if facts.keys() == known}
    return {dump: Measures(**written[dump.file]) for dump in DUMPS if dump.file in written}


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _gzipped(data: bytes) -> bytes:
    """Compress without name, time and operating system: ``gzip.compress`` names the system in some versions of Python."""
    out = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=out, mtime=0) as file:
        file.write(data)
    return out.getvalue()
