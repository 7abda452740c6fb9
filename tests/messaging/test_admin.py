"""The back office of conversations, as operators use it."""

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.work.rows import State
from messaging.models import (
    Attempt,
    Channel,
    Contact,
    Conversation,
    MediaFile,
    Message,
    WebhookEvent,
)
from tenants.models import AuditEntry, Role
from tests.support.backoffice import browser, do, make_session, see, state, write


def test_an_operator_takes_over_and_hands_back(manager, session):
    waiting = write(session)

    assert do(manager, session, "take_over")[1] == ["Taken over: 1"]

    session.refresh_from_db()
    assert (session.paused_by, state(waiting)) == ("operator", "ignored")
    assert do(manager, session, "hand_back")[1] == ["Handed back: 1"]
    session.refresh_from_db()
    assert not session.is_paused
    assert list(AuditEntry.objects.filter(action__in=["paused", "resumed"]).values_list("actor", flat=True)) == [
        "manager-of-clinic", "manager-of-clinic",
    ]  # fmt: skip


def test_the_inbox_acts_on_many(manager, channel):
    rows = [make_session(channel, f"+1555010000{number}") for number in range(3)]

    body = {"action": "take_over", "_selected_action": [row.pk for row in rows]}
    manager.post(reverse("admin:messaging_conversation_changelist"), body)

    assert Conversation.objects.filter(paused_at__isnull=False).count() == 3


def test_a_viewer_looks_and_does_not_touch(clinic, session):
    viewer = browser(clinic, Role.VIEWER)

    assert see(viewer, session).status_code == 200
    assert b"/do/take_over/" not in see(viewer, session).content
    assert do(viewer, session, "take_over")[0] == 404
    session.refresh_from_db()
    assert not session.is_paused


def test_actions_need_post_and_csrf(clinic, session):
    path = reverse("admin:messaging_conversation_do", args=[session.pk, "take_over"])
    client = browser(clinic)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies

    assert client.get(path).status_code == 405
    assert strict.post(path).status_code == 403
    session.refresh_from_db()
    assert not session.is_paused


def test_the_transcript_escapes_what_people_write(manager, session):
    write(session, "<script>alert(1)</script>", direction="in", purpose="customer", author_name="<b>Eve</b>")

    page = see(manager, session).content

    assert b"<script>alert(1)" not in page
    assert b"&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert b"<b>Eve" not in page


def test_the_transcript_shows_why_a_message_is_held(manager, session):
    write(session, state=State.HELD, held_by="window", last_error="the reply window is closed")

    assert b"Held: the reply window is closed" in see(manager, session).content


@pytest.mark.parametrize("model", [Conversation, Message, MediaFile, WebhookEvent, Channel, Contact, Attempt])
def test_lists_and_pages_take_a_fixed_number_of_queries(model, manager, clinic, make_channel):
    channel = make_channel(clinic, "evolution")
    path = reverse(f"admin:messaging_{model._meta.model_name}_changelist")

    def fill(start, end):
        for number in range(start, end):
            session = make_session(channel, f"+155501001{number:02}")
            message = write(session, f"m{number}")
            Attempt.objects.create(message=message)
            MediaFile.objects.create(tenant=clinic, message=message)
            WebhookEvent.objects.create(provider="evolution", channel=channel, body=b"{}")

    def count():
        with CaptureQueriesContext(connection) as queries:
            assert manager.get(path).status_code == 200
        return len(queries)

    fill(0, 1)
    manager.get(path)
    few = count()
    fill(1, 12)
    assert count() == few <= 14


def test_a_transcript_takes_a_fixed_number_of_queries(manager, session):
    def count():
        with CaptureQueriesContext(connection) as queries:
            see(manager, session)
        return len(queries)

    write(session)
    see(manager, session)
    few = count()
    for number in range(20):
        MediaFile.objects.create(tenant=session.tenant, message=write(session, str(number)))
    assert count() == few <= 14


def test_a_message_that_may_have_gone_out_goes_again_by_a_persons_word(manager, session):
    message = write(session, state=State.HELD, held_by="uncertain", resends=1)
    Attempt.objects.create(message=message, outcome="uncertain")

    assert do(manager, message, "try_again")[1] == ["Sent again: 1"]

    assert state(message) == "queued"
    assert not message.tries.filter(outcome="uncertain").exists()


def test_a_message_is_discarded_once(manager, session):
    message = write(session, state=State.DEAD)

    assert do(manager, message, "discard")[1] == ["Discarded: 1"]

    assert state(message) == "ignored"
    assert message.last_error == "discarded by manager-of-clinic"


def test_what_needs_a_person_is_one_click_away(manager, session):
    write(session, "held", state=State.HELD)
    write(session, "fine", state=State.DONE)

    answer = manager.get(reverse("admin:messaging_message_changelist"), {"stuck": "any"})

    assert [row.text for row in answer.context["cl"].result_list] == ["held"]


def test_a_webhook_is_replayed_and_its_body_is_the_operators(manager, root, channel):
    event = WebhookEvent.objects.create(
        provider="evolution", channel=channel, body=b'{"text": "private"}' + b"x" * 30_000, state=State.DEAD
    )

    assert b"private" in see(root, event).content
    assert see(root, event).content.count(b"x" * 1000) <= 20
    assert b"private" not in see(manager, event).content
    assert do(manager, event, "replay")[1] == ["Replayed: 1"]
    assert state(event) == "queued"


@pytest.mark.parametrize(
    ("mime_type", "disposition", "sent_as"),
    [
        ("image/png", "inline", "image/png"),
        ("image/svg+xml", "attachment", "application/octet-stream"),
        ("text/html", "attachment", "application/octet-stream"),
        ("application/pdf", "attachment", "application/octet-stream"),
    ],
)
def test_files_reach_members_only_and_never_run(
    mime_type, disposition, sent_as, manager, salon, session, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    media = MediaFile.objects.create(
        tenant=session.tenant, message=write(session), mime_type=mime_type, file_name="a\r\nb.x"
    )
    media.file.save("a.bin", ContentFile(b"bytes"))
    path = reverse("admin:messaging_mediafile_file", args=[media.pk])

    answer = manager.get(path)

    assert b"".join(answer.streaming_content) == b"bytes"
    assert answer["Content-Disposition"].split(";")[0] == disposition
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == (sent_as, "nosniff")
    assert browser(salon).get(path).status_code == 404
    assert Client().get(path).status_code == 302


def test_work_fields_are_never_edited(root, session):
    message = write(session)

    root.post(reverse("admin:messaging_message_change", args=[message.pk]), {"state": "done", "text": "forged"})

    assert (state(message), message.text) == ("queued", "Hello")


def test_labels_of_lists_are_words_on_the_pages(manager, session, channel):
    for row in (session, channel):
        page = see(manager, row).content.decode()
        assert "The assistant answers." in page or "not checked" in page
        assert "(&#x27;" not in page, row
