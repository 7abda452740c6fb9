"""A look at an open page costs two reads when nothing has changed, and a mark opens nothing."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from common.backoffice import polling
from messaging import services as messaging
from messaging.models import Contact, Label
from tests.support.backoffice import browser, write

pytestmark = pytest.mark.django_db


class Page:
    """An open page: the inbox, or that of a session."""

    def __init__(self, client, session, kind):
        self.client, self.kind = client, kind
        name = {"inbox": "inbox/", "session": f"session/{session.pk}/"}[kind]
        own = {"inbox": "/admin/inbox/", "session": f"/admin/messaging/conversation/{session.pk}/"}[kind]
        self.look_path, self.live_path = f"/admin/look/{name}", f"{own}live/"

    def open(self):
        answer = self.client.get(self.live_path)
        shown = answer.json() if self.kind == "session" else answer.context
        return {"mark": shown["mark"], "version": shown["version"]}

    def look(self, client=None, **query):
        return (client or self.client).get(self.look_path, query)


@pytest.fixture(params=["inbox", "session"])
def page(manager, session, request):
    write(session, "Hello")
    return Page(manager, session, request.param)


def test_nothing_new_costs_two_reads_and_nobody_is_asked_who_they_are(page):
    seen = page.open()

    with CaptureQueriesContext(connection) as queries:
        answer = page.look(**seen)

    assert (answer.status_code, answer.content) == (204, b"")
    assert len(queries) == 2, [query["sql"] for query in queries]
    assert not any("session" in query["sql"] and "django_session" in query["sql"] for query in queries)


@pytest.mark.parametrize(
    "happen",
    [
        lambda session: messaging.pause(conversation=session, by="operator"),
        lambda session: messaging.add_label(
            conversation=session, label=Label.objects.create(tenant=session.tenant, name="vip"), by="a"
        ),
    ],
)
def test_a_change_leads_to_the_page_that_tells_it_to_who_may_know(page, session, happen):
    seen = page.open()
    happen(session)

    answer = page.look(**seen)

    assert answer.status_code == 302
    assert answer.url.startswith(page.live_path)
    assert "mark" not in answer.url
    assert page.client.get(answer.url).status_code == 200


def test_another_label_in_the_place_of_one_is_a_change_too(manager, session):
    old, new = (Label.objects.create(tenant=session.tenant, name=name) for name in ("old", "new"))
    messaging.add_label(conversation=session, label=old, by="a")
    page = Page(manager, session, "inbox")
    seen = page.open()
    messaging.remove_label(conversation=session, label=old, by="a")
    messaging.add_label(conversation=session, label=new, by="a")

    answer = page.look(**seen)

    assert answer.status_code == 302
    assert ">new<" in manager.get(answer.url).content.decode()


@pytest.mark.parametrize("mark", ["", "x", "of another kind", "forged"])
def test_a_mark_that_is_none_leads_on_and_opens_nothing(page, mark):
    seen = page.open()
    wrong = {"of another kind": polling.sign_state("other", pk=1), "forged": seen["mark"][:-2] + "xx"}.get(mark, mark)

    answer = page.look(Client(), mark=wrong, version=seen["version"])

    assert answer.status_code == 302
    assert "/login/" in Client().get(answer.url).url


def test_after_a_minute_it_is_found_out_again_who_asks(page, session, monkeypatch):
    seen = page.open()
    monkeypatch.setattr(polling, "SECONDS", -1)

    answer = page.look(**seen)
    renewed = page.client.get(answer.url)

    assert answer.status_code == 302
    assert (renewed.status_code, renewed.content) == (204, b"")
    assert polling.load_state(request_with(renewed.headers[polling.HEADER]), page.kind) is None  # too old by now
    monkeypatch.setattr(polling, "SECONDS", 60)
    assert page.look(mark=renewed.headers[polling.HEADER]).status_code == 204


def test_who_was_removed_learns_no_more_than_that_something_changed(clinic, session):
    agent = browser(clinic, "agent")
    page = Page(agent, session, "session")
    seen = page.open()
    clinic.member_set.all().delete()
    write(session, "A secret")

    answer = page.look(**seen)

    assert (answer.status_code, answer.content) == (302, b"")
    assert agent.get(answer.url).status_code in {403, 404}


def test_the_name_of_a_person_that_changes_is_seen_on_the_page_of_the_session(manager, session):
    page = Page(manager, session, "session")
    seen = page.open()
    Contact.objects.filter(pk=session.contact_id).update(name="New", created_at=session.created_at + timedelta(1))

    assert page.look(**seen).status_code == 302


def request_with(mark):
    from django.test import RequestFactory

    return RequestFactory().get("/", {"mark": mark})
