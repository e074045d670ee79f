"""The mappings between concept schemes as SSSOM/TSV: a header of metadata in YAML, then a line for each mapping.

https://mapping-commons.github.io/sssom/ names the slots and their order.
"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

from kg.dataset import LICENSE, TITLE
from kg.vocab import SKOS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.concepts import Concept, ConceptMapping
    from kg.dataset import Edition

SEMAPV = "https://w3id.org/semapv/vocab/"
FILE = "mappings.sssom.tsv"

COLUMNS = (
    "subject_id",
    "subject_label",
    "predicate_id",
    "object_id",
    "object_label",
    "mapping_justification",
    "subject_source",
    "object_source",
)


def sssom(mappings: Iterable[ConceptMapping], edition: Edition) -> str:
    """Return the mappings as SSSOM/TSV, sorted by their columns."""
    out = io.StringIO()
    for name, value in _metadata(edition).items():
        out.write(f"#{name}: {json.dumps(value, ensure_ascii=False)}\n")  # JSON is YAML, and on one line
    writer = csv.writer(out, delimiter="\t", lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(sorted(map(_row, mappings)))
    return out.getvalue()


def _metadata(edition: Edition) -> dict[str, object]:
    iris = edition.iris
    metadata = {
        "sssom_version": "1.1",
        "curie_map": {
            "agent": f"{iris.base}agent/",
            "concept": f"{iris.base}concept/",
            "scheme": f"{iris.base}scheme/",
            "semapv": SEMAPV,
            SKOS.prefix: SKOS.iri,
        },
        "mapping_set_id": iris.dump(edition.release_id, FILE).value,
        "mapping_set_version": edition.release_id,
        "mapping_set_title": f"{TITLE}: mappings between concept schemes",
        "creator_id": ["agent:project"],
        "license": LICENSE,
        "subject_type": "skos concept",
        "object_type": "skos concept",
        "publication_date": edition.newest and edition.newest.isoformat(),
    }
    return {name: value for name, value in metadata.items() if value}


def _row(mapping: ConceptMapping) -> tuple[str, ...]:
    one, other = mapping.subject, mapping.object
    return (
        _curie(one),
        one.label,
        f"{SKOS.prefix}:{mapping.predicate.value.removeprefix(SKOS.iri)}",
        _curie(other),
        other.label,
        f"semapv:{mapping.justification}",
        f"scheme:{one.scheme}",
        f"scheme:{other.scheme}",
    )


def _curie(concept: Concept) -> str:
    """Slugs are of letters, digits, hyphens and dots, so that nothing is to be escaped."""
    return f"concept:{concept.scheme}/{concept.slug}"
