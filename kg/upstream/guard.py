"""What of upstream is not believed: each reason in a line that says which file, what is wrong, and what it was before."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kg.merge import merge

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.records import SourceFile

#: The share of its entries that a source may lose from one sync to the next.
MAY_LOSE = 0.2


@dataclass(slots=True)
class Objections:
    """Why a sync is refused. A person may overrule that something shrank, and nothing else."""

    wrong: list[str] = field(default_factory=list)
    shrunk: list[str] = field(default_factory=list)

    def judge(self, source: SourceFile, key: str, before: dict[str, Any] | None) -> None:
        """Compare a source with what the release has from there; ``before`` is that input of its manifest."""
        kind, count = source.snapshot.kind, len(source.entries)
        if not count:
            self.wrong.append(f"{key}: lists no paper that can be read")
        elif before and before["kind"] != kind:
            self.wrong.append(f"{key}: was a source of kind {before['kind']} and is one of kind {kind} now")
        elif before and shrinks(count, before["entries"]):
            self.shrunk.append(f"{key}: shrank from {before['entries']} entries to {count}")

    def miss(self, key: str) -> None:
        """Note that a file is gone that was followed."""
        self.shrunk.append(f"{key}: is not there any more")

    def count(self, sources: Iterable[SourceFile], before: int) -> None:
        """Compare how many papers would be listed with how many the release lists, however that comes about."""
        listed = sum(paper.listed for paper in merge(sources).papers)
        if shrinks(listed, before):
            self.shrunk.append(f"the release would list {listed} papers, and the current one lists {before}")


def shrinks(now: int, before: int) -> bool:
    """Tell whether a source has lost more than it may."""
    return now < before * (1 - MAY_LOSE)
