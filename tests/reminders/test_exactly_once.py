"""Two beats and four workers, killed again and again, on PostgreSQL: each time is said once."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from common.work import queue, relay
from messaging.models import Message
from reminders import services as reminders
from reminders.models import Occurrence, Reminder
from reminders.services import occurrences

REMINDERS, WORKERS, BEATS, KILLS = 60, 4, 2, 8


def child(work):
    """A process of its own that does `work` again and again until it is killed."""
    pid = os.fork()
    if pid:
        return pid
    try:
        while True:
            work()
    except BaseException:  # noqa: BLE001 - whatever it is, this process ends here and not in pytest
        os._exit(1)


def fire_what_is_due():
    for name, pk, _ in relay.due_rows(limit=20):
        if name == "reminders.fire":
            queue.run_task(name, pk)
    time.sleep(0.01)


def add_and_sweep():
    reminders.plan_all()
    relay.sweep()
    time.sleep(0.05)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_f32_f76_each_person_is_told_once_whoever_dies(clinic, remind, settings, monkeypatch, drain):
    settings.LEASE_SECONDS = 10  # a slow machine's honest work stays within it: three leases that end are a dead row
    Reminder.objects.all().delete()
    rows = [remind(f"pill {number}") for number in range(REMINDERS)]
    due = timezone.now() - timedelta(seconds=2)
    Occurrence.objects.update(occurs_at=due, wanted_at=due, due_at=due, has_slot=True)
    Reminder.objects.update(first_on=due.date(), at_time=due.time().replace(microsecond=0), zone="UTC", next_at=due)
    # Some of them lost their time, as after a job that died halfway: the beats find those.
    lost = [row.pk for row in rows[::6]]
    Occurrence.objects.filter(reminder__in=lost).delete()
    Reminder.objects.filter(pk__in=lost).update(next_at=None, created_at=due - timedelta(seconds=5))
    plan = occurrences.plan_next

    def slowly(*args, **kwargs):
        time.sleep(0.03)  # a worker dies with its transaction open, too
        return plan(*args, **kwargs)

    monkeypatch.setattr(occurrences, "plan_next", slowly)
    connections.close_all()  # a child must not talk on our connection
    workers = [child(fire_what_is_due) for _ in range(WORKERS)]
    beats = [child(add_and_sweep) for _ in range(BEATS)]
    try:
        for number in range(KILLS):
            time.sleep(0.15)
            for living, work in ((workers, fire_what_is_due), *([(beats, add_and_sweep)] if number % 4 == 3 else [])):
                victim = living.pop(random.randrange(len(living)))
                os.kill(victim, signal.SIGKILL)
                os.waitpid(victim, 0)
                connections.close_all()
                living.append(child(work))
        until = time.monotonic() + 180
        while Occurrence.objects.exclude(state__in=["done", "ignored"]).exists() and time.monotonic() < until:
            time.sleep(0.1)
    finally:
        for pid in (*workers, *beats):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)

    said = Counter(Message.objects.filter(purpose="reminder").values_list("text", flat=True))
    assert said == Counter({f"⏰ pill {number}": 1 for number in range(REMINDERS)})
    assert Counter(Occurrence.objects.values_list("outcome", flat=True)) == {"sent": REMINDERS}
    assert set(Reminder.objects.values_list("state", flat=True)) == {"done"}
    assert Occurrence.objects.filter(crashes__gt=0).exists()  # the kills were felt
