"""How often and when an approver is asked: bucket, spacing, quiet hours, on clocks that jump too."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db.models import F
from django.utils import timezone

from approvals.models import Approver, AskQueue, Question
from common.models import RateBucket
from common.quiet_hours import quiet_until
from messaging.models import Message
from tests.approvals.conftest import OWNER, quiet_now, status

pytestmark = pytest.mark.both

LISBON, NEW_YORK = ZoneInfo("Europe/Lisbon"), ZoneInfo("America/New_York")


def utc(*moment):
    return datetime(*moment, tzinfo=UTC)


def pass_time(seconds):
    """Everything about the queues happened so much earlier."""
    earlier = timedelta(seconds=seconds)
    RateBucket.objects.update(full_at=F("full_at") - earlier, closed_until=F("closed_until") - earlier)
    AskQueue.objects.update(due_at=F("due_at") - earlier)


@pytest.mark.parametrize(
    ("now", "zone", "ends"),
    [
        (utc(2026, 7, 1, 12), LISBON, None),
        (utc(2026, 7, 1, 21, 30), LISBON, utc(2026, 7, 2, 6)),  # 22:30 in summer
        (utc(2026, 1, 1, 22, 30), LISBON, utc(2026, 1, 2, 7)),
        (utc(2026, 1, 2, 6, 59), LISBON, utc(2026, 1, 2, 7)),
        (utc(2026, 1, 2, 7), LISBON, None),
        # The night in which summer time begins (29 March, 01:00 UTC) is shorter, the one in which it ends longer.
        (utc(2026, 3, 28, 23), LISBON, utc(2026, 3, 29, 6)),
        (utc(2026, 10, 24, 22), LISBON, utc(2026, 10, 25, 7)),
        (utc(2026, 3, 8, 5), NEW_YORK, utc(2026, 3, 8, 11)),
        (utc(2026, 11, 1, 4), NEW_YORK, utc(2026, 11, 1, 12)),
    ],
)
def test_quiet_hours_are_local_also_when_the_clock_jumps(now, zone, ends):
    assert quiet_until(now, begins=time(22), ends=time(7), zone=zone) == ends


def test_an_end_inside_the_jump_and_one_that_comes_twice():
    gap = quiet_until(utc(2026, 3, 8, 6), begins=time(22), ends=time(2, 30), zone=NEW_YORK)
    twice = quiet_until(utc(2026, 11, 1, 4), begins=time(22), ends=time(1, 30), zone=NEW_YORK)

    assert gap == utc(2026, 3, 8, 7, 30)  # 02:30 does not exist: 03:30 by the new clock
    assert twice == utc(2026, 11, 1, 6, 30)  # the second 01:30


def test_no_quiet_hours_without_both_ends():
    for begins, ends in ((None, time(7)), (time(22), None), (time(8), time(8))):
        assert quiet_until(utc(2026, 1, 1, 23), begins=begins, ends=ends, zone=LISBON) is None


def test_spacing_is_a_length_of_time_and_not_of_the_clock_on_the_wall(submit, phone, settings):
    settings.MIN_SPACING_SEC = 3600 * 2
    submit("First")
    assert len(phone.see()) == 1
    submit("Second")
    assert len(phone.see()) == 1
    bucket = RateBucket.objects.get(key__startswith="questions:")
    left = (bucket.closed_until - timezone.now()).total_seconds()
    assert 7100 < left <= 7200
    # Over the hour that summer time skips, two hours stay two hours: moments are kept in UTC.
    before = datetime(2026, 3, 29, 0, 30, tzinfo=LISBON)
    RateBucket.objects.filter(pk=bucket.pk).update(closed_until=before + timedelta(0))
    bucket.refresh_from_db()
    after = (bucket.closed_until + timedelta(seconds=settings.MIN_SPACING_SEC)).astimezone(LISBON)
    assert (after.hour, after.minute) == (3, 30)

    RateBucket.objects.filter(pk=bucket.pk).update(closed_until=timezone.now() + timedelta(hours=2))
    pass_time(7300)
    assert len(phone.see()) == 2


def test_the_bucket_gives_its_capacity_and_then_the_refill(submit, phone, settings):
    settings.WA_BUCKET_CAPACITY, settings.WA_BUCKET_REFILL_PER_MIN = 3, 2
    sent = []
    for number in range(5):
        submit(f"Post {number}")
        sent.append(len(phone.see()))

    assert sent == [1, 2, 3, 3, 3]
    pass_time(31)
    texts = [message.text for message in phone.see()]
    assert len(texts) == 4
    assert texts[3].startswith("Post 3")
    pass_time(31)
    assert phone.see()[4].text.startswith("Post 4")


def test_f72_the_pace_is_in_the_database_and_no_worker_forgets_it(submit, phone, settings):
    settings.WA_BUCKET_CAPACITY, settings.WA_BUCKET_REFILL_PER_MIN = 2, 1
    for number in range(4):
        submit(f"Post {number}")
        phone.see()
    from common import rate_limits

    rate_limits.reset()  # what a process, or Redis, may have known

    assert len(phone.see()) == 2
    queue = AskQueue.objects.get()
    assert queue.state == "queued"
    assert queue.due_at > timezone.now() + timedelta(seconds=40)


def test_imessage_has_a_bucket_of_its_own(submit, clinic, make_channel, settings):
    from approvals import services as approvals
    from tests.approvals.conftest import OWNER, Phone

    settings.WA_BUCKET_CAPACITY, settings.IMSG_BUCKET_CAPACITY = 1, 2
    line = make_channel(clinic, "imessage")
    approvals.set_up_approver(tenant=clinic, name="owner", by="tests", channel=line, address=OWNER, is_default=True)
    phone = Phone(line, OWNER)
    for number in range(3):
        submit(f"Post {number}")
        phone.see()

    assert len(phone.inbox()) == 2


def test_quiet_hours_hold_what_is_not_urgent(submit, phone, owner, clinic):
    local = timezone.now().astimezone(ZoneInfo(clinic.timezone))
    begins, ends = (local - timedelta(hours=1)).time(), (local + timedelta(hours=2)).time()
    Approver.objects.filter(pk=owner.pk).update(quiet_from=begins, quiet_until=ends)
    calm = submit("Calm")
    assert phone.see() == []
    queue = AskQueue.objects.get()
    assert timedelta(minutes=118) < queue.due_at - timezone.now() < timedelta(minutes=121)

    submit("Fire", priority="urgent")
    (urgent,) = phone.see()

    assert urgent.text.startswith("❗ Urgent\n\nFire")
    assert status(calm) == "pending"
    Approver.objects.filter(pk=owner.pk).update(quiet_from=None, quiet_until=None)
    AskQueue.objects.update(due_at=timezone.now() - timedelta(seconds=5))
    assert phone.see()[1].text.startswith("Calm")


def test_waiting_ones_are_gathered_while_the_pace_holds_them(submit, phone, settings):
    settings.MIN_SPACING_SEC = 60
    submit("First")
    assert len(phone.see()) == 1
    for number in range(25):
        submit(f"Post {number}")
    phone.see()
    for expected in (2, 3, 4):
        pass_time(70)
        assert len(phone.see()) == expected

    assert phone.inbox()[1].text.startswith("10 decisions wait for you")
    assert "15 more" in phone.inbox()[1].text
    assert Question.objects.filter(state="waiting").count() == 0


def test_what_a_switch_holds_back_does_not_come_in_a_heap(submit, phone, settings, drain):
    settings.OUTBOUND_REPLY_ENABLED = False
    for number in range(4):
        submit(f"Post {number}")
        drain()
        AskQueue.objects.update(due_at=timezone.now() - timedelta(seconds=5))
    drain()
    assert list(Message.objects.values_list("state", flat=True)) == ["held"]

    assert len(phone.inbox()) == 1
    AskQueue.objects.update(due_at=timezone.now() - timedelta(seconds=5))
    assert phone.see()[1].text.startswith("3 decisions wait for you")


def test_the_news_that_something_is_settled_waits_for_the_morning_too(submit, phone, partners_phone, owner):
    plain = submit("Plain", approvers=["owner", "partner"])
    phone.see(), partners_phone.see()
    urgent = submit("Urgent", approvers=["owner", "partner"], priority="urgent")
    before = len(phone.see())
    partners_phone.see()
    quiet_now(owner)
    for row in (plain, urgent):
        partners_phone.say(f"{row.short_id} no")

    assert [message.text[:5] for message in phone.see()[before:]] == [f"#{urgent.short_id.upper()}"]
    assert AskQueue.objects.get(address__address=OWNER).state == "queued"
    Approver.objects.filter(pk=owner.pk).update(quiet_from=None, quiet_until=None)
    AskQueue.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    assert phone.see()[-1].text.startswith(f"#{plain.short_id.upper()} is settled")
