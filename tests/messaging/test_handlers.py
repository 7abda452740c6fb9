"""Which handlers are offered a message: those that its conversation concerns."""

import pytest
from django.db.models import Exists, OuterRef

from messaging import handlers
from messaging.models import Contact, ContactAddress, Message
from messaging.services import receiving
from messaging.services.receiving import load_handler_annotations
from tests.support.bodies import TEXT

pytestmark = pytest.mark.django_db
offered = []


@handlers.only_where(lambda: Exists(Contact.objects.filter(pk=OuterRef("contact"), is_group=True)))
def groups(message):
    offered.append("groups")
    return True


@handlers.only_where(lambda: Exists(ContactAddress.objects.filter(contact=OuterRef("contact"))))
def people(message):
    offered.append("people")
    return False


def everybody(message):
    offered.append("everybody")
    return True


@pytest.fixture(autouse=True)
def chosen(settings, monkeypatch):
    """These handlers in place of the product's, and nothing of what was prepared for those."""
    settings.INBOUND_HANDLERS = [f"{__name__}.{name}" for name in ("groups", "people", "everybody")]
    monkeypatch.setattr(handlers, "inbound_handlers", handlers.inbound_handlers.__wrapped__)
    for prepared in (receiving._CONCERNS, receiving._NOTE_INBOUND, receiving._NOTE_SILENT):
        monkeypatch.setattr(prepared, "_plans", {})
    offered.clear()


def test_only_those_whom_it_concerns_are_asked_in_order(session):
    message = Message.objects.filter(conversation=session).first() or Message(conversation=session)

    taken_by = handlers.call_handlers(message, load_handler_annotations(session))

    assert (taken_by, offered) == (f"{__name__}.everybody", ["people", "everybody"])


def test_the_answers_come_with_the_statement_that_notes_the_message(clinic, make_channel, post_webhook, payload, drain):
    post_webhook(make_channel(clinic, "meta"), payload(TEXT["meta"]))
    drain()

    message = Message.objects.get(direction="in")
    assert message.data["handled_by"] == f"{__name__}.everybody"
    assert offered == ["people", "everybody"]
