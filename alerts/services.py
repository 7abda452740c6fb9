"""Evaluate alerts, notify people once, and resume a conversation when nobody came."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils.module_loading import import_string

from alerts import notice_sending
from alerts.conditions import AlertCondition, AlertTarget
from alerts.models import Alert, LastCheck, Notice, NoticeMedium, WaitingRule
from alerts.waiting import WaitingConversation, waiting_conversations
from common.db.locks import lock_names
from common.text.marks import customer_text
from common.text.sentences import translate
from common.work.queue import enqueue
from common.work.rows import State, rows_of
from common.work.run import work_on
from messaging import services as messaging
from messaging.models import Conversation, Purpose
from messaging.queries import language_for
from messaging.services.takeover import lock_conversation
from tenants.services import record

NOBODY_CAME = customer_text("Nobody is free at the moment, I am sorry. I can go on helping you: what do you need?")
logger = logging.getLogger("frontdesk.alerts")

LOOK_SECONDS = 10


def evaluate_alerts() -> int:
    """Evaluate alerts, resume conversations and send notices, unless another process did so just now.

    Returns how many changed.

    It sends due notices itself: when no worker is running, nobody else would.
    """
    _, is_first = LastCheck.objects.get_or_create(pk=1)
    mine = LastCheck.objects.filter(pk=1, looked_at__lte=Now() - timedelta(seconds=LOOK_SECONDS))
    if not is_first and not mine.update(looked_at=Now()):
        return 0
    changed = update_alerts() + resume_unattended()
    for pk in list(rows_of(Notice).due().values_list("pk", flat=True)[:50]):
        send_notice(pk)
    return changed


def update_alerts() -> int:
    """Open an alert for each new incident and end those that are over; returns how many were opened or ended."""
    with transaction.atomic():
        lock_names("alerts")  # of two processes, the second sees what the first has stored
        return sum(_look_with(name) for name in settings.ALERT_CHECKS)


def send_notice(pk: int) -> None:
    """Send one notice if it is due and not claimed by somebody else."""
    work_on(Notice, pk, _send)


def resume_unattended() -> int:
    """Notify customers for whom nobody came, and resume the assistant; returns how many."""
    count = 0
    for rule in WaitingRule.objects.filter(give_back_after_minutes__isnull=False, tenant__is_active=True):
        longer_than = timedelta(minutes=rule.give_back_after_minutes or 0)
        for one in waiting_conversations(tenant_id=rule.tenant_id, longer_than=longer_than):
            count += _resume(rule, one, longer_than)
    return count


def _look_with(name: str) -> int:
    try:
        with transaction.atomic():
            found: dict[str, AlertCondition] = {incident.key[:150]: incident for incident in import_string(name)()}
    except Exception:  # a check that fails says nothing: neither that something is wrong nor that it is over
        logger.exception("alert_check_failed", extra={"check": name})
        return 0
    known = {alert.key: alert for alert in Alert.objects.filter(source=name, ended_at=None)}
    new, over = found.keys() - known.keys(), known.keys() - found.keys()
    for key in sorted(new):
        _open(name, key, found[key])
    for key in sorted(over):
        _end(known[key])
    return len(new) + len(over)


def _open(source: str, key: str, incident: AlertCondition) -> None:
    alert = Alert.objects.create(
        tenant_id=incident.tenant_id, source=source, kind=incident.kind, key=key, text=incident.english[:500],
        says=incident.says, facts=dict(incident.facts),
        tells_its_end=incident.tells_its_end,
    )  # fmt: skip
    targets = _installation_targets() if incident.targets is None else incident.targets
    _create_notices(alert, "opened", targets)
    logger.warning("alert_opened", extra={"alert_id": alert.pk, "kind": alert.kind, "tenant_id": alert.tenant_id})


def _end(alert: Alert) -> None:
    Alert.objects.filter(pk=alert.pk).update(ended_at=Now())
    told = alert.notices.filter(event="opened")
    if alert.tells_its_end:
        _create_notices(alert, "ended", [AlertTarget(notice.medium, notice.address) for notice in told])
    logger.warning("alert_ended", extra={"alert_id": alert.pk, "kind": alert.kind, "tenant_id": alert.tenant_id})


def _create_notices(
    alert: Alert, event: str, targets: Iterator[AlertTarget] | tuple[AlertTarget, ...] | list[AlertTarget]
) -> None:
    for target in targets:
        notice = Notice.objects.create(alert=alert, event=event, medium=target.medium, address=target.address)
        enqueue("alerts.send_notice", notice.pk)


def _installation_targets() -> Iterator[AlertTarget]:
    if settings.ALERT_WEBHOOK_URL:
        yield AlertTarget(NoticeMedium.WEBHOOK)
    if settings.ALERT_EMAILS and settings.EMAIL_URL:
        yield AlertTarget(NoticeMedium.EMAIL)


def _send(notice: Notice) -> None:
    try:
        notice_sending.send(notice)
    except notice_sending.NoticeRefused as refused:
        notice.settle(State.DEAD, reason=str(refused))
    except notice_sending.NoticeNotDelivered as away:
        notice.fail(str(away), due_in=away.wait)
    else:
        notice.settle(State.DONE)


@transaction.atomic
def _resume(rule: WaitingRule, one: WaitingConversation, longer_than: timedelta) -> int:
    row = lock_conversation(Conversation.objects.get(pk=one.pk))
    still = list(waiting_conversations(tenant_id=rule.tenant_id, longer_than=longer_than, conversation=row.pk))
    if still != [one]:
        return 0  # somebody came meanwhile
    messaging.resume(conversation=row, actor="clock")
    record(tenant=row.tenant, actor="clock", action="nobody_came", subject=row)
    if row.contact.opted_out_at is None:
        text = rule.give_back_text or translate(NOBODY_CAME, language_for(row.contact, row.tenant))
        key = f"nobody-came:{row.pk}:{one.since:%Y%m%dT%H%M%S%f}"
        messaging.send(conversation=row, text=text, purpose=Purpose.NOTICE, dedupe_key=key, author="clock")
    return 1
