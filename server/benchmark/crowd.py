"""Look-ups of one client, alone and while eight others send queries without an end, each from an address of its own."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from kg.media import JSON
from server.benchmark.load import NONCE, Load, ask, ask_in_turn, connected, nearest_rank

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from server.benchmark.targets import Target

BOMBERS = 8
BOMB = f"SELECT (COUNT(*) AS ?n{NONCE}) {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i{NONCE} }}"

#: Seconds for which look-ups are timed in either state, and for which the crowd is let be before.
SECONDS = 8.0
AHEAD_S = 1.0

#: The crowded 95th percentile over the quiet one is at most this.
BOUND = 3.0


@dataclass(frozen=True, slots=True)
class CrowdTimes:
    """The 95th percentiles of a look-up's time, and how many look-ups failed."""

    quiet_p95_ms: float
    crowded_p95_ms: float
    failures: int

    @property
    def ratio(self) -> float:
        return self.crowded_p95_ms / self.quiet_p95_ms

    @property
    def met(self) -> bool:
        return self.ratio <= BOUND and not self.failures


def time_crowd(target: Target, lookups: Sequence[str]) -> CrowdTimes:
    """Time the look-ups against a server on this machine's 127.0.0.0/8, all of which is this machine where Linux runs."""
    numbers = count(1)
    load = Load([target.address(query) for query in lookups], 1, SECONDS, JSON.media_type)
    quiet, failed = ask_in_turn(target.base, load, numbers, time.perf_counter() + SECONDS)
    over = threading.Event()
    crowd = [
        threading.Thread(target=_bomb, args=(target, f"127.0.0.{2 + place}", numbers, over)) for place in range(BOMBERS)
    ]
    for bomber in crowd:
        bomber.start()
    try:
        over.wait(AHEAD_S)
        crowded, failed_in_crowd = ask_in_turn(target.base, load, numbers, time.perf_counter() + SECONDS)
    finally:
        over.set()
        for bomber in crowd:
            bomber.join()
    return CrowdTimes(_p95_ms(quiet), _p95_ms(crowded), failed + failed_in_crowd)


def _bomb(target: Target, address: str, numbers: Iterator[int], over: threading.Event) -> None:
    """Send one bomb after the other; who is sent away waits a little, though not as long as it is told to."""
    connection = connected(target.base, address)
    path = target.address(BOMB)
    while not over.is_set():
        ask(connection, path.replace(NONCE, str(next(numbers))), JSON.media_type)
        over.wait(AHEAD_S)
    connection.close()


def _p95_ms(times: Sequence[float]) -> float:
    return 1000 * nearest_rank(times, 95) if times else float("inf")
