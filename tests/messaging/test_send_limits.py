"""The line before a channel's bucket: whoever finds it empty gets a time of its own."""

import itertools
import time
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from common.models import RateBucket
from common.rate_limits import MAX_WAIT
from common.work.rows import State
from messaging.models import Channel, Conversation, Message, Purpose
from messaging.services import send_limits

pytestmark = pytest.mark.both

SLACK = 0.3  # seconds between the database's clock and what is measured here


@pytest.fixture
def channel(clinic, make_channel):
    """Four a second, of which none is left."""
    channel = make_channel(clinic, "meta", messages_per_second=4)
    assert [send_limits.use_token(channel=channel) for _ in range(4)] == [0.0] * 4
    return channel


def later(seconds):
    """As if the time had gone on."""
    moved = {
        name: getattr(RateBucket.objects.get(), name) - timedelta(seconds=seconds)
        for name in ("full_at", "closed_until", "queue_end", "bulk_queue_end")
    }
    RateBucket.objects.update(**moved)


def test_each_of_many_waits_for_a_token_of_its_own(channel):
    # So slow a bucket fills by nothing while this asks: a token that comes meanwhile goes to whoever asks then.
    Channel.objects.update(messages_per_second=0.1)
    channel.refresh_from_db()
    turns = []
    for _ in range(6):
        before = time.monotonic()
        wait = send_limits.use_token(channel=channel, is_bulk=True)
        turns.append((before + wait, time.monotonic() + wait))  # at the earliest, and at the latest

    assert all(first < second for (first, _), (_, second) in itertools.pairwise(turns))
    assert turns[-1][1] - turns[0][0] >= 50 - SLACK
    assert turns[-1][0] - turns[0][1] <= 50 + SLACK


def test_who_chats_does_not_stand_behind_a_thousand_reminders(channel):
    for _ in range(1000):
        send_limits.use_token(channel=channel, is_bulk=True)

    assert send_limits.use_token(channel=channel) < 1


def test_nobody_who_chats_is_sent_away_for_long(channel):
    waits = [send_limits.use_token(channel=channel) for _ in range(60)]

    assert max(waits) <= MAX_WAIT.total_seconds() + SLACK


def test_a_line_of_messages_that_are_gone_is_forgotten(channel):
    for _ in range(1000):
        send_limits.use_token(channel=channel, is_bulk=True)
    later(10)  # and none of them came

    assert send_limits.use_token(channel=channel, is_bulk=True) == 0.0
    waits = [send_limits.use_token(channel=channel, is_bulk=True) for _ in range(8)]
    assert max(waits) < 3


def test_a_channel_that_is_closed_is_asked_when_it_opens(channel):
    send_limits.record_failure(channel=channel, close_for=30)

    assert send_limits.use_token(channel=channel, is_bulk=True) == pytest.approx(30, abs=1)
    assert RateBucket.objects.get().closed_until > timezone.now()


@pytest.mark.parametrize("minutes", [-10, 10])
def test_a_worker_whose_clock_is_off_waits_as_long_as_the_others(channel, monkeypatch, minutes):
    right = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: right() + timedelta(minutes=minutes))

    waits = [send_limits.use_token(channel=channel) for _ in range(8)]

    assert waits[-1] - waits[0] == pytest.approx(7 / 4, abs=SLACK)
    assert max(waits) < 3


def test_a_token_that_was_not_used_is_for_the_next_message(channel):
    assert send_limits.use_token(channel=channel) > 0

    send_limits.return_token(channel=channel)

    assert send_limits.use_token(channel=channel) == 0.0
    assert send_limits.use_token(channel=channel) > 0


def test_nothing_is_given_back_to_a_bucket_that_a_rate_limit_closed(channel):
    send_limits.record_failure(channel=channel, close_for=30)

    send_limits.return_token(channel=channel)

    assert send_limits.use_token(channel=channel, is_bulk=True) == pytest.approx(30, abs=1)


def test_a_message_that_does_not_go_costs_the_channel_nothing(channel, talk, say, drain):
    conversation = talk(channel)
    later(0.3)  # one token is there
    messages = [say(conversation, f"never said {number}", purpose=Purpose.ASSISTANT) for number in range(3)]
    Conversation.objects.update(fence=F("fence") + 1)

    drain()

    assert [(row.state, row.last_error) for row in map(fresh, messages)] == [(State.IGNORED, "paused")] * 3
    assert send_limits.use_token(channel=channel) == 0.0


def fresh(message):
    return Message.objects.get(pk=message.pk)
