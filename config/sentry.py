"""Error reports to Sentry, when SENTRY_DSN is set: without bodies, people and secrets."""

from __future__ import annotations

from typing import Any

from common.text.redaction import redact_all

# What a request may say of itself in a report.
REQUEST_KEPT = ("method", "url")


def start(dsn: str, *, release: str, **options: Any) -> bool:
    """Begin to report errors; False when there is no address to report to."""
    if not dsn:
        return False
    import sentry_sdk

    sentry_sdk.init(
        dsn=dsn,
        release=f"frontdesk@{release}",
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        before_send=clean,
        before_breadcrumb=lambda crumb, hint: redact_all(crumb),
        **options,
    )
    return True


def clean(event: Any, hint: dict[str, Any]) -> Any:
    """Take out of a report what must not leave: the request's body, headers and cookies, and personal data anywhere."""
    if isinstance(event.get("request"), dict):
        event["request"] = {name: event["request"][name] for name in REQUEST_KEPT if name in event["request"]}
    event.pop("user", None)
    kept = {name: event[name] for name in ("event_id", "timestamp", "release", "contexts", "sdk") if name in event}
    return {**redact_all(event), **kept}
