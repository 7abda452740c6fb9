"""What a failed call means: the table of wire/llm.md section 4, as data."""

from __future__ import annotations

from typing import Any

from assistant.providers.base import BreakerEffect, ErrorDecision, ModelError

MAX_WAIT_SECONDS = 10.0
NO_CREDIT = ("credit balance is too low", "spend limit")
TOO_LONG = ("prompt is too long", "maximum context length")
RETRIED = ErrorDecision(retries=1, next_provider=True, breaker=BreakerEffect.COUNTS)
NO_MONEY = ErrorDecision(next_provider=True, breaker=BreakerEffect.HOUR)
WRONG_KEY = ErrorDecision(next_provider=True, breaker=BreakerEffect.CHANGE)
REFUSED = ErrorDecision(hand_over=True)
SHORTEN = ErrorDecision(shorten=True)
BUG = ErrorDecision()
BY_STATUS = {
    401: WRONG_KEY,
    402: NO_MONEY,
    403: WRONG_KEY,
    404: WRONG_KEY,
    409: ErrorDecision(retries=1, next_provider=True),
    413: SHORTEN,
}


def error_from_response(status: int, body: Any, retry_after: float | None) -> ModelError:
    """Return the error for an HTTP response other than 2xx; `body` may be anything, also HTML."""
    kind, code, message = _named(body)
    reason = f"HTTP {status} {code or kind}".strip()
    return ModelError(reason, _decide(status, kind, code, message.lower(), retry_after), status=status)


def refusal_error() -> ModelError:
    """Return the error for a refusal by the model or the vendor's filter: a person must answer."""
    return ModelError("refused by the model or its filter", REFUSED)


def unreachable_error(reason: str) -> ModelError:
    """Return the error for no connection, or no response in time."""
    return ModelError(reason, RETRIED)


def unusable_error(reason: str) -> ModelError:
    """Return the error for an answer that cannot be sent: empty, garbage, endless tool calls."""
    return ModelError(reason, ErrorDecision(retries=1, next_provider=True))


def endless_tools_error() -> ModelError:
    """Return the error for endless tool calls: asking again would do the same."""
    return ModelError("the model calls tools without end", BUG)


def _decide(status: int, kind: str, code: str, message: str, retry_after: float | None) -> ErrorDecision:
    if status == 400:
        return _bad_request(code, message)
    if status == 429:
        return _too_many(kind, code, retry_after)
    if status >= 500:
        return ErrorDecision(retries=2, next_provider=True, breaker=BreakerEffect.COUNTS, wait=retry_after)
    return BY_STATUS.get(status, BUG)


def _bad_request(code: str, message: str) -> ErrorDecision:
    if code == "content_filter":
        return REFUSED
    if any(words in message for words in NO_CREDIT):
        return NO_MONEY
    if code == "context_length_exceeded" or any(words in message for words in TOO_LONG):
        return SHORTEN
    return BUG


def _too_many(kind: str, code: str, retry_after: float | None) -> ErrorDecision:
    if kind == "insufficient_quota" or code in {"insufficient_quota", "enforced_spend_limit_reached"}:
        return NO_MONEY
    may_wait = code == "slow_down" or (retry_after is not None and retry_after <= MAX_WAIT_SECONDS)
    return ErrorDecision(retries=2 * may_wait, next_provider=True, breaker=BreakerEffect.COUNTS, wait=retry_after)


def _named(body: Any) -> tuple[str, str, str]:
    """Return (type, code, message) of an error body, "" where there is none."""
    error = body.get("error", body) if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return "", "", ""
    details = error.get("details")
    code = (details.get("error_code") if isinstance(details, dict) else None) or error.get("code")
    return _text(error.get("type")), _text(code), _text(error.get("message"))


def _text(value: Any) -> str:
    return str(value)[:100] if isinstance(value, str | int) else ""
