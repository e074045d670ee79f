"""A run: start the servers, check that they answer alike, put the loads on them in turn, report."""

from __future__ import annotations

import json
import math
import os
import signal
import sys
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

from pyoxigraph import NamedNode

from kg.errors import DataError, UsageError
from kg.graph import open_at
from kg.media import JSON
from kg.release import Home
from kg.vocab import RDF, Iris
from server.benchmark.cases import Key, cases
from server.benchmark.crowd import CrowdTimes, time_crowd
from server.benchmark.load import NONCE, Load, drive, generator
from server.benchmark.multiplied import MAX_PAPERS, release_of_pages
from server.benchmark.pages import time_pages
from server.benchmark.report import Report
from server.benchmark.synthetic import MOST_BUILT, build_synthetic
from server.benchmark.targets import OURS, check_installed, commands, running, settle

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kg.release import Release
    from kg.settings import Settings
    from server.benchmark.cases import Case
    from server.benchmark.load import Measurement
    from server.benchmark.targets import Target

ROUNDS = 5

#: How long a drive takes, and how long at most: a slow query gets the time for about so many answers on each connection.
SECONDS = 2
MOST_SECONDS = 10
ANSWERS = 8

#: How many papers are looked up in turn.
LOOKED_UP = 200

#: Requests of one drive have numbers of their own: no drive asks what another one has asked.
A_DRIVE = 10_000_000


def bench(settings: Settings, papers: int | None, announce: Callable[[str], None]) -> Report:
    """Measure the current release, or one of so many synthetic papers.

    Up to MOST_BUILT papers it is a whole release, removed afterwards. A larger one has only what pages of papers need: it is
    measured beside the current release, and kept in ``{home}/bench``.
    """
    if papers is not None and papers > MAX_PAPERS:
        msg = f"--papers {papers}: {MAX_PAPERS} is the most"
        raise UsageError(msg)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that the servers are ended too
    settings = replace(settings, home=settings.home.resolve())
    home = Home(settings.home)
    with TemporaryDirectory(prefix="opdkg-bench-") as folder:
        scratch = Path(folder)
        if papers is not None and papers > MOST_BUILT:
            kept = Home(home.path / "bench")
            large = release_of_pages(kept, papers, settings.base_iri, announce)
            pages = [] if home.current_or_none() is None else time_pages(settings, home, scratch, announce)
            return Report(_setting(large), pages=[*pages, *time_pages(settings, kept, scratch, announce)])
        check_installed()
        release = home.current_or_none()
        pages = [] if release is None or papers is None else time_pages(settings, home, scratch, announce)
        if papers is not None:
            home = Home(scratch / "home")
            release = build_synthetic(home, papers, settings.base_iri, announce)
        release = release or home.current()
        pages += time_pages(settings, home, scratch, announce)
        rounds, crowd = _measure(settings, home, release, scratch, announce)
        return Report(_setting(release), pages, rounds, crowd)


def _setting(release: Release) -> dict[str, Any]:
    counts = release.manifest()["counts"]
    return {
        "release": release.id,
        "papers": counts["papers"],
        "triples": counts["triples"],
        "generator": generator(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "rounds": ROUNDS,
    }


def _measure(
    settings: Settings, home: Home, release: Release, scratch: Path, announce: Callable[[str], None]
) -> tuple[dict[tuple[Key, str], list[Measurement]], CrowdTimes]:
    iris = Iris(release.manifest()["base_iri"])
    asked = cases(_papers(release, iris), iris)
    with ExitStack() as stack:
        targets = {}
        for command, address in commands(settings, home.path, release, scratch):
            announce(f"start {command.name}")
            targets[command.name] = stack.enter_context(running(command, address, scratch / f"{command.name}.log"))
        seconds = {case.key: _check_alike(case, [targets[name] for name in case.targets]) for case in asked}
        found: dict[tuple[Key, str], list[Measurement]] = {
            (case.key, name): [] for case in asked for name in case.targets
        }
        drives = [(number, case, name) for number in range(ROUNDS) for case in asked for name in case.targets]
        for place, (number, case, name) in enumerate(drives, start=1):
            announce(f"round {number + 1} of {ROUNDS}: {case.key}, {name}")
            target = targets[name]
            paths = [target.address(query) for query in case.queries]
            load = Load(paths, case.connections, seconds[case.key][name], JSON.media_type)
            found[case.key, name].append(drive(target.base, load, place * A_DRIVE))
            settle(target)
        announce("look-ups in a crowd")
        lookups = next(case.queries for case in asked if case.key is Key.LOOKUP)
        return found, time_crowd(targets[OURS], lookups)


def _papers(release: Release, iris: Iris) -> list[str]:
    quads = open_at(release).quads_for_pattern(None, RDF.type, iris.opd.Paper, None)
    papers = sorted({quad.subject.value for quad in quads if isinstance(quad.subject, NamedNode)})
    return papers[:: -(-len(papers) // LOOKED_UP)]


def _check_alike(case: Case, targets: Sequence[Target]) -> dict[str, int]:
    """Ask each server the first query once; return for how many seconds each is to be driven.

    They must give as many rows, or their times say nothing.
    """
    rows, seconds = {}, {}
    for target in targets:
        address = target.base + target.address(case.queries[0].replace(NONCE, ""))
        request = Request(address, headers={"Accept": JSON.media_type})  # noqa: S310 - it is http
        began = time.perf_counter()
        with urlopen(request, timeout=60) as answer:  # noqa: S310 - it is http
            rows[target.name] = len(json.load(answer)["results"]["bindings"])
        wanted = math.ceil(ANSWERS * (time.perf_counter() - began))
        seconds[target.name] = min(max(SECONDS, wanted), MOST_SECONDS)
    if len(set(rows.values())) != 1 or not all(rows.values()):
        msg = f"{case.key}: the servers do not give the same answer: rows by server are {rows}"
        raise DataError(msg)
    return seconds
