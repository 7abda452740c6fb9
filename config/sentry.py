"""Error reports to Sentry when SENTRY_DSN is set: without bodies, personal data and secrets."""

from __future__ import annotations

from typing import Any

from common.text.redaction import redact_all

# The parts of a request that a report may contain.
REQUEST_KEPT = ("method", "url")


def start_sentry(dsn: str, *, release: str, **options: Any) -> bool:
    """Start reporting errors; returns False when there is no DSN."""
    if not dsn:
        return False
    import sentry_sdk

    sentry_sdk.init(
        dsn=dsn,
        release=f"frontdesk@{release}",
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        before_send=remove_personal_data,
        before_breadcrumb=lambda crumb, hint: redact_all(crumb),
        **options,
    )
    return True


def remove_personal_data(event: Any, hint: dict[str, Any]) -> Any:
    """Remove from a report the request's body, headers and cookies, and personal data anywhere."""
    if isinstance(event.get("request"), dict):
        event["request"] = {name: event["request"][name] for name in REQUEST_KEPT if name in event["request"]}
    event.pop("user", None)
    kept = {name: event[name] for name in ("event_id", "timestamp", "release", "contexts", "sdk") if name in event}
    return {**redact_all(event), **kept}
