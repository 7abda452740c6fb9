"""The page of a session: what it shows, what it asks when nothing changed, and who may do what on it."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from common.work.rows import State
from messaging import services as messaging
from messaging.admin.desk_acts import ACTS
from messaging.models import CannedReply, Conversation, Label, MediaFile, Message, MessageTemplate, Note
from simulator.media import picture
from tenants.models import Role, User
from tests.support.backoffice import browser, make_member, make_session, see, write


@pytest.fixture
def page(manager, session):
    """The manager's page of the session."""
    return Page(manager, session)


class Page:
    def __init__(self, client, session):
        self.client, self.base = client, f"/admin/messaging/conversation/{session.pk}/"

    def live(self, version="", since=0):
        return self.client.get(f"{self.base}live/", {"version": version, "since": since})

    def act(self, act, **fields):
        return self.client.post(f"{self.base}act/{act}/", fields)

    def html(self):
        return self.client.get(f"{self.base}change/").content.decode()


def now(session):
    return Conversation.objects.get(pk=session.pk)


def test_nothing_new_is_said_with_nothing(page, session):
    write(session, "Hello")
    version = page.live().json()["version"]

    with CaptureQueriesContext(connection) as queries:
        answer = page.live(version)

    assert (answer.status_code, answer.content) == (204, b"")
    assert len(queries) == 6  # three of them find out who asks, one whose it is; see test_looks.py


@pytest.mark.parametrize(
    "happen",
    [
        lambda session: write(session, "new"),
        lambda session: Message.objects.update(delivery="read", delivery_rank=5),
        lambda session: Message.objects.update(state=State.DEAD, last_error="no"),
        lambda session: Message.objects.update(edited_at=timezone.now(), text="changed"),
        lambda session: Message.objects.update(deleted_at=timezone.now()),
        lambda session: MediaFile.objects.create(tenant=session.tenant, message=Message.objects.get()),
        lambda session: messaging.add_note(conversation=session, text="note", author="ana"),
        lambda session: messaging.pause(conversation=session, by="operator"),
        lambda session: messaging.snooze(conversation=session, until=timezone.now() + timedelta(1), by="a"),
        lambda session: messaging.opt_out(contact=session.contact, by="a"),
        lambda session: messaging.update_contact_details(contact=session.contact, by="a", name="New"),
        lambda session: messaging.assign(conversation=session, member=make_member(session.tenant), by="a"),
        lambda session: messaging.record_writing(conversation=session, member=make_member(session.tenant)),
        lambda session: messaging.add_label(
            conversation=session, label=Label.objects.create(tenant=session.tenant, name="vip"), by="a"
        ),
    ],
)
def test_whatever_changes_is_seen_by_the_next_look(page, session, happen):
    write(session, "Hello", state=State.DONE)
    before = page.live().json()["version"]

    happen(session)

    answer = page.live(before)
    assert answer.status_code == 200
    assert page.live(answer.json()["version"]).status_code == 204


def test_what_people_write_is_never_taken_for_a_page(page, session):
    evil = "<script>alert(1)</script>"
    write(session, evil, direction="in", purpose="customer", author_name="<b>Eve</b>")
    messaging.add_note(conversation=session, text=evil, author="ana")
    messaging.update_contact_details(contact=session.contact, by="a", name=evil)
    CannedReply.objects.create(tenant=session.tenant, shortcut="x", title=evil, text="{contact_name}")

    for said in (page.html(), page.live().json()["bubbles"], page.live().json()["head"]):
        assert "<script>alert(1)" not in said
        assert "<b>Eve" not in said
    side = page.client.get(f"{page.base}side/").content.decode()
    assert "<script>alert(1)" not in side
    assert page.client.get(f"{page.base}ready/").json()["replies"][0]["text"] == evil


def test_the_page_costs_the_same_however_long_the_talk_is(page, session):
    def count():
        with CaptureQueriesContext(connection) as queries:
            page.html()
        return len(queries)

    write(session)
    page.html()
    few = count()
    for number in range(60):
        row = write(session, str(number), reply_to="gone" if number % 2 else "")
        MediaFile.objects.create(tenant=session.tenant, message=row)
        messaging.add_note(conversation=session, text=str(number), author="ana")
    assert count() == few + 1 == 12  # one for the quoted messages


