"""The files of a git repository, over HTTP(S) or from this machine, by dulwich: no git program, no hooks, no checkout."""

from __future__ import annotations

import shutil
import time
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import PurePosixPath
from stat import S_ISREG
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import unquote, urlsplit

from dulwich.client import HTTPUnauthorized, get_transport_and_path
from dulwich.config import ConfigDict
from dulwich.errors import ChecksumMismatch, GitProtocolError, NotGitRepository, ObjectFormatException
from dulwich.objects import Blob, Commit
from dulwich.repo import Repo
from urllib3 import PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError

from kg.errors import DataError
from kg.fetch import CONNECT_S, MAX_REDIRECTS, READ_S, Patience, TransientError, patiently
from kg.sources import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kg.upstream.address import Address

#: Bytes that a repository may send at once: a hundred times the largest list so far with all its history.
MAX_PACK = 500_000_000

#: Files that a repository may have: a list is not a code base.
MAX_FILES = 5000

#: Endings of what may be a source.
ENDINGS = frozenset({".md", ".json", ".yaml", ".yml"})


@dataclass(frozen=True, slots=True)
class File:
    """A file of a commit, and the day of the commit."""

    path: str
    data: bytes
    day: date


class NoBranchError(DataError):
    """The repository has no such branch."""


def fetch_files(address: Address, folder: Path, patience: Patience) -> list[File]:
    """Fetch what is new, and return the files of the newest commit that may be sources; else a DataError."""
    with fetched(address, folder, patience) as (repository, head):
        commit = commit_of(repository, head)
        day = datetime.fromtimestamp(commit.commit_time, UTC).date()
        blobs = list(source_blobs(repository, commit))
        found = ((path, blob_of(repository, sha)) for path, sha in blobs)
        return [File(path, data, day) for path, data in found if data is not None]


@contextmanager
def fetched(address: Address, folder: Path, patience: Patience) -> Iterator[tuple[Repo, bytes]]:
    """Fetch into a bare repository below ``folder`` what is new; give that, and the branch's newest commit, to be read from.

    What cannot be fetched or, within the context, be read is a DataError.
    """
    place = folder / address.digest
    try:
        with _opened(place) as repository:
            yield repository, patiently(lambda deadline: _fetch(address, repository, deadline), patience)
    except (
        AssertionError,
        KeyError,
        ChecksumMismatch,
        ObjectFormatException,
        zlib.error,
    ) as error:  # as dulwich says it
        shutil.rmtree(place, ignore_errors=True)
        raise DataError(
            f"{address}: the copy in {place} was damaged, and is made anew the next time: {_said(error)}"
        ) from None


def _opened(place: Path) -> Repo:
    """Open the repository; one that a crash has left half made is made anew."""
    try:
        return Repo(str(place))
    except (NotGitRepository, OSError, ValueError):
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        return Repo.init_bare(str(place))


def _fetch(address: Address, repository: Repo, deadline: float) -> bytes:
    """Fetch what the branch has and this repository has not; return the branch's newest commit."""
    parts = urlsplit(address.url)
    found: list[bytes] = []

    def wants(refs: Any, depth: int | None = None) -> list[Any]:  # noqa: ANN401, ARG001 (dulwich's own types)
        head = _head(address, refs)
        found.append(head)
        return [] if cast("Any", head) in repository.object_store else [head]

    try:
        with _OneHost(parts.hostname) as connections, TemporaryFile(dir=repository.path) as pack:
            client, path = get_transport_and_path(
                str(address),
                config=ConfigDict(),  # nobody's own git configuration matters here
                quiet=True,
                username=unquote(parts.username) if parts.username else None,
                password=unquote(parts.password) if parts.password else None,
                pool_manager=connections,
            )
            client.fetch_pack(path, cast("Any", wants), repository.get_graph_walker(), _limited(pack, deadline))
            if pack.tell():
                pack.seek(0)
                repository.object_store.add_thin_pack(pack.read, None)
    except HTTPUnauthorized:
        raise DataError(f"{address}: cannot be fetched: the server asks for a user and a password") from None
    except (HTTPError, ConnectionError) as error:
        raise TransientError(f"{address}: cannot be fetched: {_said(error)}") from None
    except (GitProtocolError, NotGitRepository, ValueError) as error:
        raise DataError(f"{address}: cannot be fetched: {_said(error)}") from None
    repository.refs[cast("Any", b"refs/heads/upstream")] = cast("Any", found[0])
    return found[0]


def _head(address: Address, refs: Any) -> bytes:  # noqa: ANN401
    name = f"refs/heads/{address.branch}".encode() if address.branch else b"HEAD"
    if not refs.get(name):
        raise NoBranchError(f"{address}: has no {'branch ' + address.branch if address.branch else 'HEAD'}")
    return cast("bytes", refs[name])


def _limited(pack: Any, deadline: float) -> Any:  # noqa: ANN401
    def write(data: bytes) -> int:
        if pack.tell() + len(data) > MAX_PACK:
            raise DataError(f"the repository sends more than {MAX_PACK} bytes, which no list needs")
        if time.monotonic() > deadline:
            raise DataError("the repository takes too long to arrive")
        return int(pack.write(data))

    return write


def _said(error: Exception) -> str:
    """Return the first words of the library: the address that it was given holds no password."""
    return " ".join(str(error).split())[:200] or type(error).__name__


class _OneHost(PoolManager):
    """Connections that follow no redirect to another host, do not wait for ever, and leave it to us to try again."""

    def __init__(self, host: str | None) -> None:
        super().__init__(timeout=Timeout(connect=CONNECT_S, read=READ_S), retries=Retry(0, redirect=MAX_REDIRECTS))
        self._host = host
        self._answers: list[Any] = []

    def urlopen(self, method: str, url: str, redirect: bool = True, **more: Any) -> Any:  # type: ignore[override]  # noqa: ANN401, FBT001, FBT002
        if urlsplit(url).hostname != self._host:
            raise DataError(f"the repository at {self._host} leads to another host, {urlsplit(url).hostname}")
        answer = super().urlopen(method, url, redirect=redirect, **more)
        self._answers.append(answer)
        return answer

    def clear(self) -> None:
        """Close all connections; dulwich leaves those open that brought an error."""
        for answer in self._answers:
            answer.close()
        super().clear()


def commit_of(repository: Repo, sha: bytes) -> Commit:
    """Return a commit; a DataError if this is none."""
    commit = repository.object_store[cast("Any", sha)]
    if not isinstance(commit, Commit):
        raise DataError("the branch of the repository names no commit")
    return commit


def source_blobs(repository: Repo, commit: Commit) -> Iterator[tuple[str, bytes]]:
    """Yield path and blob of each file of a commit that may be a source: a regular one with such an ending."""
    for number, entry in enumerate(repository.object_store.iter_tree_contents(commit.tree)):
        if number >= MAX_FILES:
            raise DataError(f"the repository has more than {MAX_FILES} files, as no list has")
        path = (entry.path or b"").decode("utf-8", "replace")
        if PurePosixPath(path).suffix.casefold() in ENDINGS and S_ISREG(entry.mode or 0) and entry.sha:
            yield path, entry.sha


def blob_of(repository: Repo, sha: bytes) -> bytes | None:
    """Return the bytes of a file, None if it is larger than any source."""
    blob = repository.object_store[cast("Any", sha)]
    return blob.as_raw_string() if isinstance(blob, Blob) and blob.raw_length() <= MAX_BYTES else None
