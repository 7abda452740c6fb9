"""What programs do at the desk: assign, label, note, snooze, search, write files, templates and for later."""

import base64
from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.models import (
    CannedReply,
    Channel,
    Contact,
    ContactAddress,
    Conversation,
    Label,
    Message,
    MessageTemplate,
    Note,
)
from tenants.models import AuditEntry, EmittedEvent, Member, User
from tests.support.api import ApiCaller
from tests.support.backoffice import make_session, write

pytestmark = pytest.mark.both

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 50


@pytest.fixture
def api(clinic):
    return ApiCaller(clinic)


@pytest.fixture
def marta(clinic):
    return Member.objects.create(tenant=clinic, user=User.objects.create_user("marta"), role="agent")


def ids(api, **query):
    answer = api.get("sessions", **query)
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]


def test_a_session_is_given_to_a_member_and_taken_back(api, session, marta, salon):
    stranger = Member.objects.create(tenant=salon, user=marta.user, role="agent")
    path = f"sessions/{session.pk}/assign"

    given = api.post(path, {"member": marta.pk})
    assert given.json()["assignee"] == {"id": marta.pk, "name": "marta", "role": "agent"}
    assert ids(api, assigned=marta.pk) == [session.pk]
    assert api.post(path, {"member": stranger.pk}).status_code == 400
    assert [row["id"] for row in api.get("members").json()["results"]] == [marta.pk]
    assert api.post(path, {"member": None}).json()["assignee"] is None
    assert ids(api, assigned="nobody") == [session.pk]
    assert ids(api, assigned="me") == []
    assert AuditEntry.objects.filter(action="assigned").count() == 2


def test_an_assignment_is_told(api, clinic, session, marta):
    api.post("webhooks", {"url": "https://8.8.8.8/", "event_types": ["session.assigned"]})

    api.post(f"sessions/{session.pk}/assign", {"member": marta.pk})

    assert f'"member_id":{marta.pk}' in bytes(EmittedEvent.objects.get().body).decode()


def test_the_list_is_narrowed(api, channel, session):
    waiting = make_session(channel, "+15550100002")
    Conversation.objects.filter(pk=waiting.pk).update(paused_at=timezone.now(), waiting_since=timezone.now())
    api.post(f"sessions/{session.pk}/close")
    write(session, "Do you have a green umbrella?", direction="in", purpose="customer")

    assert ids(api, waiting="true") == [waiting.pk]
    assert ids(api, waiting="false") == [session.pk]
    assert ids(api, status="closed") == [session.pk]
    assert ids(api, q="umbrella") == [session.pk]
    assert ids(api, q="0100002") == [waiting.pk]
    assert ids(api, q="nonsense") == []
    assert ids(api, contact=waiting.contact_id) == [waiting.pk]
    assert ids(api, q="umbrella", status="open") == []


@pytest.mark.parametrize(
    "query", [{"assigned": "you"}, {"status": "lost"}, {"label": "x"}, {"waiting": ""}, {"q": " "}]
)
def test_what_cannot_be_asked_is_told(api, session, query):
    assert api.get("sessions", **query).status_code == 400


def test_a_label_is_made_put_on_found_and_taken_off(api, session):
    made = api.post("labels", {"name": "Invoice", "colour": "orange"}).json()
    assert api.post("labels", {"name": "Invoice"}).status_code == 409

    on = [api.post(f"sessions/{session.pk}/labels", {"label": made["id"]}) for _ in range(2)]
    assert [answer.json()["labels"] for answer in on] == [[made], [made]]
    assert ids(api, label=made["id"]) == [session.pk]
    assert api.patch(f"labels/{made['id']}", {"colour": "green"}).json()["colour"] == "green"
    assert api.delete(f"sessions/{session.pk}/labels/{made['id']}").status_code == 204
    assert ids(api, label=made["id"]) == []
    assert api.delete(f"labels/{made['id']}").status_code == 204
    assert not Label.objects.exists()


def test_a_label_of_another_tenant_is_none(api, session, salon):
    theirs = Label.objects.create(tenant=salon, name="Invoice")

    assert api.post(f"sessions/{session.pk}/labels", {"label": theirs.pk}).status_code == 400
    assert ids(api, label=theirs.pk) == []


