"""Checks of `doctor` for approvals: see DOCTOR_CHECKS."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from approvals.models import Approver, ApproverAddress
from common.finding import ERROR, OK, WARNING, Finding
from messaging.models import Channel
from messaging.queries import provider_of
from tenants.models import SigningSecret

SEVERAL = 5  # names shown in one finding


def find_problems() -> Iterator[Finding]:
    """Yield findings on the callback, the approvers and their addresses.

    Nothing where nobody is asked for decisions.
    """
    approvers = Approver.objects.filter(is_active=True, tenant__is_active=True).select_related("tenant")
    if not approvers.exists() and not settings.CORE_DECISION_WEBHOOK:
        return
    yield _callback()
    yield from _unknown_secrets()
    places = ApproverAddress.objects.filter(approver=OuterRef("pk"), channel__is_enabled=True)
    yield _people(approvers.filter(~Exists(places)).order_by("tenant__slug", "name"), approvers.count())
    yield from _templates()


def _callback() -> Finding:
    check = "approvals callback"
    if not settings.WEBHOOK_SIGNING_SECRET and not SigningSecret.objects.exists():
        mend = "Set WEBHOOK_SIGNING_SECRET (openssl rand -hex 32) and give it to the core service."
        return Finding(check=check, status=WARNING, message="No callback can be signed: none is taken", mend=mend)
    if not settings.CORE_DECISION_WEBHOOK:
        mend = "Set CORE_DECISION_WEBHOOK, unless each candidate brings its own callback_url."
        message = "Decisions are told only where a candidate names an address"
        return Finding(check=check, status=WARNING, message=message, mend=mend)
    return Finding(check=check, status=OK, message="Decisions are told, signed")


def _unknown_secrets() -> Iterator[Finding]:
    """Yield tenants whose decisions are signed with a secret that nobody has been shown, so that no core service can
    verify them."""
    unseen = SigningSecret.objects.filter(shown_at=None, tenant__is_active=True).select_related("tenant")
    for row in unseen.order_by("tenant__slug")[:SEVERAL]:
        yield Finding(
            check=f"signing secret of {row.tenant.slug}", status=WARNING,
            message="Nobody was shown it: the core service cannot check the decisions of this business",
            mend=f"manage.py signing_secret --tenant {row.tenant.slug}, and give it to the core service.",
        )  # fmt: skip


def _people(without: QuerySet, count: int) -> Finding:
    check = "approvers"
    names = [f"{row.name} ({row.tenant.slug})" for row in without]
    if not names:
        return Finding(check=check, status=OK, message=f"{count} can be asked")
    more = f" and {len(names) - SEVERAL} more" if len(names) > SEVERAL else ""
    return Finding(
        check=check, status=ERROR,
        message=f"No address on a channel that is switched on: {', '.join(names[:SEVERAL])}{more}",
        mend="manage.py setup_approver --tenant ... --name ... --channel ... --address ...",
    )  # fmt: skip


def _templates() -> Iterator[Finding]:
    """Yield channels on which approvers are asked and which need a template after the reply window."""
    asked = ApproverAddress.objects.filter(approver__is_active=True, channel=OuterRef("pk"))
    for channel in Channel.objects.filter(Exists(asked), is_enabled=True, tenant__is_active=True).order_by("pk"):
        if not provider_of(channel).reply_window_hours:
            continue
        variables = " ".join(str(value) for value in channel.reopen_template.get("variables", []))
        check = f"approvals on channel {channel.pk} ({channel.name})"
        mend = "Set the channel's reopening template, with {text} as a variable (docs/outbound.md)."
        if not channel.reopen_template.get("name"):
            message = "Approvers who have not written for a day cannot be asked: there is no template"
            yield Finding(check=check, status=WARNING, message=message, mend=mend)
        elif "{text}" not in variables:
            message = "The template does not carry the question: approvers must answer twice"
            yield Finding(check=check, status=WARNING, message=message, mend=mend)
