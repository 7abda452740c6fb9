"""From a failed call to what it means: shared by the wires that answer with numbered errors.

A table says what a code means; what no code says is decided here by the HTTP status (RELIABILITY O3). Reasons are words
of ours: the provider's own text may hold phone numbers.
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
    """What one error code means for the next step."""

    reason: str
    outcome: Outcome = Outcome.PERMANENT
    retry_after: float | None = None
    whole_channel: bool = False
    closes_window: bool = False
    opted_out: bool = False

    def error(self, *, wire: str, code: str, retry_after: float | None = None) -> ProviderError:
        """The error to raise; the provider's own waiting time wins over the table's."""
        return ProviderError(
            f"{wire}: {self.reason}",
            outcome=self.outcome,
            code=code,
            retry_after=retry_after if retry_after is not None else self.retry_after,
            whole_channel=self.whole_channel,
            closes_window=self.closes_window,
            opted_out=self.opted_out,
        )

    def facts(self) -> dict[str, Any]:
        """What a status may say with this code, in our words."""
        flags = {"whole_channel": self.whole_channel, "closes_window": self.closes_window, "opted_out": self.opted_out}
        return {"outcome": str(self.outcome)} | {name: True for name, is_set in flags.items() if is_set}


def table(*groups: tuple[Sequence[int], Meaning]) -> dict[int, Meaning]:
    """One dictionary of codes from groups of codes that mean the same."""
    return {code: meaning for codes, meaning in groups for code in codes}


def by_status(status: int, *, has_body: bool) -> Meaning:
    """What an HTTP status means when no known code came with it; `has_body`: it was the provider's own error."""
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
    """Seconds from a Retry-After header; a date in it is as good as none."""
    seconds = number(headers.get("retry-after", "").strip())
    return None if seconds is None else min(float(seconds), LONGEST_WAIT)


def call(http: Http, method: str, url: str, *, wire: str, **arguments: Any) -> HttpResponse:
    """Make a request that does something; no answer to it is RETRY when it never left and UNCERTAIN otherwise."""
    try:
        return http.request(method, url, **arguments)
    except NotSent as error:
        reason = f"{wire}: not reachable ({error})"
        raise ProviderError(reason, outcome=Outcome.RETRY, whole_channel=True) from error
    except HttpError as error:
        raise ProviderError(f"{wire}: no answer ({error})", outcome=Outcome.UNCERTAIN) from error


def fetch(http: Http, url: str, *, wire: str, **arguments: Any) -> HttpResponse:
    """Make a request that only reads, and may be made again."""
    try:
        return http.request("GET", url, **arguments)
    except ResponseTooLarge as error:
        raise ProviderError(f"{wire}: the file is larger than allowed", outcome=Outcome.PERMANENT) from error
    except HttpError as error:
        raise ProviderError(f"{wire}: no answer ({error})", outcome=Outcome.RETRY) from error


def file_error(status: int, *, wire: str) -> ProviderError:
    """A file that was not handed out: an address that has run out is asked for anew, so only a clear no is final."""
    is_final = 400 <= status < 500 and status not in {401, 403, 404, 408, 429}
    return ProviderError(
        f"{wire}: HTTP {status} instead of the file", outcome=Outcome.PERMANENT if is_final else Outcome.RETRY
    )


def answer_object(response: HttpResponse) -> dict[str, Any]:
    """The answer as a JSON object, {} when it is anything else."""
    try:
        found = response.json()
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