def test_a_note_is_kept_and_never_sent(api, session):
    made = api.post(f"sessions/{session.pk}/notes", {"text": " She prefers mornings. "})

    assert (made.status_code, made.json()["text"], made.json()["author"]) == (201, "She prefers mornings.", "key tests")
    assert api.get(f"sessions/{session.pk}/notes").json()["results"] == [made.json()]
    assert (Note.objects.count(), Message.objects.count()) == (1, 0)


def test_a_session_is_put_away_and_comes_back(api, session):
    away = api.post(f"sessions/{session.pk}/snooze", {"hours": 2}).json()
    assert away["status"] == "snoozed"
    assert away["snoozed_until"] is not None
    assert api.post(f"sessions/{session.pk}/reopen").json()["status"] == "open"
    assert api.post(f"sessions/{session.pk}/close").json()["status"] == "closed"
    assert api.post(f"sessions/{session.pk}/snooze", {}).status_code == 400
    assert api.post(f"sessions/{session.pk}/snooze", {"until": "2001-01-01T00:00:00Z"}).status_code == 400


def test_a_session_is_read(api, session):
    assert api.post(f"sessions/{session.pk}/read").json()["unread"] == 0


def test_a_picture_goes_with_words(api, clinic, make_channel):
    session = make_session(make_channel(clinic, "meta"), "+15550100003")
    file = {"name": "map.png", "content": base64.b64encode(PNG).decode()}

    answer = api.post(f"sessions/{session.pk}/messages", {"text": "Here we are", "file": file})

    assert answer.status_code == 201
    assert (answer.json()["kind"], answer.json()["text"]) == ("image", "Here we are")
    media = answer.json()["media"]
    assert (media["mime_type"], media["file_name"], media["size"], media["is_stored"]) == (
        "image/png", "map.png", len(PNG), True,
    )  # fmt: skip
    wrong = api.post(f"sessions/{session.pk}/messages", {"file": {"name": "map.png", "content": "no base64!"}})
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (400, "#/file/content")
    fake = {"name": "map.png", "content": base64.b64encode(b"MZ").decode()}
    assert api.post(f"sessions/{session.pk}/messages", {"file": fake}).status_code == 409
    assert Message.objects.count() == 1


def test_a_template_is_chosen_from_the_channel_and_filled_in(api, clinic, make_channel, salon):
    channel = make_channel(clinic, "meta")
    session = make_session(channel, "+15550100003")
    template = MessageTemplate.objects.create(tenant=clinic, channel=channel, name="hello", text="Hello {{1}}")
    theirs = MessageTemplate.objects.create(
        tenant=salon, channel=make_channel(salon, "twilio"), name="hello", text="Hello"
    )
    path = f"sessions/{session.pk}/messages"

    listed = api.get(f"channels/{channel.pk}/templates").json()["results"]
    sent = api.post(path, {"template": {"id": template.pk, "variables": ["Ana"]}})

    assert [row["id"] for row in listed] == [template.pk]
    assert (sent.status_code, sent.json()["kind"], sent.json()["text"]) == (201, "template", "Hello Ana")
    assert api.post(path, {"template": {"id": theirs.pk}}).status_code == 400
    assert api.post(path, {"template": {"id": template.pk}}).status_code == 409
    assert api.post(path, {"template": {"id": template.pk}, "text": "x"}).status_code == 400


def test_a_message_for_later_waits_and_can_be_taken_back(api, session):
    at = (timezone.now() + timedelta(hours=3)).isoformat()
    path = f"sessions/{session.pk}/messages"

    made = api.post(path, {"text": "Good morning", "send_at": at}).json()
    assert made["scheduled_at"] is not None
    assert not Conversation.objects.get(pk=session.pk).is_paused
    gone = api.post(f"{path}/{made['id']}/cancel")
    assert (gone.status_code, gone.json()["state"]) == (200, "ignored")
    assert api.post(f"{path}/{made['id']}/cancel").status_code == 409
    assert api.post(path, {"text": "x", "send_at": "2001-01-01T00:00:00Z"}).status_code == 400


def test_a_held_message_is_sent_again(api, session):
    message = write(session, "Hello", purpose="operator", state="held", held_by="window")
    path = f"sessions/{session.pk}/messages/{message.pk}"

    assert api.get(path).json()["state"] == "held"
    assert api.post(f"{path}/send-again").json()["state"] == "queued"
    assert api.post(f"{path}/send-again").status_code == 409
    assert api.get(f"sessions/{session.pk}/messages/999999").status_code == 404


