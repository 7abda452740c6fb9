"""What an operator sends: words, pictures, templates, now or later; and what a wire cannot carry is refused clearly."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from common.work.rows import State
from messaging import services as messaging
from messaging.models import Conversation, MediaFile, Message, MessageTemplate, Purpose
from messaging.queries import media_link
from messaging.services.attachments import Attachment
from simulator.media import pdf, picture
from tests.support.backoffice import make_member
from tests.support.sending import make_due

PNG = picture(8)


@pytest.fixture(autouse=True)
def _own_media(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)


def image(content=PNG, name="tooth.png", mime_type="image/png"):
    return Attachment(name=name, mime_type=mime_type, content=content)


def later(**more):
    return timezone.now() + timedelta(**more)


def row(message):
    return Message.objects.get(pk=message.pk)


@pytest.mark.parametrize("provider", ["meta", "dialog360", "evolution"])
def test_a_picture_goes_out_through_each_wire_that_takes_files(clinic, wire, talk, sim, drain, provider):
    chat = talk(wire(clinic, provider))

    message, is_new = messaging.write_message(conversation=chat, text="Look here", author="ana", attachment=image())
    drain()

    assert (is_new, row(message).state, row(message).last_error) == (True, State.DONE, "")
    sent = sim.sends(provider)
    assert [(record["text"], record["kind"]) for record in sent] == [("Look here", "image")]
    assert message.media.file.read() == PNG
    assert Conversation.objects.get().is_paused


@pytest.mark.parametrize("provider", ["meta", "dialog360"])
def test_the_file_itself_is_handed_over(clinic, wire, talk, sim, drain, provider):
    chat = talk(wire(clinic, provider))
    messaging.write_message(
        conversation=chat, author="ana", attachment=Attachment(name='a "b".pdf', mime_type="x/y", content=pdf())
    )
    drain()

    upload, send = [
        record for record in sim.record(provider, direction="in") if record["kind"] in ("upload", "document")
    ]
    assert send["raw"]["document"] == {"id": upload["id"], "filename": 'a "b".pdf'}


def test_a_wire_that_fetches_gets_an_address_that_proves_itself(clinic, wire, talk, sim, drain, client):
    chat = talk(wire(clinic, "twilio"))
    message, _ = messaging.write_message(conversation=chat, author="ana", attachment=image())
    drain()

    link = media_link(message.media)
    assert row(message).state == State.DONE
    path = link.removeprefix("https://frontdesk.example.test")
    answer = client.get(path)
    assert (answer.status_code, b"".join(answer.streaming_content), answer["content-type"]) == (200, PNG, "image/png")
    assert (answer["x-content-type-options"], answer["content-disposition"][:10]) == ("nosniff", "attachment")
    assert client.get(path[:-1] + ("A" if path[-1] != "A" else "B")).status_code == 404


def test_a_file_of_a_customer_has_no_such_address(chat_with_photo, client):
    assert client.get(media_link(chat_with_photo).removeprefix("https://frontdesk.example.test")).status_code == 404


@pytest.fixture
def chat_with_photo(channel, talk):
    talk(channel)
    message = Message.objects.get()
    return MediaFile.objects.create(tenant=message.tenant, message=message, file="media/x.png", state=State.DONE)


@pytest.mark.parametrize(
    ("provider", "attachment", "reason"),
    [
        ("imessage", image(), "cannot send files"),
        ("meta", image(b"GIF89a", "a.gif", "image/gif"), "cannot send files of the type image/gif"),
        ("meta", image(b"MZ", "a.exe", "image/png"), "cannot send files of the type"),
        ("meta", image(PNG + b"0" * 5 * 1024 * 1024), "larger than the 5 MB"),
        ("twilio", image(b"%PDF" + b"0" * 5 * 1024 * 1024, "a.pdf"), "larger than the 5 MB"),
        ("evolution", image(b""), "the file is empty"),
        ("evolution", image(b"<html>"), "not what its name says"),
    ],
)
def test_what_a_wire_cannot_carry_is_refused_and_nothing_is_kept(
    clinic, make_channel, talk, tmp_path, provider, attachment, reason
):
    chat = talk(make_channel(clinic, provider))

    with pytest.raises(messaging.SendRefused, match=reason):
        messaging.write_message(conversation=chat, author="ana", attachment=attachment)

    assert not Message.objects.filter(direction="out").exists()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert not Conversation.objects.get().is_paused


def test_a_wire_that_fetches_needs_a_public_address(clinic, make_channel, talk, settings):
    settings.PUBLIC_URL = "http://127.0.0.1:8000"

    with pytest.raises(messaging.SendRefused, match="PUBLIC_URL"):
        messaging.write_message(conversation=talk(make_channel(clinic, "twilio")), author="ana", attachment=image())


def test_the_same_key_keeps_one_message_and_one_file(session, tmp_path):
    for _ in range(2):
        messaging.write_message(conversation=session, author="ana", attachment=image(), key="k")

    assert (Message.objects.count(), MediaFile.objects.count()) == (1, 1)
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1
    with pytest.raises(messaging.KeyReused):
        messaging.write_message(conversation=session, author="ana", text="other", key="k")


def test_an_upload_that_fails_is_tried_again_and_nobody_gets_it_twice(clinic, wire, talk, sim, drain):
    chat = talk(wire(clinic, "meta"))
    sim.fail("meta", "status", status=500, times=1)
    message, _ = messaging.write_message(conversation=chat, author="ana", attachment=image())
    drain()
    assert row(message).state == State.QUEUED
    make_due(message)

    drain()

    assert (row(message).state, len(sim.sends("meta"))) == (State.DONE, 1)


def test_a_reply_quotes_the_message_where_the_wire_can(clinic, wire, talk, sim, drain):
    chat = talk(wire(clinic, "meta"))
    asked = Message.objects.get()

    messaging.write_message(conversation=chat, text="Yes", author="ana", quoted=asked)
    drain()

    (sent,) = sim.sends("meta")
    assert sent["raw"]["context"] == {"message_id": asked.external_id}


def test_a_quote_of_another_session_or_on_a_wire_without_quotes_is_refused(clinic, make_channel, talk):
    plain = talk(make_channel(clinic, "twilio"))
    own = Message.objects.get()
    with pytest.raises(messaging.SendRefused, match="no quotes"):
        messaging.write_message(conversation=plain, text="Yes", author="ana", quoted=own)

    other = talk(make_channel(clinic, "meta"))

    with pytest.raises(messaging.SendRefused, match="not of this session"):
        messaging.write_message(conversation=other, text="Yes", author="ana", quoted=own)


@pytest.fixture
def template():
    def make(channel, text="Hello {{1}}, see you on {{2}}.", **more):
        return MessageTemplate.objects.create(tenant=channel.tenant, channel=channel, name="visit", text=text, **more)

    return make


def test_a_template_goes_out_when_the_window_is_closed(clinic, wire, talk, sim, drain, template):
    channel = wire(clinic, "meta")
    chat = talk(channel)
    Conversation.objects.update(last_inbound_at=later(days=-3))

    message, _ = messaging.write_message(
        conversation=chat, author="ana", template=template(channel), variables=("Ana {{2}}", "Monday")
    )
    drain()

    (sent,) = sim.sends("meta")
    assert sent["raw"]["template"]["components"][0]["parameters"][0]["text"] == "Ana {{2}}"
    assert (row(message).kind, row(message).text) == ("template", "Hello Ana {{2}}, see you on Monday.")


@pytest.mark.parametrize("blank", ["\n", "\t", "\r\n", "      ", " \n\n ", "\u2028", "\xa0\xa0\xa0\xa0\xa0"])
def test_a_templates_value_is_one_line(clinic, wire, talk, sim, drain, template, blank):
    channel = wire(clinic, "meta")
    chat = talk(channel)

    messaging.write_message(
        conversation=chat, author="ana", template=template(channel), variables=(f"Ana{blank}Maria", f"12/12{blank}9")
    )
    drain()

    (sent,) = sim.sends("meta")
    parameters = sent["raw"]["template"]["components"][0]["parameters"]
    assert [parameter["text"] for parameter in parameters] == ["Ana Maria", "12/12 9"]


def test_a_value_that_is_too_long_is_refused(clinic, make_channel, talk, template):
    channel = make_channel(clinic, "meta")

    with pytest.raises(messaging.SendRefused, match="up to 900 characters"):
        messaging.write_message(
            conversation=talk(channel), author="ana", template=template(channel), variables=("A" * 901, "Monday")
        )


@pytest.mark.parametrize("variables", [(), ("Ana",), ("Ana", " "), ("a", "b", "c")])
def test_a_template_needs_all_its_values(clinic, make_channel, talk, template, variables):
    channel = make_channel(clinic, "meta")

    with pytest.raises(messaging.SendRefused, match="needs 2 values"):
        messaging.write_message(
            conversation=talk(channel), author="ana", template=template(channel), variables=variables
        )


def test_a_template_of_another_channel_is_refused(clinic, make_channel, talk, template):
    other = make_channel(clinic, "meta")
    chat = talk(make_channel(clinic, "twilio"))

    with pytest.raises(messaging.SendRefused, match="not one of this channel"):
        messaging.write_message(conversation=chat, author="ana", template=template(other, text="Hi"))


def test_an_answer_makes_a_session_without_a_member_the_writers_own(clinic, session):
    ana, ben = make_member(clinic), make_member(clinic, "ben")
    messaging.record_writing(conversation=session, member=ana)

    messaging.write_message(conversation=session, text="Hello", author="ana", member=ana)
    messaging.write_message(conversation=session, text="Hello too", author="ben", member=ben)

    assert (Conversation.objects.get().assignee, session.writers.count()) == (ana, 0)


@pytest.mark.parametrize("text", ["", "   ", "x" * 4097])
def test_nothing_and_too_much_are_refused(session, text):
    with pytest.raises(messaging.SendRefused):
        messaging.write_message(conversation=session, text=text, author="ana")


def test_an_operators_words_end_the_waiting(session):
    Conversation.objects.update(waiting_since=timezone.now())

    messaging.write_message(conversation=session, text="Hello", author="ana")

    now = Conversation.objects.get()
    assert (now.waiting_since, now.unread, now.last_purpose) == (None, 0, Purpose.OPERATOR)


def test_the_way_to_files_is_for_reading(session):
    assert Client().post("/files/x").status_code == 405
