"""Reminders by the hundred thousand: what finding the due ones costs while a million wait, and how fast they drain.

`python -m benchmarks.reminders JSON` measures in a process of the installation's own, on the database it is given.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.demo import demo_database
from benchmarks.due import FAR_AWAY, FLAT, _cost
from benchmarks.environment import ask, environment_of
from benchmarks.report import Figure, Options, per_page, say
from benchmarks.yardstick import page_milliseconds

NAME = "reminders"
WORKERS, LINES = 2, 20
PER_SECOND = 300  # reminders on the quiet machine (`benchmarks.yardstick`)
# Not the tables that are still empty: an analysed empty table is planned as one that stays empty.
ANALYZE = "ANALYZE messaging_contact, messaging_conversation, reminders_reminder, reminders_occurrence"
FULL = {"waiting": [10_000, 100_000, 1_000_000], "due": 100_000, "seconds": 60}
USUAL = {"waiting": [1_000, 10_000, 100_000], "due": 5_000, "seconds": 15}
QUICK = USUAL | {"due": 2_500, "seconds": 8}


def measure(options: Options) -> Iterator[Figure]:
    """On PostgreSQL, with two workers and no broker: their relays find everything."""
    given = QUICK if options.quick else FULL if options.full else USUAL
    given = given | {"due": options.amount(given["due"], least=1_000)}  # type: ignore[arg-type]  # a number
    say(f"reminders: up to {given['waiting'][-1]:,} waiting, {given['due']:,} due in one minute")  # type: ignore[index]  # a list
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="frontdesk-bench-")))
        url = stack.enter_context(demo_database(folder, postgres={"max_wal_size": "4GB"}))
        environment = environment_of(folder, 8000, "", {"DATABASE_URL": url, "OUTBOUND_REPLY_ENABLED": "false"})
        pages = [page_milliseconds()]
        found = ask("benchmarks.reminders", given, environment)
        pages.append(page_milliseconds())
    sizes = list(found["looks"])
    first, last = found["looks"][sizes[0]], found["looks"][sizes[-1]]
    grown = ", ".join(f"{int(size):,}: {found['looks'][size]['ms']:.2f} ms" for size in sizes)
    yield Figure(
        bench=NAME,
        name=f"due query with {int(sizes[-1]):,} waiting",
        value=round(last["ms"], 2),
        unit="ms",
        note=f"the ids of what is due; {grown}",
    )
    yield Figure(
        bench=NAME,
        name=f"due query, growth from {int(sizes[0]):,} to {int(sizes[-1]):,}",
        value=round(last["ms"] / first["ms"], 2),
        unit="times",
        at_most=FLAT,
    )
    drained = Figure(
        bench=NAME,
        name=f"{given['due']:,} due in one minute, drained",
        value=round(found["per_second"], 1),
        unit="reminders/s",
        note=f"put into the outbox, next time made; {WORKERS} workers, {found['ended']:,} in {found['took']:.0f} s",
    )
    yield drained
    yield per_page(drained, pages, least=PER_SECOND)
    yield Figure(bench=NAME, name="said twice", value=found["twice"], unit="reminders", at_most=0, note=found["told"])


def fill(*, tenant: Any, count: int, begin: float, within: float, phones: int) -> None:
    """`count` weekly reminders of as many people, on LINES channels, whose next times lie within so many seconds."""
    from config import demo_sql
    from messaging.models import Channel, Contact, Conversation
    from reminders.models import Occurrence, Reminder

    now = time.time()
    demo_sql.create_number_table("bench_number", count)
    lines = list(Channel.objects.filter(tenant=tenant, name__startswith="bench ").order_by("pk"))
    demo_sql.create_table(
        "bench_channel", "n integer PRIMARY KEY, id bigint", [(n, row.pk) for n, row in enumerate(lines)]
    )
    contact, session, reminder = (demo_sql.reserve_ids(model, count) for model in (Contact, Conversation, Reminder))
    shared = {"tenant_id": str(tenant.pk), "created_at": demo_sql.moment_sql(now, "0")}
    due = demo_sql.moment_sql(now, f"{begin} + {float(within)} * n.n / {count}")
    demo_sql.insert_from(Contact, "bench_number n", id=f"{contact} + n.n", name="'Ana Tavares'", **shared)
    demo_sql.insert_from(
        Conversation,
        f"bench_number n JOIN bench_channel b ON b.n = n.n % {len(lines)}",
        id=f"{session} + n.n",
        contact_id=f"{contact} + n.n",
        channel_id="b.id",
        recipient_kind="'phone'",
        recipient=f"CAST({phones} + n.n AS varchar(20))",
        last_inbound_at=demo_sql.moment_sql(now, "0"),
        **shared,
    )
    demo_sql.insert_from(
        Reminder,
        "bench_number n",
        id=f"{reminder} + n.n",
        contact_id=f"{contact} + n.n",
        conversation_id=f"{session} + n.n",
        text="'Take the pill'",
        first_on="DATE '2026-01-05'",
        at_time="TIME '09:00'",
        rule="'FREQ=WEEKLY;BYDAY=MO'",
        next_at=due,
        **shared,
    )
    demo_sql.insert_from(
        Occurrence,
        "bench_number n",
        order="n.n",
        reminder_id=f"{reminder} + n.n",
        occurs_at=due,
        wanted_at=due,
        due_at=due,
        **shared,
    )


def run(given: dict[str, Any]) -> dict[str, Any]:
    """Fill and look step by step, then let the workers at what is due."""
    from django.db import connection, connections, transaction

    from config import demo_sql
    from messaging.models import Message
    from reminders.models import Occurrence
    from tenants.models import Tenant

    tenant = Tenant.objects.get(slug="demo")
    _lines(tenant)
    put = transaction.atomic(fill)
    looks, waiting = {}, 0
    # The same 200 are due at each size.
    put(tenant=tenant, count=200, begin=-60, within=1, phones=15300000000)
    for number, size in enumerate(given["waiting"]):
        phones = 15310000000 + number * 10_000_000
        put(tenant=tenant, count=size - waiting, begin=FAR_AWAY, within=FAR_AWAY, phones=phones)
        waiting = size
        demo_sql.run_sql(ANALYZE)
        looks[str(size)] = _cost(_look, 25)
    demo_sql.run_sql("DELETE FROM reminders_occurrence WHERE due_at < now()")
    put(tenant=tenant, count=given["due"], begin=-60, within=60, phones=15400000000)
    demo_sql.run_sql(ANALYZE)
    before = Message.objects.filter(purpose="reminder").count()
    connections.close_all()
    workers = [_worker() for _ in range(WORKERS)]
    ended = Occurrence.objects.filter(outcome="sent")
    while not ended.exists():
        time.sleep(0.05)
    started, first = time.monotonic(), ended.count()
    while time.monotonic() - started < given["seconds"] and ended.count() < given["due"]:
        time.sleep(0.5)
    count, took = ended.count() - first, time.monotonic() - started
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COUNT(*) FROM (SELECT conversation_id FROM messaging_message WHERE purpose = 'reminder'"
            " GROUP BY conversation_id HAVING COUNT(*) > 1) twice"
        )
        twice = cursor.fetchone()[0]
    said = Message.objects.filter(purpose="reminder").count() - before
    return {
        "looks": looks, "per_second": count / took, "ended": count, "took": took, "twice": twice,
        "told": f"{said:,} messages to as many people; none of them twice" if not twice else "",
    }  # fmt: skip


def _look() -> object:
    from reminders.models import Occurrence

    return list(Occurrence.objects.due().values_list("pk", "due_at")[:200])


def _lines(tenant: Any) -> None:
    from messaging.models import Channel

    for number in range(LINES):
        Channel.objects.create(
            tenant=tenant, provider="meta", name=f"bench {number}", external_id=f"bench-{number}",
            messages_per_second=10_000,
        )  # fmt: skip


def _worker() -> int:
    pid = os.fork()
    if pid:
        return pid
    from common.work.relay import Relay

    Relay("worker").start()
    while True:
        time.sleep(60)


def main() -> int:
    """Measure in the environment given."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    print(json.dumps(run(json.loads(sys.argv[1]))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
