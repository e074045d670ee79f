"""The load: some connections, each kept alive and asking again as soon as it has its answer, for some seconds."""

from __future__ import annotations

import json
import math
import shutil
import statistics
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from kg.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: Where a path has this, each request has another number, so that no two are the same.
NONCE = "NONCE"
TIMEOUT_S = 30
SCRIPT = Path(__file__).with_name("wrk.lua")


@dataclass(frozen=True, slots=True)
class Load:
    """What is asked: ``paths`` in turn, over ``connections`` at once, for ``seconds``."""

    paths: Sequence[str]
    connections: int
    seconds: float
    accept: str


@dataclass(frozen=True, slots=True)
class Measurement:
    """What came of it. ``answers`` are those with a status below 400; ``failures`` are all other ends of a request."""

    answers: int
    failures: int
    seconds: float
    p50_ms: float
    p99_ms: float

    @property
    def rate(self) -> float:
        """Answers per second."""
        return self.answers / self.seconds


def generator() -> str:
    """Return the name of the load generator of this machine."""
    return "wrk" if shutil.which("wrk") else "python"


def drive(base: str, load: Load, first: int) -> Measurement:
    """Put the load on the server at ``base``; numbers of requests begin at ``first``."""
    return (drive_wrk if generator() == "wrk" else drive_python)(base, load, first)


def drive_wrk(base: str, load: Load, first: int) -> Measurement:
    """Drive with wrk, which takes whole seconds only: they are rounded up."""
    seconds = math.ceil(load.seconds)
    with TemporaryDirectory(prefix="opdkg-bench-") as folder:
        paths = Path(folder, "paths")
        paths.write_text("".join(f"{path}\n" for path in load.paths), encoding="ascii")
        options = ("-t1", f"-c{load.connections}", f"-d{seconds}s", "--timeout", f"{TIMEOUT_S}s", "-s", str(SCRIPT))
        command = ("wrk", *options, "-H", f"Accept: {load.accept}", base, "--", str(paths), str(first))
        done = subprocess.run(  # noqa: S603 - arguments of our own
            command, capture_output=True, text=True, check=False, timeout=seconds + 2 * TIMEOUT_S
        )
    try:
        found = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        msg = f"wrk failed: {(done.stderr or done.stdout).strip()[:300]}"
        raise DataError(msg) from None
    return Measurement(**found)


def drive_python(base: str, load: Load, first: int) -> Measurement:
    """Drive with threads of this process: one for each connection. Slower than wrk, so fast servers look alike."""
    numbers = count(first)
    began = time.perf_counter()
    end = began + load.seconds
    with ThreadPoolExecutor(load.connections) as threads:
        parts = [threads.submit(ask_in_turn, base, load, numbers, end) for _ in range(load.connections)]
        ended = [part.result() for part in parts]
    took = time.perf_counter() - began
    latencies = [latency for part, _ in ended for latency in part]
    p50, p99 = percentiles(latencies)
    return Measurement(len(latencies), sum(failures for _, failures in ended), took, 1000 * p50, 1000 * p99)


def percentiles(values: Sequence[float]) -> tuple[float, float]:
    """Return the median and the 99th percentile, both 0 of nothing."""
    return (statistics.median(values), nearest_rank(values, 99)) if values else (0.0, 0.0)


def nearest_rank(values: Sequence[float], percent: int) -> float:
    """Return the percentile of at least one value, by nearest rank."""
    return sorted(values)[-(-percent * len(values) // 100) - 1]


def ask_in_turn(base: str, load: Load, numbers: Iterator[int], end: float) -> tuple[list[float], int]:
    """Ask over one connection until the end; return the seconds that each answer took, and how many requests failed."""
    connection = connected(base)
    latencies: list[float] = []
    failures = 0
    while (began := time.perf_counter()) < end:
        number = next(numbers)
        if ask(connection, load.paths[number % len(load.paths)].replace(NONCE, str(number)), load.accept):
            latencies.append(time.perf_counter() - began)
        else:
            failures += 1
    connection.close()
    return latencies, failures


def connected(base: str, source: str = "") -> HTTPConnection:
    """Return a connection to the server at ``base``, from one of this machine's addresses."""
    parts = urlsplit(base)
    return HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT_S, source_address=(source, 0))


def ask(connection: HTTPConnection, path: str, accept: str) -> bool:
    """Ask and read the whole answer; False for an error status and for none at all, after which it connects anew."""
    try:
        connection.request("GET", path, headers={"Accept": accept})
        response = connection.getresponse()
        response.read()
    except (OSError, HTTPException):
        connection.close()
        return False
    return response.status < 400  # noqa: PLR2004 - where HTTP's errors begin
