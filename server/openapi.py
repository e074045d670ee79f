"""``/openapi.json``: what there is to ask, for programs and for those who write them (OpenAPI 3.1)."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response

from kg import __version__
from kg.dataset import TITLE
from kg.serialise import as_json
from server.formats import JSON
from server.operations import CURRENT, OPERATIONS
from server.problems import PROBLEM_JSON
from server.reading import reading

if TYPE_CHECKING:
    from server.operations import Operation, Parameter

blueprint = Blueprint("openapi", __name__)

PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong, and what to do"},
        "code": {"type": "string", "description": "The same for programs"},
    },
}


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """Answer with the description."""
    here = reading()
    paths: dict[str, dict[str, object]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _operation(operation, here.release.id)
    content = {
        "openapi": "3.1.0",
        "info": {
            "title": TITLE,
            "version": __version__,
            "summary": "Papers on on-policy distillation, how they are classified, and who says so",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": here.links.absolute("")}],
        "paths": paths,
        "components": {
            "schemas": {"Problem": PROBLEM},
            "responses": {
                "Problem": {
                    "description": "What is wrong, as RFC 9457 has it",
                    "content": {PROBLEM_JSON.media_type: {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }
            },
        },
    }
    return Response(as_json(content), content_type=JSON.content_type)


def _operation(operation: Operation, release: str) -> dict[str, object]:
    parameters = [_parameter(each, release) for each in operation.parameters]
    if len(operation.formats) > 1:
        names = [each.name for each in operation.formats]
        text = "The format, if not by the header Accept"
        parameters.append({"name": "format", "in": "query", "description": text, "schema": {"enum": names}})
    status = HTTPStatus(operation.status)
    success: dict[str, object] = {"description": status.phrase}
    if operation.formats:
        success["content"] = {each.media_type: {} for each in operation.formats}
    if status == HTTPStatus.SEE_OTHER:
        success["headers"] = {"Location": {"schema": {"type": "string", "format": "uri-reference"}}}
    problems = {str(code): {"$ref": "#/components/responses/Problem"} for code in operation.wrong}
    described: dict[str, Any] = {
        "summary": operation.summary,
        "tags": [operation.tag],
        "parameters": parameters,
        "responses": {str(status.value): success, **problems},
    }
    if operation.body:
        described["requestBody"] = {
            "required": True,
            "content": {media_type: {"example": example} for media_type, example in operation.body.examples.items()},
        }
    return described


def _parameter(parameter: Parameter, release: str) -> dict[str, object]:
    schema: dict[str, object] = {"enum": [*parameter.values]} if parameter.values else {"type": "string"}
    described: dict[str, object] = {
        "name": parameter.name,
        "in": parameter.where,
        "description": parameter.text,
        "required": parameter.needed,
        "schema": {"type": "array", "items": schema} if parameter.many else schema,
    }
    if parameter.example is not None:
        example = release if parameter.example == CURRENT else parameter.example
        described["example"] = [example] if parameter.many else example
    return described
