"""Alert checks. Each returns everything that is wrong now; ALERT_CHECKS in flows.py lists them.

Another app adds a check by a function in that list; nothing here has to know it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from alerts.conditions import AlertCondition, AlertTarget
from alerts.models import Notice, NoticeMedium, WaitingRule
from alerts.waiting import page_address, waiting_conversations
from assistant.models import AssistantProfile, Spend
from assistant.services.budget import this_month
from common.text.redaction import redact
from common.work.heartbeat import last_seen
from common.work.rows import State, WorkRow, work_models
from messaging.models import Channel
from tenants.models import ApiKey, WebhookEndpoint
from tenants.services import failing_endpoints

KEY_WARNING = timedelta(days=7)
# A worker reports every 5 seconds, beat every 10; with an evaluation every 15 seconds this is noticed within a minute.
SILENT = timedelta(seconds=40)


def channels() -> Iterator[AlertCondition]:
    """Yield channels that cannot send."""
    for channel in Channel.objects.filter(is_enabled=True, tenant__is_active=True).exclude(problem=""):
        yield AlertCondition(
            kind="channel", key=f"channel:{channel.pk}", tenant_id=channel.tenant_id,
            says=_("Channel %(channel)s is down: %(reason)s"),
            facts={"channel": channel.name, "reason": redact(channel.problem)},
        )  # fmt: skip


def dead_rows() -> Iterator[AlertCondition]:
    """Yield work that was given up."""
    for model in work_models():
        if model is Notice:  # a failing notice cannot be reported through notices
            continue
        name = str(model._meta.verbose_name_plural)
        for tenant_id, count in _dead(model):
            whose = f":{tenant_id}" if tenant_id else ""
            yield AlertCondition(
                kind="dead", key=f"dead:{model._meta.label_lower}{whose}", tenant_id=tenant_id,
                says=_("%(count)s %(rows)s were given up and wait for a person"), facts={"count": count, "rows": name},
            )  # fmt: skip


def processes() -> Iterator[AlertCondition]:
    """Yield workers or beat that have stopped reporting."""
    meanings = {
        "worker": _("No worker has been heard of: nothing is answered"),
        "beat": _("No beat has been heard of: pauses do not end by themselves"),
    }
    for role, meaning in meanings.items():
        seen = last_seen(role)
        if seen is not None and timezone.now() - seen > SILENT:
            yield AlertCondition(kind="process", key=f"process:{role}", says=meaning)


def budgets() -> Iterator[AlertCondition]:
    """Yield tenants whose budget of the month is spent."""
    spent = Spend.objects.filter(month=this_month()).annotate(taken=F("spent_usd") + F("reserved_usd"))
    taken = dict(spent.values_list("tenant_id", "taken"))
    for profile in AssistantProfile.objects.filter(monthly_budget_usd__isnull=False, tenant__is_active=True):
        if taken.get(profile.tenant_id, Decimal(0)) >= (profile.monthly_budget_usd or 0):
            yield AlertCondition(
                kind="budget", key=f"budget:{profile.tenant_id}:{this_month()}", tenant_id=profile.tenant_id,
                says=_("The assistant's budget for %(month)s is spent"), facts={"month": this_month()},
            )  # fmt: skip


def keys() -> Iterator[AlertCondition]:
    """Yield API keys that expire within a week."""
    ending = Q(expiry_date__gt=Now(), expiry_date__lt=Now() + KEY_WARNING)
    for key in ApiKey.objects.filter(ending, revoked=False, tenant__is_active=True):
        yield AlertCondition(
            kind="key", key=f"key:{key.prefix}", tenant_id=key.tenant_id,
            says=_("The API key %(key)s ends on %(time)s UTC"),
            facts={"key": key.name, "time": f"{key.expiry_date:%Y-%m-%d %H:%M}"},
        )  # fmt: skip


def endpoints() -> Iterator[AlertCondition]:
    """Yield endpoints of webhooks out that fail or were disabled because of it; not those that a person disabled."""
    for endpoint in WebhookEndpoint.objects.filter(failing_endpoints(), tenant__is_active=True):
        fails, off = (
            _("The webhook endpoint %(id)s fails"),
            _("The webhook endpoint %(id)s was switched off: %(reason)s"),
        )
        yield AlertCondition(
            kind="endpoint", key=f"endpoint:{endpoint.pk}", tenant_id=endpoint.tenant_id,
            says=fails if endpoint.is_enabled else off,
            facts={"id": endpoint.pk, "reason": redact(endpoint.disabled_reason)},
        )  # fmt: skip


def customers() -> Iterator[AlertCondition]:
    """Yield customers who wait for a person longer than their tenant allows."""
    for rule in WaitingRule.objects.filter(tell_after_minutes__isnull=False, tenant__is_active=True):
        targets = [AlertTarget(NoticeMedium.EMAIL, address) for address in rule.emails]
        targets += [AlertTarget(NoticeMedium.WEBHOOK, rule.webhook_url)] if rule.webhook_url else []
        for one in waiting_conversations(
            tenant_id=rule.tenant_id, longer_than=timedelta(minutes=rule.tell_after_minutes or 0)
        ):
            yield AlertCondition(
                kind="waiting", key=f"waiting:{one.pk}:{one.since:%Y%m%dT%H%M%S%f}", tenant_id=rule.tenant_id,
                says=_("A customer waits for a person since %(time)s UTC: %(page)s"),
                facts={"time": f"{one.since:%H:%M}", "page": page_address(one.pk)},
                targets=tuple(targets), tells_its_end=False,
            )  # fmt: skip


def _dead(model: type[WorkRow]) -> Iterator[tuple[int | None, int]]:
    rows: QuerySet = model._default_manager.filter(state=State.DEAD).order_by()
    if any(field.name == "tenant" for field in model._meta.fields):
        yield from rows.values_list("tenant_id").annotate(count=Count("pk"))
    elif count := rows.count():
        yield None, count
