"""What is at each place: the files that may be sources, whatever kind of place it is."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from kg.errors import DataError
from kg.fetch import Patience, Validators, fetch_newer
from kg.sources import read_bytes

if TYPE_CHECKING:
    from collections.abc import Collection

    from kg.upstream.address import Address
    from kg.upstream.kept import Kept


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file as it is upstream today.

    ``address`` is where anybody finds it, None for a file of this machine. ``day`` is one on which it was so. ``named`` says that
    it is what the setting names, and not one of several files there, of which some are no sources.
    """

    name: str
    address: str | None
    data: bytes
    day: date
    named: bool

    @property
    def key(self) -> str:
        """What tells from one sync to the next that it is the same file."""
        return self.address or self.name

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True)
class Found:
    """All that is at a place, and what to ask the next time with."""

    files: list[Fetched]
    validators: dict[str, Any]


def look(address: Address, kept: Kept, followed: dict[str, Any], hosts: Collection[str], patience: Patience) -> Found:
    """Return what is at a place today; ``followed`` is what was noted about it the last time."""
    if address.is_git:
        from kg.upstream.git import fetch_files  # noqa: PLC0415 (takes a while, and most follow no repository)

        files = fetch_files(address, kept.path / "git", patience)
        return Found(
            [Fetched(file.path, in_git(address, file.path), file.data, file.day, named=False) for file in files], {}
        )
    if address.is_local:
        return Found(_local(Path(address.text)), {})
    known = {name: followed.get(name) for name in ("etag", "last_modified")}
    before = kept.get(str(followed.get("sha256")))
    answer = fetch_newer(address.url, Validators(**known) if before else Validators(), hosts, patience)
    data = before if answer.data is None else answer.data
    if data is None:
        raise DataError(f"{address}: cannot be fetched: the server answers 304, though it was not asked for a change")
    name = PurePosixPath(urlsplit(address.url).path).name or "index"
    validators = asdict(answer.validators) if answer.data is not None else known
    return Found([Fetched(name, str(address), data, _today(), named=True)], validators)


def _local(path: Path) -> list[Fetched]:
    if not path.exists():
        raise DataError(f"{path}: no such file or folder")
    files = sorted(each for each in path.iterdir() if each.is_file()) if path.is_dir() else [path]
    return [Fetched(file.name, None, read_bytes(file), _today(), named=file == path) for file in files]


def in_git(address: Address, path: str) -> str | None:
    """Return where a person finds the file: its page on GitHub, elsewhere the repository; None for one of this machine."""
    if address.host is None:
        return None
    github = address.github()
    if github:
        return f"https://github.com/{github[0]}/blob/{quote(github[1] or 'HEAD')}/{quote(path)}"
    return f"{address}#{quote(path)}"


def _today() -> date:
    return datetime.now(UTC).date()
