"""The request side of the SPARQL 1.1 Protocol (section 2.1): where the query and its parameters stand."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self
from urllib.parse import parse_qsl

from pyoxigraph import NamedNode
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType
from werkzeug.http import parse_options_header

from server.engine.errors import UpdateRefusedError
from server.engine.policy import update_refused
from server.problems import BadRequestError

FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"
UPDATE = "application/sparql-update"

#: Bytes of a request's body: ten thousand IRIs in a VALUES clause fit in several times over.
MAX_BODY = 4 << 20
MAX_PARAMETERS = 1000


@dataclass(frozen=True, slots=True)
class SparqlRequest:
    """What a client asks. ``query`` is None where it asks nothing; graphs are None where it names no dataset at all."""

    query: str | None
    default_graphs: tuple[str, ...] | None
    named_graphs: tuple[str, ...] | None
    format: str | None
    timeout_s: float | None

    @classmethod
    def read(cls, address: bytes, content_type: str | None = None, body: bytes | None = None) -> Self:
        """Read the part of an address behind ?, and the body of a POST; what breaks the protocol is an error with its status.

        The body need not be longer than MAX_BODY and a byte: what is longer than MAX_BODY is refused.
        """
        pairs = _pairs(address)
        if body is not None:
            pairs += _posted(content_type or "", body)
        if any(name == "update" for name, _ in pairs):
            raise UpdateRefusedError(update_refused("update="))
        graphs = {name: _graphs(pairs, name) for name in ("default-graph-uri", "named-graph-uri")}
        has_dataset = any(graphs.values())
        asked = cls(
            query=_single(pairs, "query"),
            default_graphs=graphs["default-graph-uri"] if has_dataset else None,
            named_graphs=graphs["named-graph-uri"] if has_dataset else None,
            format=_first(pairs, "format"),
            timeout_s=_timeout(_single(pairs, "timeout")),
        )
        if asked.query is None and (body is not None or has_dataset):
            raise BadRequestError("the parameter query is missing")
        return asked


def _posted(content_type: str, body: bytes) -> list[tuple[str, str]]:
    """Return the parameters in a body; a query that is the body counts as one."""
    mimetype, parameters = parse_options_header(content_type)
    mimetype = mimetype.lower()
    if mimetype == UPDATE:
        raise UpdateRefusedError(update_refused("an update"))
    if mimetype not in {FORM, DIRECT} or parameters.get("charset", "utf-8").lower() not in {"utf-8", "us-ascii"}:
        raise UnsupportedMediaType(f"a query is posted as {FORM} or as {DIRECT}, in UTF-8")
    if len(body) > MAX_BODY:
        raise RequestEntityTooLarge(f"a request may hold {MAX_BODY >> 20} MiB")
    return _pairs(body) if mimetype == FORM else [("query", _utf8(body))]


def _pairs(encoded: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(_utf8(encoded), keep_blank_values=True, errors="strict", max_num_fields=MAX_PARAMETERS)
    except UnicodeDecodeError:
        raise BadRequestError("the parameters are not in UTF-8") from None
    except ValueError:
        raise BadRequestError(f"there are more than {MAX_PARAMETERS} parameters") from None


def _utf8(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise BadRequestError(f"the request is not in UTF-8: byte {error.start} cannot be read") from None


def _single(pairs: list[tuple[str, str]], name: str) -> str | None:
    values = [value for key, value in pairs if key == name]
    if len(values) > 1:
        raise BadRequestError(f"the parameter {name} is given {len(values)} times; give it once")
    return values[0] if values else None


def _first(pairs: list[tuple[str, str]], name: str) -> str | None:
    """A client that does not know what an endpoint calls a format (SPARQLWrapper) writes several names of it."""
    return next((value for key, value in pairs if key == name), None)


def _graphs(pairs: list[tuple[str, str]], name: str) -> tuple[str, ...]:
    graphs = tuple(value for key, value in pairs if key == name)
    for iri in graphs:
        try:
            NamedNode(iri)
        except ValueError:
            raise BadRequestError(f"{name}: {iri!r} is not an absolute IRI") from None
    return graphs


def _timeout(value: str | None) -> float | None:
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise BadRequestError(f"timeout: {value!r} is not a number of seconds above 0")
    return seconds
