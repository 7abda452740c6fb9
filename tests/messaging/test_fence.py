"""After a human act is committed no word of the assistant is committed or sent, whatever races."""

import threading
import time

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.work.run import work_on
from messaging import services as messaging
from messaging.models import Attempt, Message, Purpose
from messaging.models.conversations import PausedBy
from messaging.services.takeover import lock_conversation

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

DELAYS = st.lists(st.integers(0, 12), min_size=4, max_size=4)


def in_thread(errors, verb):
    def run():
        try:
            verb()
        except messaging.SendRefused:
            pass
        except Exception as error:  # noqa: BLE001 - told to the test
            errors.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def assistant_rows(conversation):
    words = Message.objects.filter(conversation=conversation, purpose=Purpose.ASSISTANT)
    tries = Attempt.objects.filter(message__in=words)
    return set(words.values_list("pk", flat=True)), set(tries.values_list("pk", flat=True))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(delays=DELAYS, number=st.integers(0, 10**9))
def test_the_fence_holds_under_races(delays, number, clinic, wire, talk, say):
    channel = wire(clinic, "evolution", messages_per_second=1000)
    conversation = talk(channel, phone=f"+1555{number:010d}", external_id=f"in-{number}-{time.time_ns()}")
    errors, seen = [], {}
    stamp = time.time_ns()

    def speak():
        time.sleep(delays[0] / 1000)
        for count in range(6):
            say(conversation, f"word {stamp} {count}")
            time.sleep(delays[1] / 1000)

    def send():
        for _ in range(12):
            waiting = Message.objects.filter(conversation=conversation, direction="out", state="queued")
            for pk in waiting.values_list("pk", flat=True):
                work_on(Message, pk, messaging.deliver)
            time.sleep(delays[2] / 2000)

    def take_over():
        time.sleep(delays[3] * 3 / 1000)
        with transaction.atomic():
            messaging.pause(conversation=conversation, by=PausedBy.OPERATOR)
            seen["at_commit"] = assistant_rows(conversation)

    for thread in [in_thread(errors, verb) for verb in (speak, send, send, take_over)]:
        thread.join(120)

    assert errors == []
    assert assistant_rows(conversation) == seen["at_commit"]
    assert not Message.objects.filter(conversation=conversation, purpose="assistant", state="queued").exists()


def test_a_pause_and_the_end_of_a_send_do_not_wait_for_each_other_for_ever(clinic, wire, talk, say):
    conversation = talk(wire(clinic, "evolution"))
    message = say(conversation, "on its way")
    errors, written, locked = [], threading.Event(), threading.Event()

    def end_of_a_send():
        with transaction.atomic():
            # Updated twice, so that its foreign keys are checked again when this commits.
            for delivery in ("accepted", "sent"):
                Message.objects.filter(pk=message.pk).update(delivery=delivery)
            written.set()
            locked.wait(60)
            time.sleep(0.3)  # by now the pause waits for the message

    def take_over():
        written.wait(60)
        with transaction.atomic():
            lock_conversation(conversation)
            locked.set()
            messaging.pause(conversation=conversation, by=PausedBy.OPERATOR)

    for thread in [in_thread(errors, verb) for verb in (end_of_a_send, take_over)]:
        thread.join(120)

    assert errors == []
    conversation.refresh_from_db()
    assert conversation.is_paused
