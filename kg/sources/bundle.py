"""The bundled snapshot of facts: source files as one JSON document each, so that a fresh machine has a graph offline.

    python -m kg.sources.bundle FOLDER     rewrites kg/data/snapshot/ from the upstream files in FOLDER

A document holds what a reader found and nothing of the upstream file itself. Of the texts about models it holds what
:func:`kg.setups.read_setups` reads of them, so that a graph built from the bundle equals one built from the files.
"""

from __future__ import annotations

import argparse
import json
import sys
import types
from dataclasses import MISSING, fields, is_dataclass, replace
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Union, cast, get_args, get_origin, get_type_hints

from kg.errors import DataError, OpdkgError
from kg.records import Entry, SourceFile, SourceKind
from kg.setups import read_setups
from kg.sources import json_text, read_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SNAPSHOT = Path(__file__).parent.parent / "data" / "snapshot"

_LIST = "https://github.com/nick7nlp/Awesome-LLM-On-Policy-Distillation"

#: Where upstream publishes each kind of file.
UPSTREAM = {
    SourceKind.CATALOGUE: "https://nick7nlp.github.io/OPDHub/",
    SourceKind.AWESOME: f"{_LIST}/blob/HEAD/README.md",
    SourceKind.LOSS_TAXONOMY: f"{_LIST}/blob/HEAD/resources/loss-taxonomy.md",
}


def models_statement(text: str) -> str | None:
    """Return what ``text`` says of teachers and students, without the prose beside it; None if that is nothing.

    Reading it gives the same setups as reading ``text``.
    """
    return "; ".join(setup.text for setup in read_setups(text)) or None


def dump(files: Iterable[SourceFile]) -> dict[str, bytes]:
    """Return one JSON document per source file, by file name. Equal records give equal bytes.

    Two files of one slug are a DataError.
    """
    documents: dict[str, bytes] = {}
    for file in files:
        name = f"{file.snapshot.slug}.json"
        if name in documents:
            msg = f"{file.snapshot.file}: is a second source called {file.snapshot.slug}; give only one of the two"
            raise DataError(msg)
        value = _to_json(replace(file, entries=tuple(map(_without_prose, file.entries))))
        documents[name] = f"{json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True)}\n".encode()
    return documents


def load(data: bytes, file: str) -> SourceFile:
    """Return the records of a document that :func:`dump` made; anything else is a DataError."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        msg = f"{file}: is no UTF-8 text: {error.reason} at byte {error.start}"
        raise DataError(msg) from None
    value, _ = json_text.load(text, file)
    try:
        return cast("SourceFile", _from_json(value, SourceFile, "document"))
    except _MisfitError as error:
        msg = f"{file}: {error}; make the bundle anew"
        raise DataError(msg) from None


class _MisfitError(Exception):
    """A JSON value that is not of the type that the records have there."""


def _without_prose(entry: Entry) -> Entry:
    statements = filter(None, map(models_statement, entry.models))
    return replace(entry, models=tuple(dict.fromkeys(statements)))


def _to_json(value: object) -> object:
    """Return records as JSON values; fields that have their default are left out."""
    if is_dataclass(value) and not isinstance(value, type):
        stated = ((one, getattr(value, one.name)) for one in fields(value))
        return {one.name: _to_json(found) for one, found in stated if one.default is MISSING or found != one.default}
    if isinstance(value, tuple):
        return [_to_json(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _from_json(value: object, kind: object, where: str) -> object:
    """Return a JSON value as ``kind``: a record type, or the type of one of its fields."""
    if get_origin(kind) in (types.UnionType, Union):  # every union of the records is one type or None
        return None if value is None else _from_json(value, get_args(kind)[0], where)
    if get_origin(kind) is tuple and isinstance(value, list):
        return tuple(_from_json(item, get_args(kind)[0], f"{where}[{index}]") for index, item in enumerate(value))
    if isinstance(kind, type) and is_dataclass(kind) and isinstance(value, dict):
        required, hints = _fields_of(kind)
        if required <= value.keys() <= hints.keys():
            return kind(**{key: _from_json(found, hints[key], f"{where}.{key}") for key, found in value.items()})
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
    raise _MisfitError(msg)


@cache
def _fields_of(kind: type[Any]) -> tuple[set[str], dict[str, object]]:
    """Return the names of the fields without default, and the type of every field."""
    return {one.name for one in fields(kind) if one.default is MISSING}, get_type_hints(kind)


def write(folder: Path, target: Path = SNAPSHOT, addresses: Mapping[SourceKind, str] = UPSTREAM) -> list[str]:
    """Put the documents of all source files in ``folder`` in place of those in ``target``; return what was done.

    ``addresses`` says where each kind of file is published. A folder without any source file is a DataError.
    """
    sources, report = [], []
    for path in sorted(folder.iterdir()):
        try:
            source = read_path(path)
        except DataError as error:
            report.append(f"passed over: {error}")
            continue
        address = addresses.get(source.snapshot.kind)
        sources.append(replace(source, snapshot=replace(source.snapshot, address=address)))
    documents = dump(sources)
    if not documents:
        msg = f"{folder}: holds no source file"
        raise DataError(msg)
    target.mkdir(parents=True, exist_ok=True)
    for old in target.glob("*.json"):
        old.unlink()
    for name, data in documents.items():
        (target / name).write_bytes(data)
        report.append(f"{name}: {len(data)} bytes")
    return report


def main() -> None:
    """Rewrite the bundled snapshot from the folder that is named in the call."""
    parser = argparse.ArgumentParser(prog="python -m kg.sources.bundle", description=main.__doc__)
    parser.add_argument("folder", type=Path, help="a folder of upstream files, each with its date in its name")
    folder = parser.parse_args().folder
    if not folder.is_dir():
        parser.error(f"{folder} is no folder")
    try:
        report = write(folder)
    except OpdkgError as error:
        parser.exit(error.exit_code, f"{error}\n")
    sys.stdout.write("\n".join((*report, "")))


if __name__ == "__main__":
    main()
