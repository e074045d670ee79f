"""Immutable releases on disk, and the one link that names the current one.

home/
  releases/<id>/          written once under another name, then renamed: it is whole or it is not there
    manifest.json         inputs with sha256, counts, versions, timings, the release that was current before, sha256 of every
                          file; written last: no manifest, no release
    report.json           what was quarantined and why, warnings, results of the checks
    store/                Oxigraph database
    search/               Tantivy index
    dumps/                the graph and the papers in every format, SHA256SUMS
  current -> releases/<id>  swapped by an atomic rename
  upstream/               the bytes that releases were made of, and how the last sync ended (kg/upstream)
"""

from __future__ import annotations

import json
import os
import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kg.errors import DataError, UsageError
from kg.integrity import MANIFEST, damages, fingerprints
from kg.locks import Lock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

RELEASE_ID = re.compile(r"[0-9a-z][0-9a-z-]{0,63}")
STAGING = ".staging-"
#: What a manifest says to every reader.
ASKED = ("base_iri", "counts")


@dataclass(frozen=True, slots=True)
class Release:
    """A release folder. The paths exist once it is published."""

    path: Path

    @property
    def id(self) -> str:
        return self.path.name

    @property
    def home(self) -> Home:
        """The home that keeps it, and others beside it."""
        return Home(self.path.parent.parent)

    @property
    def store(self) -> Path:
        return self.path / "store"

    @property
    def search(self) -> Path:
        return self.path / "search"

    @property
    def dumps(self) -> Path:
        return self.path / "dumps"

    def hold(self) -> Lock:
        """Keep the release from being pruned, until the lock is closed or the process ends."""
        try:
            return Lock(self.path, shared=True)
        except OSError as error:
            msg = f"{self.path}: the release cannot be used: {error.strerror or error}"
            raise DataError(msg) from None

    def manifest(self) -> dict[str, Any]:
        """Return manifest.json; a release without one that can be read, and tells what every reader asks, is a DataError."""
        content = self._json(MANIFEST)
        missing = [name for name in ASKED if name not in content]
        if missing:
            msg = f"{self.path / MANIFEST}: lacks {missing[0]!r}; roll back to another release or build again"
            raise DataError(msg)
        return content

    def report(self) -> dict[str, Any]:
        """Return report.json: problems and results of the checks."""
        return self._json("report.json")

    def _json(self, name: str) -> dict[str, Any]:
        file = self.path / name
        try:
            content = json.loads(file.read_bytes())
        except (OSError, ValueError) as error:
            msg = f"{file}: the release cannot be used: {error}; roll back to another or build again"
            raise DataError(msg) from None
        if not isinstance(content, dict):
            msg = f"{file}: holds no JSON object; roll back to another release or build again"
            raise DataError(msg)
        return content


