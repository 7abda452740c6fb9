"""Send held messages."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from messaging import services as messaging
from tenants.models import Tenant

REASONS = ("switch", "channel", "window", "uncertain")


class Command(BaseCommand):
    help = (
        "Queue messages that a switch or a broken channel held back, in their order; those older than "
        "RELEASE_MAX_AGE_HOURS are dropped. What may not be sent now is held again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", help="only this tenant's (slug)")
        parser.add_argument("--channel", type=int, help="only this channel's (id)")
        parser.add_argument(
            "--reason", action="append", choices=REASONS, help="why they are held; default: switch and channel"
        )

    def handle(self, *args: Any, tenant: str | None, channel: int | None, **options: Any) -> None:
        where: dict[str, Any] = {}
        if tenant is not None:
            where["tenant"] = Tenant.objects.filter(slug=tenant).first()
            if where["tenant"] is None:
                raise CommandError(f"there is no tenant {tenant}")
        if channel is not None:
            where["channel_id"] = channel
        count = messaging.release_held(held_by=tuple(options["reason"] or ("switch", "channel")), **where)
        self.stdout.write(f"{count} messages queued")
