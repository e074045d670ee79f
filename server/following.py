"""The server follows the current release: a request that has begun is answered from the release it began with.

Each release has an application of its own, with its own engine and caches. A new one is made beside the old one, takes over
for all requests that begin after that, and the old one ends with its last request.
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections import Counter
from typing import TYPE_CHECKING

from kg.release import Home
from server.app import create_app
from server.asgi import live
from server.front import Front
from server.log import tell, warn

if TYPE_CHECKING:
    from kg.settings import Settings
    from server.asgi import Receive, Scope, Send

#: Seconds after which it is looked again which release is current.
POLL_S = 1.0

#: Seconds after which a release that could not be opened is tried again: a server elsewhere may have loaded it by then.
RETRY_S = 10.0


class Following:
    """The ASGI application of ``opdkg serve``."""

    def __init__(self, settings: Settings) -> None:
        """Open the current release; if there is none that can be served, a DataError."""
        self._settings = settings
        self._home = Home(settings.home)
        self._front = Front(create_app(settings))
        self._asked: Counter[Front] = Counter()
        self._refused = ""
        self._retry_at = 0.0
        self._told = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await live(receive, send, self._open, self._close)
            return
        front = self._front
        self._asked[front] += 1
        try:
            await front(scope, receive, send)
        finally:
            self._asked[front] -= 1
            if not self._asked[front]:
                del self._asked[front]
                if front is not self._front:
                    await self._let_go(front)

    def end(self) -> None:
        """End what the application runs, from outside of its loop, however the process ends."""
        for front in {self._front, *self._asked}:
            front.end()

    def _open(self) -> None:
        self._front.open()
        set_aside()
        self._follower = asyncio.get_running_loop().create_task(self._follow())

    async def _close(self) -> None:
        self._follower.cancel()
        for front in {self._front, *self._asked}:
            await front.close()

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(POLL_S)
            release = self._home.current_or_none()
            if release is None or release.id == self._front.release_id:
                continue
            if release.id != self._refused or time.monotonic() > self._retry_at:
                await self._change(release.id)

    async def _change(self, release: str) -> None:
        """Serve the new release, or go on with the old one if that cannot be opened."""
        try:
            front = Front(await asyncio.to_thread(create_app, self._settings))
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the old one serves and later ones are followed
            self._refused, self._retry_at = release, time.monotonic() + RETRY_S
            self._warn(f"goes on with release {self._front.release_id}: {error}", release)
            return
        front.open()
        old, self._front = self._front, front
        sentence = f"serving release {front.release_id} in place of {old.release_id}"
        tell("release-changed", sentence, release=front.release_id, before=old.release_id)
        if old not in self._asked:
            await self._let_go(old)

    async def _let_go(self, front: Front) -> None:
        await front.close()
        set_aside()

    def _warn(self, sentence: str, refused: str) -> None:
        """Tell the reason, and not again while it stays the same."""
        if sentence != self._told:
            warn("release-refused", sentence, release=self._front.release_id, refused=refused)
        self._told = sentence


def set_aside() -> None:
    """Have Python look for garbage in what requests leave only: to look through all of a release stops them for 40 ms."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
