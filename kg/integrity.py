"""Is a release what was built? Its manifest holds the size and the SHA-256 of every other file in it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from kg.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

    from kg.release import Release

MANIFEST = "manifest.json"


def fingerprints(folder: Path) -> dict[str, dict[str, int | str]]:
    """Return size and SHA-256 of every file below the folder but its manifest, by path."""
    return {
        str(file.relative_to(folder)): {"bytes": file.stat().st_size, "sha256": _sha256(file)}
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file != folder / MANIFEST
    }


def damages(release: Release) -> list[str]:
    """Return what differs from the release's manifest, one line a file; nothing if it is whole."""
    try:
        expected = _expected(release)
    except DataError as error:
        return [str(error)]
    try:
        found = fingerprints(release.path)
    except OSError as error:
        return [f"{release.path}: cannot be read: {error.strerror or error}"]
    lines = [f"{name}: is missing" for name in sorted(expected.keys() - found.keys())]
    lines += [f"{name}: does not belong to the release" for name in sorted(found.keys() - expected.keys())]
    for name in sorted(expected.keys() & found.keys()):
        if found[name] != expected[name]:
            lines.append(f"{name}: is not what was built ({found[name]['bytes']} bytes)")
    return lines


def _expected(release: Release) -> dict[str, Any]:
    manifest = release.manifest()
    if manifest.get("id") != release.id or not isinstance(manifest.get("files"), dict):
        raise DataError(f"{release.path / MANIFEST}: does not name the release's files; build it again")
    files: dict[str, Any] = manifest["files"]
    return files


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
