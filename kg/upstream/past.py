"""The commits of a branch → its history: what each changed in the lists, and which are not believed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kg.errors import DataError
from kg.identifiers import clean_text
from kg.records import Commit, Entry, PassedOver, Revision
from kg.sources import read_source
from kg.states import KINDS
from kg.upstream.guard import shrinks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kg.records import SourceKind
    from kg.upstream.commits import Files, Listed

Entries = dict[str, Entry]


@dataclass(slots=True)
class Step:
    """A commit that changed something or is passed over; ``files`` are those that the lists stand in, now or from before."""

    commit: Commit
    revisions: list[Revision] = field(default_factory=list)
    passed_over: list[PassedOver] = field(default_factory=list)
    files: dict[SourceKind, Files] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Held:
    """All that the files of one kind hold after a commit; ``broken`` says of a file that was one before why it is none now."""

    files: Files
    entries: Entries
    broken: str | None = None


class Reader:
    """Reads every version of a file once, however many commits have it."""

    def __init__(self, load: Callable[[bytes], bytes | None]) -> None:
        self._load = load
        self._read: dict[bytes, tuple[SourceKind, Entries] | str] = {}
        self._same: dict[Entry, Entry] = {}  # most of a version is what the one before held: it is kept once

    def read(self, path: str, blob: bytes) -> tuple[SourceKind, Entries] | str:
        """Return the kind of a file and what it holds, or why it is no source."""
        if blob not in self._read:
            self._read[blob] = self._fresh(path, blob)
        return self._read[blob]

    def _fresh(self, path: str, blob: bytes) -> tuple[SourceKind, Entries] | str:
        data = self._load(blob)
        if data is None:
            return f"{clean_text(path)}: is larger than any source"
        try:
            source = read_source(data, path)
        except DataError as error:
            return clean_text(str(error))
        entries = [self._same.setdefault(entry, entry) for entry in map(Entry.light, source.entries)]
        return source.snapshot.kind, {entry.identity: entry for entry in entries if entry.identity}

    def held(self, files: Files, kind: SourceKind, before: _Held | None) -> _Held:
        """Return what files of this kind hold, of each paper what the outermost file says."""
        read = {path: self.read(path, blob) for path, blob in files}
        of_kind = [
            (path, blob) for path, blob in files if (it := read[path]) and not isinstance(it, str) and it[0] is kind
        ]
        if before and tuple(of_kind) == before.files and not before.broken:
            return before
        entries: Entries = {}
        for path, _ in of_kind:
            found = read[path]
            if not isinstance(found, str):
                entries = found[1] | entries
        were = {path for path, _ in before.files} if before else set()
        broken = next((found for path, found in read.items() if path in were and isinstance(found, str)), None)
        return _Held(tuple(of_kind), entries, broken)


def steps(commits: list[Listed], reader: Reader, *, force: bool, advance: Callable[[int, int], None]) -> list[Step]:
    """Return what the commits did, one kind of source independent of the others.

    What cannot be read any more or has lost more than a source may is passed over, and the next state is compared with that
    before it. With ``force`` a loss counts that no later commit has undone.
    """
    for number, listed in enumerate(commits):
        for path, blob in listed.files:
            reader.read(path, blob)
        advance(number + 1, len(commits))
    found = [Step(listed.commit) for listed in commits]
    for kind in KINDS:
        _follow(kind, commits, reader, found, force=force)
    return [step for step in found if step.revisions or step.passed_over]


def _follow(kind: SourceKind, commits: list[Listed], reader: Reader, found: list[Step], *, force: bool) -> None:
    good: _Held | None = None
    for number, (listed, step) in enumerate(zip(commits, found, strict=True)):
        held = reader.held(listed.files, kind, good)
        reason = _objection(held, good)
        if reason and force and not held.broken:
            later = (reader.held(after.files, kind, good) for after in commits[number + 1 :])
            reason = reason if any(_objection(each, good) is None for each in later) else None
        if reason:
            step.passed_over.append(PassedOver(step.commit, kind, reason))
        elif held is not good and (held.entries or good):
            step.revisions += _revision(step.commit, kind, good.entries if good else {}, held.entries)
            good = held
        if good:
            step.files[kind] = good.files


def _objection(held: _Held, good: _Held | None) -> str | None:
    if good and held.broken:
        return held.broken
    if good and shrinks(len(held.entries), len(good.entries)):
        return f"shrank from {len(good.entries)} entries to {len(held.entries)}"
    return None


def _revision(commit: Commit, kind: SourceKind, was: Entries, now: Entries) -> Iterator[Revision]:
    entries = tuple(entry for identity, entry in sorted(now.items()) if was.get(identity) != entry)
    gone = tuple(sorted(was.keys() - now.keys()))
    if entries or gone:
        yield Revision(commit, kind, entries, gone)
