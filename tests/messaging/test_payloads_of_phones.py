"""Webhooks of linked phones, and what they change in the inbox: waiting, unread and edited messages."""

import pytest
from django.utils import timezone

from assistant.models import Turn
from messaging.models import Conversation, Message, WebhookEvent, WebhookItem

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(clinic, wire, post_webhook, payload, drain):
    channel = wire(clinic, "evolution")

    def send(message, external_id="3AQ", *, minutes=0, drained=True, **key):
        body = payload("evolution/upsert_text.json")
        body["data"]["key"] |= {"id": external_id, **key}
        body["data"]["messageTimestamp"] = int(timezone.now().timestamp()) - 60 * minutes
        body["data"]["message"] = message
        post_webhook(channel, body)
        if drained:
            drain()

    return send


def secret_edit(target):
    return {"secretEncryptedMessage": {"targetMessageKey": {"id": target}, "secretEncType": 2, "encPayload": "eA=="}}


def test_an_encrypted_edit_creates_no_message(post):
    post({"conversation": "Quero marcar para 14h"}, "EDIT0002")
    before = Conversation.objects.get()

    post(secret_edit("EDIT0002"), "EDIT0003")

    [message] = Message.objects.filter(direction="in")
    after = Conversation.objects.get()
    assert (message.text, message.data["edit_unreadable"]) == ("Quero marcar para 14h", True)
    assert message.edited_at is not None
    assert (after.unread, after.waiting_since) == (before.unread, before.waiting_since)


def test_a_change_does_not_affect_a_message_of_another_chat(post):
    post({"conversation": "The first chat"}, "3AFIRST")
    change = {"protocolMessage": {"key": {"id": "3AFIRST"}, "type": "REVOKE"}}

    post(change, "3AEVIL", remoteJid="15550199999@s.whatsapp.net", remoteJidAlt=None)

    assert Message.objects.get(external_id="3AFIRST").deleted_at is None
    assert WebhookItem.objects.get().last_error.startswith("TargetMissing")


def test_a_customer_cannot_change_what_the_owner_wrote(post):
    post({"conversation": "The price is 50."}, "3AOWNER", fromMe=True)
    edit = {"protocolMessage": {"key": {"id": "3AOWNER"}, "type": 14, "editedMessage": {"conversation": "It is 5."}}}

    post(edit, "3AEVIL")

    assert Message.objects.get(external_id="3AOWNER").text == "The price is 50."


def test_a_message_is_deleted_by_another_message(post):
    post({"conversation": "Something I regret"}, "3AFIRST")

    post({"protocolMessage": {"key": {"id": "3AFIRST"}, "type": 0}}, "3ASECOND")

    assert Message.objects.get(external_id="3AFIRST").deleted_at is not None


@pytest.mark.parametrize("name", ["pinInChatMessage", "encReactionMessage", "callLogMesssage", "keepInChatMessage"])
def test_contents_that_no_person_wrote_create_no_session(post, name):
    post({name: {"key": {"id": "AA"}}})

    assert (WebhookEvent.objects.get().state, WebhookEvent.objects.get().last_error) == ("ignored", name)
    assert not Conversation.objects.exists()


def test_a_hosted_account_is_answered_at_its_phone(post):
    post({"conversation": "oi, quanto custa?"}, remoteJid="15550300012@hosted", remoteJidAlt=None)

    conversation = Conversation.objects.get()
    assert (conversation.recipient_kind, conversation.recipient) == ("phone", "15550300012@s.whatsapp.net")


def test_the_assistant_reads_a_poll(post):
    post({"pollCreationMessageV3": {"name": "When are you open?", "options": [{"optionName": "Mon"}]}})

    message = Message.objects.get(direction="in")
    assert (message.text, message.data["handled_by"]) == ("When are you open?\n- Mon", "assistant.inbound.reply")


def test_an_edit_after_the_answer_is_answered_again(post, clinic, post_webhook, payload, drain):
    post({"conversation": "When are you open?"}, "EDIT0001")
    assert _answers() == ["We are open Monday to Friday, 9:00 to 18:00."]
    body = payload("evolution/messages_edited.json")
    body["data"]["key"] |= {"id": "EDIT0001", "fromMe": False}
    body["data"]["editedMessage"] = {"conversation": "Can I book an appointment?"}
    body["data"]["timestampMs"] = int(timezone.now().timestamp() * 1000)

    post_webhook(Message.objects.first().channel, body)
    drain()

    message = Message.objects.get(external_id="EDIT0001")
    assert (message.text, message.data["first_text"]) == ("Can I book an appointment?", "When are you open?")
    assert len(_answers()) == 2
    assert "book" in _answers()[1]


def test_after_an_outage_the_assistant_does_not_answer_what_the_owner_answered(post):
    question, answer = {"conversation": "When are you open?"}, {"conversation": "We open at 9, see you!"}

    post(question, "LATE0001", minutes=50, drained=False)
    post(answer, "LATE0002", minutes=40, fromMe=True)

    assert _answers() == []
    assert Conversation.objects.get().waiting_since is None


def test_an_automatic_reply_is_answered_once(post):
    reply = "Thank you for contacting Acme! This is an automatic reply. When are you open?"
    for number in range(14):
        post({"conversation": reply}, f"AUTO{number}")

    assert _answers()[0] == "We are open Monday to Friday, 9:00 to 18:00."
    assert Turn.objects.filter(outcome="replied").count() == 1
    conversation = Conversation.objects.get()
    assert (conversation.paused_by, "machine" in conversation.pause_reason) == ("assistant", True)


def _answers():
    """Return the assistant's answers without the line in which the offline assistant introduces itself."""
    rows = Message.objects.filter(purpose="assistant").exclude(text__startswith="(")
    return list(rows.order_by("pk").values_list("text", flat=True))
