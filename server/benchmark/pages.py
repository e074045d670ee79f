"""Pages of papers as a browser gets them, at the size of a release: in the server, over HTTP, and the same page by SPARQL."""

from __future__ import annotations

import gc
import statistics
import time
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from http.client import HTTPConnection
from itertools import cycle, islice
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from kg.errors import DataError
from kg.facets import FACETS, FacetFilter
from kg.indexing import Sort
from kg.search import SearchRequest
from server.app import create_app
from server.benchmark.by_sparql import MOST_S, by_sparql
from server.benchmark.targets import own_command, running
from server.context import EXTENSION
from server.filters import Selection
from server.following import set_aside
from server.reading import EXTENSION as READING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask.testing import FlaskClient

    from kg.release import Home
    from kg.search import Index
    from kg.settings import Settings
    from server.benchmark.targets import Target
    from server.reading import Reading

#: Of each kind so many pages are asked for, each of them once: what a server remembers of a page must not count.
PAGES = 7
ACCEPT = {"Accept": "text/html"}

#: What a page may take in the server, in milliseconds, if its release has no more papers than that.
TARGETS = ((1000, 10.0), (1_000_000, 50.0))

WORDS = ("distillation", "reasoning models", "language", "reinforcement learning", "self", "multimodal", "agents")
#: A facet and the one beside which it is chosen. None of them is of use to all papers, and all have frequent values.
FILTERED = ("loss", "signal", "role", "access", "year", "chapter", "granularity")


class Kind(StrEnum):
    """The kinds of page."""

    HOME = "all papers"
    FILTER = "one filter"
    FILTERS = "three filters"
    TEXT = "text"
    BOTH = "text and filter"
    FAR = "far page"


@dataclass(frozen=True, slots=True)
class PageTimes:
    """Median milliseconds of a kind of page. ``processor_ms`` is what all of the server's threads spend on it together.

    ``sparql_ms`` is None where SPARQL has no such page, and a lower bound where ``sparql_whole`` is false.
    """

    papers: int
    kind: Kind
    matching: int
    processor_ms: float
    server_ms: float
    http_ms: float
    sparql_ms: float | None
    sparql_whole: bool

    @property
    def target_ms(self) -> float | None:
        """What the page may take in the server."""
        return next((most for papers, most in TARGETS if self.papers <= papers), None)

    @property
    def ratio(self) -> float | None:
        """How many times longer SPARQL takes, both over HTTP."""
        return self.sparql_ms and self.sparql_ms / self.http_ms


def time_pages(settings: Settings, home: Home, scratch: Path, announce: Callable[[str], None]) -> list[PageTimes]:
    """Time all kinds of page of the current release of ``home``. Where SPARQL finds other papers, that is a DataError."""
    settings = replace(settings, home=home.path, query_timeout_s=MOST_S, query_memory_mb=4096, engine="embedded")
    release = home.current()
    command, address = own_command(settings)
    with running(command, address, scratch / f"{release.id}.log") as target, _application(settings) as (client, here):
        asked = _selections(here.index)
        papers = len(here.index)
        # a server has answered before: it knows its templates, and what all papers have
        client.get("/", headers=ACCEPT)
        _over_http(target, [Selection()])
        found = []
        for kind, selections in asked.items():
            announce(f"pages of {papers} papers: {kind}")
            times = [_in_process(client, each) for each in selections]
            http = _over_http(target, selections)
            matching = [here.index.search(each.request(())).total for each in selections]
            query = client.get(selections[0].address(format="rq"), headers={"Accept": "*/*"}).text
            sparql = by_sparql(here, target, selections[0], query)
            if sparql and sparql.total not in (None, matching[0]):
                msg = f"{release.id}: {selections[0].address()} has {matching[0]} papers, by SPARQL {sparql.total}: build again"
                raise DataError(msg)
            processor, server = zip(*times, strict=True)
            median = statistics.median
            found.append(
                PageTimes(
                    papers=papers,
                    kind=kind,
                    matching=int(median(matching)),
                    processor_ms=1000 * median(processor),
                    server_ms=1000 * median(server),
                    http_ms=1000 * median(http),
                    sparql_ms=1000 * sparql.seconds if sparql else None,
                    sparql_whole=sparql.whole if sparql else False,
                )
            )
        return found


@contextmanager
def _application(settings: Settings) -> Iterator[tuple[FlaskClient, Reading]]:
    """The application in this process, where the processor time of a page can be told, and kept as a server keeps it."""
    app = create_app(settings)
    set_aside()
    try:
        yield app.test_client(), app.extensions[READING]
    finally:
        gc.unfreeze()
        app.extensions[EXTENSION].engine.close()


def _selections(index: Index) -> dict[Kind, list[Selection]]:
    """Return which pages of each kind are asked for: of the most frequent values, which are the costliest."""
    listed = index.search(SearchRequest(limit=0, facets=FACETS)).facets
    frequent = [(facet, counts.value) for facet in FILTERED for counts in listed[facet][:1]]
    one = [{facet: FacetFilter((value,))} for facet, value in frequent]
    first, second = islice(cycle(one), 1, None), islice(cycle(one), 3, None)
    three = [{**each, **beside, "code": FacetFilter(("yes",))} for each, beside in zip(one, second, strict=False)]
    pages = max(1, len(index) // Selection().size)
    sorts = (Sort.NEWEST, Sort.TITLE, Sort.OLDEST)
    far = [replace(Selection(), sort=sorts[n % 3], page=max(1, pages * (n + 1) // (PAGES + 2))) for n in range(PAGES)]
    both = [Selection(text, each) for text, each in zip(WORDS, first, strict=False)]
    return {
        Kind.HOME: [Selection()] * PAGES,
        Kind.FILTER: [Selection(filters=each) for each in one],
        Kind.FILTERS: [Selection(filters=each) for each in three],
        Kind.TEXT: [Selection(text) for text in WORDS],
        Kind.BOTH: both,
        Kind.FAR: far,
    }


def _in_process(client: FlaskClient, selection: Selection) -> tuple[float, float]:
    """Return the seconds that a page takes, of processors and on the clock."""
    busy, began = time.process_time(), time.perf_counter()
    response = client.get(selection.address(), headers=ACCEPT)
    times = time.process_time() - busy, time.perf_counter() - began
    if response.status_code != 200:  # noqa: PLR2004
        msg = f"{selection.address()} is answered with {response.status}"
        raise DataError(msg)
    return times


def _over_http(target: Target, selections: list[Selection]) -> list[float]:
    """Return the seconds from the request to the last byte, over one connection."""
    connection = HTTPConnection(urlsplit(target.base).netloc, timeout=60)
    seconds = []
    try:
        for selection in selections:
            began = time.perf_counter()
            connection.request("GET", selection.address(), headers=ACCEPT)
            connection.getresponse().read()
            seconds.append(time.perf_counter() - began)
    finally:
        connection.close()
    return seconds
