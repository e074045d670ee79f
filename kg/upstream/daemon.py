"""``opdkg sync --every``: one sync after the other until SIGTERM or SIGINT, which may come at any moment."""

from __future__ import annotations

import random
import signal
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from kg.upstream.report import Report

    class Teller(Protocol):
        """Tells how a sync ended, and when the next one is."""

        def __call__(self, report: Report, *, next: str) -> None: ...  # noqa: A002


#: The share of the pause by which it is longer or shorter at random, so that many who follow do not come all at once.
JITTER = 0.1


class _StopError(BaseException):
    """The process is to end: no handler of errors may hold it up."""


def repeat(run: Callable[[], Report], tell: Teller, pause_s: float) -> None:
    """Run and tell for ever; a sync that fails is told like any other. Return when a signal says so."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    try:
        while True:
            report = run()
            seconds = pause_s * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 (not a secret)
            at = datetime.now(UTC) + timedelta(seconds=seconds)
            tell(report, next=at.isoformat(timespec="seconds"))
            time.sleep(seconds)
    except _StopError:
        return


def _stop(number: int, frame: object) -> None:  # noqa: ARG001 (what signal.signal calls)
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, signal.SIG_IGN)  # what is cleaned up now is not to be interrupted
    raise _StopError
