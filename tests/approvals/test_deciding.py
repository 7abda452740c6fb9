"""Exactly one decision, told once and signed, whatever races."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from standardwebhooks import Webhook

from approvals import services as approvals
from approvals.models import Candidate, Policy, Timer, TrailEntry, Via
from common.work import queue
from common.work.run import work_on
from tenants.models import AuditEntry, EmittedEvent, WebhookDelivery, WebhookEndpoint
from tests.approvals.conftest import SECRET, status

pytestmark = pytest.mark.both

CORE = "https://8.8.8.8/decisions"


def past(candidate):
    moment = timezone.now() - timedelta(seconds=5)
    Candidate.objects.filter(pk=candidate.pk).update(deadline_at=moment)
    Timer.objects.filter(candidate=candidate, kind="deadline").update(due_at=moment)


def at_once(*services):
    """All of them on threads of their own, from one moment on; returns the exceptions that came of it."""
    gate, failed = threading.Barrier(len(services)), []

    def run(verb):
        try:
            gate.wait(60)
            verb()
        except Exception as error:  # noqa: BLE001 - looked at by the test
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(service,)) for service in services]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return failed


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", range(5))
def test_f69_approve_reject_deadline_cancel_and_admin_at_once(submit, owner, partner, round_):
    candidate = submit(approvers=["owner", "partner"], callback_url=CORE)
    timer = Timer.objects.get(candidate=candidate, kind="deadline")

    def say(who, choice, via):
        return lambda: approvals.vote(
            candidate=candidate, approver=who, choice=choice, via=via, cast_by=f"member:{who.pk}"
        )

    moment = timezone.now() + timedelta(milliseconds=50)
    Candidate.objects.filter(pk=candidate.pk).update(deadline_at=moment)
    Timer.objects.filter(pk=timer.pk).update(due_at=moment - timedelta(seconds=1))
    failed = at_once(
        say(owner, "approve", Via.BUTTON), say(partner, "reject", Via.TEXT), say(owner, "reject", Via.ADMIN),
        say(partner, "approve", Via.API), lambda: work_on(Timer, timer.pk, approvals.run_timer),
        lambda: approvals.cancel(candidate=candidate, by="core"), approvals.run_due_timers, approvals.run_due_timers,
    )  # fmt: skip

    assert failed == []
    assert status(candidate) in {"approved", "rejected", "expired", "cancelled"}
    assert TrailEntry.objects.filter(candidate=candidate, kind="decided").count() == 1
    assert AuditEntry.objects.filter(action__startswith="candidate_").count() == 1
    assert EmittedEvent.objects.filter(type="approval.decided").count() == 1
    assert WebhookDelivery.objects.count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_approvers_who_answer_many_at_once_do_not_wait_for_each_other(submit, phone, partners_phone):
    rows = [submit(f"Post {number}", approvers=["owner", "partner"], callback_url=CORE) for number in range(6)]
    phone.see(), partners_phone.see()

    failed = at_once(
        lambda: phone.say("1,2,3,4,5,6 yes"), lambda: partners_phone.say("6,5,4,3,2,1 no"), approvals.run_due_timers
    )

    assert failed == []
    assert {status(row) for row in rows} <= {"approved", "rejected"}
    assert EmittedEvent.objects.filter(type="approval.decided").count() == 6


def test_the_decision_is_told_by_the_rows_of_webhooks_out_and_verifies(submit, phone, sim, settings):
    settings.CORE_DECISION_WEBHOOK = f"{sim.url}/receiver/core"
    candidate = submit(body="Open late.", metadata={"post": 17}, external_id="post-17")
    (prompt,) = phone.see()
    phone.tap(prompt)
    candidate.refresh_from_db()
    delivery = candidate.event.deliveries.get()

    queue.run_task("tenants.deliver_webhook", delivery.pk)

    (record,) = sim.record("receiver")
    at, _, signatures = record["id"].partition(" ")
    headers = {"webhook-id": record["reference"], "webhook-timestamp": at, "webhook-signature": signatures}
    body = Webhook(SECRET).verify(record["text"].encode(), headers)
    assert body["type"] == "approval.decided"
    data = body["data"]
    assert (data["candidate_id"], data["external_id"], data["decision"], data["decided_by"]) == (
        candidate.pk, "post-17", "approved", "owner",
    )  # fmt: skip
    assert data["content_hash"] == candidate.content_hash
    assert data["metadata"] == {"post": 17}
    delivery.refresh_from_db()
    assert delivery.state == "done"


def test_f70_the_decision_stands_and_its_callback_is_tried_on_with_one_id(submit, phone, sim, settings):
    settings.CORE_DECISION_WEBHOOK = f"{sim.url}/receiver/core"
    rule = sim.fail("receiver", "status", status=500, times=2)
    assert rule
    candidate = submit()
    (prompt,) = phone.see()
    phone.tap(prompt)
    delivery = WebhookDelivery.objects.get()
    for _ in range(3):
        WebhookDelivery.objects.update(due_at=timezone.now() - timedelta(seconds=5))
        WebhookEndpoint.objects.update(resting_until=timezone.now() - timedelta(seconds=5))
        # The candidate's deadline does not end the callback's tries.
        Candidate.objects.update(deadline_at=timezone.now() - timedelta(days=2))
        queue.run_task("tenants.deliver_webhook", delivery.pk)

    delivery.refresh_from_db()
    records = sim.record("receiver")
    assert (delivery.state, delivery.attempts, status(candidate)) == ("done", 3, "approved")
    assert {record["reference"] for record in records if record["reference"]} == {delivery.event.event_id}


def test_the_deadline_fails_closed_or_does_what_the_candidate_says(submit, owner):
    rows = {how: submit(how, on_deadline=how, callback_url=CORE) for how in ("expire", "approve", "reject")}
    for row in rows.values():
        past(row)

    assert approvals.run_due_timers() == 3

    ends = {how: (status(row), row.decided_via) for how, row in rows.items()}
    assert ends == {
        "expire": ("expired", "deadline"), "approve": ("approved", "deadline"), "reject": ("rejected", "deadline"),
    }  # fmt: skip
    assert EmittedEvent.objects.count() == 3


def test_a_timer_that_rings_early_waits_for_the_databases_clock(submit, owner):
    candidate = submit()
    timer = Timer.objects.get(kind="deadline")
    Timer.objects.update(due_at=timezone.now() - timedelta(seconds=5))

    work_on(Timer, timer.pk, approvals.run_timer)

    timer.refresh_from_db()
    assert (status(candidate), timer.state, timer.due_at) == ("pending", "queued", candidate.deadline_at)


def test_the_ladder_asks_the_next_approver_and_the_next_channel(submit, phone, partner, partners_phone):
    ladder = [
        approvals.EscalationStep(after_minutes=5, approvers=["partner"]),
        approvals.EscalationStep(after_minutes=10),
    ]
    candidate = submit(approvers=["owner"], ladder=ladder)
    assert len(phone.see()) == 1
    assert partners_phone.see() == []
    Timer.objects.filter(step=1).update(due_at=timezone.now() - timedelta(seconds=5))

    approvals.run_due_timers()

    assert len(partners_phone.see()) == 1
    Timer.objects.filter(step=2).update(due_at=timezone.now() - timedelta(seconds=5))
    approvals.run_due_timers()
    assert len(phone.see()) == 2
    partners_phone.say("yes")
    assert status(candidate) == "approved"
    kinds = list(TrailEntry.objects.filter(candidate=candidate).values_list("kind", flat=True))
    assert kinds.count("escalated") == 2


def test_policies_approve_by_themselves_or_ask_for_two(clinic, submit, owner, partner, phone):
    Policy.objects.create(
        tenant=clinic, name="small", effect="auto_approve", category="refund", amount_up_to=20, place=1
    )
    Policy.objects.create(tenant=clinic, name="refunds", effect="two_person", category="refund", place=2)

    small = submit("Small", category="refund", metadata={"amount": 20}, callback_url=CORE)
    assert (status(small), small.decided_by, small.decided_via) == ("approved", "policy small", "policy")
    assert phone.see() == []
    for metadata in ({"amount": 20.01}, {"amount": "5"}, {"amount": True}, {}, {"amount": -1}):
        with pytest.raises(approvals.InvalidCandidate, match="The policy refunds asks for two"):
            submit("Big", category="refund", metadata=metadata)
    big = submit("Big", category="refund", metadata={"amount": 500}, approvers=["owner", "partner"])
    assert (big.needed, status(big)) == (2, "pending")
    assert AuditEntry.objects.get(action="candidate_approved").details["via"] == "policy"


def test_f66_the_kill_switch_holds_prompts_and_f3_uncertain_ones_are_not_sent_again(
    submit, phone, settings, drain, sim
):
    from messaging.models import Message

    settings.OUTBOUND_REPLY_ENABLED = False
    submit()
    drain()

    message = Message.objects.get(direction="out")
    assert (message.state, message.held_by, message.purpose) == ("held", "switch", "approval")


def test_what_was_told_is_bytes_made_once(submit, owner):
    candidate = submit(callback_url=CORE)
    approvals.cancel(candidate=candidate, by="key core", reason="Not needed")
    event = EmittedEvent.objects.get()

    body = json.loads(bytes(event.body))
    assert (body["data"]["decision"], body["data"]["reason"]) == ("cancelled", "Not needed")
    assert not approvals.cancel(candidate=candidate, by="key core")
    assert EmittedEvent.objects.count() == 1
