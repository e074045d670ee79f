"""Records ↔ JSON: what a reader found, as a document that holds nothing else, and back, strictly."""

from __future__ import annotations

import types
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints


class MisfitError(Exception):
    """A JSON value that is not of the type that the records have there."""


def to_json(value: object) -> object:
    """Return records as JSON values; fields that have their default are left out."""
    if is_dataclass(value) and not isinstance(value, type):
        stated = ((one, getattr(value, one.name)) for one in fields(value))
        return {one.name: to_json(found) for one, found in stated if one.default is MISSING or found != one.default}
    if isinstance(value, tuple):
        return [to_json(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def from_json(value: object, kind: object, where: str) -> object:
    """Return a JSON value as ``kind``: a record type, or the type of one of its fields."""
    if get_origin(kind) in (types.UnionType, Union):  # every union of the records is one type or None
        return None if value is None else from_json(value, get_args(kind)[0], where)
    if get_origin(kind) is tuple and isinstance(value, list):
        return tuple(from_json(item, get_args(kind)[0], f"{where}[{index}]") for index, item in enumerate(value))
    if isinstance(kind, type) and is_dataclass(kind) and isinstance(value, dict):
        required, hints = _fields_of(kind)
        if required <= value.keys() <= hints.keys():
            return kind(**{key: from_json(found, hints[key], f"{where}.{key}") for key, found in value.items()})
    if type(value) is kind and kind in (str, int, bool):
        return value
    if isinstance(kind, type) and isinstance(value, str):
        try:
            if kind is date:
                return date.fromisoformat(value)
            if issubclass(kind, StrEnum):
                return kind(value)
        except ValueError:
            pass
    msg = f"{where} is no {getattr(kind, '__name__', kind)}"
    raise MisfitError(msg)


@cache
def _fields_of(kind: type[Any]) -> tuple[set[str], dict[str, object]]:
    """Return the names of the fields without default, and the type of every field."""
    return {one.name for one in fields(kind) if one.default is MISSING}, get_type_hints(kind)