@dataclass(frozen=True, slots=True)
class Home:
    """The folder that holds all releases. Nothing in it need exist yet."""

    path: Path

    @property
    def releases(self) -> Path:
        return self.path / "releases"

    @property
    def link(self) -> Path:
        return self.path / "current"

    def change(self) -> Lock:
        """Take the home's lock and clean up what was killed halfway: one process at a time changes a home, others wait."""
        self.path.mkdir(parents=True, exist_ok=True)
        lock = Lock(self.path)
        try:
            self._tidy()
        except BaseException:
            lock.close()
            raise
        return lock

    def _tidy(self) -> None:
        """Remove what is neither a release nor the link to one. The caller holds the lock."""
        for link in self.path.glob(".current-*"):
            link.unlink(missing_ok=True)
        if self.releases.is_dir():
            self._remove_staging()
            for folder in self.releases.iterdir():
                if RELEASE_ID.fullmatch(folder.name) and not (folder / MANIFEST).exists():
                    shutil.rmtree(folder, ignore_errors=True)

    def all(self) -> list[Release]:
        """Return the whole releases, by id: folders without a manifest are leftovers and not releases."""
        return sorted(self._whole(), key=lambda release: release.id)

    def _whole(self) -> Iterator[Release]:
        if self.releases.is_dir():
            for folder in self.releases.iterdir():
                if RELEASE_ID.fullmatch(folder.name) and (folder / MANIFEST).is_file():
                    yield Release(folder)

    def find(self, release_id: str) -> Release | None:
        """Return the release of this id, or None."""
        return next((release for release in self._whole() if release.id == release_id), None)

    def get(self, release_id: str) -> Release:
        """Return the release of this id; an unknown one is a UsageError that names those there are."""
        release = self.find(release_id)
        if release is None:
            known = ", ".join(release.id for release in self.all()) or "none"
            msg = f"there is no release {release_id!r} in {self.releases}; there are: {known}"
            raise UsageError(msg)
        return release

    def current_or_none(self) -> Release | None:
        """Return the published release, or None if nothing is published yet."""
        try:
            return self.find(self.link.readlink().name)
        except OSError:
            return None

    def current(self) -> Release:
        """Return the published release; if there is none, a DataError says how to make one."""
        release = self.current_or_none()
        if release is None:
            msg = f"{self.path} holds no published release; make one with 'opdkg build'"
            raise DataError(msg)
        return release

    def publish(self, release: Release) -> None:
        """Make the release current by one atomic rename: readers see the old one or the new one."""
        temporary = self.path / f".current-{os.getpid()}"
        temporary.unlink(missing_ok=True)
        temporary.symlink_to(f"releases/{release.id}")
        temporary.replace(self.link)
        _sync_folder(self.path)

    def stage(self) -> Path:
        """Return a new empty folder to build in, on the same file system as the releases."""
        self.releases.mkdir(parents=True, exist_ok=True)
        self._remove_staging()
        folder = self.releases / f"{STAGING}{os.getpid()}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder

    def _remove_staging(self) -> None:
        for leftover in self.releases.glob(f"{STAGING}*"):
            if not _is_alive(int(leftover.name.removeprefix(STAGING))):
                shutil.rmtree(leftover, ignore_errors=True)

    def admit(self, folder: Path, release_id: str, manifest: dict[str, Any]) -> Release:
        """Turn a built folder into a release: its manifest is written and everything reaches the disk before the rename."""
        write_json(folder / MANIFEST, {**manifest, "files": fingerprints(folder)})
        for file in sorted(folder.rglob("*")):
            _sync_folder(file)
        _sync_folder(folder)
        known = self.find(release_id)
        if known is not None and not damages(known):
            shutil.rmtree(folder)
            return known
        target = Release(self.releases / release_id)
        shutil.rmtree(target.path, ignore_errors=True)  # damaged, or a leftover without a manifest
        folder.rename(target.path)
        _sync_folder(self.releases)
        return target

    def discard(self, release: Release) -> None:
        """Take a release out of the home. From its first step on it is none: a crash leaves a leftover."""
        (release.path / MANIFEST).unlink()
        shutil.rmtree(release.path)

    def prune(self, keep: int) -> list[str]:
        """Remove all but the newest ``keep`` releases, the current one and those that are held; return the ids removed."""
        current = self.current_or_none()
        by_age = sorted(self._whole(), key=lambda release: (release.path / MANIFEST).stat().st_mtime, reverse=True)
        return [release.id for release in by_age[keep:] if release != current and self._discard_unheld(release)]

    def _discard_unheld(self, release: Release) -> bool:
        try:
            with Lock(release.path, wait=False):
                self.discard(release)
        except BlockingIOError:
            return False
        return True


def _is_alive(process: int) -> bool:
    """Tell whether a process of this number runs: a build that was killed left its folder behind."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's
        pass
    return True


def write_json(file: Path, content: object) -> None:
    """Write JSON that a person can read, with sorted keys."""
    text = json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False)
    file.write_text(f"{text}\n", encoding="utf-8")


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
