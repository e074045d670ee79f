"""The past of a repository's source files, as kg/upstream/replay.py writes it: JSON, told by its one key ``history``.

It is a source like the others: kept by its SHA-256, so that a release can be built again from what it was made of. Whoever
reads it believes nothing of it: every text has to be just as the readers of the four formats would have left it.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

from kg.errors import DataError
from kg.identifiers import clean_address, clean_text, parse_arxiv_id
from kg.records import Entry, History
from kg.sources.reading import MAX_NAME, MAX_TITLE
from kg.sources.record_json import MisfitError, from_json, to_json
from kg.states import KINDS
from kg.vocab import DIMENSIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from kg.records import Commit
    from kg.sources.reading import Reading

KEY = "history"

_COMMIT = re.compile(r"[0-9a-f]{40}")


def write(history: History) -> bytes:
    """Return the document of a history: equal histories give equal bytes."""
    return (
        f"{json.dumps({KEY: to_json(history)}, ensure_ascii=False, separators=(',', ':'), sort_keys=True)}\n".encode()
    )


def read(value: dict[str, Any], file: str, reading: Reading) -> None:
    """Read the document; one that is not as :func:`write` leaves it is a DataError."""
    try:
        history = cast("History", from_json(value[KEY], History, KEY))
    except MisfitError as error:
        raise DataError(f"{file}: {error}; replay the repository anew with 'opdkg sync --from-git … --each'") from None
    fault = next(_faults(history), None)
    if fault:
        raise DataError(f"{file}: {fault}; replay the repository anew with 'opdkg sync --from-git … --each'")
    reading.history = history
    reading.day = max((revision.commit.day for revision in history.revisions), default=None)
    for slip in history.passed_over:
        reading.warn(None, f"{slip.kind} of commit {slip.commit.id}", f"passed over: {slip.reason}")
    for entry in _papers(history, reading.file):
        reading.add(entry)


def _papers(history: History, file: str) -> Iterable[Entry]:
    """Return every paper that was ever there, with all that it was called, the latest first, and nothing else."""
    papers: dict[str, Entry] = {}
    for entry in (entry for revision in reversed(history.revisions) for entry in revision.entries):
        known = papers.setdefault(entry.identity, replace(entry, file=file, chapters=(), resources=(), statements=()))
        papers[entry.identity] = replace(
            known,
            titles=tuple(dict.fromkeys((*known.titles, *entry.titles))),
            short_titles=tuple(dict.fromkeys((*known.short_titles, *entry.short_titles))),
        )
    return papers.values()


def _faults(history: History) -> Iterator[str]:
    if not _COMMIT.fullmatch(history.root) or not _COMMIT.fullmatch(history.begins or history.root):
        yield "names no commit where the history begins"
    if history.pages is not None and clean_address(history.pages) != history.pages:
        yield "commits have pages at what is no address"
    if not history.revisions:
        yield "holds no revision"
    said = [(each.commit, each.kind) for each in history.revisions]
    said += [(each.commit, each.kind) for each in history.passed_over]
    yield from (
        f"{commit.id[:MAX_NAME]!r} is no commit of a source"
        for commit, kind in said
        if kind not in KINDS or not _is_commit(commit)
    )
    yield from (
        f"an entry of commit {revision.commit.id} ({entry.identity[:MAX_NAME]!r}) is as no reader would leave it"
        for revision in history.revisions
        for entry in revision.entries
        if not _is_sound(entry)
    )


def _is_commit(commit: Commit) -> bool:
    return bool(_COMMIT.fullmatch(commit.id)) and all(map(_is_instant, (commit.authored, commit.committed)))


def _is_instant(text: str) -> bool:
    try:
        return instant(int(datetime.fromisoformat(text).timestamp())) == text
    except (ValueError, OverflowError):
        return False


def instant(seconds: int) -> str:
    """Return a moment in Unix time as it stands in a history; one that no calendar has is a ValueError or OverflowError."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _is_sound(entry: Entry) -> bool:
    texts = (
        *entry.titles,
        *entry.short_titles,
        *(chapter.title for path in entry.chapters for chapter in path),
        *(chapter.notation or "-" for path in entry.chapters for chapter in path),
        *(resource.label for resource in entry.resources),
        *(statement.code for statement in entry.statements),
        entry.upstream_id or "-",
    )
    addresses = [resource.address for resource in entry.resources] + ([entry.address] if entry.address else [])
    return (
        entry == entry.light()
        and bool(entry.identity)
        and (entry.arxiv_id is None or parse_arxiv_id(entry.arxiv_id) == entry.arxiv_id)
        and all(text and len(text) <= MAX_TITLE and clean_text(text) == text for text in texts)
        and all(clean_address(address) == address for address in addresses)
        and all(entry.chapters)
        and all(each.dimension in DIMENSIONS and not each.negated and not each.reason for each in entry.statements)
    )
