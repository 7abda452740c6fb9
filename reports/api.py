"""`GET /metrics` for Prometheus."""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.conf import settings
from django.db import Error as DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from common.middleware import is_within
from reports import queries


@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """Return all counters and queue states; needs METRICS_TOKEN or an address in METRICS_ALLOWED_NETWORKS."""
    if not is_within(request, settings.METRICS_ALLOWED_NETWORKS):
        if not settings.METRICS_TOKEN:
            raise Http404
        given = request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
        if not hmac.compare_digest(given, settings.METRICS_TOKEN.encode()):
            return HttpResponse("a token is needed", status=401, headers={"WWW-Authenticate": "Bearer"})
    now = CollectorRegistry()
    now.register(WorkCollector())
    return HttpResponse(render_counters() + generate_latest(now), content_type=CONTENT_TYPE_LATEST)


def render_counters() -> bytes:
    """Return the counters of this process, or of all processes that share their files."""
    shared = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if not shared:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    registry.register(SharedCollector(Path(shared).parent))
    return generate_latest(registry)


class SharedCollector(Collector):
    """Adds up the counters of the processes of all hosts below one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def collect(self) -> Iterable[Metric]:
        """Yield the metrics; prometheus_client calls this at a scrape."""
        files = [str(file) for file in self.root.glob("*/*.db") if _is_begun(file)]
        merged: Iterable[Metric] = MultiProcessCollector.merge(files)  # type: ignore[no-untyped-call]  # the library has no types
        return merged


def _is_begun(file: Path) -> bool:
    """Return whether a process has counted in the file: a new one, or one without disk space, leaves it empty."""
    try:
        return file.stat().st_size > 0
    except FileNotFoundError:
        return False  # its process has ended meanwhile


class WorkCollector(Collector):
    """Depth and age of each queue and what waits for a person; nothing when the database is away."""

    def describe(self) -> Iterable[Metric]:
        """Return nothing, so that nothing is read before the first scrape."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics; prometheus_client calls this at a scrape."""
        up = GaugeMetricFamily("frontdesk_database_up", "1 when the database answers")
        try:
            rows, incidents = list(queries.queue_states()), queries.incident_counts()
        except DatabaseError:
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        depth = GaugeMetricFamily("frontdesk_queue_due", "Rows that are due and wait", labels=["task", "queue"])
        age = GaugeMetricFamily("frontdesk_queue_oldest_seconds", "Age of the oldest", labels=["task", "queue"])
        for row in rows:
            depth.add_metric([row.task, row.queue], row.due)
            age.add_metric([row.task, row.queue], row.oldest_seconds)
        stuck = GaugeMetricFamily("frontdesk_incidents", "Rows held, uncertain or dead", labels=["work", "state"])
        for (work, state), count in incidents.items():
            stuck.add_metric([work, state], count)
        yield from (depth, age, stuck)
