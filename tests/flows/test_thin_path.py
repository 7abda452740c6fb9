"""The main job, end to end on one wire: a webhook comes in, an answer stands in the outbox."""

from messaging.models import Message, WebhookEvent


def outbox() -> list[str]:
    return [message.text for message in Message.objects.filter(direction="out").order_by("pk")]


def test_a_question_is_answered_from_what_is_written_down(clinic, make_channel, post_webhook, payload, drain):
    channel = make_channel(clinic, "evolution")

    response = post_webhook(channel, payload("evolution/upsert_text.json"))
    drain()

    assert response.status_code == 200
    assert outbox()[0] == "We book by message."


def test_the_same_webhook_twice_gets_one_reply(clinic, make_channel, post_webhook, payload, drain):
    channel = make_channel(clinic, "evolution")

    for _ in range(2):
        assert post_webhook(channel, payload("evolution/upsert_text.json")).status_code == 200
    drain()

    assert WebhookEvent.objects.count() == 2
    assert Message.objects.filter(direction="in").count() == 1
    assert outbox() == ["We book by message.", outbox()[1]]
