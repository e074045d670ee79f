"""``/metrics``: what serves, how the last sync ended, and how queries end, for Prometheus.

Several server processes count in one folder, which ``opdkg serve`` makes before they start: whichever is asked tells of all.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, Response
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from kg.upstream.report import Outcome, last_report
from server.counting import FOLDER
from server.problems import ProblemError
from server.reading import Reading, reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prometheus_client import Metric

OWN = CollectorRegistry()
QUERIES = Counter(
    "opdkg_queries", "Queries that were answered or refused, by how they ended.", ["outcome"], registry=OWN
)
SECONDS = Histogram("opdkg_query_seconds", "Seconds from a query to the end of its answer.", registry=OWN)
WORKERS = Gauge("opdkg_query_workers", "Worker processes that live.", registry=OWN, multiprocess_mode="livesum")

blueprint = Blueprint("metrics", __name__)


@contextmanager
def measured() -> Iterator[None]:
    """Count a query, how it ends and how long it took; what the engine or the client breaks off is ``aborted``."""
    began = time.perf_counter()
    outcome = "aborted"
    try:
        yield
        outcome = "answered"
    except ProblemError as error:
        outcome = error.code
        raise
    finally:
        QUERIES.labels(outcome).inc()
        SECONDS.observe(time.perf_counter() - began)


@blueprint.get("/metrics")
def show() -> Response:
    """Answer with all metrics in Prometheus' text format."""
    state = CollectorRegistry()
    state.register(_State(reading()))
    response = Response(generate_latest(state) + generate_latest(_counted()), content_type=CONTENT_TYPE_LATEST)
    response.headers["Cache-Control"] = "no-store"
    return response


def _counted() -> CollectorRegistry:
    folder = os.environ.get(FOLDER)
    if not folder:
        return OWN
    for file in Path(folder).glob("gauge_live*.db"):
        process = int(file.stem.rpartition("_")[2])
        if not Path(f"/proc/{process}").exists():
            mark_process_dead(process)  # type: ignore[no-untyped-call]
    together = CollectorRegistry()
    MultiProcessCollector(together)  # type: ignore[no-untyped-call]
    return together


class _State(Collector):
    """What can be read off the disk at any time."""

    def __init__(self, here: Reading) -> None:
        self._here = here

    def collect(self) -> Iterable[Metric]:
        manifest = self._here.manifest
        yield InfoMetricFamily("opdkg_release", "The release that is served.", {"id": self._here.release.id})
        yield GaugeMetricFamily("opdkg_papers", "Papers in the release.", manifest["counts"]["papers"])
        quarantined = manifest["counts"]["quarantined"]
        yield GaugeMetricFamily("opdkg_quarantined", "Entries left out of it as unreadable.", quarantined)
        seconds = sum(manifest["seconds"].values())
        yield GaugeMetricFamily("opdkg_build_seconds", "Seconds that its build took.", seconds)
        last = last_report(self._here.release.home)
        if last is None:
            return
        began = datetime.fromisoformat(last.began).timestamp()
        yield GaugeMetricFamily("opdkg_sync_time_seconds", "When the last sync began, in Unix time.", began)
        yield GaugeMetricFamily("opdkg_sync_age_seconds", "How long ago that was.", max(0, time.time() - began))
        yield GaugeMetricFamily("opdkg_sync_duration_seconds", "Seconds that it took.", last.seconds)
        result = GaugeMetricFamily("opdkg_sync_outcome", "1 for how it ended, 0 for all others.", labels=["outcome"])
        for outcome in Outcome:
            result.add_metric([outcome], outcome == last.outcome)
        yield result
