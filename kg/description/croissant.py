"""Croissant 1.1 (http://mlcommons.org/croissant/1.1): the files of a release, and the table of papers column by column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kg.cite import Citation, bibtex
from kg.columns import COLUMNS, SEPARATOR, Column, Kind
from kg.dataset import DESCRIPTION, KEYWORDS, LICENSE, PUBLISHER, TITLE, Edition
from kg.dumps import Scope, measured
from kg.media import CSV

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kg.dumps import Dump, Measures

SPECIFICATION = "http://mlcommons.org/croissant/1.1"

#: The context that the specification recommends (its appendix 1).
CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}

TYPES = {Kind.TEXT: "sc:Text", Kind.IRI: "sc:URL", Kind.DAY: "sc:Date", Kind.YEAR: "sc:Integer"}

TABLE = "papers"


def croissant(manifest: dict[str, Any], address: Callable[[str], str]) -> dict[str, Any]:
    """Return the JSON-LD of a release. ``address`` gives where a file of it is downloaded, by name.

    The table of papers is listed as it unpacks, which is how a loader reads it, all other files as they are stored.
    """
    edition = Edition.of(manifest)
    publisher = {"@type": "sc:Organization", "name": PUBLISHER, "url": edition.iris.base}
    described = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "@id": edition.node.value,
        "conformsTo": SPECIFICATION,
        "name": TITLE,
        "description": DESCRIPTION,
        "keywords": list(KEYWORDS),
        "license": LICENSE,
        "url": edition.node.value,
        "citeAs": bibtex([_citation(edition)]),
        "version": edition.release_id,
        "datePublished": edition.newest and edition.newest.isoformat(),
        "creator": publisher,
        "publisher": publisher,
        "distribution": [_file(*pair, address) for pair in measured(manifest).items()],
        "recordSet": list(_tables(measured(manifest))),
    }
    return {name: value for name, value in described.items() if value}


def _citation(edition: Edition) -> Citation:
    """Return what there is to cite of the release itself."""
    iri, issued = edition.node.value, edition.newest
    year = issued.year if issued else None
    return Citation(f"opdkg{year or ''}", edition.title, (PUBLISHER,), year, issued, None, None, iri, None)


def _file(dump: Dump, measures: Measures, address: Callable[[str], str]) -> dict[str, Any]:
    unpacked = dump.format is CSV
    name = dump.name if unpacked else dump.file
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "description": f"{dump.scope}: {dump.format.title}, {measures.items} {dump.unit}",
        "contentUrl": address(name),
        "contentSize": f"{measures.unpacked_bytes if unpacked else measures.bytes} B",
        "encodingFormat": dump.format.media_type if unpacked else "application/gzip",
        "sha256": measures.unpacked_sha256 if unpacked else measures.sha256,
    }


def _tables(files: dict[Dump, Measures]) -> Iterator[dict[str, Any]]:
    for dump in files:
        if dump.format is CSV:
            yield {
                "@type": "cr:RecordSet",
                "@id": TABLE,
                "name": TABLE,
                "description": f"{Scope.PAPERS}, a record each",
                "key": {"@id": f"{TABLE}/id"},
                "field": [_field(column, dump.name) for column in COLUMNS],
            }


def _field(column: Column, file: str) -> dict[str, Any]:
    source: dict[str, Any] = {"fileObject": {"@id": file}, "extract": {"column": column.name}}
    field: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": f"{TABLE}/{column.name}",
        "name": column.name,
        "description": column.holds,
        "dataType": TYPES[column.kind],
    }
    if column.many:
        source["transform"] = {"separator": SEPARATOR}
        field |= {"isArray": True, "arrayShape": "-1"}
    return field | {"source": source}
