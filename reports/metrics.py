"""Prometheus counters: each log event raises one. Labels never hold ids or personal data."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

from prometheus_client import Counter, Histogram

from messaging.providers import PROVIDERS

logger = logging.getLogger("frontdesk.metrics")

WEBHOOKS = Counter("frontdesk_webhooks", "Webhooks by wire and answer", ["provider", "status"])
MESSAGES = Counter("frontdesk_messages", "Messages by wire and outcome", ["direction", "provider", "outcome"])
ATTEMPTS = Counter("frontdesk_send_attempts", "Calls of a provider to send", ["provider", "outcome"])
SEND_SECONDS = Histogram("frontdesk_send_seconds", "Time of a send that the provider took", ["provider"])
TURNS = Counter("frontdesk_turns", "Turns of the assistant", ["provider", "outcome"])
TURN_SECONDS = Histogram(
    "frontdesk_turn_seconds",
    "Time in which the assistant found its answer",
    ["provider"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 45, 60),
)
TAKEOVERS = Counter("frontdesk_takeovers", "Conversations paused and resumed", ["action", "by"])
CANDIDATES = Counter("frontdesk_candidates", "Candidates that were asked for, or have their end", ["status", "via"])
DECISION_SECONDS = Histogram(
    "frontdesk_decision_seconds",
    "Time from a candidate to its decision",
    ["status"],
    buckets=(1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 24 * 3600),
)
PROMPT_WAITS = Counter("frontdesk_prompt_waits", "Prompts that the pace of an approver held back", ["provider"])
CANDIDATE_TIMEOUTS = Counter("frontdesk_candidate_timeouts", "Candidates that nobody decided in time")
CALLBACK_FAILURES = Counter("frontdesk_webhook_failures", "Tries of webhooks out that failed", ["kind"])
TROUBLE = Counter("frontdesk_trouble", "Events that an operator may want to know of", ["event"])

_WORD = re.compile(r"^[a-z0-9_.-]{1,30}$")
_TAKERS = frozenset({"owner", "operator", "command", "customer", "assistant", "api", "clock"})
_TROUBLE = frozenset(
    {
        "ai_failed",
        "broker_away",
        "channel_stopped",
        "item_failed",
        "job_failed",
        "lease_lost",
        "relay_failed",
        "swept",
        "task_failed",
        "thread_died",
        "work_failed",
    }
)


class EventCounter(logging.Handler):
    """A log handler that counts events, so that what is logged and what is counted cannot differ."""

    def __init__(self) -> None:
        super().__init__()
        self._failures: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Count one event; an event that cannot be counted is skipped, and logged once for each reason."""
        event = record.msg if isinstance(record.msg, str) else ""
        try:
            if event in _TROUBLE:
                TROUBLE.labels(event).inc()
            if event in _COUNTED:
                _COUNTED[event](record.__dict__)
        except Exception as error:  # noqa: BLE001 - a counter must never stop the work it counts
            reason = type(error).__name__
            if reason not in self._failures:  # on a full disk every event fails, and the log grows on the same disk
                self._failures.add(reason)
                logger.warning("counting_failed", extra={"event": event, "error": reason})


def _webhook_received(event: dict[str, Any]) -> None:
    WEBHOOKS.labels(_provider(event), "200").inc()


def _webhook_rejected(event: dict[str, Any]) -> None:
    WEBHOOKS.labels(_provider(event), _word(event.get("status", 503))).inc()


def _handled(event: dict[str, Any]) -> None:
    MESSAGES.labels("in", _provider(event), "handled" if event.get("handled_by") else "ignored").inc()


def _sent(event: dict[str, Any]) -> None:
    MESSAGES.labels("out", _provider(event), "accepted").inc()
    ATTEMPTS.labels(_provider(event), "accepted").inc()
    SEND_SECONDS.labels(_provider(event)).observe(float(event.get("ms", 0)) / 1000)


def _send_failed(event: dict[str, Any]) -> None:
    MESSAGES.labels("out", _provider(event), _word(event.get("outcome"))).inc()
    ATTEMPTS.labels(_provider(event), _word(event.get("outcome"))).inc()


def _ai_replied(event: dict[str, Any]) -> None:
    TURNS.labels(_word(event.get("provider")), _word(event.get("outcome"))).inc()
    TURN_SECONDS.labels(_word(event.get("provider"))).observe(float(event.get("ms", 0)) / 1000)


def _ai_failed(event: dict[str, Any]) -> None:
    TURNS.labels(_word(event.get("provider")), "failed").inc()


def _paused(event: dict[str, Any]) -> None:
    TAKEOVERS.labels("paused", _taker(event)).inc()


def _resumed(event: dict[str, Any]) -> None:
    TAKEOVERS.labels("resumed", _taker(event)).inc()


def _candidate_received(event: dict[str, Any]) -> None:
    CANDIDATES.labels("received", "api").inc()


def _candidate_decided(event: dict[str, Any]) -> None:
    status = _word(event.get("status"))
    CANDIDATES.labels(status, _word(event.get("via"))).inc()
    DECISION_SECONDS.labels(status).observe(float(event.get("ms", 0)) / 1000)


def _candidate_timed_out(event: dict[str, Any]) -> None:
    CANDIDATE_TIMEOUTS.inc()


def _prompt_waits(event: dict[str, Any]) -> None:
    PROMPT_WAITS.labels(_provider(event)).inc()


def _webhook_failed(event: dict[str, Any]) -> None:
    CALLBACK_FAILURES.labels("callback" if event.get("is_callback") else "endpoint").inc()


def _provider(event: dict[str, Any]) -> str:
    # A stranger chooses the word in the address, so only known providers become labels.
    provider = str(event.get("provider", ""))
    return provider if provider in PROVIDERS else "other"


def _taker(event: dict[str, Any]) -> str:
    by = str(event.get("by", ""))
    return by if by in _TAKERS else "operator"


def _word(value: object) -> str:
    text = str(value or "").replace(" ", "_")
    return text if _WORD.match(text) else "other"


_COUNTED: dict[str, Callable[[dict[str, Any]], None]] = {
    "webhook_received": _webhook_received,
    "webhook_rejected": _webhook_rejected,
    "webhook_unkept": _webhook_rejected,
    "handled": _handled,
    "sent": _sent,
    "send_failed": _send_failed,
    "ai_replied": _ai_replied,
    "ai_failed": _ai_failed,
    "paused": _paused,
    "resumed": _resumed,
    "candidate_received": _candidate_received,
    "candidate_decided": _candidate_decided,
    "candidate_timed_out": _candidate_timed_out,
    "prompt_waits": _prompt_waits,
    "webhook_failed": _webhook_failed,
}