def test_earlier_messages_come_piece_by_piece_with_their_notes(page, session):
    rows = [write(session, f"message {number:03}") for number in range(90)]
    messaging.add_note(conversation=session, text="the newest", author="ana")
    seen = []
    shown = page.html()
    assert ("message 050" in shown, "message 049" in shown, "the newest" in shown) == (True, False, True)
    first = rows[50].pk

    while True:
        piece = page.client.get(f"{page.base}earlier/", {"before": first}).json()
        seen.append(piece["bubbles"].count("fd-text"))
        if not piece["has_more"]:
            break
        first = piece["first"]

    assert seen == [40, 10]
    assert "the newest" not in piece["bubbles"]


def test_a_note_from_before_the_first_message_stays_on_the_page(page, session):
    messaging.add_note(conversation=session, text="before all", author="ana")
    first = write(session, "Hello")

    assert "before all" in page.html()
    assert "before all" in page.live(since=first.pk).json()["bubbles"]


def test_reactions_quotes_edits_deletions_and_failures_are_shown(page, session):
    asked = write(session, "Is it far?", direction="in", purpose="customer", external_id="q1", state=State.DONE)
    write(session, "No", reply_to="q1", state=State.DONE, purpose="operator", delivery="delivered")
    write(session, "👍", kind="reaction", reply_to="q1", direction="in", purpose="customer", state=State.DONE)
    write(session, "now", direction="in", purpose="customer", edited_at=timezone.now(), data={"first_text": "before"})
    write(session, "", direction="in", purpose="customer", deleted_at=timezone.now())
    write(session, "lost", state=State.DEAD, last_error="meta: undeliverable")
    write(session, "stuck", state=State.HELD, last_error="the reply window is closed")

    shown = page.html()

    assert f'id="m{asked.pk}"' in shown
    for words in ("<span>👍</span>", "fd-quote", "before", "taken back", "meta: undeliverable", "✓✓", "Send again"):
        assert words in shown, words
    assert "Held: the reply window is closed" in shown


def test_an_operator_takes_over_writes_and_hands_back(page, session):
    assert page.act("take_over", reason="angry", hours="3").json()["said"] == "You have it. The assistant keeps silent."
    row = now(session)
    assert (row.is_paused, row.pause_reason, row.assignee.user.username) == (True, "angry", "manager-of-clinic")
    assert row.resume_at > timezone.now() + timedelta(hours=2)

    answer = page.act("send", text="Hello", key="k1").json()
    page.act("send", text="Hello", key="k1")

    assert "Hello" in answer["bubbles"]
    assert list(Message.objects.values_list("text", "author", "purpose")) == [
        ("Hello", "manager-of-clinic", "operator")
    ]
    page.act("hand_back")
    assert not now(session).is_paused


