"""A time comes: what is said, what is not said and why, and what comes next."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from django.utils import timezone

from alerts import services as alerts
from alerts.models import Alert
from messaging import services as messaging
from messaging.models import Channel, Conversation, Message
from messaging.models.conversations import PausedBy
from reminders import services as reminders
from reminders.models import Occurrence, OccurrenceOutcome, Reminder
from tenants.declarations import JOBS
from tests.support.backoffice import make_session
from timewords.rules import local_time

pytestmark = pytest.mark.both


def last(reminder):
    return Occurrence.objects.filter(reminder=reminder).exclude(outcome="").latest("ended_at")


def said():
    return list(Message.objects.filter(purpose="reminder").order_by("pk").values_list("text", flat=True))


def test_it_is_said_once_and_the_reminder_is_done(remind, come, drain):
    reminder = remind()
    come(reminder)
    drain()
    drain()

    reminder.refresh_from_db()
    assert said() == ["⏰ take the pill"]
    assert (last(reminder).outcome, reminder.state, reminder.next_at) == ("sent", "done", None)


def test_the_next_time_follows_the_rule_and_not_now(remind, drain):
    first = local_time(timezone.now() - timedelta(days=3), "America/Sao_Paulo").replace(
        hour=9, minute=0, second=0, microsecond=0
    )
    reminder = remind(rule="FREQ=DAILY", first=first)
    waiting = Occurrence.objects.get(reminder=reminder)
    expected = reminder.schedule.next_after(waiting.occurs_at)
    Occurrence.objects.filter(pk=waiting.pk).update(due_at=timezone.now() - timedelta(seconds=2))

    drain()

    reminder.refresh_from_db()
    assert reminder.next_at == expected
    assert local_time(expected, reminder.zone).time() == time(9)
    assert Occurrence.objects.get(reminder=reminder, state="queued").occurs_at == expected


def test_f73_found_within_the_grace_it_is_sent_and_says_that_it_is_late(remind, come, drain):
    reminder = remind()
    come(reminder, late=timedelta(minutes=30))
    drain()

    assert last(reminder).outcome == "sent_late"
    assert "(Late: it was due " in said()[0]  # today, or yesterday when it is just past midnight


def test_f73_found_after_the_grace_it_is_missed_and_told(remind, come, drain):
    reminder = remind()
    come(reminder, late=timedelta(minutes=90))
    drain()
    alerts.evaluate_alerts()

    found = last(reminder)
    assert (found.outcome, found.last_error) == ("missed", "found 90 minutes late; the grace is 60")
    assert said() == []
    assert "1 times of reminders were missed" in Alert.objects.get(kind="reminders").text


def test_f73_the_policy_may_send_it_late_all_the_same(remind, come, drain):
    reminder = remind(manner=reminders.DeliveryManner(miss_policy="late"))
    come(reminder, late=timedelta(hours=5))
    drain()

    assert last(reminder).outcome == "sent_late"
    assert len(said()) == 1


def test_f73_the_policy_may_send_the_template(clinic, make_channel, remind, come, drain):
    channel = make_channel(clinic, "meta")
    template = {
        "name": "hello",
        "language": "pt_BR",
        "variables": ["{text}"],
        "buttons": ["Done", "In 10 minutes", "Stop it"],
    }
    Channel.objects.filter(pk=channel.pk).update(reopen_template=template)
    contact = make_session(channel, "+5511987650009").contact
    with_template = remind(contact=contact, manner=reminders.DeliveryManner(miss_policy="template"))
    without = remind("call", manner=reminders.DeliveryManner(miss_policy="template"))
    for reminder in (with_template, without):
        come(reminder, late=timedelta(hours=5))
    drain()

    message = Message.objects.get(purpose="reminder")
    assert (message.kind, message.data["template"]["variables"]) == ("template", ["take the pill"])
    # The answers are there too: its quick replies have the titles of the reminder's own buttons.
    assert message.data["template"]["payloads"] == [button["payload"] for button in message.data["buttons"]]
    assert last(without).last_error == "found 300 minutes late, and the channel has no template"


def test_f33_after_two_hours_without_anybody_only_the_latest_time_is_said(remind, drain):
    first = local_time(timezone.now() - timedelta(hours=5, minutes=10), "America/Sao_Paulo").replace(microsecond=0)
    reminder = remind(rule="FREQ=HOURLY", first=first)
    old = timezone.now().replace(microsecond=0) - timedelta(hours=3, minutes=10)
    moment = reminder.schedule.latest_until(old + timedelta(minutes=1), after=old - timedelta(hours=1))
    Occurrence.objects.filter(reminder=reminder).update(occurs_at=moment, wanted_at=moment, due_at=moment)

    drain()

    assert len(said()) == 1
    outcomes = list(
        Occurrence.objects.filter(reminder=reminder).order_by("occurs_at").values_list("outcome", flat=True)
    )
    assert outcomes == ["missed", "sent_late", ""]
    reminder.refresh_from_db()
    assert reminder.next_at > timezone.now()


def test_f32_many_beats_make_each_time_once(remind):
    rows = [remind(f"pill {number}") for number in range(3)]
    Occurrence.objects.all().delete()

    counts = [JOBS["plan-reminders"].run() for _ in range(3)]

    Reminder.objects.update(next_at=timezone.now() - timedelta(hours=1))
    assert [*counts, reminders.plan_all()] == [0, 0, 0, 3]
    assert Occurrence.objects.filter(state="queued").count() == len(rows)
    assert reminders.plan_all() == 0


def test_f42_a_worker_with_a_wrong_clock_says_nothing_early(remind, drain):
    import time_machine

    reminder = remind(
        first=local_time(timezone.now() + timedelta(minutes=5), "America/Sao_Paulo").replace(microsecond=0)
    )
    with time_machine.travel(timezone.now() + timedelta(minutes=10), tick=True):
        drain()
    assert said() == []

    due = timezone.now() - timedelta(seconds=5)
    Occurrence.objects.filter(reminder=reminder).update(due_at=due, wanted_at=due)
    with time_machine.travel(timezone.now() - timedelta(minutes=10), tick=True):
        drain()
        drain()
    assert said() == ["⏰ take the pill"]
    assert last(reminder).outcome == "sent"


def test_f74_edited_while_it_fires_the_old_or_the_new_is_said_and_never_both(remind, come, drain):
    reminder = remind()
    come(reminder)
    claimed = Occurrence.objects.claim(Occurrence.objects.get().pk)

    reminders.change_reminder(reminder=reminder, by="tests", text="take two pills", **_in_an_hour())
    from common.work.rows import LeaseLost

    with pytest.raises(LeaseLost):
        reminders.send_occurrence(claimed)

    assert said() == []
    waiting = Occurrence.objects.get(reminder=reminder, state="queued")
    due = timezone.now() - timedelta(seconds=2)
    Occurrence.objects.filter(pk=waiting.pk).update(due_at=due, wanted_at=due)
    drain()
    assert said() == ["⏰ take two pills"]


def test_f74_a_text_changed_while_it_fires_is_the_one_that_is_said(remind, come):
    reminder = remind()
    come(reminder)
    claimed = Occurrence.objects.claim(Occurrence.objects.get().pk)

    reminders.change_reminder(reminder=reminder, by="tests", text="take two pills")
    reminders.send_occurrence(claimed)

    assert said() == ["⏰ take two pills"]


def _in_an_hour():
    wall = local_time(timezone.now() + timedelta(hours=1), "America/Sao_Paulo").replace(microsecond=0)
    return {"first_on": wall.date(), "at_time": wall.time()}


def test_a_paused_session_still_gets_what_the_person_asked_for(ana, remind, come, drain):
    messaging.pause(conversation=Conversation.objects.get(contact=ana), by=PausedBy.OPERATOR, actor="marta")
    come(remind())
    drain()

    assert said() == ["⏰ take the pill"]
    assert Message.objects.get(purpose="reminder").state != "ignored"


def test_who_opted_out_gets_none(ana, remind, come, drain):
    reminder = remind()
    messaging.opt_out(contact=ana, by="customer")
    come(reminder)
    drain()

    assert (last(reminder).outcome, last(reminder).last_error) == ("opted_out", "the contact opted out")
    assert said() == []


def test_outside_the_window_the_template_goes_and_without_one_it_is_missed(clinic, make_channel, remind, come, drain):
    channel = make_channel(clinic, "meta")
    session = make_session(channel, "+5511987650009")
    Conversation.objects.filter(pk=session.pk).update(last_inbound_at=timezone.now() - timedelta(days=2))
    silent = remind("no template", contact=session.contact)
    come(silent)
    drain()
    assert last(silent).last_error == "the reply window is closed and the channel has no template to reopen it"

    template = {"name": "reminder", "language": "pt_BR", "variables": ["{text}"]}
    Channel.objects.filter(pk=channel.pk).update(reopen_template=template)
    spoken = remind("with template", contact=session.contact)
    come(spoken)
    drain()

    message = Message.objects.get(purpose="reminder")
    assert (message.kind, message.data["template"]["name"]) == ("template", "reminder")
    assert last(spoken).message_id == message.pk


def test_quiet_hours_put_it_off_to_their_end(remind):
    reminder = remind(
        first=datetime(2030, 1, 5, 23, 0), rule="FREQ=DAILY", manner=reminders.DeliveryManner(quiet=(time(22), time(7)))
    )

    occurrence = Occurrence.objects.get(reminder=reminder)
    assert occurrence.occurs_at == datetime(2030, 1, 6, 2, 0, tzinfo=UTC)
    assert occurrence.due_at == occurrence.wanted_at == datetime(2030, 1, 6, 10, 0, tzinfo=UTC)


def test_a_channel_keeps_half_of_its_pace_for_chat(clinic, make_channel, remind, come):
    channel = make_channel(clinic, "meta")
    Channel.objects.filter(pk=channel.pk).update(messages_per_second=4)
    people = [make_session(channel, f"+55119876501{number:02}").contact for number in range(9)]
    rows = [remind(f"pill {number}", contact=person) for number, person in enumerate(people)]
    for row in rows:
        come(row)
    before = timezone.now()

    for pk in Occurrence.objects.order_by("pk").values_list("pk", flat=True):
        reminders.send_occurrence(Occurrence.objects.claim(pk))

    put_off = Occurrence.objects.filter(state="queued", has_slot=True).order_by("pk")
    assert 4 <= len(said()) <= 7
    assert len(said()) + len(put_off) == 9
    assert all(before < row.due_at < before + timedelta(seconds=8) for row in put_off)
    assert [row.attempts for row in put_off] == [0] * len(put_off)


def test_paused_it_is_silent_and_goes_on_from_now(remind, come, drain):
    reminder = remind(rule="FREQ=DAILY")
    come(reminder)
    assert reminders.pause_reminder(reminder=reminder, by="tests")
    drain()
    assert said() == []
    assert last(reminder).outcome == OccurrenceOutcome.WITHDRAWN

    assert reminders.resume_reminder(reminder=reminder, by="tests")
    assert Occurrence.objects.get(reminder=reminder, state="queued").due_at > timezone.now()
    assert reminders.cancel_reminder(reminder=reminder, by="tests")
    assert not reminders.cancel_reminder(reminder=reminder, by="tests")
    assert not Occurrence.objects.filter(state="queued").exists()


def test_without_a_session_any_more_it_is_dead_and_says_why(ana, remind, come, drain):
    reminder = remind()
    Channel.objects.update(is_enabled=False)
    Reminder.objects.update(conversation=None)
    come(reminder)
    drain()

    found = last(reminder)
    assert (found.state, found.last_error) == ("dead", "the contact has no session on a channel that is enabled")


def test_where_its_channel_is_off_it_goes_to_the_other_session(clinic, make_channel, say, remind, come, drain):
    reminder = remind()
    other = make_channel(clinic, "evolution", external_id="second")
    elsewhere = say("Oi", to=other).conversation
    drain()
    Channel.objects.filter(pk=reminder.conversation.channel_id).update(is_enabled=False)
    come(reminder)

    drain()

    assert Message.objects.get(purpose="reminder").conversation == elsewhere
