"""The loop on every wire, over HTTP both ways: the core service asks, a phone answers, the decision is told, signed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from approvals import services as approvals
from approvals.models import Candidate
from common.work import relay
from messaging.models import Channel, Message
from tenants import services as tenants
from tenants.models import WebhookDelivery, WebhookEndpoint, signing_secrets
from tests.approvals.conftest import OWNER, SECRET
from tests.support.api import ApiCaller
from tests.support.wires import simulator_config

WIRES = ("meta", "dialog360", "evolution", "twilio", "imessage")


@pytest.fixture
def line(request, clinic, wire, sim, settings, live_server):
    """A channel whose phone posts to a running server of ours; the owner has said hello on it."""
    settings.PUBLIC_URL = live_server.url
    settings.CORE_DECISION_WEBHOOK = f"{sim.url}/core/decisions"
    channel = wire(clinic, request.param)
    Channel.objects.filter(pk=channel.pk).update(messages_per_second=1000)  # a test does not wait for a wire's pace
    sim.set_config(simulator_config([channel], live_server.url) | {"core": {"signing_secret": SECRET}})
    approvals.set_up_approver(tenant=clinic, name="owner", by="tests", channel=channel, address=OWNER, is_default=True)
    assert sim.say(channel.external_id, "hello", person=OWNER)["status"] == 200
    work_all()
    return channel


def work_all():
    """Work what is due, and what only waits for the bubble before it."""
    waiting = Message.objects.filter(direction="out", state="queued")
    for _ in range(20):
        waiting.update(due_at=timezone.now() - timedelta(seconds=5))
        relay.work_all_due()
        if not waiting.exists():
            return


def ask(clinic, **fields):
    """What the core service posts."""
    body = {"title": "Post for Friday", "body": "Open late: until 21:00.", "deadline_minutes": 60, **fields}
    answer = ApiCaller(clinic, name=f"core {timezone.now()}").post("candidates", body)
    assert answer.status_code == 201, answer.content
    work_all()
    return Candidate.objects.get(pk=answer.json()["id"])


def prompt(sim, line):
    """What the phone shows last."""
    return next(bubble for bubble in reversed(sim.conversation(line.external_id, OWNER)) if bubble["author"] == "desk")


def said(sim, line, text="", **more):
    answer = sim.say(line.external_id, text, person=OWNER, **more)
    assert answer["status"] in {200, 201, 204}, answer
    work_all()


def told(sim):
    return sim.get("callbacks")["callbacks"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("line", WIRES, indirect=True)
def test_the_loop_over_http(line, clinic, sim):
    first = ask(clinic)
    shown = prompt(sim, line)
    assert "Open late: until 21:00." in shown["text"]
    if line.provider in {"meta", "dialog360"}:
        choice = shown["choices"][0]
        assert [one["title"] for one in shown["choices"]] == ["Approve", "Reject"]
        said(sim, line, choice["title"], kind="button", choice=choice["id"], reply_to=shown["id"])
    else:
        assert "1. Approve\n2. Reject" in shown["text"]
        said(sim, line, "1")
    second = ask(clinic, title="Second")
    said(sim, line, "no", reply_to=prompt(sim, line)["id"])
    third = ask(clinic, title="Third")
    said(sim, line, "👍", kind="reaction", reply_to=prompt(sim, line)["id"])
    fourth = ask(clinic, title="Fourth")
    said(sim, line, "edit: another text")
    said(sim, line, "yes")

    rows = [Candidate.objects.get(pk=row.pk) for row in (first, second, third, fourth)]
    assert [row.status for row in rows] == ["approved", "rejected", "approved", "approved"]
    assert rows[2].decided_via == "reaction"
    assert rows[3].decided_body == "another text"
    callbacks = told(sim)
    assert [entry["verified"] for entry in callbacks] == [True] * 4
    assert sorted(entry["data"]["decision"] for entry in callbacks) == ["approved"] * 3 + ["rejected"]
    assert {entry["times"] for entry in callbacks} == {1}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("line", ["meta", "evolution", "imessage"], indirect=True)
def test_a_picture_comes_before_its_question(line, clinic, sim, settings, tmp_path):
    import base64

    settings.MEDIA_ROOT = tmp_path
    content = b"\x89PNG\r\n\x1a\n" + b"0" * 64
    candidate = ask(clinic, image=base64.b64encode(content).decode())

    bubbles = [bubble for bubble in sim.conversation(line.external_id, OWNER) if bubble["author"] == "desk"][-2:]

    assert candidate.image_sha256
    if line.provider == "imessage":
        assert bubbles[0]["text"].startswith("Post for Friday\nhttp")
    else:
        assert bubbles[0]["kind"] == "image"
    said(sim, line, "yes", reply_to=bubbles[0]["id"])
    candidate.refresh_from_db()
    assert candidate.status == "approved"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("line", ["evolution"], indirect=True)
def test_the_core_service_refuses_what_is_not_signed_by_us(line, clinic, sim, settings):
    settings.WEBHOOK_SIGNING_SECRET = "whsec_" + "A" * 44
    candidate = ask(clinic)

    said(sim, line, "yes")

    candidate.refresh_from_db()
    assert candidate.status == "approved"
    assert [(entry["verified"], entry["status"]) for entry in told(sim)][:1] == [(False, 401)]
    delivery = candidate.event.deliveries.get()
    assert (delivery.state, delivery.attempts) == ("queued", 1)
    assert delivery.due_at > timezone.now() - timedelta(seconds=30)


def test_a_core_service_believes_its_own_tenant_alone(clinic, salon, sim, settings, live_server):
    """Two businesses of one installation: each decision verifies under the secret of its tenant and no other."""
    settings.CORE_DECISION_WEBHOOK = f"{sim.url}/core/decisions"
    rows = []
    for tenant in (clinic, salon):
        approvals.set_up_approver(tenant=tenant, name="owner", by="tests", is_default=True)
        wanted = approvals.CandidateRequest(
            title="Pay", deadline_at=timezone.now() + timedelta(hours=1), external_id="one-id"
        )
        rows.append(approvals.submit(tenant=tenant, wanted=wanted, by="tests")[0])
    own = {tenant.slug: signing_secrets(tenant.pk)[0] for tenant in (clinic, salon)}
    told = {"right": own, "swapped": {"clinic": own["salon"], "salon": own["clinic"]}}

    def believed(secrets):
        sim.set_config(simulator_config([], live_server.url) | {"core": {"signing_secrets": secrets}})
        for delivery in WebhookDelivery.objects.all():
            tenants.replay_delivery(delivery=delivery, by="tests")
        WebhookDelivery.objects.update(due_at=timezone.now() - timedelta(seconds=5))
        WebhookEndpoint.objects.update(resting_until=timezone.now() - timedelta(seconds=5))
        work_all()
        return WebhookDelivery.objects.filter(state="done").count()

    for row in rows:
        approvals.cancel(candidate=row, by="tests")
    assert own["clinic"] != own["salon"]
    assert believed(told["swapped"]) == 0
    assert believed(told["right"]) == 2
