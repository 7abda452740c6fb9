"""Alert checks of reminders: see ALERT_CHECKS."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count
from django.db.models.functions import Now
from django.utils.translation import gettext_noop as _

from alerts.conditions import AlertCondition
from reminders.models import Occurrence, OccurrenceOutcome

TOLD_FOR = timedelta(hours=6)


def missed_reminders() -> Iterator[AlertCondition]:
    """Yield occurrences of the last hours for which nothing was sent."""
    rows = Occurrence.objects.filter(
        outcome=OccurrenceOutcome.MISSED, ended_at__gt=Now() - TOLD_FOR, tenant__is_active=True
    )
    for tenant_id, count in rows.order_by().values_list("tenant_id").annotate(count=Count("pk")):
        yield AlertCondition(
            kind="reminders", key=f"reminders:{tenant_id}", tenant_id=tenant_id,
            says=_("%(count)s times of reminders were missed in the last 6 hours: see Occurrences, outcome Missed"),
            facts={"count": count},
        )  # fmt: skip
