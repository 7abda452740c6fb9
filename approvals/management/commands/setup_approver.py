"""Create or update an approver."""

from __future__ import annotations

import json
from datetime import time
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from approvals import services as approvals
from approvals.models import ApproverLanguage
from common.text.numbers import parse_whole_number
from messaging.models import Channel
from tenants.models import Member, Tenant


class Command(BaseCommand):
    help = "Make somebody who may decide, or change what is given of them. The last line of output is JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", required=True, help="the tenant's slug")
        parser.add_argument("--name", required=True, help="what the core service calls this person, such as owner")
        parser.add_argument("--channel", help="the channel's id or name, on which this person is asked")
        parser.add_argument("--address", default="", help="a number such as +15550100200, or an e-mail on iMessage")
        parser.add_argument("--language", choices=ApproverLanguage.values)
        parser.add_argument("--timezone", help="of the quiet hours, such as America/Sao_Paulo; default: the tenant's")
        parser.add_argument("--quiet", metavar="FROM-UNTIL", help="quiet hours, such as 22:00-07:00; none ends them")
        parser.add_argument("--member", help="the login of the member who decides as this person in the back office")
        parser.add_argument("--default", action="store_true", help="asked when a candidate names nobody")

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = Tenant.objects.filter(slug=options["tenant"]).first()
        if tenant is None:
            raise CommandError(f"there is no tenant {options['tenant']}: run setup_tenant first")
        if bool(options["channel"]) != bool(options["address"]):
            raise CommandError("--channel and --address belong together")
        fields = {name: options[name] for name in ("language", "timezone") if options[name]}
        fields |= _quiet(options["quiet"]) if options["quiet"] else {}
        fields |= {"is_default": True} if options["default"] else {}
        fields |= {"member": _member(tenant, options["member"])} if options["member"] else {}
        channel = _channel(tenant, options["channel"]) if options["channel"] else None
        try:
            row = approvals.set_up_approver(
                tenant=tenant, name=options["name"], by="setup_approver", channel=channel,
                address=options["address"], **fields,
            )  # fmt: skip
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from None
        self.stdout.write(json.dumps({"id": row.pk, "name": row.name, "addresses": row.addresses.count()}))


def _channel(tenant: Tenant, name: str) -> Channel:
    rows = Channel.objects.of(tenant)
    pk = parse_whole_number(name)
    found: list[Channel] = list(rows.filter(name=name) if pk is None else rows.filter(pk=pk))
    if len(found) != 1:
        known = ", ".join(f"{row.pk} ({row.name})" for row in rows.order_by("pk")[:20]) or "none"
        raise CommandError(f"no channel of this tenant is called {name}; channels: {known}")
    return found[0]


def _member(tenant: Tenant, name: str) -> Member:
    found: Member | None = Member.objects.of(tenant).filter(user__username=name).first()
    if found is None:
        raise CommandError(f"{name} is no member of this tenant")
    return found


def _quiet(text: str) -> dict[str, time | None]:
    if text == "none":
        return {"quiet_from": None, "quiet_until": None}
    begins, _, ends = text.partition("-")
    try:
        return {"quiet_from": time.fromisoformat(begins), "quiet_until": time.fromisoformat(ends)}
    except ValueError:
        raise CommandError("--quiet must be like 22:00-07:00, or none") from None
