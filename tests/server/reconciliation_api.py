"""What the Reconciliation Service API 0.2 (https://reconciliation-api.github.io/specs/0.2/) says of each answer, as JSON Schema.

Stricter than the API's own schemas where its text is: nothing may be empty that it calls non-empty, and no member is there
that it does not know.
"""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator

Schema = dict[str, Any]

TEXT: Schema = {"type": "string", "minLength": 1}
ADDRESS: Schema = {"type": "string", "pattern": "^https?://[^/]+/"}
SERVICE_ADDRESS: Schema = {"type": "string", "pattern": "^https?://[^/]+"}


def members(required: dict[str, Schema], optional: dict[str, Schema] | None = None) -> Schema:
    """An object with these members and no others."""
    properties = required | (optional or {})
    return {"type": "object", "properties": properties, "required": [*required], "additionalProperties": False}


def array(items: Schema, **more: object) -> Schema:
    return {"type": "array", "items": items, **more}


def mapping(values: Schema) -> Schema:
    """An object whose members' names are the client's."""
    return {"type": "object", "additionalProperties": values}


TYPE = members({"id": TEXT, "name": TEXT}, {"description": TEXT, "broader": array({"type": "object"})})
PROPERTY = members({"id": TEXT, "name": TEXT}, {"description": TEXT})
TEMPLATE: Schema = {"type": "string", "pattern": r"^https?://[^{}]*\{\{id\}\}[^{}]*$"}

SERVICE = members({"service_url": SERVICE_ADDRESS, "service_path": {"type": "string", "pattern": "^/"}})
SETTING_TEXTS = {"name": TEXT, "label": TEXT}
SETTING: Schema = {
    "oneOf": [
        members({**SETTING_TEXTS, "type": {"const": "number"}}, {"default": {"type": "number"}, "help_text": TEXT}),
        members({**SETTING_TEXTS, "type": {"const": "text"}}, {"default": {"type": "string"}, "help_text": TEXT}),
        members({**SETTING_TEXTS, "type": {"const": "checkbox"}}, {"default": {"type": "boolean"}, "help_text": TEXT}),
        members(
            {
                **SETTING_TEXTS,
                "type": {"const": "select"},
                "choices": array(members({"value": TEXT, "name": TEXT}), minItems=1),
            },
            {"default": TEXT, "help_text": TEXT},
        ),
    ]
}

MANIFEST = members(
    {
        "versions": array(TEXT, contains={"const": "0.2"}),
        "name": TEXT,
        "identifierSpace": ADDRESS,
        "schemaSpace": ADDRESS,
    },
    {
        "defaultTypes": array(TYPE, uniqueItems=True),
        "documentation": ADDRESS,
        "logo": ADDRESS,
        "serviceVersion": TEXT,
        "batchSize": {"type": "integer", "minimum": 1},
        "view": members({"url": TEMPLATE}),
        "preview": members({"url": TEMPLATE, "width": {"type": "integer"}, "height": {"type": "integer"}}),
        "suggest": members({}, {"entity": SERVICE, "property": SERVICE, "type": SERVICE}),
        "extend": members({}, {"propose_properties": SERVICE, "property_settings": array(SETTING)}),
    },
)

FEATURE = members({"id": TEXT, "value": {"type": ["number", "boolean"]}})
CANDIDATE = members(
    {"id": TEXT, "name": TEXT, "score": {"type": "number", "minimum": 0, "maximum": 100}},
    {
        "description": {"type": "string"},
        "type": array(TYPE),
        "features": array(FEATURE),
        "match": {"type": "boolean"},
    },
)
RESULT_BATCH = mapping(members({"result": array(CANDIDATE)}))

SUGGESTED_ENTITIES = members(
    {"result": array(members({"id": TEXT, "name": TEXT}, {"description": {"type": "string"}, "notable": array(TYPE)}))}
)
SUGGESTED_TYPES = members({"result": array(TYPE)})
SUGGESTED_PROPERTIES = members({"result": array(PROPERTY)})

PROPOSAL = members(
    {"type": {"type": "string"}, "properties": array(PROPERTY)}, {"limit": {"type": "integer", "minimum": 0}}
)

#: ISO 8601, always with the time of day.
MOMENT: Schema = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$"}
VALUE: Schema = {
    "oneOf": [
        members({"id": TEXT, "name": TEXT}, {"description": TEXT}),
        members({"str": TEXT}),
        members({"int": {"type": "integer"}}),
        members({"float": {"type": "number"}}),
        members({"bool": {"type": "boolean"}}),
        members({"date": MOMENT}),
    ]
}
EXTENSION = members(
    {
        "meta": array(members({"id": TEXT, "name": TEXT}, {"type": TYPE, "service": ADDRESS})),
        "rows": mapping(mapping(array(VALUE))),
    }
)


def check(schema: Schema, answer: object) -> None:
    """Fail with everything that is wrong with an answer."""
    Draft202012Validator.check_schema(schema)
    wrong = [f"{error.json_path}: {error.message}" for error in Draft202012Validator(schema).iter_errors(answer)]
    assert wrong == []
