"""A line of queries that wait for a place: of those that may have one, the one goes first whose client holds the fewest."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable

Place = TypeVar("Place")
Who = TypeVar("Who", bound="Waiting[Any]")


@dataclass(eq=False, slots=True)
class Waiting(Generic[Place]):
    """A query that has no place yet."""

    client: str
    place: asyncio.Future[Place]


class Line(Generic[Place, Who]):
    """``wait`` in it; whoever has a place to give asks for the ``first`` and hands it over with ``serve``."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._waiting: list[Who] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def of(self, client: str) -> int:
        """Return how many of a client's queries wait."""
        return sum(each.client == client for each in self._waiting)

    def first(self, held: Counter[str], may: Callable[[Who], bool] = lambda _: True) -> Who | None:
        """Return whose turn it is, by what each client holds."""
        ready = (each for each in self._waiting if not each.place.done() and may(each))
        return min(ready, key=lambda each: held[each.client], default=None)

    def serve(self, waiting: Who, place: Place) -> None:
        """Give a place to who is in the line."""
        self._waiting.remove(waiting)
        waiting.place.set_result(place)

    def disappoint(self, error: Callable[[], Exception], whom: Callable[[Who], bool] = lambda _: True) -> None:
        """Send everybody away, or those only."""
        for waiting in self._waiting:
            if not waiting.place.done() and whom(waiting):
                waiting.place.set_exception(error())

    async def wait(self, waiting: Who, unwanted: Callable[[Place], object]) -> Place:
        """Wait for a place, a TimeoutError if none comes in time; one that comes at the last moment is ``unwanted``."""
        self._waiting.append(waiting)
        try:
            async with asyncio.timeout(self._seconds):
                place: Place = await waiting.place
                return place
        except (TimeoutError, asyncio.CancelledError):
            if waiting not in self._waiting:
                unwanted(waiting.place.result())
            raise
        finally:
            if waiting in self._waiting:
                self._waiting.remove(waiting)
