"""What can be wrong. Each check returns all that is wrong now; the list of them is ALERT_CHECKS in flows.py.

A low app adds a check of its own by a function there: nothing here has to know it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from alerts.incidents import Incident, Target
from alerts.models import Door, Notice, WaitingRule
from alerts.waiting import page_of, waiting
from assistant.models import AssistantProfile, Spend
from assistant.services.budget import this_month
from common.text.redaction import redact
from common.work.heartbeat import last_seen
from common.work.rows import State, WorkRow, work_models
from messaging.models import Channel
from tenants.models import ApiKey, WebhookEndpoint
from tenants.services import failing_endpoints

KEY_WARNING = timedelta(days=7)
# A worker says every 5 seconds that it lives, the clock every 10; with the look every 15 this is told within a minute.
SILENT = timedelta(seconds=40)


def channels() -> Iterator[Incident]:
    """Lines that cannot send."""
    for channel in Channel.objects.filter(is_enabled=True, tenant__is_active=True).exclude(problem=""):
        yield Incident(
            kind="channel", key=f"channel:{channel.pk}", tenant_id=channel.tenant_id,
            says=_("Channel %(channel)s is down: %(reason)s"),
            facts={"channel": channel.name, "reason": redact(channel.problem)},
        )  # fmt: skip


def dead_rows() -> Iterator[Incident]:
    """Work that was given up."""
    for model in work_models():
        if model is Notice:  # a door that is broken cannot be told of through itself
            continue
        name = str(model._meta.verbose_name_plural)
        for tenant_id, count in _dead(model):
            whose = f":{tenant_id}" if tenant_id else ""
            yield Incident(
                kind="dead", key=f"dead:{model._meta.label_lower}{whose}", tenant_id=tenant_id,
                says=_("%(count)s %(rows)s were given up and wait for a person"), facts={"count": count, "rows": name},
            )  # fmt: skip


def processes() -> Iterator[Incident]:
    """Workers or clock that are not heard of."""
    meanings = {
        "worker": _("No worker has been heard of: nothing is answered"),
        "beat": _("No beat has been heard of: pauses do not end by themselves"),
    }
    for role, meaning in meanings.items():
        seen = last_seen(role)
        if seen is not None and timezone.now() - seen > SILENT:
            yield Incident(kind="process", key=f"process:{role}", says=meaning)


def budgets() -> Iterator[Incident]:
    """Tenants whose money for the month is spent."""
    spent = Spend.objects.filter(month=this_month()).annotate(taken=F("spent_usd") + F("reserved_usd"))
    taken = dict(spent.values_list("tenant_id", "taken"))
    for profile in AssistantProfile.objects.filter(monthly_budget_usd__isnull=False, tenant__is_active=True):
        if taken.get(profile.tenant_id, Decimal(0)) >= (profile.monthly_budget_usd or 0):
            yield Incident(
                kind="budget", key=f"budget:{profile.tenant_id}:{this_month()}", tenant_id=profile.tenant_id,
                says=_("The assistant's budget for %(month)s is spent"), facts={"month": this_month()},
            )  # fmt: skip


def keys() -> Iterator[Incident]:
    """API keys that end within a week."""
    ending = Q(expiry_date__gt=Now(), expiry_date__lt=Now() + KEY_WARNING)
    for key in ApiKey.objects.filter(ending, revoked=False, tenant__is_active=True):
        yield Incident(
            kind="key", key=f"key:{key.prefix}", tenant_id=key.tenant_id,
            says=_("The API key %(key)s ends on %(time)s UTC"),
            facts={"key": key.name, "time": f"{key.expiry_date:%Y-%m-%d %H:%M}"},
        )  # fmt: skip


def endpoints() -> Iterator[Incident]:
    """Endpoints for webhooks out that fail, or were switched off for it; not those that a person switched off."""
    for endpoint in WebhookEndpoint.objects.filter(failing_endpoints(), tenant__is_active=True):
        fails, off = (
            _("The webhook endpoint %(id)s fails"),
            _("The webhook endpoint %(id)s was switched off: %(reason)s"),
        )
        yield Incident(
            kind="endpoint", key=f"endpoint:{endpoint.pk}", tenant_id=endpoint.tenant_id,
            says=fails if endpoint.is_enabled else off,
            facts={"id": endpoint.pk, "reason": redact(endpoint.disabled_reason)},
        )  # fmt: skip


def customers() -> Iterator[Incident]:
    """Customers who wait for a person longer than their tenant wants."""
    for rule in WaitingRule.objects.filter(tell_after_minutes__isnull=False, tenant__is_active=True):
        targets = [Target(Door.EMAIL, address) for address in rule.emails]
        targets += [Target(Door.WEBHOOK, rule.webhook_url)] if rule.webhook_url else []
        for one in waiting(tenant_id=rule.tenant_id, longer_than=timedelta(minutes=rule.tell_after_minutes or 0)):
            yield Incident(
                kind="waiting", key=f"waiting:{one.pk}:{one.since:%Y%m%dT%H%M%S%f}", tenant_id=rule.tenant_id,
                says=_("A customer waits for a person since %(time)s UTC: %(page)s"),
                facts={"time": f"{one.since:%H:%M}", "page": page_of(one.pk)},
                targets=tuple(targets), tells_its_end=False,
            )  # fmt: skip


def _dead(model: type[WorkRow]) -> Iterator[tuple[int | None, int]]:
    rows: QuerySet = model._default_manager.filter(state=State.DEAD).order_by()
    if any(field.name == "tenant" for field in model._meta.fields):
        yield from rows.values_list("tenant_id").annotate(count=Count("pk"))
    elif count := rows.count():
        yield None, count
