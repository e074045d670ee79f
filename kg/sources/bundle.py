"""The bundled snapshot of facts: source files as one JSON document each, so that a fresh machine has a graph offline.

    python -m kg.sources.bundle FOLDER     rewrites kg/data/snapshot/ from the upstream files in FOLDER

A document holds what a reader found and nothing of the upstream file itself. Of the texts about models it holds what
:func:`kg.setups.read_setups` reads of them, so that a graph built from the bundle equals one built from the files.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from kg.errors import DataError, OpdkgError
from kg.records import Entry, SourceFile, SourceKind
from kg.setups import read_setups
from kg.sources import json_text, read_path
from kg.sources.record_json import MisfitError, from_json, to_json

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
        value = to_json(replace(file, entries=tuple(map(_without_prose, file.entries))))
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
        return cast("SourceFile", from_json(value, SourceFile, "document"))
    except MisfitError as error:
        msg = f"{file}: {error}; make the bundle anew"
        raise DataError(msg) from None


def _without_prose(entry: Entry) -> Entry:
    statements = filter(None, map(models_statement, entry.models))
    return replace(entry, models=tuple(dict.fromkeys(statements)))


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
