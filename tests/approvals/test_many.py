"""Many candidates, two approvers who contradict each other, a core service that is away; see also `bin/bench`."""

from __future__ import annotations

import itertools
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from approvals import services as approvals
from approvals.models import AskQueue, Candidate, Question, Timer, TrailEntry
from approvals.services.questions import wake_up_forgotten
from common.work import relay
from common.work.run import work_on
from messaging.models import Channel, Message
from tenants.models import WebhookDelivery, WebhookEndpoint
from tests.approvals.conftest import OWNER, PARTNER, Phone
from tests.approvals.test_deciding import at_once

COUNT, CAPACITY, REFILL = 40, 2, 600.0


@pytest.fixture
def line(clinic, wire, sim, settings):
    settings.CORE_DECISION_WEBHOOK = f"{sim.url}/receiver/core"
    settings.WA_BUCKET_CAPACITY, settings.WA_BUCKET_REFILL_PER_MIN = CAPACITY, REFILL
    channel = wire(clinic, "evolution")
    Channel.objects.filter(pk=channel.pk).update(messages_per_second=1000)
    for name, address in (("owner", OWNER), ("partner", PARTNER)):
        approvals.set_up_approver(
            tenant=clinic, name=name, by="tests", channel=channel, address=address, is_default=True
        )
    return channel


def answer(phone, words, answered):
    """Answer each list and each single question once, by quoting it."""
    sent = Message.objects.filter(shown__address__address=phone.number, state="done").distinct()
    for message in sent.exclude(pk__in=answered):
        answered.add(message.pk)
        phone.say(words if "decisions wait" in message.text else words.removeprefix("ALL "), to=message)


def work_until(condition, act, seconds=400):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        relay.work_all_due()
        wake_up_forgotten()
        act()
        time.sleep(0.02)


def test_one_decision_each_told_once_and_the_pace_is_kept(line, submit, sim):
    sim.fail("receiver", "status", status=503, times=-1)
    for number in range(COUNT):
        submit(f"Post {number}")
    phones = [(Phone(line, OWNER), "ALL yes", set()), (Phone(line, PARTNER), "ALL no", set())]

    work_until(
        lambda: not Candidate.objects.filter(status="pending").exists(),
        lambda: [answer(phone, words, answered) for phone, words, answered in phones],
    )

    assert TrailEntry.objects.filter(kind="decided").count() == COUNT
    assert not [record for record in sim.record("receiver", direction="in") if record["accepted"]]
    for phone, _, _ in phones:
        texts = ("decisions wait", "Answer yes or no")
        asked = [one["at"] for one in sim.sends("evolution", to=phone.number) if any(t in one["text"] for t in texts)]
        assert asked
        for first, last in itertools.combinations(range(len(asked)), 2):
            assert last - first + 1 <= CAPACITY + REFILL / 60 * (asked[last] - asked[first] + 0.5) + 1
    sim.post("reset")

    def back():
        WebhookDelivery.objects.filter(state="queued").update(due_at=timezone.now() - timedelta(seconds=5))
        WebhookEndpoint.objects.update(resting_until=timezone.now() - timedelta(seconds=5))

    work_until(lambda: not WebhookDelivery.objects.exclude(state="done").exists(), back)
    told = Counter(record["reference"] for record in sim.record("receiver") if record["accepted"])
    assert len(told) == COUNT
    assert set(told.values()) == {1}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_queue_that_is_worked_twice_at_once_asks_once(submit, phone):
    submit()
    queue = AskQueue.objects.get()

    failed = at_once(*[lambda: work_on(AskQueue, queue.pk, approvals.work_queue)] * 6)

    assert failed == []
    assert Message.objects.filter(direction="out").count() == 1
    assert Question.objects.get().state == "shown"


def test_a_worker_that_dies_after_its_claim_leaves_the_prompt_to_another(submit, phone):
    submit()
    queue = AskQueue.objects.get()
    assert AskQueue.objects.claim(queue.pk) is not None
    work_on(AskQueue, queue.pk, approvals.work_queue)
    assert not Message.objects.exists()

    AskQueue.objects.update(lease_until=F("lease_until") - timedelta(minutes=5))
    assert AskQueue.objects.sweep() == 1
    (prompt,) = phone.see()

    assert prompt.text.startswith("Post for Friday")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_timer_that_rings_twice_at_once_ends_its_candidate_once(submit, owner):
    candidate = submit()
    timer = Timer.objects.get(kind="deadline")
    moment = timezone.now() - timedelta(seconds=5)
    Candidate.objects.update(deadline_at=moment)
    Timer.objects.update(due_at=moment)

    failed = at_once(*[lambda: work_on(Timer, timer.pk, approvals.run_timer)] * 4, *[approvals.run_due_timers] * 4)

    assert failed == []
    assert TrailEntry.objects.filter(candidate=candidate, kind="decided").count() == 1
