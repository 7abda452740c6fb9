"""Messages that wait in the outbox, by the thousand: set-based, in a process of the installation's own."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from messaging.models import Channel
    from tenants.models import Tenant

_PHONE = "CAST({first} + n.n AS varchar(20))"


def outbox(
    *, tenant: Tenant, channels: Sequence[Channel], count: int, sessions: int, due_in: float, phones: int = 15560000000
) -> None:
    """Queue `count` messages in `sessions` new sessions, the channels in turn; all are due in `due_in` seconds."""
    from config import demo_sql
    from messaging.models import Contact, ContactAddress, Conversation, Message

    now, phone = time.time(), _PHONE.format(first=phones)
    demo_sql.create_number_table("bench_number", sessions)
    demo_sql.create_table(
        "bench_channel", "n integer PRIMARY KEY, id bigint", [(n, row.pk) for n, row in enumerate(channels)]
    )
    contact, conversation = demo_sql.reserve_ids(Contact, sessions), demo_sql.reserve_ids(Conversation, sessions)
    shared = {"tenant_id": str(tenant.pk), "created_at": demo_sql.moment_sql(now, "0")}
    demo_sql.insert_from(Contact, "bench_number n", id=f"{contact} + n.n", name="'Ana Tavares'", **shared)
    demo_sql.insert_from(
        ContactAddress,
        "bench_number n",
        tenant_id=str(tenant.pk),
        contact_id=f"{contact} + n.n",
        kind="'phone'",
        value=f"'+' || {phone}",
        external_id=phone,
    )
    demo_sql.insert_from(
        Conversation,
        f"bench_number n JOIN bench_channel b ON b.n = n.n % {len(channels)} JOIN messaging_channel c ON c.id = b.id",
        id=f"{conversation} + n.n",
        contact_id=f"{contact} + n.n",
        channel_id="c.id",
        recipient_kind="'phone'",
        recipient=f"CASE c.provider WHEN 'twilio' THEN 'whatsapp:+' || {phone} ELSE {phone} END",
        last_inbound_at=demo_sql.moment_sql(now, "0"),
        last_message_at=demo_sql.moment_sql(now, "0"),
        **shared,
    )
    demo_sql.create_number_table("bench_number", count)
    demo_sql.insert_from(
        Message,
        f"bench_number n JOIN messaging_conversation s ON s.id = {conversation} + n.n % {sessions}",
        order="n.n",
        conversation_id="s.id",
        channel_id="s.channel_id",
        direction="'out'",
        purpose="'notice'",
        text="'Your appointment is tomorrow at 10:00.'",
        external_id="''",
        due_at=demo_sql.moment_sql(now, str(due_in)),
        **shared,
    )


def main() -> int:
    """`python -m benchmarks.waiting '{"providers": [...], "rate": 80, "count": 500, "phones": 1556...}'`."""
    import django

    django.setup()
    from django.db import transaction

    from messaging.models import Channel
    from tenants.models import Tenant

    given = json.loads(sys.argv[1])
    tenant = Tenant.objects.get(slug="demo")
    channels = Channel.objects.of(tenant).filter(provider__in=given["providers"])
    channels.update(messages_per_second=given["rate"])
    with transaction.atomic():
        outbox(
            tenant=tenant,
            channels=list(channels),
            count=given["count"],
            sessions=given["count"],
            due_in=0,
            phones=given["phones"],
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
