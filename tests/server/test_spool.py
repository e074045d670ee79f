from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest

from server.problems import BadRequestError
from server.spool import MEMORY, Disk, Spool

T = TypeVar("T")


def in_a_loop(work: Coroutine[None, None, T]) -> T:
    """Run it in a loop of a thread of its own: the browser tests keep one running in this one."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, asyncio.wait_for(work, 30)).result()


BLOCKS = [bytes([n]) * 100_000 for n in range(60)]


async def everything(spool: Spool) -> bytes:
    parts = []
    while part := await spool.read():
        parts.append(part)
    return b"".join(parts)


def test_a_spool_that_nobody_reads_takes_all_and_gives_it_back_in_order() -> None:
    async def run() -> bytes:
        spool = Spool(Disk(10 << 20))
        for block in BLOCKS:
            await spool.write(block)
        assert spool.size == sum(map(len, BLOCKS)) > MEMORY
        spool.end()
        return await everything(spool)

    assert in_a_loop(run()) == b"".join(BLOCKS)


def test_writer_and_reader_may_take_turns() -> None:
    async def run() -> bytes:
        spool, read = Spool(Disk(10 << 20)), []
        for n, block in enumerate(BLOCKS):
            await spool.write(block)
            if n % 9 > 5:
                read.append(await spool.read())
        spool.end()
        return b"".join([*read, await everything(spool)])

    assert in_a_loop(run()) == b"".join(BLOCKS)


def test_past_the_room_on_disk_a_writer_waits_until_somebody_has_read() -> None:
    blocks = BLOCKS[
        : MEMORY // 100_000 + 9
    ]  # all but nine or ten of which wait in memory: the disk has room for one such result

    async def run() -> bytes:
        disk = Disk(1 << 20)
        spool, other = Spool(disk), Spool(disk)

        async def write(target: Spool) -> None:
            for block in blocks:
                await target.write(block)
            target.end()

        await write(spool)
        waiting = asyncio.create_task(write(other))
        for _ in range(100):
            await asyncio.sleep(0)  # the loop's turn: it is not time that counts here
        assert not waiting.done()
        assert await everything(spool) == b"".join(blocks)
        return await everything(other)

    assert in_a_loop(run()) == b"".join(blocks)


def test_a_writer_without_room_on_disk_goes_on_when_its_own_reader_has_read() -> None:
    async def run() -> tuple[bytes, bytes]:
        disk = Disk(1 << 20)
        greedy, spool = Spool(disk), Spool(disk)
        for block in BLOCKS[: MEMORY // 100_000 + 10]:
            await greedy.write(block)

        async def write() -> None:
            for block in BLOCKS:
                await spool.write(block)
            spool.end()

        writing = asyncio.create_task(write())
        read = await everything(spool)
        await writing
        greedy.end()
        return read, await everything(greedy)

    assert in_a_loop(run()) == (b"".join(BLOCKS), b"".join(BLOCKS[: MEMORY // 100_000 + 10]))


def test_a_writer_that_is_not_patient_is_told_that_there_is_no_room() -> None:
    async def run() -> bytes:
        disk = Disk(1 << 20)
        greedy, spool = Spool(disk), Spool(disk)
        for block in BLOCKS[: MEMORY // 100_000 + 10]:
            await greedy.write(block)
        kept = BLOCKS[: MEMORY // 100_000]
        for block in kept:
            await spool.write(block, patient=False)
        with pytest.raises(OSError, match="all the room"):
            await spool.write(BLOCKS[-1], patient=False)
        greedy.close()
        await spool.write(BLOCKS[-1], patient=False)
        spool.end()
        return await everything(spool)

    assert in_a_loop(run()) == b"".join([*BLOCKS[: MEMORY // 100_000], BLOCKS[-1]])


def test_a_result_that_failed_is_not_read_to_its_end() -> None:
    async def run() -> None:
        spool = Spool(Disk(10 << 20))
        await spool.write(b"half")
        spool.end(BadRequestError("broken"))
        with pytest.raises(BadRequestError):
            await spool.read()

    in_a_loop(run())
