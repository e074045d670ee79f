"""Look-ups of one client, alone and while eight others send queries without an end, each from an address of its own."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import count
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from server.benchmark.load import NONCE, TIMEOUT_S

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
    quiet, failed = _look_up(target, lookups, numbers)
    over = threading.Event()
    crowd = [
        threading.Thread(target=_bomb, args=(target, f"127.0.0.{2 + place}", numbers, over)) for place in range(BOMBERS)
    ]
    for bomber in crowd:
        bomber.start()
    try:
        over.wait(AHEAD_S)
        crowded, failed_in_crowd = _look_up(target, lookups, numbers)
    finally:
        over.set()
        for bomber in crowd:
            bomber.join()
    return CrowdTimes(_p95_ms(quiet), _p95_ms(crowded), failed + failed_in_crowd)


def _look_up(target: Target, lookups: Sequence[str], numbers: Iterator[int]) -> tuple[list[float], int]:
    """Ask one after the other, over one connection."""
    connection = _connection(target, "127.0.0.1")
    times: list[float] = []
    failures = 0
    end = time.perf_counter() + SECONDS
    while (began := time.perf_counter()) < end:
        number = next(numbers)
        status = _ask(connection, target, lookups[number % len(lookups)].replace(NONCE, str(number)))
        if status < 400:  # noqa: PLR2004 - where HTTP's errors begin
            times.append(time.perf_counter() - began)
        else:
            failures += 1
    connection.close()
    return times, failures


def _bomb(target: Target, address: str, numbers: Iterator[int], over: threading.Event) -> None:
    """Send one bomb after the other; who is sent away waits a little, though not as long as it is told to."""
    connection = _connection(target, address)
    while not over.is_set():
        _ask(connection, target, BOMB.replace(NONCE, str(next(numbers))))
        over.wait(AHEAD_S)
    connection.close()


def _connection(target: Target, address: str) -> HTTPConnection:
    parts = urlsplit(target.base)
    return HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT_S, source_address=(address, 0))


def _ask(connection: HTTPConnection, target: Target, query: str) -> int:
    connection.request("GET", target.address(query))
    response = connection.getresponse()
    response.read()
    return response.status


def _p95_ms(times: Sequence[float]) -> float:
    """Return the 95th percentile (nearest rank)."""
    return 1000 * sorted(times)[-(-95 * len(times) // 100) - 1] if times else float("inf")