def test_a_customers_message_is_not_cancelled(api, session):
    message = write(session, "Hello", direction="in", purpose="customer")

    assert api.post(f"sessions/{session.pk}/messages/{message.pk}/cancel").status_code == 409
    assert Message.objects.get().state == "queued"


def test_a_member_who_writes_takes_the_session(clinic, session, marta):
    from django.test import Client

    client = Client()
    client.force_login(marta.user)
    client.post(f"/api/sessions/{session.pk}/messages", {"text": "Hello"}, "application/json")

    session.refresh_from_db()
    assert session.assignee == marta
    assert client.get("/api/sessions", {"assigned": "me"}).json()["results"][0]["id"] == session.pk


def test_contacts_are_listed_found_and_changed(api, session, channel):
    other = make_session(channel, "+15550100002").contact
    ana = session.contact

    assert [row["id"] for row in api.get("contacts").json()["results"]] == [other.pk, ana.pk]
    assert [row["id"] for row in api.get("contacts", q="0100002").json()["results"]] == [other.pk]
    changed = api.patch(f"contacts/{ana.pk}", {"name": "Ana Costa", "language": "pt-br", "is_opted_out": True}).json()
    assert (changed["name"], changed["language"]) == ("Ana Costa", "pt-br")
    assert changed["opted_out_at"] is not None
    assert api.patch(f"contacts/{ana.pk}", {"is_opted_out": False}).json()["opted_out_at"] is None
    assert api.patch(f"contacts/{ana.pk}", {"name": 5}).status_code == 400


def test_an_address_is_added_unless_it_is_somebody_elses(api, session, channel):
    other = make_session(channel, "+15550100002").contact
    path = f"contacts/{session.contact_id}/addresses"

    added = api.post(path, {"kind": "phone", "value": "+1 (555) 010-0009"})
    assert (added.status_code, len(added.json()["addresses"])) == (201, 2)
    assert ContactAddress.objects.filter(contact=session.contact, value="+15550100009").exists()
    assert api.post(path, {"kind": "phone", "value": "+15550100002"}).status_code == 409
    assert api.post(path, {"kind": "phone", "value": "12"}).status_code == 400
    assert api.post(path, {"kind": "group", "value": "x"}).status_code == 400
    assert other.addresses.count() == 1


def test_two_contacts_become_one_and_two_again(api, session, channel, salon):
    other = make_session(channel, "+15550100002").contact
    theirs = Contact.objects.create(tenant=salon, name="Ana")
    path = f"contacts/{session.contact_id}"

    assert api.post(f"{path}/merge", {"contact": theirs.pk}).status_code == 400
    assert api.post(f"{path}/merge", {"contact": session.contact_id}).status_code == 409
    merged = api.post(f"{path}/merge", {"contact": other.pk})
    assert (merged.status_code, merged.json()["merged"]) == (201, other.pk)
    assert [row["id"] for row in api.get("contacts").json()["results"]] == [session.contact_id]
    assert api.get(f"contacts/{other.pk}").json()["merged_into"] == session.contact_id
    assert api.get(f"{path}/merges").json()["results"][0]["id"] == merged.json()["id"]
    assert api.post(f"{path}/unmerge").json()["undone_by"] == "key tests"
    assert api.post(f"{path}/unmerge").status_code == 409
    assert len(api.get("contacts").json()["results"]) == 2


def test_a_channel_shows_no_secret(api, channel):
    Channel.objects.update(problem="the token was revoked")

    listed = api.get("channels")
    assert listed.json()["results"] == [api.get(f"channels/{channel.pk}").json()]
    assert listed.json()["results"][0]["problem"] == "the token was revoked"
    content = listed.content.decode()
    assert channel.token not in content
    assert not any(value in content for entry in channel.credentials_store.values() for value in [entry["value"]])


def test_canned_replies_are_kept(api, salon):
    reply = {"shortcut": "hours", "title": "Opening hours", "text": "Hello {contact_name}, 9 to 18."}
    CannedReply.objects.create(tenant=salon, **reply)

    made = api.post("replies", reply)
    assert made.status_code == 201
    assert api.post("replies", reply).status_code == 409
    assert api.post("replies", reply | {"shortcut": "a b"}).status_code == 400
    path = f"replies/{made.json()['id']}"
    assert api.patch(path, {"text": "9 to 12"}).json()["text"] == "9 to 12"
    assert [row["shortcut"] for row in api.get("replies").json()["results"]] == ["hours"]
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404
    assert CannedReply.objects.get().tenant == salon
