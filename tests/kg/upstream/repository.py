"""A repository of our own, commit by commit, and the lists in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from dulwich.index import commit_tree
from dulwich.objects import Blob, Commit
from dulwich.repo import Repo

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

REGULAR, SYMLINK = 0o100644, 0o120000


@dataclass(slots=True)
class Repository:
    """``files`` are those of the newest commit of its branch; what is committed adds to them, None takes away."""

    path: Path
    files: dict[bytes, tuple[int, bytes]] = field(default_factory=dict)
    head: bytes | None = None

    def __post_init__(self) -> None:
        Repo.init_bare(str(self.path), mkdir=True).close()

    @property
    def address(self) -> str:
        return str(self.path)

    def commit(
        self,
        day: str,
        files: Mapping[str, bytes | str | None],
        *,
        branch: str = "master",
        merges: bytes | None = None,
        parent: bytes | None = None,
        written: str | None = None,
        raw: Mapping[bytes, tuple[int, bytes]] | None = None,
    ) -> str:
        """Commit on a day, at noon; ``raw`` files have a mode and any name. Return the commit's id."""
        tree = dict(self.files)
        for path, data in files.items():
            if data is None:
                tree.pop(path.encode(), None)
            else:
                tree[path.encode()] = (REGULAR, data.encode() if isinstance(data, str) else data)
        tree |= raw or {}
        with Repo(str(self.path)) as repository:
            store: Any = repository.object_store
            entries = []
            for path, (mode, data) in tree.items():
                blob = Blob.from_string(data)
                store.add_object(blob)
                entries.append((path, blob.id, mode))
            made: Any = Commit()
            made.tree = commit_tree(store, entries)
            made.parents = [each for each in (parent or self.head, merges) if each]
            made.author = made.committer = b"Jane Doe <jane@example.org>"
            made.author_time, made.commit_time = _noon(written or day), _noon(day)
            made.author_timezone = made.commit_timezone = 0
            made.message = b"a change by Jane Doe"
            store.add_object(made)
            refs: Any = repository.refs
            refs[b"refs/heads/" + branch.encode()] = made.id
            if branch == "master":
                self.files, self.head = tree, made.id
                refs.set_symbolic_ref(b"HEAD", b"refs/heads/master")
        return str(made.id.decode())


def _noon(day: str) -> int:
    return int(datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=UTC).timestamp())


def paper_id(number: int) -> str:
    return f"2601.{number:05}"


def row(number: int, title: str = "", code: str = "") -> str:
    link = f"[Code](https://github.com/{code})" if code else ""
    title = title or f"Paper {number}"
    return f"| [{title}](https://arxiv.org/abs/{paper_id(number)}) | 2026 | {link} |"


def readme(chapters: Mapping[str, list[str]]) -> str:
    """Return a list with a table of rows under each chapter."""
    head = "| Paper | Year | Code |\n|---|---|---|"
    tables = [f"## {chapter}\n\n{head}\n" + "\n".join(rows) for chapter, rows in chapters.items()]
    return "\n\n".join(["# Awesome Teaching Machines", *tables]) + "\n"


def losses(classes: Mapping[str, list[int]]) -> str:
    """Return a loss taxonomy with a table of papers under each class."""
    head = "| arXiv | Title | Conf | Evidence |\n|---|---|---|---|\n"
    tables = []
    for code, numbers in classes.items():
        rows = [
            f"| [{paper_id(each)}](https://arxiv.org/abs/{paper_id(each)}) | Paper {each} | high | so it is |"
            for each in numbers
        ]
        tables.append(f"### {code} ({len(rows)})\n\n{head}" + "\n".join(rows))
    return "\n\n".join(["# Loss Taxonomy", *tables]) + "\n"
