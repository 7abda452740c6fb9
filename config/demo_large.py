"""The large demo: 100,000 sessions with 2,000,000 messages over half a year, to see lists under load.

A session has 6, 30 or 200 questions, most of them answered. The shares are chosen so that a session has 20 messages on
average: see `PAIRS`. Everything is derived from the session's number, so two loads differ only in time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, F, OuterRef, Subquery, When
from django.db.models.functions import Left

from common.progress import progress
from config import demo, demo_sql
from config.demo_words import FIRST, LAST, TALK
from messaging import services as messaging
from messaging.models import Attempt, Channel, Contact, ContactAddress, Conversation, Message
from messaging.models.conversations import LAST_TEXT
from messaging.providers.base import RANK, DeliveryStatus
from tenants import services as tenants
from tenants.models import Tenant

SLUG = "large"
SESSIONS = 100_000
SPAN_SECONDS = 180 * 24 * 3600
ATTEMPT_SECONDS = 7 * 24 * 3600  # attempts of what was sent in the last week
PARTS = 45  # steps of the progress bar, each a slice of the half year
LINES = (
    ("meta", "Harbour Street", "900000000000001"),
    ("meta", "Old Town", "900000000000002"),
    ("dialog360", "River Side", "900000000000003"),
    ("evolution", "Station", "large-station"),
    ("twilio", "University", "+15550190005"),
    ("imessage", "Practice for children", "large@example.test"),
)
# 1 % of the sessions have 200 questions, 9 % have 30, the others 6; a fifth of those waits for its last answer.
PAIRS = "CASE WHEN q.n % 100 = 0 THEN 200 WHEN q.n % 100 < 10 THEN 30 ELSE 6 END"
UNANSWERED = "q.n % 100 >= 80"
PAUSED = "s.n % 50 = 35"  # half of them unanswered
HELD, DEAD = "s.n % 97 = 5", "s.n % 89 = 7"


def load_large_demo(*, sessions: int = SESSIONS) -> tuple[Tenant, bool]:
    """Create the tenant and its half year, all or nothing; the second value is False when it existed already."""
    tenant = tenants.set_up_tenant(slug=SLUG, name="Harbour Dental Group", timezone="Europe/Lisbon")
    if Conversation.objects.of(tenant).exists():
        return tenant, False
    with transaction.atomic():
        _without_deadline()
        steps = list(_steps(tenant, sessions, time.time()))
        for step in progress(steps, total=len(steps), word="steps"):
            step()
    _tidy_up()
    return tenant, True


def _steps(tenant: Tenant, sessions: int, now: float) -> Iterator[Callable[[], object]]:
    start = now - SPAN_SECONDS
    yield lambda: _words(tenant)
    yield lambda: _sessions(tenant, sessions, start)
    yield lambda: _addresses(tenant)
    yield lambda: _conversations(tenant, start)
    for part in range(PARTS):
        yield lambda part=part: _messages(tenant, part, start)  # type: ignore[misc]  # mypy cannot infer it
    yield lambda: _shown(tenant)
    yield lambda: _attempts(tenant, now)


def _words(tenant: Tenant) -> None:
    """Create the tables of source values: channels, names, sentences, numbers."""
    secrets = {entry["provider"]: entry["credentials"] for entry in demo.channels(settings.SIMULATOR_URL)}
    channels = [(number, _channel(tenant, line, secrets).pk) for number, line in enumerate(LINES)]
    demo_sql.create_table("demo_channel", "n integer PRIMARY KEY, id bigint", channels)
    demo_sql.create_table("demo_first", "n integer PRIMARY KEY, name varchar(40)", list(enumerate(FIRST)))
    demo_sql.create_table("demo_last", "n integer PRIMARY KEY, name varchar(40)", list(enumerate(LAST)))
    sentences = [(number * 2 + side, pair[side]) for number, pair in enumerate(TALK) for side in (0, 1)]
    demo_sql.create_table("demo_talk", "n integer PRIMARY KEY, text text", sentences)
    demo_sql.create_table("demo_side", "side integer PRIMARY KEY", [(0,), (1,)])
    demo_sql.create_number_table("demo_pair", 200)


def _channel(tenant: Tenant, line: tuple[str, str, str], secrets: dict[str, dict[str, str]]) -> Channel:
    provider, name, external_id = line
    channel = messaging.set_up_channel(
        tenant=tenant, provider=provider, name=name, external_id=external_id, credentials=secrets[provider]
    )
    # The people are invented, their numbers may not be: nothing is ever sent to them.
    channel.outbound_enabled = False
    channel.save(update_fields=["outbound_enabled"])
    return channel


def _sessions(tenant: Tenant, count: int, start: float) -> None:
    """Create a contact for each session, and the table that says how each session goes."""
    demo_sql.create_number_table("demo_number", count)
    contact, conversation = demo_sql.reserve_ids(Contact, count), demo_sql.reserve_ids(Conversation, count)
    columns = (
        "n integer PRIMARY KEY, contact bigint, conversation bigint, channel bigint, pairs integer,"
        " unanswered integer, share double precision"
    )
    demo_sql.create_table("demo_session", columns, [])
    demo_sql.run_sql(
        f"INSERT INTO demo_session SELECT q.n, {contact} + q.n, {conversation} + q.n, c.id, {PAIRS},"  # noqa: S608 - our own words
        f" CASE WHEN {UNANSWERED} THEN 1 ELSE 0 END, ((q.n * 7919) % 1000) / 1000.0"
        f" FROM demo_number q JOIN demo_channel c ON c.n = q.n % {len(LINES)}"
    )
    demo_sql.insert_from(
        Contact,
        f"demo_session s JOIN demo_first f ON f.n = s.n % {len(FIRST)}"
        f" JOIN demo_last l ON l.n = (s.n / 7) % {len(LAST)}",
        id="s.contact",
        tenant_id=str(tenant.pk),
        name="f.name || ' ' || l.name",
        created_at=demo_sql.moment_sql(start, "s.share * 3600"),
    )

    demo_sql.analyze()


def _addresses(tenant: Tenant) -> None:
    demo_sql.insert_from(
        ContactAddress,
        "demo_session s",
        tenant_id=str(tenant.pk),
        contact_id="s.contact",
        kind="'phone'",
        value="'+' || CAST(15550000000 + s.n AS varchar(20))",
        external_id="CAST(15550000000 + s.n AS varchar(20))",
    )


def _conversations(tenant: Tenant, start: float) -> None:
    asked = f"(s.pairs - 1 + s.share) * {SPAN_SECONDS}.0 / s.pairs"
    last = f"{asked} + CASE WHEN s.unanswered = 1 THEN 0 ELSE 4 END"
    twilio = Channel.objects.of(tenant).get(provider="twilio").pk
    person = f"CASE WHEN {PAUSED} THEN {demo_sql.moment_sql(start, last)} END"
    demo_sql.insert_from(
        Conversation,
        "demo_session s",
        id="s.conversation",
        tenant_id=str(tenant.pk),
        channel_id="s.channel",
        contact_id="s.contact",
        recipient_kind="'phone'",
        recipient=f"CASE s.channel WHEN {twilio} THEN 'whatsapp:+' ELSE '' END"
        " || CAST(15550000000 + s.n AS varchar(20))",
        paused_at=person,
        last_human_at=person,
        paused_by=f"CASE WHEN {PAUSED} THEN 'operator' ELSE '' END",
        pause_reason=f"CASE WHEN {PAUSED} THEN 'asks about an invoice' ELSE '' END",
        # Far in the future, or auto-resume would resume all of them at once.
        resume_at=f"CASE WHEN {PAUSED} THEN {demo_sql.moment_sql(start, str(3 * SPAN_SECONDS))} END",
        last_inbound_at=demo_sql.moment_sql(start, asked),
        last_message_at=demo_sql.moment_sql(start, last),
        unread="CASE WHEN s.unanswered = 1 THEN 1 + s.n % 3 ELSE 0 END",
        created_at=demo_sql.moment_sql(start, f"s.share * {SPAN_SECONDS}.0 / s.pairs"),
    )


def _messages(tenant: Tenant, part: int, start: float) -> None:
    """Insert the questions of one slice of the half year and their answers, in the order of time."""
    first, end = (f"(({number} * s.pairs + {PARTS - 1}) / {PARTS})" for number in (part, part + 1))
    at = f"(p.n + s.share) * {SPAN_SECONDS}.0 / s.pairs + 4 * d.side"
    is_last = "d.side = 1 AND p.n = s.pairs - 1"
    source = (
        f"demo_session s JOIN demo_pair p ON p.n >= {first} AND p.n < {end} CROSS JOIN demo_side d"
        f" JOIN demo_talk t ON t.n = 2 * ((s.n * 31 + p.n * 17) % {len(TALK)}) + d.side"
    )
    seen = "s.n % 4 = 0"
    is_sent = f"d.side = 1 AND NOT ({is_last} AND ({HELD} OR {DEAD}))"
    demo_sql.insert_from(
        Message,
        f"{source} WHERE NOT ({is_last} AND s.unanswered = 1)",
        order="(p.n + s.share) / s.pairs, d.side",
        tenant_id=str(tenant.pk),
        conversation_id="s.conversation",
        channel_id="s.channel",
        direction="CASE d.side WHEN 0 THEN 'in' ELSE 'out' END",
        purpose=f"CASE WHEN d.side = 0 THEN 'customer' WHEN {is_last} AND {PAUSED} THEN 'operator'"
        " ELSE 'assistant' END",
        author=f"CASE WHEN {is_last} AND {PAUSED} THEN 'desk' ELSE '' END",
        text="t.text",
        external_id="'demo-' || CAST(s.n AS varchar(10)) || '-' || CAST(p.n * 2 + d.side AS varchar(10))",
        state=f"CASE WHEN {is_last} AND {HELD} THEN 'held' WHEN {is_last} AND {DEAD} THEN 'dead' ELSE 'done' END",
        held_by=f"CASE WHEN {is_last} AND {HELD} THEN 'switch' ELSE '' END",
        last_error=f"CASE WHEN {is_last} AND {HELD} THEN 'sending is switched off for this channel'"
        f" WHEN {is_last} AND {DEAD} THEN 'the number is not on WhatsApp' ELSE '' END",
        error_code=f"CASE WHEN {is_last} AND {DEAD} THEN '131026' ELSE '' END",
        attempts="1",
        due_at=demo_sql.moment_sql(start, at),
        sent_at=demo_sql.moment_sql(start, at),
        created_at=demo_sql.moment_sql(start, at),
        delivery=f"CASE WHEN NOT ({is_sent}) THEN '' WHEN {seen} THEN 'read' ELSE 'delivered' END",
        delivery_rank=f"CASE WHEN NOT ({is_sent}) THEN 0 WHEN {seen} THEN {RANK[DeliveryStatus.READ]}"
        f" ELSE {RANK[DeliveryStatus.DELIVERED]} END",
        delivered_at=f"CASE WHEN {is_sent} THEN {demo_sql.moment_sql(start, f'{at} + 2')} END",
        read_at=f"CASE WHEN {is_sent} AND {seen} THEN {demo_sql.moment_sql(start, f'{at} + 90')} END",
    )


def _shown(tenant: Tenant) -> None:
    """Set what lists show of each session: the latest message, and since when its customer waits."""
    last = Message.objects.filter(conversation=OuterRef("pk")).order_by("-pk")
    Conversation.objects.of(tenant).update(
        last_text=Subquery(last.values(words=Left("text", LAST_TEXT))[:1]),
        last_purpose=Subquery(last.values("purpose")[:1]),
        waiting_since=Case(When(unread__gt=0, then=F("last_inbound_at"))),
    )


def _attempts(tenant: Tenant, now: float) -> None:
    since = demo_sql.moment_sql(now, str(-ATTEMPT_SECONDS))
    demo_sql.insert_from(
        Attempt,
        f"messaging_message m WHERE m.tenant_id = {tenant.pk} AND m.direction = 'out'"
        f" AND m.state IN ('done', 'dead') AND m.created_at > {since}",
        order="m.id",
        message_id="m.id",
        started_at="m.created_at",
        finished_at="m.created_at",
        outcome="CASE m.state WHEN 'done' THEN 'accepted' ELSE 'permanent' END",
        code="m.error_code",
        reason="m.last_error",
    )


def _without_deadline() -> None:
    """Run a block without the statement timeout of the product, and check keys at each step."""
    if not demo_sql.is_sqlite():
        demo_sql.run_sql("SET LOCAL statement_timeout = 0")
        demo_sql.run_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
        demo_sql.run_sql("SET CONSTRAINTS ALL IMMEDIATE")


def _tidy_up() -> None:
    """Update the planner's statistics."""
    for name in ("demo_channel", "demo_first", "demo_last", "demo_talk", "demo_side", "demo_pair", "demo_number"):
        demo_sql.run_sql(f"DROP TABLE IF EXISTS {name}")
    demo_sql.run_sql("DROP TABLE IF EXISTS demo_session")
    if not demo_sql.is_sqlite() and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("RESET statement_timeout")
        return
    demo_sql.analyze()
