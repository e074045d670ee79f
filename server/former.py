"""What releases before this one had, and this one has not: gone, and not merely unknown."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from kg.errors import DataError
from kg.graph import open_at
from kg.vocab import Iris
from server.resolve import find

if TYPE_CHECKING:
    from pyoxigraph import Store

    from kg.release import Home

#: How many of the newest other releases are asked.
ASKED = 3


class Former:
    """The other releases that the home still holds. Their stores are opened when something is first missed."""

    def __init__(self, home: Home, current: str) -> None:
        self._home = home
        self._current = current

    def release_with(self, path: str) -> str | None:
        """Return the id of the newest of these releases that had something at the path, None if none had."""
        return next((name for name, store, iris in self._opened if find(store, iris, path)), None)

    def kept(self, path: str) -> str | None:
        """Return the id of the release whose own address this is, if the home still holds it; its files say what it was."""
        kind, _, name = path.partition("/")
        return name if kind == "release" and self._home.find(name) else None

    @cached_property
    def _opened(self) -> list[tuple[str, Store, Iris]]:
        others = [release for release in self._home.all() if release.id != self._current]
        found = []
        for release in others[: -ASKED - 1 : -1]:
            try:
                found.append((release.id, open_at(release), Iris(release.manifest()["base_iri"])))
            except DataError:  # pruned a moment ago, or made by a version that wrote it otherwise
                continue
        return found
