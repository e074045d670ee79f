"""What clients of the Reconciliation Service API send, read strictly: whatever is not as the API has it is a clear 4xx."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from werkzeug.exceptions import RequestEntityTooLarge

from kg.clues import Clue, Given, Reference
from kg.entities import TITLES, Kind
from kg.properties import PROPERTIES, Property
from kg.reconcile import DEFAULT_LIMIT, Query, Strictness
from kg.words import MAX_TEXT
from server.problems import BadRequestError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

T = TypeVar("T")

#: What one request may hold. OpenRefine sends 10 queries at a time.
MAX_QUERIES = 50
MAX_IDS = 1000
#: What one query may hold, and how many candidates it may get.
MAX_PROPERTIES = 20
MAX_VALUES = 100
MAX_CANDIDATES = 100

#: The forms in which a column may have things: as they are, by name, by IRI.
FORMS = {"entity": "things, to go on from", "name": "names", "iri": "IRIs"}

_QUERY_KEYS = ("query", "type", "limit", "properties", "type_strict")


@dataclass(frozen=True, slots=True)
class Column:
    """A property to fetch: at most ``limit`` values of each thing (0 for all), and the form that things have in it."""

    property: Property
    limit: int
    form: str


@dataclass(frozen=True, slots=True)
class Extension:
    """The things of which values are asked for, by id, and the columns."""

    ids: tuple[str, ...]
    columns: tuple[Column, ...]


def read_queries(text: str) -> dict[str, Query]:
    """Read a batch of queries."""
    batch = _object(_json("queries", text), "queries")
    if len(batch) > MAX_QUERIES:
        raise RequestEntityTooLarge(f"a batch may hold {MAX_QUERIES} queries, not {len(batch)}: send several batches")
    return {key: _query(_object(said, _short(key)), _short(key)) for key, said in batch.items()}


def read_extension(text: str) -> Extension:
    """Read a data extension query."""
    said = _object(_json("extend", text), "extend")
    ids = [_text(each, "ids") for each in _list(said.get("ids"), "ids")]
    if len(ids) > MAX_IDS:
        raise RequestEntityTooLarge(f"a request may ask for {MAX_IDS} things, not {len(ids)}: send several")
    columns = [_column(_object(each, "properties")) for each in _list(said.get("properties"), "properties")]
    if len({column.property.id for column in columns}) < len(columns):
        raise BadRequestError("properties: each may be asked for once")
    return Extension(tuple(dict.fromkeys(ids)), tuple(columns))


def read_kind(kind_id: str) -> Kind:
    """Return the type of this id."""
    return _known(kind_id, {each.value: each for each in TITLES}, "type")


def _query(said: Mapping[str, Any], where: str) -> Query:
    unknown = said.keys() - {*_QUERY_KEYS}
    if unknown:
        raise BadRequestError(
            f"{where}: {_short(min(unknown))} is no part of a query; there are {', '.join(_QUERY_KEYS)}"
        )
    if "query" not in said and not said.get("properties"):
        raise BadRequestError(f"{where}: a query has to hold query, properties or both")
    kinds = said.get("type", [])
    clues = _list(said.get("properties", []), f"{where}, properties")
    if len(clues) > MAX_PROPERTIES:
        raise BadRequestError(f"{where}: a query may hold {MAX_PROPERTIES} properties, not {len(clues)}")
    modes = {mode.value: mode for mode in Strictness}
    return Query(
        text=_text(said.get("query", ""), f"{where}, query"),
        kinds=tuple(
            read_kind(_text(kind, f"{where}, type")) for kind in (kinds if isinstance(kinds, list) else [kinds])
        ),
        strictness=_known(
            _text(said.get("type_strict", "any"), f"{where}, type_strict"), modes, f"{where}, type_strict"
        ),
        clues=tuple(_clue(_object(each, f"{where}, properties"), where) for each in clues),
        limit=min(_whole(said.get("limit", DEFAULT_LIMIT), f"{where}, limit", least=1), MAX_CANDIDATES),
    )


def _clue(said: Mapping[str, Any], where: str) -> Clue:
    which = _property(_text(said.get("pid"), f"{where}, pid"), f"{where}, pid")
    value = said.get("v")
    values = value if isinstance(value, list) else [value]
    if len(values) > MAX_VALUES:
        raise BadRequestError(f"{where}, {which.id}: {MAX_VALUES} values may be given, not {len(values)}")
    return Clue(which, tuple(_given(each, f"{where}, {which.id}") for each in values))


def _given(value: object, where: str) -> Given:
    if isinstance(value, dict):
        return Reference(_text(value.get("id"), f"{where}, id"))
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, int | float) else _text(value, where)


def _column(said: Mapping[str, Any]) -> Column:
    which = _property(_text(said.get("id"), "properties, id"), "properties, id")
    settings = _object(said.get("settings", {}), f"{which.id}, settings")
    unknown = settings.keys() - {"limit", "form"}
    if unknown:
        raise BadRequestError(f"{which.id}: there is no setting {_short(min(unknown))}; there are limit and form")
    form = _text(settings.get("form", "entity"), f"{which.id}, form")
    limit = settings.get("limit", 0)
    if isinstance(limit, str):  # as a form sends it, even a number
        limit = int(limit) if limit.isdecimal() and limit.isascii() else limit or 0
    _known(form, FORMS, f"{which.id}, form")
    return Column(which, _whole(limit, f"{which.id}, limit", least=0), form)


def _property(property_id: str, where: str) -> Property:
    return _known(property_id, PROPERTIES, where)


# ---------------------------------------------------------------- values of JSON


def _json(name: str, text: str) -> object:
    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise ValueError("an object has two members of one name")
        return found

    def no_number(constant: str) -> None:
        raise ValueError(f"{constant} is no JSON")

    try:
        found: object = json.loads(text, object_pairs_hook=once, parse_constant=no_number)
    except RecursionError:
        raise BadRequestError(f"{name} is nested too deeply") from None
    except ValueError as error:
        raise BadRequestError(f"{name} is not the JSON that it should be: {error}") from None
    return found


def _object(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadRequestError(f"{where}: this has to be an object")
    return value


def _list(value: object, where: str) -> list[object]:
    if not isinstance(value, list):
        raise BadRequestError(f"{where}: this has to be an array")
    return value


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise BadRequestError(f"{where}: this has to be a string")
    if len(value) > MAX_TEXT:
        raise BadRequestError(f"{where}: a text may have {MAX_TEXT} characters, not {len(value)}")
    return value


def _whole(value: object, where: str, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1 or value < least:
        raise BadRequestError(f"{where}: this has to be a whole number, {least} or more")
    return int(value)


def _known(value: str, known: Mapping[str, T], where: str) -> T:
    if value not in known:
        raise BadRequestError(f"{where}: {_short(value)} is not known; there are {_listed(known)}")
    return known[value]


def _listed(values: Iterable[str]) -> str:
    return ", ".join(values)


def _short(text: str) -> str:
    """Return what a client said so that a message can quote it."""
    return repr(text if len(text) <= 80 else f"{text[:80]}…")  # noqa: PLR2004 (a length to read)
