"""Webhook items that cannot be processed at once: they wait, fail alone or are ignored (RELIABILITY F2, F8, F15)."""

import json
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from common.work.rows import LeaseLost, State
from messaging import handlers
from messaging import services as messaging
from messaging.models import Conversation, Message, WebhookEvent, WebhookItem
from messaging.providers.base import RawItem
from messaging.services import webhook_events

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def try_again(drain):
    WebhookItem.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    drain()


def owner_wrote(payload, text):
    body = payload("evolution/upsert_from_me_phone.json")
    body["data"]["messageTimestamp"] = int(timezone.now().timestamp())
    body["data"]["message"] = {"conversation": text}
    return body


def test_the_owners_message_waits_for_a_running_send_and_then_pauses(
    clinic, wire, sim, talk, say, post_webhook, payload, drain
):
    channel = wire(clinic, "evolution")
    claimed = Message.objects.claim(say(talk(channel), "our words").pk)
    claimed.tries.create()
    post_webhook(channel, owner_wrote(payload, "I take it from here"))
    drain()

    for _ in range(12):
        try_again(drain)
    item = WebhookItem.objects.get()
    assert (item.state, item.attempts) == (State.QUEUED, 0)
    claimed.settle(State.DONE, external_id="3EOURS")
    try_again(drain)

    assert Conversation.objects.get(messages__text="I take it from here").is_paused


def test_a_change_of_an_unknown_message_is_ignored_with_its_reason(clinic, wire, post_webhook, payload, drain):
    post_webhook(wire(clinic, "evolution"), payload("evolution/messages_edited.json"))
    drain()

    for _ in range(5):
        try_again(drain)

    item = WebhookItem.objects.get()
    assert (item.state, item.last_error) == (State.IGNORED, "the message that changes is not known")


def test_the_lease_of_a_body_that_takes_long_is_renewed(clinic, make_channel, post_webhook, payload, monkeypatch):
    post_webhook(make_channel(clinic, "meta"), payload("meta/batch_two_messages_one_change.json"))
    event = WebhookEvent.objects.claim(WebhookEvent.objects.get().pk)
    WebhookEvent.objects.update(lease_until=timezone.now() + timedelta(seconds=1))
    monkeypatch.setattr(webhook_events, "RENEW_SECONDS", 0.0)
    leases = []
    record = lambda *_: leases.append(WebhookEvent.objects.get().lease_until) or ""  # noqa: E731 - one line
    monkeypatch.setattr(webhook_events, "_process_or_store_failed", record)

    messaging.process_event(event)

    assert leases[0] > timezone.now() + timedelta(seconds=10)
    assert WebhookEvent.objects.get().state == State.DONE


def test_one_id_on_two_channels_of_a_body_is_two_items(clinic, make_channel, monkeypatch):
    event = messaging.store_webhook(provider="meta", body=b"{}", channel=None)
    items = [RawItem(external_id="same", channel=number, data={"n": number}) for number in ("one", "two")]
    monkeypatch.setattr(webhook_events, "process_raw_item", lambda **_: json.loads("{"))

    for item in items:
        webhook_events._process_or_store_failed(event, item)

    assert sorted(WebhookItem.objects.values_list("channel_named", flat=True)) == ["one", "two"]


def test_the_error_of_an_item_contains_no_phone_number(clinic, make_channel, monkeypatch):
    event = messaging.store_webhook(provider="meta", body=b"{}", channel=None)

    def fail(**_: object) -> str:
        raise ValueError("Key (value)=(+15550100111) is odd")

    monkeypatch.setattr(webhook_events, "process_raw_item", fail)
    webhook_events._process_or_store_failed(event, RawItem(external_id="x", channel="c"))

    assert "15550100111" not in WebhookItem.objects.get().last_error


def test_an_edit_while_a_message_is_handled_keeps_the_first_text(clinic, make_channel, inbound, monkeypatch, drain):
    message = messaging.receive(channel=make_channel(clinic, "meta"), inbound=inbound(make_channel(clinic, "meta")))

    def edited_meanwhile(row: Message) -> bool:
        Message.objects.filter(pk=row.pk).update(text="Hello!", data={**row.data, "first_text": "Hello"})
        return True

    monkeypatch.setattr(
        handlers, "inbound_handlers", lambda: (handlers.InboundHandler(name="test", take=edited_meanwhile),)
    )
    drain()

    assert Message.objects.get(pk=message.pk).data == {"first_text": "Hello", "handled_by": "test"}


def test_a_single_item_and_the_end_of_its_body_are_one_transaction(clinic, make_channel, post_webhook, payload):
    post_webhook(make_channel(clinic, "meta"), payload("meta/text.json"))
    event = WebhookEvent.objects.claim(WebhookEvent.objects.get().pk)
    WebhookEvent.objects.update(token=uuid.uuid4())  # this worker was frozen, and another worker has claimed the row

    with pytest.raises(LeaseLost):
        messaging.process_event(event)

    assert not Message.objects.exists()
    assert not WebhookItem.objects.exists()
