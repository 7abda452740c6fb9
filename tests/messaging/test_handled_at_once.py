"""A message is handled in the transaction that stores it, unless that is not safe."""

import psycopg
import pytest
from django.db import connection

from common.work.rows import State
from common.work.run import work_on
from messaging import handlers
from messaging import services as messaging
from messaging.models import Message, WebhookEvent, WebhookItem
from tests.support.bodies import TEXT

pytestmark = [pytest.mark.django_db, pytest.mark.both]


@pytest.fixture
def offer(monkeypatch):
    """Put one handler in the place of all."""

    def use(handler):
        monkeypatch.setattr(handlers, "inbound_handlers", lambda: (handlers.InboundHandler(name="test", take=handler),))

    return use


def work(event):
    from messaging.tasks import process_webhook

    process_webhook(event.pk)


@pytest.fixture
def event(clinic, make_channel, post_webhook, payload):
    post_webhook(make_channel(clinic, "meta"), payload(TEXT["meta"]))
    return WebhookEvent.objects.get()


def test_one_task_takes_the_webhook_and_handles_its_message(event, offer):
    offer(lambda message: True)

    work(event)

    message = Message.objects.get()
    assert (message.state, message.data["handled_by"], message.attempts) == (State.DONE, "test", 0)


def test_what_nobody_takes_says_why(event, offer):
    offer(lambda message: False)

    work(event)

    message = Message.objects.get()
    assert (message.state, message.last_error) == (State.IGNORED, "no handler took it")
    assert "handled_by" not in message.data


def test_a_handler_that_fails_loses_no_message_and_is_asked_again(event, offer, drain):
    def fails(message):
        Message.objects.filter(pk=message.pk).update(text="half done")
        raise RuntimeError("broken")

    offer(fails)
    work(event)
    message = Message.objects.get()
    assert (message.state, message.attempts) == (State.QUEUED, 0)
    assert message.text != "half done"
    event.refresh_from_db()
    assert event.state == State.DONE

    offer(lambda message: True)
    drain()

    message.refresh_from_db()
    assert (message.state, message.attempts) == (State.DONE, 1)


def test_after_a_death_each_item_and_each_message_is_worked_by_a_task_of_its_own(event, offer):
    offer(lambda message: True)
    WebhookEvent.objects.update(crashes=1)

    work(event)
    assert (WebhookEvent.objects.get().state, Message.objects.count()) == (State.DONE, 0)
    work_on(WebhookItem, WebhookItem.objects.get().pk, messaging.process_item)

    assert Message.objects.get().state == State.QUEUED


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_f18_a_connection_that_ends_in_the_middle_loses_no_message(event, offer, drain):
    def loses_its_connection(message):
        with psycopg.connect(**{**connection.get_connection_params(), "cursor_factory": None}) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
        return Message.objects.exists()

    offer(loses_its_connection)
    work(event)
    assert Message.objects.get().state == State.QUEUED

    offer(lambda message: True)
    drain()

    assert Message.objects.get().state == State.DONE
