"""Moving a reminder by an answer: what the answer leaves out, its days and its repetition, stays."""

from __future__ import annotations

from datetime import timedelta

import pytest

from messaging.providers.base import Kind
from reminders.models import Reminder
from tests.support.reminding import latest, question, tomorrow


@pytest.mark.parametrize(
    ("rule", "answer", "ahead", "hour"),
    [
        ("FREQ=WEEKLY", "6pm", 3, 18), ("FREQ=DAILY;INTERVAL=2", "às 18h|yes", 3, 18), ("", "6pm", 3, 18),
        ("", "la 18:00|1", 3, 18), ("", "a las 6 de la tarde", 3, 18), ("FREQ=WEEKLY", "6pm or 8pm|2", 3, 20),
        ("", "6pm or 8pm|1", 3, 18),
    ],
)  # fmt: skip
def test_a_reminder_that_is_moved_by_an_answer_keeps_days_and_repetition(tell, remind, rule, answer, ahead, hour):
    first = tomorrow(9) + timedelta(days=ahead - 1)
    remind("take the pills", first=first, rule=rule)
    before = Reminder.objects.get().rule
    tell("change reminder pills to later")
    assert latest().text.startswith("When should I remind you?")
    for words in answer.split("|"):
        tell(words)

    moved = Reminder.objects.get()
    assert (moved.schedule.first, moved.rule) == (first.replace(hour=hour), before)


def test_a_time_that_may_mean_two_keeps_days_and_repetition_by_button(tell, remind):
    first = tomorrow(9) + timedelta(days=2)
    remind("take the pills", first=first, rule="FREQ=WEEKLY")
    before = Reminder.objects.get().rule
    tell("move the pills reminder to 6pm or 8pm")
    tell("", kind=Kind.BUTTON, data={"payload": question().data["buttons"][1]["payload"]})

    moved = Reminder.objects.get()
    assert (moved.schedule.first, moved.rule) == (first.replace(hour=20), before)


def test_a_day_alone_for_one_that_repeats_is_asked_about_and_the_answer_completes_it(tell, remind):
    remind("take the pills", first=tomorrow(9), rule="FREQ=DAILY")
    tell("change reminder pills to later")
    tell("on friday at 6pm")
    assert latest().text.startswith("It repeats (every day). How often from now on?")
    tell("every friday at 6pm")

    moved = Reminder.objects.get()
    assert (moved.rule, f"{moved.at_time:%H:%M}") == ("FREQ=WEEKLY;BYDAY=FR", "18:00")


def test_a_moved_reminder_keeps_the_clock_of_its_zone(tell, remind):
    first = tomorrow(9) + timedelta(days=2)
    remind("join the call", first=first, rule="FREQ=WEEKLY", zone="Europe/London")
    tell("change reminder call to later")
    tell("6pm")

    moved = Reminder.objects.get()
    assert (moved.schedule.first, moved.zone) == (first.replace(hour=18), "Europe/London")
