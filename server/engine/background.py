"""Where a query goes that is not brief: so many are worked on at a time, below all others, and as many are stopped meanwhile.

So heavy queries take nothing from look-ups, whoever sends them and from however many addresses: a look-up finds a worker
that is free within BRIEF_S, and a processor on which none of them runs. For priorities alone do not make room at once: a
kernel may let whoever runs go on to the end of its slice.
"""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING

from server.engine.line import Line, Waiting

if TYPE_CHECKING:
    from collections import Counter

    from server.engine.channel import Channel

#: Seconds of a processor after which a query is not brief any more.
BRIEF_S = 0.1

#: The priority of what is not brief: the lowest. No process can take that back, so its worker serves no other query.
NICENESS = 19


class Background:
    """So many ``places``, and a line for them of the same length. ``held`` says how many queries each client has at work."""

    def __init__(self, places: int, queue_s: float, held: Counter[str]) -> None:
        self._free = places
        self._longest = places
        self._held = held
        self._working: set[Channel] = set()
        self._line: Line[None, Waiting[None]] = Line(queue_s)

    async def enter(self, channel: Channel, client: str) -> None:
        """Let the worker go on as soon as there is a place: a TimeoutError if none comes free in time, or too many wait."""
        _tell(channel, signal.SIGSTOP)
        with suppress(OSError, AttributeError):  # it has ended, or this system knows no such thing
            os.setpriority(os.PRIO_PROCESS, channel.pid, NICENESS)
            _keep_off_one_processor(channel.pid)
        if self._free:
            self._free -= 1
        elif len(self._line) >= self._longest:
            raise TimeoutError
        else:
            waiting = Waiting(client, asyncio.get_running_loop().create_future())
            await self._line.wait(waiting, lambda _: self._pass_on())
        self._working.add(channel)
        _tell(channel, signal.SIGCONT)

    def leave(self, channel: Channel) -> None:
        """Free the place of a worker, if it has one."""
        if channel in self._working:
            self._working.remove(channel)
            self._pass_on()

    def _pass_on(self) -> None:
        """Give a place to whose turn it is: it is taken from then on, and nobody comes in between."""
        if waiting := self._line.first(self._held):
            self._line.serve(waiting, None)
        else:
            self._free += 1


def _keep_off_one_processor(process: int) -> None:
    """Let a process run on all processors but the first, if it has several."""
    if others := sorted(os.sched_getaffinity(process))[1:]:
        os.sched_setaffinity(process, others)


def _tell(channel: Channel, what: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(channel.pid, what)
