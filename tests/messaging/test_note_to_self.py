"""What the owner writes in the chat with their own number is private: it creates no session and is not shown."""

import pytest
from django.utils import timezone

from messaging.models import Contact, Conversation, Message, WebhookEvent, WebhookItem
from messaging.providers.base import RawItem
from messaging.services.webhook_events import process_raw_item

pytestmark = pytest.mark.django_db
OWN = "15550100100"
NOTE = "the safe is behind the picture"


def evolution(payload, **key):
    body = payload("evolution/upsert_from_me_phone.json")
    body["sender"] = f"{OWN}@s.whatsapp.net"
    body["data"]["key"] = {"fromMe": True, "id": "3ANOTE", **key}
    body["data"]["message"] = {"conversation": NOTE}
    body["data"]["messageTimestamp"] = int(timezone.now().timestamp())
    return body


@pytest.mark.parametrize(
    "key",
    [
        {"remoteJid": f"{OWN}@s.whatsapp.net"},
        {"remoteJid": f"{OWN}:7@s.whatsapp.net"},
        {"remoteJid": "199900000000100@lid", "remoteJidAlt": f"{OWN}@s.whatsapp.net"},
        {"remoteJid": f"{OWN}@s.whatsapp.net", "previousRemoteJid": "199900000000100@lid"},
    ],
)
@pytest.mark.parametrize("event", ["messages.upsert", "messages.set", "messages.edited", "messages.delete"])
def test_the_owners_own_chat_on_evolution_is_ignored(clinic, wire, post_webhook, payload, drain, key, event):
    body = evolution(payload, **key)
    body["event"] = event
    if event == "messages.set":
        body["data"] = [body["data"]]

    post_webhook(wire(clinic, "evolution"), body)
    drain()

    _assert_ignored("a note to self")


def test_the_owners_chat_is_recognised_in_another_spelling(clinic, wire, post_webhook, payload, drain):
    body = evolution(payload, remoteJid="551187650001@s.whatsapp.net") | {"sender": "5511987650001@s.whatsapp.net"}

    post_webhook(wire(clinic, "evolution"), body)
    drain()

    _assert_ignored("a note to self")


@pytest.mark.parametrize("provider", ["meta", "dialog360"])
def test_an_echo_to_the_owners_own_number_is_ignored(clinic, wire, post_webhook, payload, drain, provider):
    body = payload("meta/smb_echo_text.json")
    echo = body["entry"][0]["changes"][0]["value"]["message_echoes"][0]
    echo |= {"to": echo["from"], "timestamp": str(int(timezone.now().timestamp())), "text": {"body": NOTE}}

    post_webhook(wire(clinic, provider), body)
    drain()

    _assert_ignored("a note to self")


def test_a_channel_named_by_its_address_recognises_its_own_chat(clinic, make_channel):
    channel = make_channel(clinic, "imessage", external_id="+15550100100")
    message = {"guid": "G1", "text": NOTE, "isFromMe": False, "handle": {"address": "+15550100100"}}
    raw = RawItem(external_id="G1", channel="", data={"form": "photon", "event": "new-message", "message": message})
    event = WebhookEvent.objects.create(provider="imessage", channel=channel, body=b"{}")

    assert process_raw_item(event=event, raw=raw) == "a note to self"

    assert not Conversation.objects.exists()


def test_a_message_to_a_customer_is_not_ignored(clinic, wire, post_webhook, payload, drain):
    post_webhook(wire(clinic, "evolution"), evolution(payload, remoteJid="15550100111@s.whatsapp.net"))
    drain()

    assert Message.objects.get().text == NOTE


def _assert_ignored(reason):
    event = WebhookEvent.objects.get()
    assert (event.state, event.last_error) == ("ignored", reason)
    assert not (WebhookItem.objects.exists())
    assert not (Message.objects.exists())
    assert not (Conversation.objects.exists())
    assert not (Contact.objects.exists())
