"""``opdkg sync --from-git REPO --each``: the past of a repository becomes a source of the release, beside its newest files.

As with any sync, nothing counts until the release is published, and whoever is killed before does it again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kg.errors import DataError, RefusedError, UsageError
from kg.fetch import PATIENCE, Patience
from kg.inputs import Inputs, distinct, read_bundled
from kg.records import History
from kg.sources.history import write
from kg.upstream.address import Address, read_addresses
from kg.upstream.base import build_upon, dated_inputs, is_outdated, read_inputs
from kg.upstream.commits import walk
from kg.upstream.git import NoBranchError, blob_of, fetched
from kg.upstream.guard import Objections
from kg.upstream.kept import Kept
from kg.upstream.past import Reader, Step, steps
from kg.upstream.places import in_git
from kg.upstream.report import Ended, Outcome, Report, reported

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from kg.release import Home
    from kg.settings import Settings
    from kg.upstream.commits import Walk


@dataclass(frozen=True, slots=True)
class Telling:
    """Whom to tell how far it is: the name of each step, and how many commits are read of how many."""

    announce: Callable[[str], None] = lambda _: None
    advance: Callable[[int, int], None] = lambda _, __: None


@dataclass(frozen=True, slots=True)
class Asked:
    """Which commits are replayed, and whether each of them gets a release. ``force`` is the reason to believe a loss."""

    since: date | None = None
    publish_each: bool = False
    force: str | None = None


@dataclass(frozen=True, slots=True)
class _Version:
    """What a release is made of that ends with one commit: the history until then, and the files as they were, by path."""

    day: date
    history: bytes
    files: list[tuple[str, bytes]]

    @property
    def digest(self) -> str:
        return _sha256(self.history)


@dataclass(frozen=True, slots=True)
class _Past:
    """What is to be published, one after the other. ``former`` is the version that the current release is made of, if any."""

    name: str
    versions: list[_Version]
    former: _Version | None
    passed_over: list[str]


def read_repository(text: str) -> Address:
    """Return the address of ``PATH_OR_URL[#branch]``; what is none is a UsageError."""
    place, hash_, branch = text.removeprefix("git+").partition("#")
    if "://" not in place:
        if not Path(place).is_dir():
            raise UsageError(f"{place!r} is no folder, so that no repository is there")
        place = f"file://{Path(place).resolve()}"
    address = Address(f"git+{place}{hash_}{branch}")
    if urlsplit(place).scheme == "file":
        return address
    try:
        return read_addresses(address.text)[0]
    except ValueError as error:
        raise UsageError(f"--from-git {error}") from None


def replay(
    home: Home,
    settings: Settings,
    address: Address,
    asked: Asked,
    telling: Telling | None = None,
    patience: Patience = PATIENCE,
) -> Report:
    """Replay a branch and publish a release that knows its past, or one after each commit that changes something.

    A branch that is not there, and a day after all commits, are UsageErrors.
    """
    replaying = _Replay(home, settings, address, asked, telling or Telling())
    return reported(home, lambda: replaying.run(patience))


class _Replay:
    def __init__(self, home: Home, settings: Settings, address: Address, asked: Asked, telling: Telling) -> None:
        self._home = home
        self._settings = settings
        self._address = address
        self._asked = asked
        self._telling = telling
        self._kept = Kept.of(home)
        #: Where anybody finds the repository; None: nobody but who has this machine.
        self._public = str(address) if urlsplit(address.url).scheme == "https" else None

    def run(self, patience: Patience) -> Ended:
        current = self._home.current_or_none()
        before = dated_inputs(current) if current else []
        past = self._read(patience, before)
        is_outdated_now = is_outdated(current, self._settings)
        stay = [each for each in before if each["file"] != past.name and not _is_of(past.former, each)]
        base = read_inputs(stay, self._kept) if current else read_bundled()
        known = {source.snapshot.sha256 for source in base.sources}
        outcome, shrunk = Outcome.UNCHANGED, list[str]()
        for version in past.versions:
            if version != past.former or is_outdated_now:
                fresh = self._inputs(version, past.name, known)
                made_of = Inputs(distinct([*base.sources, *fresh.sources]), [], [*base.originals, *fresh.originals])
                shrunk = self._judged(made_of)
                forced = self._asked.force if shrunk else None
                announce = self._telling.announce
                built = build_upon(self._home, self._settings, made_of, announce=announce, forced=forced)
                outcome = built if outcome is Outcome.UNCHANGED else outcome
        return Ended(outcome, shrunk, self._asked.force if shrunk else None, past.passed_over)

    def _read(self, patience: Patience, before: list[dict[str, Any]]) -> _Past:
        """Fetch the repository and read of it what the releases will be made of."""
        self._telling.announce("fetch")
        try:
            with fetched(self._address, self._kept.path / "git", patience) as (repository, head):
                walked = walk(repository, head, self._asked.since)
                self._telling.announce(f"read {len(walked.commits)} commits that change files")
                reader = Reader(lambda blob: blob_of(repository, blob))
                found = steps(
                    walked.commits, reader, force=self._asked.force is not None, advance=self._telling.advance
                )
                return self._past(walked, found, before, lambda blob: blob_of(repository, blob) or b"")
        except NoBranchError as error:
            raise UsageError(str(error)) from None

    def _past(
        self, walked: Walk, found: list[Step], before: list[dict[str, Any]], load: Callable[[bytes], bytes]
    ) -> _Past:
        changing = [number for number, step in enumerate(found, start=1) if step.revisions]
        if not changing:
            raise DataError(f"{self._address}: no commit of the branch holds a source")
        first = walked.commits[0].commit.id
        begins = first if walked.from_middle and found[0].commit.id == first else None

        def version(count: int) -> _Version:
            last, history = found[count - 1], self._history(found[:count], walked.root, begins)
            blobs = [blob for files in last.files.values() for blob in files]
            return _Version(last.commit.day, write(history), [(path, load(blob)) for path, blob in blobs])

        name = f"history-{walked.root[:12]}.json"
        known = {each["day"]: each["sha256"] for each in before if each["file"] == name}
        same_day = (version(count) for count in range(1, len(found) + 1) if str(found[count - 1].commit.day) in known)
        former = next((each for each in same_day if each.digest in known.values()), None)
        versions = [version(count) for count in (changing if self._asked.publish_each else [len(found)])]
        digests = [each.digest for each in versions]
        if former and former.digest in digests:  # a replay that was broken off goes on here
            versions = versions[digests.index(former.digest) :]
        slips = (slip for step in found for slip in step.passed_over)
        told = [f"commit {slip.commit.id[:10]} of {slip.commit.day}: {slip.kind}: {slip.reason}" for slip in slips]
        return _Past(name, versions, former, told)

    def _history(self, found: list[Step], root: str, begins: str | None) -> History:
        github = self._address.github() if self._public else None
        return History(
            root,
            begins,
            f"https://github.com/{github[0]}/commit/" if github else None,
            tuple(revision for step in found for revision in step.revisions),
            tuple(slip for step in found for slip in step.passed_over),
        )

    def _inputs(self, version: _Version, name: str, known: set[str]) -> Inputs:
        """Return the history and those of the files that are not in the release as something else."""
        inputs = Inputs()
        inputs.add(version.history, name, address=self._public, day=version.day)
        for path, data in version.files:
            if _sha256(data) not in known:
                address = in_git(self._address, path) if self._public else None
                inputs.add(data, path, address=address, day=version.day)
        return inputs

    def _judged(self, inputs: Inputs) -> list[str]:
        """Return how much fewer papers would be listed, if a person has overruled that; else a RefusedError."""
        objections, current = Objections(), self._home.current_or_none()
        if current:
            objections.count(inputs.sources, current.manifest()["counts"]["current"])
        if objections.shrunk and not self._asked.force:
            raise RefusedError(objections.shrunk)
        return objections.shrunk


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _is_of(version: _Version | None, known: dict[str, Any]) -> bool:
    """Tell whether an input of the current release came with a version: the next one brings the file as it is then."""
    if version is None or known["day"] != str(version.day):
        return False
    return known["sha256"] in {_sha256(data) for _, data in version.files}
