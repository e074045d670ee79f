"""What one client may use: query-seconds in a bucket that fills again. A client is an address, or an IPv6 network of /64."""

from __future__ import annotations

import math
import time
from functools import lru_cache
from ipaddress import IPv6Address, IPv6Network, ip_address

from server.engine.errors import ClientLimitError

#: The name under which the server's own queries run. It has no budget.
SERVER = ""

#: Query-seconds that come back in a second, and that a client can save up.
REFILL = 1.0
BURST_S = 120.0

#: Seconds of each query that cost nothing: whoever sends look-ups only is never limited, however many.
FREE_S = 0.1

#: Clients that are remembered before those are forgotten that have all of their budget back.
MEMORY = 10_000

IPV6_CLIENT = 64


@lru_cache(4096)
def client_of(address: str) -> str:
    """Return who is behind an address: with IPv6, one network has more addresses than anybody could count."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address) and not parsed.is_loopback:
        mapped = parsed.ipv4_mapped
        return str(mapped) if mapped else str(IPv6Network((parsed, IPV6_CLIENT), strict=False))
    return str(parsed)


class Budgets:
    """The query-seconds of every client. A query that is begun may take them below zero: the next one then waits."""

    def __init__(self) -> None:
        self._spent: dict[str, tuple[float, float]] = {}

    def check(self, client: str) -> None:
        """Raise a ClientLimitError for a client that has used up its budget."""
        over = self._debt(client) - BURST_S
        if over >= 0 and client != SERVER:
            after = math.floor(over / REFILL) + 1
            detail = f"your queries have taken {BURST_S:g} s more than one client may take; come again in {after} s"
            headers = {"Retry-After": str(after)}
            raise ClientLimitError(detail, headers=headers, limitSeconds=BURST_S, secondsPerMinute=60 * REFILL)

    def charge(self, client: str, seconds: float) -> None:
        """Take a query's time from the client's budget."""
        if client == SERVER or seconds <= FREE_S:
            return
        if len(self._spent) >= MEMORY:
            self._spent = {each: spent for each, spent in self._spent.items() if self._debt(each) > 0}
        self._spent[client] = self._debt(client) + seconds - FREE_S, time.monotonic()

    def _debt(self, client: str) -> float:
        debt, since = self._spent.get(client, (0.0, 0.0))
        return max(0.0, debt - (time.monotonic() - since) * REFILL) if debt else 0.0
