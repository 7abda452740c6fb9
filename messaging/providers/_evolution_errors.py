"""Turn a refusal of Evolution into a ProviderError.

Source: provider notes "Evolution API", section 7. `response.message` is a text, a list of texts, a list of lists or a
list of objects. The answer of an unlicensed server has another format.
"""

from __future__ import annotations

from typing import Any

from messaging.providers._foreign import items, mapping
from messaging.providers.base import HttpResponse, Outcome, ProviderError

# Faults of the gateway itself that it answers with 400. Nothing reached WhatsApp, and all messages of the channel fail.
SESSION_LOST = ("TypeError", "Connection Closed", "Timed Out")


def meaning(answer: HttpResponse) -> ProviderError:
    """Return the error that an answer means."""
    try:
        body = mapping(answer.json())
    except (ValueError, RecursionError):
        body = {}
    message = mapping(body.get("response")).get("message", body.get("message"))
    if answer.status == 400:
        return _bad_request_error(message)
    words = "; ".join(_find_texts(message))[:300]
    reason = f"HTTP {answer.status} {words}".strip()
    if answer.status == 503 and body.get("code") == "LICENSE_REQUIRED":
        return ProviderError("the server is not activated", outcome=Outcome.AUTH, code="LICENSE_REQUIRED")
    if answer.status == 401:
        return ProviderError(reason, outcome=Outcome.AUTH, code="401")
    if answer.status == 404 and "instance does not exist" in words:
        return ProviderError(reason, outcome=Outcome.AUTH, code="404 instance")
    if answer.status == 429:
        return ProviderError(
            reason, outcome=Outcome.RETRY, code="429", retry_after=answer.retry_after, whole_channel=True
        )
    uncertain = answer.status >= 500 or answer.status == 408
    return ProviderError(reason, outcome=Outcome.UNCERTAIN if uncertain else Outcome.PERMANENT, code=str(answer.status))


def _bad_request_error(message: Any) -> ProviderError:
    if any(mapping(entry).get("exists") is False for entry in items(message)):
        return ProviderError("the number is not on WhatsApp", outcome=Outcome.PERMANENT, code="400 not on WhatsApp")
    words = "; ".join(_find_texts(message))[:300]
    if any(fault.lower() in words.lower() for fault in SESSION_LOST):
        reason = f"the gateway lost its session: {words}"
        return ProviderError(reason, outcome=Outcome.RETRY, code="400 session", whole_channel=True)
    return ProviderError(f"HTTP 400 {words}".strip(), outcome=Outcome.PERMANENT, code="400")


def _find_texts(message: Any) -> list[str]:
    """Return the texts in `message`, whether alone, in a list or in lists.

    Objects are left out, because they contain numbers of people.
    """
    entries = [message] if isinstance(message, str) else items(message)
    flat = [word for entry in entries for word in (entry if isinstance(entry, list) else [entry])]
    return [word for word in flat if isinstance(word, str)]
