"""What the Reconciliation Service API 0.2 answers with: manifest, candidates, values, in the API's JSON."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from kg import __version__
from kg.entities import TITLES, Entity, Kind
from server.reconcile_request import FORMS, MAX_QUERIES, Column, Extension

if TYPE_CHECKING:
    from kg.properties import Value
    from kg.reconcile import Candidate, Query
    from server.reading import Reading

NAME = "On-Policy Distillation Knowledge Graph"

#: The size of a preview in pixels.
PREVIEW_WIDTH, PREVIEW_HEIGHT = 430, 260

#: What may be set for each column (reconcile_request.py, Column).
SETTINGS = [
    {
        "name": "limit",
        "label": "Most values",
        "type": "number",
        "default": 0,
        "help_text": "How many values of each thing to fetch; 0 for all",
    },
    {
        "name": "form",
        "label": "Things as",
        "type": "select",
        "default": "entity",
        "help_text": "What a column holds whose values are things of the graph",
        "choices": [{"value": value, "name": name} for value, name in FORMS.items()],
    },
]


def manifest(here: Reading) -> dict[str, Any]:
    """Return what the service says of itself."""
    address = here.links.absolute("/reconcile")
    return {
        "versions": ["0.2"],
        "name": NAME,
        "identifierSpace": here.iris.base,
        "schemaSpace": here.iris.opd.iri,
        "documentation": here.links.absolute("/"),
        "logo": here.links.absolute("/static/icon.svg"),
        "serviceVersion": __version__,
        "defaultTypes": [type_of(kind) for kind in Kind],
        "batchSize": MAX_QUERIES,
        "view": {"url": f"{address}/view?id={{{{id}}}}"},
        "preview": {"url": f"{address}/preview?id={{{{id}}}}", "width": PREVIEW_WIDTH, "height": PREVIEW_HEIGHT},
        "suggest": {
            what: {"service_url": address, "service_path": f"/suggest/{what}"}
            for what in ("entity", "type", "property")
        },
        "extend": {
            "propose_properties": {"service_url": address, "service_path": "/properties"},
            "property_settings": SETTINGS,
        },
    }


def type_of(kind: Kind) -> dict[str, str]:
    """Return a kind as the API has types."""
    return {"id": kind.value, "name": TITLES[kind]}


def results(here: Reading, query: Query) -> list[dict[str, Any]]:
    """Return the candidates for a query. An address of this site is the id of what it shows."""
    asked = replace(query, text=query.text.removeprefix(here.links.absolute("/")))
    return [_candidate(here, each) for each in here.reconciler.candidates(asked)]


def _candidate(here: Reading, candidate: Candidate) -> dict[str, Any]:
    entity = candidate.entity
    return {
        "id": entity.id,
        "name": entity.name,
        "description": here.reconciler.entities.describe(entity),
        "type": [type_of(entity.kind)],
        "score": candidate.score,
        "match": candidate.is_match,
        "features": [{"id": name, "value": value} for name, value in candidate.features.items()],
    }


def extended(here: Reading, extension: Extension) -> dict[str, Any]:
    """Return the values of each thing; one that is not in this release has none."""
    entities, values = here.reconciler.entities, here.reconciler.values
    rows: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for entity_id in extension.ids:
        entity = entities.get(entity_id)
        rows[entity_id] = {}
        for column in extension.columns:
            found = values.of(entity, column.property) if entity else []
            rows[entity_id][column.property.id] = [_value(here, each, column) for each in found[: column.limit or None]]
    return {"meta": [_meta(column) for column in extension.columns], "rows": rows}


def _meta(column: Column) -> dict[str, Any]:
    about: dict[str, Any] = {"id": column.property.id, "name": column.property.name}
    return (
        about | {"type": type_of(column.property.range)} if column.property.range and column.form == "entity" else about
    )


def _value(here: Reading, value: Value, column: Column) -> dict[str, Any]:
    if isinstance(value, Entity):
        iri = here.reconciler.entities.node(value).value
        forms: dict[str, dict[str, Any]] = {
            "entity": {"id": value.id, "name": value.name},
            "name": {"str": value.name},
            "iri": {"str": iri},
        }
        return forms[column.form]
    if isinstance(value, date):
        return {"date": f"{value.isoformat()}T00:00:00Z"}  # the API knows no day without an hour
    return {"int": value} if isinstance(value, int) else {"str": value}
