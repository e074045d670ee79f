"""The commits of a branch, the oldest first, each with the files that may be sources. Who wrote them is not looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from kg.errors import DataError, UsageError
from kg.records import Commit
from kg.sources.history import instant
from kg.upstream.git import commit_of, source_blobs

if TYPE_CHECKING:
    from datetime import date

    from dulwich.objects import Commit as GitCommit
    from dulwich.repo import Repo

#: A commit every five minutes for two months: a list has not so many.
MAX_COMMITS = 20_000

#: Paths and the blobs there, the outermost first.
Files = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A commit and the files in it that may be sources."""

    commit: Commit
    files: Files


@dataclass(frozen=True, slots=True)
class Walk:
    """The commits of a branch that change such files. ``root`` is the id of the first one of all.

    ``from_middle``: the first commit here is not the branch's first, and shows what was there before what is asked for.
    """

    root: str
    from_middle: bool
    commits: list[Listed]


def walk(repository: Repo, head: bytes, since: date | None) -> Walk:
    """Walk along the first parents, which is what the branch itself was: a merge brings in at once what others had prepared.

    With ``since``, from the last commit before that day; where no commit is as new, a UsageError.
    """
    line = _line(repository, head)
    first = 0
    if since:
        newer = (number for number, commit in enumerate(line) if _record(commit).day >= since)
        number = next(newer, None)
        if number is None:
            raise UsageError(f"--since {since}: the newest commit of the branch is of {_record(line[-1]).day}")
        first = max(0, number - 1)
    commits: list[Listed] = []
    tree, files = b"", Files()
    for commit in line[first:]:
        if commit.tree != tree:
            tree, files = commit.tree, _files(repository, commit)
        if not commits or files != commits[-1].files:
            commits.append(Listed(_record(commit), files))
    return Walk(line[0].id.decode(), first > 0 or (since is not None and _record(line[0]).day < since), commits)


def _line(repository: Repo, head: bytes) -> list[GitCommit]:
    line = [commit_of(repository, head)]
    while line[-1].parents and cast("Any", line[-1].parents[0]) in repository.object_store:
        if len(line) == MAX_COMMITS:
            raise DataError(f"the branch has more than {MAX_COMMITS} commits, as no list has")
        line.append(commit_of(repository, line[-1].parents[0]))
    return line[::-1]


def _record(commit: GitCommit) -> Commit:
    try:
        return Commit(commit.id.decode(), instant(commit.author_time), instant(commit.commit_time))
    except (ValueError, OverflowError, OSError):
        raise DataError(f"commit {commit.id.decode()} is of a time that no calendar has") from None


def _files(repository: Repo, commit: GitCommit) -> Files:
    return tuple(sorted(source_blobs(repository, commit), key=lambda file: (file[0].count("/"), file[0])))
