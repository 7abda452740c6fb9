"""What a failed call means: the table of wire/llm.md section 4, as data."""

from __future__ import annotations

from typing import Any

from assistant.providers.base import Breaker, Decision, ModelError

MAX_WAIT_SECONDS = 10.0
NO_CREDIT = ("credit balance is too low", "spend limit")
TOO_LONG = ("prompt is too long", "maximum context length")
RETRIED = Decision(retries=1, next_provider=True, breaker=Breaker.COUNTS)
NO_MONEY = Decision(next_provider=True, breaker=Breaker.HOUR)
WRONG_KEY = Decision(next_provider=True, breaker=Breaker.CHANGE)
REFUSED = Decision(hand_over=True)
SHORTEN = Decision(shorten=True)
BUG = Decision()
BY_STATUS = {
    401: WRONG_KEY,
    402: NO_MONEY,
    403: WRONG_KEY,
    404: WRONG_KEY,
    409: Decision(retries=1, next_provider=True),
    413: SHORTEN,
}


def from_answer(status: int, body: Any, retry_after: float | None) -> ModelError:
    """The error for an HTTP answer that is none of 2xx; `body` may be anything, HTML too."""
    kind, code, message = _named(body)
    reason = f"HTTP {status} {code or kind}".strip()
    return ModelError(reason, _decide(status, kind, code, message.lower(), retry_after), status=status)


def refused() -> ModelError:
    """The model, or the vendor's filter, will not answer: a person must."""
    return ModelError("refused by the model or its filter", REFUSED)


def unreachable(reason: str) -> ModelError:
    """No connection, or no answer in time."""
    return ModelError(reason, RETRIED)


def unusable(reason: str) -> ModelError:
    """An answer that cannot be sent: empty, garbage, tools without end."""
    return ModelError(reason, Decision(retries=1, next_provider=True))


def endless() -> ModelError:
    """Tools are called without end: asking again would do the same."""
    return ModelError("the model calls tools without end", BUG)


def _decide(status: int, kind: str, code: str, message: str, retry_after: float | None) -> Decision:
    if status == 400:
        return _bad_request(code, message)
    if status == 429:
        return _too_many(kind, code, retry_after)
    if status >= 500:
        return Decision(retries=2, next_provider=True, breaker=Breaker.COUNTS, wait=retry_after)
    return BY_STATUS.get(status, BUG)


def _bad_request(code: str, message: str) -> Decision:
    if code == "content_filter":
        return REFUSED
    if any(words in message for words in NO_CREDIT):
        return NO_MONEY
    if code == "context_length_exceeded" or any(words in message for words in TOO_LONG):
        return SHORTEN
    return BUG


def _too_many(kind: str, code: str, retry_after: float | None) -> Decision:
    if kind == "insufficient_quota" or code in {"insufficient_quota", "enforced_spend_limit_reached"}:
        return NO_MONEY
    may_wait = code == "slow_down" or (retry_after is not None and retry_after <= MAX_WAIT_SECONDS)
    return Decision(retries=2 * may_wait, next_provider=True, breaker=Breaker.COUNTS, wait=retry_after)


def _named(body: Any) -> tuple[str, str, str]:
    """(type, code, message) of an error body, "" where there is none."""
    error = body.get("error", body) if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return "", "", ""
    details = error.get("details")
    code = (details.get("error_code") if isinstance(details, dict) else None) or error.get("code")
    return _text(error.get("type")), _text(code), _text(error.get("message"))


def _text(value: Any) -> str:
    return str(value)[:100] if isinstance(value, str | int) else ""