def test_a_refusal_says_why_and_nothing_is_lost(page, session, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    messaging.opt_out(contact=session.contact, by="customer")

    answer = page.act("send", text="Hello", key="k")

    assert (answer.status_code, answer.json()) == (409, {"error": "the person wants no more messages"})
    assert not Message.objects.exists()


def test_a_file_goes_with_its_words(page, session, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)

    answer = page.act("send", text="Look", file=SimpleUploadedFile("a.png", picture(8), "image/png"))

    media = MediaFile.objects.get()
    assert (answer.status_code, media.message.text, media.mime_type) == (200, "Look", "image/png")
    assert reverse("admin:messaging_mediafile_file", args=[media.pk]) in answer.json()["bubbles"]


def test_a_time_is_the_viewers_own(page, session):
    page.client.cookies["fd_zone"] = "America/Sao_Paulo"
    later = (timezone.now() + timedelta(days=2)).strftime("%Y-%m-%dT09:30")

    page.act("send", text="Good morning", due_at=later)

    planned = Message.objects.get()
    assert planned.scheduled_at.strftime("%H:%M") == "12:30"
    assert page.act("cancel", message=planned.pk).json()["said"] == "Taken back."
    assert page.act("send", text="x", due_at="yesterday").status_code == 409


def test_notes_labels_sleep_and_the_person_are_changed_in_the_page(page, session):
    label = Label.objects.create(tenant=session.tenant, name="vip")
    for name, fields in (
        ("note", {"text": "Owes 40"}),
        ("label", {"label": label.pk, "on": "1"}),
        ("snooze", {"preset": "tomorrow"}),
        ("contact", {"name": "Ana T.", "language": "pt"}),
        ("opt_out", {}),
        ("assign", {"member": ""}),
    ):
        assert page.act(name, **fields).status_code == 200, name

    row = now(session)
    assert (Note.objects.get().text, list(row.labels.all()), row.status) == ("Owes 40", [label], "snoozed")
    assert (row.contact.name, row.contact.language, row.contact.opted_out_at is not None) == ("Ana T.", "pt", True)
    page.act("close")
    assert now(session).status == "closed"


@pytest.mark.parametrize("act", sorted(ACTS))
def test_a_viewer_looks_and_a_stranger_finds_nothing(clinic, salon, session, act):
    viewer, stranger = Page(browser(clinic, Role.VIEWER), session), Page(browser(salon), session)
    before = now(session).__dict__ | {"_state": None}

    assert (viewer.act(act, text="x").status_code, stranger.act(act, text="x").status_code) == (403, 404)
    assert Page(Client(), session).act(act).status_code == 302
    assert viewer.client.get(f"{viewer.base}act/{act}/").status_code == 404
    assert now(session).__dict__ | {"_state": None} == before
    assert not Message.objects.exists()


@pytest.mark.parametrize("part", ["change", "live", "earlier", "side", "ready"])
def test_no_part_of_the_page_is_another_tenants(salon, manager, session, part):
    assert browser(salon).get(f"/admin/messaging/conversation/{session.pk}/{part}/").status_code == 404
    assert manager.get(f"/admin/messaging/conversation/{session.pk}/{part}/").status_code == 200


def test_rows_of_another_business_are_not_to_be_chosen(page, salon, session, make_channel):
    other = make_session(make_channel(salon, "meta"), "+15550100999")
    template = MessageTemplate.objects.create(tenant=salon, channel=other.channel, name="t", text="Hi")
    foreign = {
        "assign": {"member": make_member(salon).pk},
        "label": {"label": Label.objects.create(tenant=salon, name="vip").pk, "on": "1"},
        "send_again": {"message": write(other, state=State.DEAD).pk},
        "send": {"template": template.pk},
    }

    for act, fields in foreign.items():
        assert page.act(act, **fields).status_code == 404, act
    assert page.act("send", text="x", quoted=Message.objects.get().pk).status_code == 404
    for wrong in ("", "x", "1" * 30, "-1"):
        assert page.act("discard", message=wrong).status_code == 404
    assert page.act("nonsense").status_code == 404


def test_posts_need_their_csrf_token(clinic, session):
    client = browser(clinic)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies

    assert strict.post(f"/admin/messaging/conversation/{session.pk}/act/close/").status_code == 403


def test_the_page_opens_for_the_operator_of_the_installation(root, session):
    write(session)

    assert b"fd-composer" in see(root, session).content
    assert Page(root, session).act("writing").status_code == 204
    assert Page(root, session).act("take_over").status_code == 200
    assert now(session).assignee is None


def test_an_operator_who_is_no_member_is_named_where_they_write(root, session, manager):
    User.objects.filter(username="root").update(first_name="Rui", last_name="Costa")
    theirs, colleague = Page(root, session), Page(manager, session)
    assert theirs.act("send", text="Good morning", key="1").status_code == 200

    for shown in (theirs.html(), colleague.html()):
        assert "Rui Costa has it." in shown
        assert "Nobody has it yet" not in shown
    assert now(session).assignee is None
    theirs.act("hand_back")
    assert "Rui Costa has it." not in colleague.html()
    theirs.act("take_over")  # nothing is written now: what was said before the hand-over counts no more
    Message.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    assert "Nobody has it yet." in colleague.html()
