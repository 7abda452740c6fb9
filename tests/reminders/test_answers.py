"""What people answer to a reminder: by button, reaction, quote and words; and where they say they are."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.models import Contact, Message
from messaging.providers.base import Kind
from reminders import services as reminders
from reminders.inbound import handle_reminder_message
from reminders.models import Occurrence, PersonalClock, Reminder
from timewords.rules import local_time


@pytest.fixture
def said(remind, come, drain):
    """A reminder that has just been said; gives its message, accepted by the provider."""

    def make(text="take the pill", **more):
        reminder = remind(text, **more)
        come(reminder)
        drain()
        message = Message.objects.filter(purpose="reminder").latest("pk")
        message.external_id = message.external_id or f"out-{message.pk}"
        message.save(update_fields=["external_id"])
        return reminder, message

    return make


def first_of(reminder):
    return Occurrence.objects.filter(reminder=reminder).earliest("pk")


@pytest.fixture
def tell(say, drain):
    """The customer writes, and it is worked."""

    def write(text, **more):
        message = say(text, **more)
        drain()
        return message

    return write


def waiting(reminder):
    return Occurrence.objects.get(reminder=reminder, state="queued")


@pytest.mark.parametrize("text", ["done", "Feito!", "hecho", "gata", "👍", "1"])
def test_a_plain_word_after_it_means_done(said, tell, outbox, text):
    reminder, _ = said()
    tell(text)

    assert first_of(reminder).answer == "done"
    assert outbox()[-1] == "Done: take the pill"


def test_a_button_names_its_own_reminder(said, tell):
    first, message = said("first")
    second, _ = said("second")
    payload = message.data["buttons"][0]["payload"]

    tell("Done", kind=Kind.BUTTON, data={"payload": payload})

    assert [first_of(one).answer for one in (first, second)] == ["done", ""]


def test_a_reaction_is_an_answer_and_is_not_answered(said, tell, outbox):
    reminder, message = said()
    before = outbox()
    tell("👍", kind=Kind.REACTION, reply_to=message.external_id)

    assert first_of(reminder).answer == "done"
    assert outbox() == before


def test_a_quote_picks_the_right_one(said, tell):
    first, message = said("first")
    second, _ = said("second")
    tell("done", reply_to=message.external_id)

    assert [first_of(one).answer for one in (first, second)] == ["done", ""]


def test_snoozed_it_comes_again_and_the_answer_counts_for_that(said, tell, drain, outbox):
    reminder, _ = said()
    tell("10 min")
    again = waiting(reminder)
    left = again.due_at - timezone.now()

    assert timedelta(minutes=9, seconds=30) < left < timedelta(minutes=10, seconds=1)
    assert first_of(reminder).answer == "snoozed"
    days = (local_time(again.due_at, reminder.zone).date() - local_time(timezone.now(), reminder.zone).date()).days
    assert outbox()[-1].startswith(f"I will remind you again {('today', 'tomorrow')[days]}, ")
    due = timezone.now() - timedelta(seconds=2)
    Occurrence.objects.filter(pk=again.pk).update(due_at=due, wanted_at=due)
    drain()
    assert list(Message.objects.filter(purpose="reminder").values_list("text", flat=True)) == ["⏰ take the pill"] * 2
    tell("feito")
    reminder.refresh_from_db()
    assert (Occurrence.objects.get(pk=again.pk).answer, reminder.state) == ("done", "done")


def test_a_snooze_of_a_recurring_one_leaves_its_rule_alone(said, tell):
    reminder, _ = said(rule="FREQ=DAILY")
    reminder.refresh_from_db()
    following = reminder.next_at
    tell("em 2 horas")

    reminder.refresh_from_db()
    times = Occurrence.objects.filter(reminder=reminder, state="queued").order_by("occurs_at")
    assert reminder.next_at == following
    assert [one.snoozed_from_id is not None for one in times] in ([True, False], [False, True])


def test_moved_to_another_day_by_words(said, tell, outbox):
    reminder, _ = said()
    tell("amanhã às 10")

    wall = local_time(waiting(reminder).occurs_at, reminder.zone)
    assert (wall.hour, wall.date()) == (10, local_time(timezone.now(), reminder.zone).date() + timedelta(days=1))
    assert first_of(reminder).answer == "moved"
    assert outbox()[-1].startswith("Mudei para amanhã, ")


def test_stop_ends_this_one_and_no_other(said, tell, remind, outbox):
    other = remind("other", rule="FREQ=DAILY")
    reminder, message = said(rule="FREQ=DAILY")
    tell("stop reminding me", reply_to=message.external_id)

    states = [Reminder.objects.get(pk=one.pk).state for one in (reminder, other)]
    assert states == ["cancelled", "active"]
    assert outbox()[-1] == "I will not remind you of this any more: take the pill"


def test_what_is_no_answer_goes_to_the_assistant(said, tell, drain):
    reminder, _ = said()
    message = tell("Where are you?")
    drain()

    message.refresh_from_db()
    assert message.data["handled_by"] == "assistant.inbound.reply"
    assert first_of(reminder).answer == ""


def test_done_long_after_or_behind_other_words_is_no_answer(said, tell, drain):
    reminder, message = said()
    Message.objects.filter(pk=message.pk).update(created_at=timezone.now() - timedelta(hours=30))
    tell("done")

    assert first_of(reminder).answer == ""


def test_another_persons_button_does_nothing(said, tell):
    reminder, message = said()
    payload = message.data["buttons"][2]["payload"]
    tell("Stop it", kind=Kind.BUTTON, data={"payload": payload}, person="+5511987650077")
    tell("x", kind=Kind.BUTTON, data={"payload": "reminder:999999999999999999999:stop"})

    reminder.refresh_from_db()
    assert (reminder.state, first_of(reminder).answer) == ("done", "")


def test_one_reply_corrects_the_zone_and_the_wall_time_stays(ana, remind, tell, outbox):
    reminder = remind(rule="FREQ=DAILY")
    before = waiting(reminder).occurs_at
    tell("Estou em Manaus")

    reminder.refresh_from_db()
    assert PersonalClock.objects.get(contact=ana).zone == "America/Manaus"
    assert (reminder.zone, reminder.next_at) == ("America/Manaus", waiting(reminder).occurs_at)
    assert reminder.next_at - before == timedelta(hours=1)
    assert outbox()[-1].startswith("Your time zone is now Manaus time.\nNext: ")
    assert Occurrence.objects.filter(reminder=reminder, outcome="withdrawn").count() == 1


def test_a_bare_city_corrects_it_right_after_the_confirmation(ana, remind, tell):
    remind()
    tell("Lisboa")

    assert PersonalClock.objects.get(contact=ana).zone == "Europe/Lisbon"


def test_without_reminders_a_place_is_a_place(ana, tell, drain):
    message = tell("I'm in Lisbon")
    drain()

    message.refresh_from_db()
    assert message.data["handled_by"] == "assistant.inbound.reply"
    assert not PersonalClock.objects.exists()


def test_done_ends_whatever_was_put_off_however_often(said, tell):
    reminder, message = said()
    tell("10 min")
    reminders.snooze(occurrence=waiting(reminder), until=timezone.now() + timedelta(hours=2), by="tests")

    tell("", kind=Kind.BUTTON, data={"payload": f"reminder:{first_of(reminder).pk}:done"}, reply_to=message.external_id)

    reminder.refresh_from_db()
    assert reminder.state == "done"
    assert not Occurrence.objects.filter(reminder=reminder, state="queued").exists()


def test_what_was_put_off_for_long_outlives_the_cleanup(said, tell, settings):
    reminder, _ = said()
    reminders.snooze(occurrence=first_of(reminder), until=timezone.now() + timedelta(days=120), by="tests")
    Occurrence.objects.filter(ended_at__isnull=False).update(ended_at=timezone.now() - timedelta(days=100))

    reminders.cleanup()

    assert waiting(reminder).snoozed_from == first_of(reminder)


def test_what_cannot_be_is_said_in_the_language_of_the_person(said, tell, outbox):
    reminder, message = said(rule="FREQ=WEEKLY")
    Contact.objects.update(language="pt")
    reminders.cancel_reminder(reminder=reminder, by="tests")

    tell("10 min", reply_to=message.external_id)

    assert outbox()[-1] == "Este lembrete foi cancelado."


def test_a_voice_note_counts_as_its_words_once_it_is_written_down(said, say):
    reminder, _ = said()
    message = say("", kind=Kind.VOICE)
    assert handle_reminder_message(message) is False

    message.text = "Feito!"

    assert handle_reminder_message(message) is True
    assert first_of(reminder).answer == "done"
