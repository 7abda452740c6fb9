"""A customer waits for a person: people are told, and in the end the assistant goes on."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db.models import F

from alerts import services as alerts
from alerts.models import Alert, Notice, WaitingRule
from messaging import services as messaging
from messaging.models import Contact, Conversation, Message
from messaging.models.conversations import PausedBy
from messaging.services.operator_messages import write_message as operator_writes
from tenants.models import AuditEntry
from tests.support.backoffice import browser, write
from tests.support.people import in_own_connection

ADD = "/admin/alerts/waitingrule/add/"


@pytest.fixture
def rule(clinic, sim, settings):
    settings.OUTBOUND_ALLOWED_HOSTS = ["127.0.0.1"]
    return WaitingRule.objects.create(
        tenant=clinic, tell_after_minutes=5, give_back_after_minutes=15, webhook_url=f"{sim.url}/alerts/clinic"
    )


@pytest.fixture
def room(sim):
    return lambda: [(r["to"], r["text"]) for r in sim.record("alerts") if r["accepted"]]


def customer_writes(session, text="Is anybody there?"):
    return write(session, text, direction="in", purpose="customer", state="done")


def ask_for_a_person(session):
    customer_writes(session, "a person please")
    return messaging.pause(conversation=session, by=PausedBy.CUSTOMER)


def minutes_pass(minutes):
    """All that happened lies further back."""
    back = timedelta(minutes=minutes)
    Message.objects.update(created_at=F("created_at") - back)
    Conversation.objects.filter(paused_at__isnull=False).update(
        paused_at=F("paused_at") - back, last_human_at=F("last_human_at") - back
    )


def look(drain):
    alerts.update_alerts()
    drain()


def answers(session):
    return [m.text for m in Message.objects.filter(conversation=session, purpose="notice").order_by("pk")]


def test_people_are_told_once_when_a_customer_waits_too_long(rule, session, room, drain):
    ask_for_a_person(session)
    minutes_pass(4)
    look(drain)
    assert room() == []

    minutes_pass(2)
    for _ in range(3):
        look(drain)

    ((where, text),) = room()
    assert where == "clinic"
    assert text.startswith("[Example Dental] A customer waits for a person since ")
    assert text.endswith(f"https://frontdesk.example.test/admin/messaging/conversation/{session.pk}/change/")
    assert Alert.objects.get().ended_at is None


def test_an_answer_ends_it_quietly_and_the_next_wait_is_a_new_one(rule, session, room, drain):
    ask_for_a_person(session)
    minutes_pass(6)
    look(drain)
    operator_writes(conversation=session, text="Here I am", author="maria")
    look(drain)
    assert Alert.objects.get().ended_at is not None
    assert len(room()) == 1

    customer_writes(session)
    minutes_pass(4)
    look(drain)
    assert len(room()) == 1
    minutes_pass(2)
    look(drain)
    assert len(room()) == 2


def test_who_was_answered_or_is_with_the_assistant_does_not_wait(rule, session, room, drain):
    customer_writes(session)
    minutes_pass(60)
    look(drain)
    assert room() == []

    operator_writes(conversation=session, text="Good morning", author="maria")
    minutes_pass(60)
    look(drain)
    assert room() == []


def test_a_take_over_alone_is_no_wait_until_the_customer_writes(rule, session, room, drain):
    customer_writes(session, "before the take-over")
    messaging.pause(conversation=session, by=PausedBy.OPERATOR, actor="maria")
    minutes_pass(30)
    look(drain)
    assert room() == []

    customer_writes(session)
    minutes_pass(6)
    look(drain)
    assert len(room()) == 1


def test_another_tenants_customers_are_not_told_of(rule, salon, session, room, drain):
    WaitingRule.objects.create(tenant=salon, tell_after_minutes=1, webhook_url=rule.webhook_url)
    rule.delete()
    ask_for_a_person(session)
    minutes_pass(60)

    look(drain)

    assert room() == []


def test_when_nobody_came_the_customer_is_told_and_the_assistant_goes_on(rule, session):
    ask_for_a_person(session)
    minutes_pass(14)
    assert alerts.resume_unattended() == 0
    minutes_pass(2)

    assert [alerts.resume_unattended() for _ in range(3)] == [1, 0, 0]

    session.refresh_from_db()
    assert not session.is_paused
    assert answers(session) == ["Nobody is free at the moment, I am sorry. I can go on helping you: what do you need?"]
    assert AuditEntry.objects.filter(action="nobody_came", actor="clock").count() == 1


@pytest.mark.parametrize(
    ("language", "own", "begins"),
    [("pt-br", "", "No momento"), ("es", "", "En este momento"), ("ro", "", "Momentan"), ("xx", "", "Nobody"),
     ("en", "We are closed.", "We are closed.")],
)  # fmt: skip
def test_the_customer_is_told_in_the_tenants_language_or_words(rule, session, language, own, begins):
    type(rule.tenant).objects.update(language=language)
    WaitingRule.objects.update(give_back_text=own)
    ask_for_a_person(session)
    minutes_pass(16)

    alerts.resume_unattended()

    assert answers(session)[0].startswith(begins)


def test_the_language_of_the_chat_comes_before_the_tenants(rule, session):
    type(rule.tenant).objects.update(language="pt-br")
    Contact.objects.update(language="ro")
    ask_for_a_person(session)
    minutes_pass(16)

    alerts.resume_unattended()

    assert answers(session)[0].startswith("Momentan")


def test_it_is_off_unless_a_tenant_wants_it(rule, session):
    WaitingRule.objects.update(give_back_after_minutes=None)
    ask_for_a_person(session)
    minutes_pass(600)

    assert alerts.resume_unattended() == 0
    assert answers(session) == []


def test_somebody_who_came_in_the_last_moment_keeps_the_conversation(rule, session):
    ask_for_a_person(session)
    minutes_pass(16)
    (one,) = alerts.waiting_conversations(tenant_id=rule.tenant_id, longer_than=timedelta(minutes=15))
    operator_writes(conversation=session, text="Here I am", author="maria")

    assert alerts._resume(rule, one, timedelta(minutes=15)) == 0
    session.refresh_from_db()
    assert session.is_paused
    assert answers(session) == []


def test_who_wants_no_messages_gets_none(rule, session):
    ask_for_a_person(session)
    messaging.opt_out(contact=session.contact, by="maria")
    minutes_pass(16)

    assert alerts.resume_unattended() == 1
    assert answers(session) == []


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_tell_the_customer_once(rule, session):
    ask_for_a_person(session)
    minutes_pass(16)

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(in_own_connection(lambda _: alerts.resume_unattended()), range(8)))

    assert sum(done) == 1
    assert len(answers(session)) == 1


def test_a_manager_sets_it_up_in_the_back_office(manager, clinic, settings):
    settings.EMAIL_URL = "smtp://mail.example.test"
    settings.OUTBOUND_ALLOWED_HOSTS = ["hooks.example.test"]
    body = {
        "tenant": clinic.pk, "tell_after_minutes": 3, "emails": "a@example.test, b@example.test",
        "webhook_url": "https://hooks.example.test/T1/B2",
    }  # fmt: skip

    assert manager.post(ADD, body).status_code == 302

    rule = WaitingRule.objects.get()
    assert (rule.emails, rule.give_back_after_minutes) == (["a@example.test", "b@example.test"], None)
    assert browser(clinic, "agent").post(ADD, body).status_code == 403


@pytest.mark.parametrize(
    "fields",
    [{"webhook_url": "http://127.0.0.1/x"}, {"webhook_url": "http://[::1]/x"}, {"webhook_url": "ftp://example.com"},
     {"webhook_url": "https://u:p@example.com/"}, {"webhook_url": "https://[oops"}, {"emails": "nobody"},
     {"emails": " ".join(f"a{n}@example.test" for n in range(11))}, {"tell_after_minutes": 0}],
)  # fmt: skip
def test_what_cannot_be_used_is_said_at_its_field(manager, clinic, settings, fields):
    settings.EMAIL_URL = "smtp://mail.example.test"

    answer = manager.post(ADD, {"tenant": clinic.pk, **fields})

    assert list(answer.context["adminform"].form.errors) == list(fields)
    assert not WaitingRule.objects.exists()


def test_a_tenants_private_address_is_refused_at_connect_too(rule, session, settings, drain):
    settings.OUTBOUND_ALLOWED_HOSTS = []
    ask_for_a_person(session)
    minutes_pass(6)

    look(drain)

    notice = Notice.objects.get()
    assert notice.state == "queued"
    assert notice.last_error.startswith("ForbiddenAddress")
