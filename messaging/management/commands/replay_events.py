"""Process stored webhooks again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from common.progress import progress
from common.work.rows import State
from messaging import services as messaging
from messaging.models import WebhookEvent
from messaging.providers import PROVIDERS


class Command(BaseCommand):
    help = "Read kept webhooks again; what is known already is left alone, so replaying twice does no harm."

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--event", type=int, metavar="ID", help="this one")
        which.add_argument("--dead", action="store_true", help="all that are given up, or have an item that is")
        which.add_argument("--provider", choices=sorted(PROVIDERS), help="all of one wire; needs --since")
        parser.add_argument("--since", metavar="ISO", help="received since then, such as 2026-11-20T08:00Z")

    def handle(self, *args: Any, **options: Any) -> None:
        events = self._events(options)
        ids = list(events.order_by("pk").values_list("pk", flat=True))
        if options["event"] and not ids:
            raise CommandError(f"there is no webhook {options['event']}; bodies are kept for 7 days")
        rows = 0
        for pk in progress(ids, total=len(ids), word="webhooks"):
            event = WebhookEvent.objects.filter(pk=pk).first()
            if event is not None:
                rows += messaging.replay(event=event)
        self.stdout.write(f"{len(ids)} webhooks queued again ({rows} rows)")

    def _events(self, options: dict[str, Any]) -> QuerySet[WebhookEvent]:
        events: QuerySet[WebhookEvent] = WebhookEvent.objects.all()
        if options["since"]:
            events = events.filter(received_at__gte=_moment(options["since"]))
        if options["event"]:
            return events.filter(pk=options["event"])
        if options["dead"]:
            return events.filter(Q(state=State.DEAD) | Q(items__state=State.DEAD)).distinct()
        if not options["since"]:
            raise CommandError("--provider needs --since, for example --since 2026-11-20T08:00")
        return events.filter(provider=options["provider"])


def _moment(text: str) -> datetime:
    try:
        moment = parse_datetime(text)
        day = None if moment else parse_date(text)
    except ValueError:
        moment = day = None
    if moment is None and day is not None:
        moment = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - made aware below
    if moment is None:
        raise CommandError(f"--since must be a moment such as 2026-11-20T08:00, not {text!r}")
    return timezone.make_aware(moment) if timezone.is_naive(moment) else moment
