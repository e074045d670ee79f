"""Upstream files → records: one module per format, and this door, which tells the formats apart by what a file holds.

Bytes go in and plain records come out: the same bytes always give the same records. Nothing here knows of RDF.
"""

from __future__ import annotations

import hashlib
import re
import stat
from collections import Counter
from datetime import date
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from kg.errors import DataError
from kg.identifiers import clean_text
from kg.records import Snapshot, SourceFile, SourceKind
from kg.sources import catalogue, curation, history, json_text, markdown
from kg.sources.awesome import AwesomeList
from kg.sources.loss_taxonomy import LossTaxonomy
from kg.sources.reading import MAX_NAME, Reading

if TYPE_CHECKING:
    from typing import Any

#: A hundred times the largest file so far.
MAX_BYTES = 20_000_000

_DAY_IN_NAME = re.compile(r"-(\d{4}-\d{2}-\d{2})(?!\d)", re.ASCII)
_DAY_IN_TEXT = re.compile(r"last updated:?[\s*_]{0,5}(\d{4}-\d{2}-\d{2})(?!\d)", re.ASCII | re.IGNORECASE)
_HTML = re.compile(r"(?:<\?xml[^>]*>\s*)?<(?:!doctype|html|head|body)\b", re.IGNORECASE)
_FIRST_KEY = re.compile(r"[\"']?[A-Za-z_][\w -]{0,50}[\"']?[ \t]{0,50}:(?:\s|$)")
_YAML_KEY = re.compile(r"^[\"']?(?:curator|papers)[\"']?[ \t]*:(?:\s|$)", re.MULTILINE)


def read_path(path: Path) -> SourceFile:
    """Read a file of any of the formats. Raise DataError as :func:`read_source` does, or if it cannot be opened."""
    return read_source(read_bytes(path), str(path))


def read_bytes(path: Path) -> bytes:
    """Return what a file holds, if that may be a source; one that cannot be opened or is too large is a DataError."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            msg = f"{path}: is no regular file"
            raise DataError(msg)
        _check_size(status.st_size, str(path))
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        msg = f"{path}: cannot be read: {error.strerror or error}"
        raise DataError(msg) from None


def read_source(data: bytes, file: str, *, address: str | None = None, day: date | None = None) -> SourceFile:
    """Read the bytes of an upstream file; ``file`` is its name or path, ``address`` where it was fetched from.

    ``day`` is one on which it was so, for a file that tells none itself.

    What it is shows in its content. DataError if it is none of the four formats; single entries that cannot be read are
    among the ``problems`` instead.
    """
    _check_size(len(data), file)
    text = _decoded(data, file)
    name = PurePosixPath(file.replace("\\", "/")).name or file
    reading = Reading(name)
    kind = _read(text, file, reading)
    day = _valid_day(_DAY_IN_NAME.search(name)) or reading.day or day
    sha256 = hashlib.sha256(data).hexdigest()
    slug = f"{kind}-{day.isoformat() if day else sha256[:12]}"
    return reading.finish(Snapshot(slug, kind, name, sha256, len(data), day, address))


def _check_size(size: int, file: str) -> None:
    if size > MAX_BYTES:
        msg = f"{file}: is {size} bytes large; no source has more than {MAX_BYTES}"
        raise DataError(msg)


def _decoded(data: bytes, file: str) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        msg = f"{file}: is no UTF-8 text: {error.reason} at byte {error.start}; save it as UTF-8"
        raise DataError(msg) from None
    if not text.strip():
        reason = "is empty"
    elif "\0" in text:
        reason = f"is a binary file: it holds a zero byte at byte {data.index(0)}"
    elif _HTML.match(text.lstrip()):
        reason = "is an HTML page and no source: has upstream answered with an error page?"
    else:
        return text
    msg = f"{file}: {reason}"
    raise DataError(msg)


def _read(text: str, file: str, reading: Reading) -> SourceKind:
    if text.lstrip()[:1] in ("{", "["):
        value, repeated = json_text.load(text, file)
        if isinstance(value, dict) and value.keys() == {history.KEY}:
            history.read(value, file, reading)
            return SourceKind.HISTORY
        catalogue.read(_catalogue_in(value, repeated, file, reading), reading)
        return SourceKind.CATALOGUE
    if _looks_like_yaml(text):
        curation.read(text, file, reading)
        return SourceKind.CURATION
    reading.day = _valid_day(_DAY_IN_TEXT.search(text))
    document = markdown.parse(text, file)
    losses = LossTaxonomy(document)
    if losses.class_tables:
        losses.read(reading)
        return SourceKind.LOSS_TAXONOMY
    papers = AwesomeList(document)
    if papers.chapter_tables:
        papers.read(reading)
        return SourceKind.AWESOME
    msg = (
        f"{file}: is none of the four sources: no JSON catalogue, no curator's YAML, and as Markdown it holds no table that "
        "lists papers below a chapter's heading"
    )
    raise DataError(msg)


def _catalogue_in(value: object, repeated: list[str], file: str, reading: Reading) -> dict[str, Any]:
    if not isinstance(value, dict) or not isinstance(value.get("papers"), list):
        msg = f"{file}: is JSON, but no catalogue: that is an object with a list named 'papers'"
        raise DataError(msg)
    for key, times in Counter(repeated).items():
        reading.warn(None, clean_text(key)[:MAX_NAME], f"stands twice or more in {times} objects: the last one counts")
    return value


def _looks_like_yaml(text: str) -> bool:
    """Tell whether the first line that is no comment is a mapping's, and one of the curator's keys begins a line."""
    lines = (line for line in text.split("\n") if line.strip() and not line.startswith(("#", "---", "%")))
    first = next(lines, "")
    return _FIRST_KEY.match(first) is not None and _YAML_KEY.search(text) is not None


def _valid_day(found: re.Match[str] | None) -> date | None:
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None
