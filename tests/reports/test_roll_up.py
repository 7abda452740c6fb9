"""The figures per hour: each message is counted once, whoever runs twice or dies; answers are timed by who answers."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from common.work.rows import State
from messaging.models import Message
from reports import histograms, services
from reports.models import AnswerTimes, HourlyFigures, RollUp
from tests.support.backoffice import make_session, write

pytestmark = [pytest.mark.django_db, pytest.mark.both]
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def say(session, at, direction="in", purpose="customer", **fields):
    message = write(session, "x", direction=direction, purpose=purpose, **{"state": State.DONE, **fields})
    Message.objects.filter(pk=message.pk).update(created_at=at)
    return message


def after(seconds):
    return NOON + timedelta(seconds=seconds)


def figures():
    rows = HourlyFigures.objects.order_by("hour", "channel")
    return [(row.hour.hour, row.received, row.by_assistant, row.by_people, row.by_others) for row in rows]


def times(answerer):
    rows = AnswerTimes.objects.filter(answerer=answerer).order_by("up_to_seconds")
    return [(row.up_to_seconds, row.count) for row in rows]


def test_each_message_is_counted_in_its_hour_once_however_often_it_runs(session):
    say(session, after(-10))
    say(session, after(5))
    say(session, after(7), "out", "assistant")
    say(session, after(9), "out", "operator")
    say(session, after(9), "out", "owner")
    say(session, after(11), "out", "notice")

    assert [services.roll_up(), services.roll_up()] == [6, 0]
    say(session, after(60))
    assert services.roll_up() == 1

    assert figures() == [(11, 1, 0, 0, 0), (12, 2, 1, 2, 1)]


def test_what_was_withdrawn_before_it_went_is_not_counted(session):
    say(session, after(0))
    say(session, after(5), "out", "assistant", state=State.IGNORED)
    services.roll_up()

    assert figures() == [(12, 1, 0, 0, 0)]
    assert times("assistant") == []


def test_a_young_message_waits_for_one_that_commits_later(session):
    say(session, after(0))
    young = say(session, timezone.now())

    assert services.roll_up() == 1
    Message.objects.filter(pk=young.pk).update(created_at=timezone.now() - timedelta(minutes=1))
    assert services.roll_up() == 1


def test_answers_are_timed_from_the_first_unanswered_message_apart_for_people(session):
    say(session, after(0))
    say(session, after(30))
    say(session, after(40), "out", "assistant")  # 40 s
    say(session, after(41), "out", "assistant")  # the second bubble of the same answer
    say(session, after(100))
    say(session, after(400), "out", "operator")  # 300 s
    services.roll_up()

    assert times("assistant") == [(40, 1)]
    assert times("people") == [(300, 1)]


def test_an_answer_is_timed_also_when_the_question_was_counted_long_ago(session):
    say(session, after(-100), "out", "assistant")
    say(session, after(0))
    say(session, after(10))
    services.roll_up()
    say(session, after(7200), "out", "operator")
    services.roll_up()

    assert times("people") == [(histograms.bar_end(7200), 1)]


def test_reactions_and_late_messages_wait_for_no_answer(session):
    say(session, after(0), kind="reaction")
    say(session, after(1), is_late=True)
    say(session, after(60), "out", "operator")
    services.roll_up()

    assert times("people") == []


def test_conversations_are_timed_apart(channel):
    first, second = make_session(channel, "+15550100001"), make_session(channel, "+15550100002")
    say(first, after(0))
    say(second, after(50))
    say(second, after(55), "out", "assistant")
    say(first, after(60), "out", "assistant")
    services.roll_up()

    assert times("assistant") == [(5, 1), (60, 1)]


def test_many_messages_are_added_in_batches(session, monkeypatch):
    monkeypatch.setattr(services, "BATCH", 3)
    for number in range(10):
        say(session, after(number))

    assert services.roll_up() == 10
    assert figures() == [(12, 10, 0, 0, 0)]


def test_a_death_between_figures_and_mark_leaves_neither(session, monkeypatch):
    say(session, after(0))

    def dies(*args):
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(services, "_add_answer_times", dies)
        with pytest.raises(SystemExit), transaction.atomic():
            services.roll_up()
    assert figures() == []

    services.roll_up()
    assert figures() == [(12, 1, 0, 0, 0)]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_that_run_at_once_count_each_message_once(session):
    for number in range(40):
        say(session, after(number))
    start = threading.Barrier(4)

    def run():
        start.wait(60)
        try:
            services.roll_up()
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)

    assert figures() == [(12, 40, 0, 0, 0)]
    assert RollUp.objects.get().message_id == Message.objects.latest("pk").pk


def test_percentiles_are_right_within_a_bar():
    counts = {}
    for seconds in range(1, 101):
        end = histograms.bar_end(seconds)
        counts[end] = counts.get(end, 0) + 1

    assert 45 <= histograms.percentile(counts, 0.5) <= 55
    assert 85 <= histograms.percentile(counts, 0.9) <= 95
    assert histograms.percentile({}, 0.5) is None
    assert histograms.percentile({1: 4}, 0.5) == 0.5
    assert [histograms.bar_end(seconds) for seconds in (-3, 0, 1, 1.5, 10**9)] == [1, 1, 1, 2, 604800]
