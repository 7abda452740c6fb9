"""Outside the reply window the question goes as the channel's template, and can be answered on it."""

from __future__ import annotations

import pytest

from approvals import services as approvals
from messaging.models import Channel, Conversation, Message
from messaging.providers.base import Kind
from tests.approvals.conftest import OWNER, Phone, status

BUTTONS = ["Approve", "Reject"]


@pytest.fixture
def asked(clinic, wire, sim, drain, submit):
    """A question to an owner on Meta who has not written, as this template; gives candidate, phone, message."""

    def ask(body="Open late.", image=b"", **template):
        channel = wire(clinic, "meta")
        Channel.objects.filter(pk=channel.pk).update(reopen_template={"name": "decision", "language": "en", **template})
        channel.refresh_from_db()
        approvals.set_up_approver(
            tenant=clinic, name="owner", by="tests", channel=channel, address=OWNER, is_default=True
        )
        candidate = submit(body=body, image=image)
        drain()
        message = Message.objects.filter(direction="out").latest("pk")
        assert (message.kind, message.state) == ("template", "done")
        return candidate, Phone(channel, OWNER), message

    return ask


def test_one_that_carries_no_text_brings_the_whole_question_first(asked, sim):
    candidate, phone, _ = asked(variables=["{name}"])
    assert sim.sends("meta")[0]["kind"] == "template"

    (shown,) = phone.say("yes")

    assert shown.startswith("Please read #")
    assert "Open late." in shown
    assert status(candidate) == "pending"
    phone.say("yes")
    assert status(candidate) == "approved"
    assert Conversation.objects.count() == 1


def test_one_that_carries_the_whole_text_can_be_answered(asked):
    candidate, phone, _ = asked(variables=["{text}"])

    phone.say("yes")

    assert status(candidate) == "approved"


def test_quick_replies_that_are_called_as_the_buttons_are_the_buttons(asked, sim):
    candidate, phone, message = asked(variables=["{text}"], buttons=BUTTONS)
    (sent,) = sim.sends("meta")
    replies = [part for part in sent["raw"]["template"]["components"] if part["type"] == "button"]
    assert [(part["sub_type"], part["index"]) for part in replies] == [("quick_reply", "0"), ("quick_reply", "1")]
    payload = replies[1]["parameters"][0]["payload"]
    assert payload == f"approval:{candidate.pk}:0:reject"

    phone.say("Reject", kind=Kind.BUTTON, payload=payload, to=message)

    candidate.refresh_from_db()
    assert (candidate.status, candidate.decided_via) == ("rejected", "button")


def test_quick_replies_that_are_called_otherwise_come_back_as_words(asked, sim):
    candidate, phone, message = asked(variables=["{text}"], buttons=["Yes", "No"])
    assert [part["type"] for part in sim.sends("meta")[0]["raw"]["template"]["components"]] == ["body"]

    phone.say("Yes", kind=Kind.BUTTON, payload="Yes", to=message)

    candidate.refresh_from_db()
    assert (candidate.status, candidate.decided_via) == ("approved", "text")


def test_a_quick_reply_under_a_part_of_the_text_brings_the_whole_first(asked):
    candidate, phone, message = asked(body="word " * 170, variables=["{text}"], buttons=BUTTONS)
    button = message.data["buttons"][0]

    answers = phone.say("Approve", kind=Kind.BUTTON, payload=button["payload"], to=message)

    assert any(text.startswith("Please read #") for text in answers)
    assert status(candidate) == "pending"
    phone.say("yes")
    assert status(candidate) == "approved"


@pytest.mark.parametrize("more", [{"body": "word " * 400}, {"image": b"\x89PNG\r\n\x1a\n" + b"0" * 64}])
def test_what_a_template_cannot_carry_is_seen_before_it_is_decided(asked, sim, settings, tmp_path, more):
    settings.MEDIA_ROOT = tmp_path
    candidate, phone, _ = asked(variables=["{text}"], **more)
    assert [sent["kind"] for sent in sim.sends("meta")] == ["template"]

    answers = phone.say("yes")

    assert status(candidate) == "pending"
    assert any(text.startswith("Please read #") for text in answers)
    phone.say("yes")
    assert status(candidate) == "approved"


def test_when_the_window_closes_on_the_way_the_parts_are_seen_once_more(submit, phone, owner):
    candidate = submit(body="word " * 400)
    question = phone.see()[-1]
    template = {"name": "decision", "variables": [" ".join(question.text.split())]}
    Message.objects.filter(pk=question.pk).update(kind="template", data={**question.data, "template": template})

    assert any(text.startswith("Please read #") for text in phone.say("yes"))
    assert status(candidate) == "pending"
