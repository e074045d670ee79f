"""A large result on its way: straight from the worker while its client keeps up, through a spool from where it does not."""

from __future__ import annotations

import asyncio
import errno
from contextlib import contextmanager
from typing import TYPE_CHECKING

from server.engine.errors import EngineBusyError, EngineFailureError
from server.log import fail, warn
from server.problems import ProblemError
from server.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from server.engine.running import RunningQuery
    from server.spool import Disk

#: Seconds in which a part is passed on if the client keeps up.
BEHIND_S = 0.02

#: Seconds after which there may be room again for what its client does not take at once.
RETRY_S = 30

NO_ROOM = "there is no room for the rest of the result, which its client has not taken yet"


class Flow:
    """The result of a query that has given ``first`` already; ``record`` is told each part, and nothing at the end."""

    def __init__(self, running: RunningQuery, first: bytes, record: Callable[[bytes], None], disk: Disk) -> None:
        self._running = running
        self._first = first
        self._record = record
        self._spool = Spool(disk)
        self._filling: asyncio.Task[None] | None = None

    async def next(self) -> bytes:
        """Return the next part, nothing at the end; raise what the result has ended in."""
        return await (self._spool.read() if self._filling else self._from_worker())

    @contextmanager
    def passing_on(self) -> Iterator[None]:
        """Have the worker go on without the client if what is done meanwhile, to pass a part on, takes long."""
        late = asyncio.get_running_loop().call_later(BEHIND_S, self._fill)
        try:
            yield
        finally:
            late.cancel()

    async def size(self) -> int:
        """Wait until all that comes is in the spool and return how many bytes it is; raise what the result has ended in."""
        await self._fill(patient=False)  # nobody reads before
        self._spool.check()
        return self._spool.size

    def close(self) -> None:
        """Forget what is left."""
        if self._filling:
            self._filling.cancel()
        self._spool.close()

    def _fill(self, *, patient: bool = True) -> asyncio.Task[None]:
        self._filling = self._filling or asyncio.get_running_loop().create_task(self._spool_all(patient=patient))
        return self._filling

    async def _spool_all(self, *, patient: bool) -> None:
        """Write the rest at the worker's pace."""
        try:
            while part := await self._from_worker():
                await self._spool.write(part, patient=patient)
        except ProblemError as error:
            self._spool.end(error)
        except OSError as error:
            warn("result-failed", f"the rest of a result cannot be kept for its client: {error}")
            full = error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
            self._fail(EngineBusyError(NO_ROOM, headers={"Retry-After": str(RETRY_S)}) if full else _broken())
        except Exception as error:  # noqa: BLE001 - whatever it is, somebody waits for the rest
            fail("result-failed", "a result cannot be kept for its client", error)
            self._fail(_broken())
        else:
            self._spool.end()

    def _fail(self, failure: ProblemError) -> None:
        self._running.end(failure)
        self._spool.end(failure)

    async def _from_worker(self) -> bytes:
        part, self._first = self._first or await self._running.next(), b""
        self._record(part)
        return part


def _broken() -> EngineFailureError:
    return EngineFailureError("the result cannot be kept for its client; the operator's log says why")
