"""Retry and discard of a work row: one service for all pages and programs, in the audit with who did it."""

import pytest

from common.work.acts import discard_row, retry_row
from common.work.rows import State
from messaging.models import Message, WebhookEvent
from tenants.models import AuditEntry
from tests.support.rows import make_row

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def set_state(row, state):
    type(row).objects.filter(pk=row.pk).update(state=state, attempts=3, crashes=1, last_error="away")
    row.refresh_from_db()


def acts():
    return list(AuditEntry.objects.order_by("pk").values_list("actor", "action"))


@pytest.fixture
def message(clinic):
    return make_row(Message, clinic, {})


def test_a_retried_row_begins_again_and_is_recorded(message):
    set_state(message, State.DEAD)

    assert retry_row(row=message, by="maria")

    message.refresh_from_db()
    assert (message.state, message.attempts, message.crashes, message.last_error) == (State.QUEUED, 0, 0, "")
    assert acts() == [("maria", "retried")]


def test_what_is_done_is_neither_retried_nor_discarded_and_nothing_is_recorded(message):
    set_state(message, State.DONE)

    assert not retry_row(row=message, by="maria")
    assert not discard_row(row=message, by="maria")
    assert acts() == []


def test_a_discarded_row_says_who_did_it_and_can_be_retried(message):
    set_state(message, State.HELD)

    assert discard_row(row=message, by="maria")
    message.refresh_from_db()
    assert (message.state, message.last_error) == (State.IGNORED, "discarded by maria")
    assert retry_row(row=message, by="paul")
    assert acts() == [("maria", "discarded"), ("paul", "retried")]


def test_a_model_may_have_a_service_of_its_own(clinic):
    event = make_row(WebhookEvent, clinic, {})
    set_state(event, State.DONE)  # a webhook may be processed again when it is done

    assert retry_row(row=event, by="maria")

    event.refresh_from_db()
    assert event.state == State.QUEUED
    assert acts() == [("maria", "retried")]
