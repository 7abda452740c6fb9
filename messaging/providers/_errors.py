"""Turn a failed call into a ProviderError; shared by the providers that answer with error codes.

Each provider has a table of the codes it knows. Without a known code the HTTP status decides here (RELIABILITY O3). The
reasons are our own texts, because the provider's text may contain phone numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from common.http.client import HttpError, NotSent, ResponseTooLarge
from messaging.providers._foreign import number
from messaging.providers.base import Http, HttpResponse, Outcome, ProviderError

LONGEST_WAIT = 86_400.0


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """What one error code means: the reason to show, and what must happen next."""

    reason: str
    outcome: Outcome = Outcome.PERMANENT
    retry_after: float | None = None
    whole_channel: bool = False
    closes_window: bool = False
    opted_out: bool = False

    def error(self, *, provider: str, code: str, retry_after: float | None = None) -> ProviderError:
        """Return the error to raise. The waiting time of the provider's answer replaces that of the table."""
        return ProviderError(
            f"{provider}: {self.reason}",
            outcome=self.outcome,
            code=code,
            retry_after=retry_after if retry_after is not None else self.retry_after,
            whole_channel=self.whole_channel,
            closes_window=self.closes_window,
            opted_out=self.opted_out,
        )

    def facts(self) -> dict[str, Any]:
        """Return what a delivery status with this code says, to be stored in `StatusUpdate.data`."""
        flags = {"whole_channel": self.whole_channel, "closes_window": self.closes_window, "opted_out": self.opted_out}
        return {"outcome": str(self.outcome)} | {name: True for name, is_set in flags.items() if is_set}


def table(*groups: tuple[Sequence[int], Meaning]) -> dict[int, Meaning]:
    """Build one dictionary from groups of codes with the same meaning."""
    return {code: meaning for codes, meaning in groups for code in codes}


def by_status(status: int, *, has_body: bool) -> Meaning:
    """Return the meaning of an HTTP status without a known code. `has_body`: the provider itself sent the error."""
    if status in {408, 500, 502, 504} and not has_body:
        return Meaning(reason=f"HTTP {status} without a reason", outcome=Outcome.UNCERTAIN)
    if status >= 500:
        return Meaning(reason=f"HTTP {status}, not available", outcome=Outcome.RETRY)
    if status == 429:
        return Meaning(reason="too many requests", outcome=Outcome.RETRY, whole_channel=True)
    if status in {401, 403} and not has_body:
        return Meaning(reason=f"HTTP {status}, the credential was refused", outcome=Outcome.AUTH)
    return Meaning(reason=f"HTTP {status}, refused")


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of a Retry-After header, or None when there is none or when it is a date."""
    seconds = number(headers.get("retry-after", "").strip())
    return None if seconds is None else min(float(seconds), LONGEST_WAIT)


def call(http: Http, method: str, url: str, *, provider: str, **arguments: Any) -> HttpResponse:
    """Make a request that changes something at the provider. Raise ProviderError when no answer comes.

    The outcome is RETRY when the request was never sent, and UNCERTAIN otherwise.
    """
    try:
        return http.request(method, url, **arguments)
    except NotSent as error:
        reason = f"{provider}: not reachable ({error})"
        raise ProviderError(reason, outcome=Outcome.RETRY, whole_channel=True) from error
    except HttpError as error:
        raise ProviderError(f"{provider}: no answer ({error})", outcome=Outcome.UNCERTAIN) from error


def fetch(http: Http, url: str, *, provider: str, **arguments: Any) -> HttpResponse:
    """Make a request that only reads and can be repeated. Raise ProviderError when no answer comes."""
    try:
        return http.request("GET", url, **arguments)
    except ResponseTooLarge as error:
        raise ProviderError(f"{provider}: the file is larger than allowed", outcome=Outcome.PERMANENT) from error
    except HttpError as error:
        raise ProviderError(f"{provider}: no answer ({error})", outcome=Outcome.RETRY) from error


def file_error(status: int, *, provider: str) -> ProviderError:
    """Return the error for a file that was refused.

    An expired URL can be requested again, so the error is final only for statuses that no new attempt can change.
    """
    is_final = 400 <= status < 500 and status not in {401, 403, 404, 408, 429}
    return ProviderError(
        f"{provider}: HTTP {status} instead of the file", outcome=Outcome.PERMANENT if is_final else Outcome.RETRY
    )


def answer_object(response: HttpResponse) -> dict[str, Any]:
    """Return the answer as a JSON object, or {} when it is anything else."""
    try:
        found = response.json()
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
