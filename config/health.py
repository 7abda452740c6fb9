"""Health checks: `/health`, `/health/live`, `/health/ready` (DESIGN section 4).

The checks run in a thread of their own with a time limit, because a database that hangs would hang the view.
"""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from datetime import UTC, datetime, timedelta
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from common.celery.publish import can_push, ping
from common.work.heartbeat import last_seen
from common.work.relay import Relay

logger = logging.getLogger("frontdesk.health")

Check = tuple[str, str]
Checks = dict[str, Check]
OK, DEGRADED, ERROR = "ok", "degraded", "error"
DEADLINE_SECONDS = 2.5
STALE_SECONDS = 60.0
# Checks that need no database.
NEEDS_NO_DATABASE = {"queue"}

_started = time.monotonic()
_lock = threading.Lock()
_running: dict[tuple[str, ...], tuple[Future[Checks], Checks]] = {}  # with what has been found so far
relay: Relay | None = None  # the relay of this process, in the embedded default


@never_cache
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Run all checks; 503 when something is broken, 200 when it works or is only degraded."""
    return _answer(run_checks(tuple(settings.HEALTH_CHECKS)))


@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Answer whether requests can be accepted: the database is reachable. Redis is listed and only degrades."""
    return _answer(run_checks(("config.health.database", "config.health.queue")))


@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Answer whether this process makes progress: it answers, and its relay, if it has one, has advanced."""
    check = (OK, "The process answers")
    if relay is not None and time.monotonic() - relay.moved_at > STALE_SECONDS:
        check = (ERROR, "The worker thread of this process does not move")
    return _answer({"process": check})


def database() -> Check:
    """Check that the database answers a query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return OK, f"Connected to {connection.display_name}"


def queue() -> Check:
    """Check that the broker answers; without it everything continues a little later."""
    if not settings.REDIS_URL:
        return OK, "In memory: this process works its rows itself"
    try:
        if can_push(settings.REDIS_URL):
            ping(
                settings.REDIS_URL
            )  # the client that publishes wake-ups, not Celery's, which parses addresses in its own way
        with current_app.connection_for_write() as link:
            link.ensure_connection(max_retries=0, timeout=1)
    except Exception as error:  # noqa: BLE001 - whatever the client raises
        logger.warning("broker_away", extra={"error": type(error).__name__})
        return DEGRADED, "Redis does not answer: workers find their work in the database"
    return OK, "Connected to Redis"


def workers() -> Check:
    """Check that some worker made progress in the last minute."""
    age = _age("worker")
    if age is None or age > STALE_SECONDS:
        return ERROR, "No worker has been seen in the last minute: nothing is answered"
    return OK, f"A worker was seen {age:.0f} s ago"


def beat() -> Check:
    """Check that beat made progress in the last minute; nothing that matters waits for it."""
    age = _age("beat")
    if age is not None and age <= STALE_SECONDS:
        return OK, f"The clock was heard {age:.0f} s ago"
    if time.monotonic() - _started < STALE_SECONDS and age is None:
        return OK, "The clock is starting"
    return DEGRADED, "The clock has not been heard in the last minute: pauses do not end by themselves"


def run_checks(names: tuple[str, ...]) -> Checks:
    """Run checks by their dotted names; those that have not answered in time count as broken."""
    if connection.in_atomic_block:  # another thread would not see what this transaction has written
        return _run_all(names, {})
    with _lock:
        # One run at a time: a hanging database must not collect threads.
        is_new = names not in _running
        future, found = _running.setdefault(names, (Future(), {}))
        if is_new:
            threading.Thread(target=_work, args=(names, found, future), name="health", daemon=True).start()
    try:
        return future.result(timeout=DEADLINE_SECONDS)
    except FutureTimeout:
        late = (ERROR, f"No answer within {DEADLINE_SECONDS:g} s")
        return {_key(name): found.get(_key(name), late) for name in names}


def _work(names: tuple[str, ...], found: Checks, future: Future[Checks]) -> None:
    try:
        future.set_result(_run_all(names, found))
    finally:
        with _lock:
            _running.pop(names, None)
        connection.close()


def _run_all(names: tuple[str, ...], found: Checks) -> Checks:
    for name in names:
        key = _key(name)
        if found.get("database", (OK, ""))[0] == ERROR and key not in NEEDS_NO_DATABASE:
            found[key] = (ERROR, "Unknown while the database does not answer")
        else:
            found[key] = _run_one(name)
    return found


def _run_one(name: str) -> Check:
    try:
        check: Check = import_string(name)()
    except DatabaseError as error:
        logger.error("database_away", extra={"check": _key(name), "error": type(error).__name__})
        return ERROR, "The database does not answer"
    except Exception:  # reported as a finding
        # A check that cannot be loaded or raises an error counts as broken.
        logger.exception("health_check_failed", extra={"check": _key(name)})
        return ERROR, "The check itself failed: see the log"
    return check


def _key(name: str) -> str:
    return name.rsplit(".", 1)[-1]


def _age(role: str) -> float | None:
    seen = last_seen(role)
    return None if seen is None else max(0.0, (timezone.now() - seen) / timedelta(seconds=1))


def _answer(checks: Checks) -> HttpResponse:
    ok = all(status != ERROR for status, _ in checks.values())
    page: dict[str, Any] = {
        "ok": ok,
        "version": settings.VERSION,
        "timestamp": datetime.now(UTC).isoformat(timespec="seconds"),
        "uptime_seconds": round(time.monotonic() - _started, 1),
        "active_calls": 0,
        "checks": {name: {"status": status, "message": message} for name, (status, message) in checks.items()},
    }
    return JsonResponse(page, status=200 if ok else 503)
