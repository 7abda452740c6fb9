"""What is asked before a reminder is made or cancelled, and how it is answered: in conversation, without a model."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from messaging.models import Conversation, Message
from messaging.providers.base import Kind
from reminders.models import PersonalClock, Reminder
from reminders.questions import WAITS
from tests.support.reminding import latest, question, tomorrow

ZONE = "America/Sao_Paulo"


def test_two_readings_are_buttons_and_one_tap_makes_the_reminder(tell):
    tell("remind me tomorrow at 9 or at 11 to call the bank")
    asked = question()

    assert asked.text.startswith("Did you mean tomorrow, ")
    assert " or tomorrow, " in asked.text
    assert [button["title"][-5:] for button in asked.data["buttons"]] == ["09:00", "11:00"]
    assert not Reminder.objects.exists()
    tell("", kind=Kind.BUTTON, data={"payload": asked.data["buttons"][1]["payload"]})

    reminder = Reminder.objects.get()
    assert (reminder.text, reminder.schedule.first) == ("call the bank", tomorrow(11))
    assert latest().text.startswith("I will remind you: call the bank")


@pytest.mark.parametrize(("answer", "hour"), [("1", 9), ("2", 11), ("at 4pm tomorrow", 16), ("amanhã às 15h", 15)])
def test_it_is_answered_by_number_or_in_words_too(tell, answer, hour):
    tell("remind me tomorrow at 9 or at 11 to call the bank")
    tell(answer)

    assert [(one.text, one.schedule.first) for one in Reminder.objects.all()] == [("call the bank", tomorrow(hour))]


def test_a_yes_takes_the_only_reading(tell):
    tell("remind me tomorrow at 9 if it rains to close the windows")
    tell("yes")

    assert Reminder.objects.get().schedule.first == tomorrow(9)


def test_a_no_or_a_thank_you_makes_nothing(tell):
    tell("remind me tomorrow at 9 or at 11 to call the bank")
    tell("never mind")
    tell("1")

    assert not Reminder.objects.exists()
    assert PersonalClock.objects.get().asked == {}


@pytest.mark.parametrize(
    ("said", "asked", "answer"),
    [
        ("remind me every monday", "What should I remind you of?", "to take out the trash"),
        ("me lembre toda segunda", "Do que devo lembrar você?", "de levar o lixo"),
        ("recuérdame todos los lunes", "¿Qué le recuerdo?", "sacar la basura"),
        ("amintește-mi în fiecare luni", "Ce să vă amintesc?", "să duc gunoiul"),
    ],
)
def test_a_reminder_of_nothing_is_asked_about_and_the_answer_completes_it(tell, said, asked, answer):
    tell(said)
    assert latest().text.splitlines()[0] == asked or asked in Message.objects.values_list("text", flat=True)
    assert not Reminder.objects.exists()
    tell(answer)

    reminder = Reminder.objects.get()
    assert (reminder.rule, reminder.text in answer, reminder.text != "-") == ("FREQ=WEEKLY;BYDAY=MO", True, True)


def test_neither_time_nor_text_is_asked_one_after_the_other(tell):
    tell("remind me")
    tell("tomorrow at 9")
    assert latest().text == "What should I remind you of?"
    tell("call the bank")

    assert [(one.text, one.schedule.first) for one in Reminder.objects.all()] == [("call the bank", tomorrow(9))]


def test_another_wish_is_no_answer_to_the_question(tell):
    tell("remind me every monday")
    tell("list my reminders")
    tell("what does it cost?")

    assert not Reminder.objects.exists()


@pytest.mark.parametrize("text", ["my tooth hurts a lot", "estou sangrando", "me duele mucho la muela", "e o urgență"])
def test_an_emergency_is_not_what_to_remind_of(tell, text):
    tell("remind me every monday")
    tell(text)

    assert not Reminder.objects.exists()
    assert Conversation.objects.get().is_paused


@pytest.mark.parametrize("text", ["I got your reminder", "don't remind me", "não preciso de lembrete"])
def test_what_is_said_of_reminders_is_not_what_to_remind_of(tell, text):
    tell("remind me every monday")
    tell(text)

    assert not Reminder.objects.exists()


def test_a_no_to_a_time_asks_for_the_right_one(tell):
    tell("remind me tomorrow at 9 if it rains to close the windows")
    tell("no")
    assert latest().text.startswith("When should I remind you?")
    tell("tomorrow at 10")

    assert Reminder.objects.get().schedule.first == tomorrow(10)


def test_what_answers_a_later_word_of_ours_is_no_answer_to_the_question(tell):
    tell("remind me tomorrow at 9 or at 11 to call the bank")
    tell("how much is a cleaning?")
    tell("tomorrow at 10")

    assert not Reminder.objects.exists()


def test_a_question_is_not_waited_for_forever(tell):
    tell("remind me tomorrow at 9 or at 11 to call the bank")
    PersonalClock.objects.update(asked_at=timezone.now() - WAITS - timedelta(minutes=1))
    tell("1")

    assert not Reminder.objects.exists()


def test_somebody_elses_button_makes_nothing(tell, say, drain):
    tell("remind me tomorrow at 9 or at 11 to call the bank")
    payload = question().data["buttons"][0]["payload"]
    say("", kind=Kind.BUTTON, data={"payload": payload}, person="+5511987650044")
    drain()

    assert not Reminder.objects.exists()


def test_all_are_cancelled_after_one_more_yes(tell, remind):
    remind("water the plants", rule="FREQ=DAILY")
    remind("call Joana")
    tell("cancel all reminders")

    assert question().text == "Cancel all 2 reminders?\n- water the plants\n- call Joana"
    assert Reminder.objects.filter(state="active").count() == 2
    tell("yes")
    assert set(Reminder.objects.values_list("state", flat=True)) == {"cancelled"}
    assert latest().text == "All 2 reminders are cancelled."


def test_a_no_keeps_them_all(tell, remind):
    remind("water the plants")
    remind("call Joana")
    tell("cancelar todos os lembretes")
    tell("não")

    assert Reminder.objects.filter(state="active").count() == 2


def test_which_of_several_is_answered_by_its_number(tell, remind):
    remind("call Joana")
    remind("call Pedro")
    tell("stop reminding me")
    tell("2")

    assert list(Reminder.objects.order_by("pk").values_list("state", flat=True)) == ["active", "cancelled"]


@pytest.mark.parametrize(("answer", "gone"), [("2", "call Ana"), ("3", "call Bob"), ("bob", "call Bob"), ("1", "")])
def test_the_number_that_was_shown_is_the_one_that_is_meant(tell, remind, answer, gone):
    for text in ("milk", "call Ana", "call Bob"):
        remind(text)
    tell("cancel reminder call")
    assert "2. call Ana\n3. call Bob" in latest().text
    tell(answer)

    cancelled = Reminder.objects.filter(state="cancelled").values_list("text", flat=True)
    assert list(cancelled) == ([gone] if gone else [])


def test_the_only_one_is_stopped_at_once(tell, remind):
    remind("call Joana", rule="FREQ=DAILY")
    tell("pare de me lembrar")

    assert Reminder.objects.get().state == "cancelled"


@pytest.mark.parametrize(("said", "answer"), [("done", "done"), ("snooze", "snoozed"), ("adia o lembrete", "snoozed")])
def test_the_last_reminder_is_meant_after_a_list_too(tell, remind, come, drain, said, answer):
    reminder = remind("take the pill", rule="FREQ=DAILY")
    come(reminder)
    drain()
    tell("list my reminders")
    tell(said)

    assert reminder.occurrences.earliest("pk").answer == answer


def test_each_message_of_a_burst_is_read_by_itself(tell):
    tell("When are you open?", "Thanks", "remind me in 2 minutes to call the bank")

    assert Reminder.objects.get().text == "call the bank"


def test_two_wishes_of_a_burst_are_both_done_in_their_order(tell, remind):
    remind("water the plants")
    remind("call Joana")
    tell("list my reminders", "cancel the reminder 2")

    said = "\n".join(Message.objects.filter(direction="out").order_by("pk").values_list("text", flat=True))
    assert said.index("Your reminders:") < said.index("Cancelled: call Joana")
    assert Reminder.objects.get(text="call Joana").state == "cancelled"


def test_one_question_is_open_at_a_time_and_what_is_left_is_said(tell, remind):
    for text in ("milk", "call Ana", "call Bob"):
        remind(text)
    tell("remind me tomorrow at 9 or at 11 to call the bank", "cancel all reminders")

    assert [button["title"][-5:] for button in question().data["buttons"]] == ["09:00", "11:00"]
    assert question().text.startswith("Did you mean tomorrow, ")
    assert latest().text.splitlines()[0].endswith("send it again then: “cancel all reminders”")
    tell("yes")
    assert Reminder.objects.filter(state="active").count() == 3
    tell("", kind=Kind.BUTTON, data={"payload": question().data["buttons"][0]["payload"]})
    assert Reminder.objects.get(text="call the bank").schedule.first == tomorrow(9)


def test_a_question_outlives_a_second_order_of_the_burst(tell):
    tell("remind me tomorrow at 9 or at 11 to call the bank", "remind me tomorrow at 10 to buy milk")
    tell("2")

    assert [(one.text, one.schedule.first) for one in Reminder.objects.all()] == [("call the bank", tomorrow(11))]


def test_buttons_stand_under_their_own_question(tell, remind):
    remind("ask Ana: tea?")
    remind("milk")
    tell("list my reminders", "cancel all reminders", "remind me tomorrow at 9 to buy bread")

    assert question().text.startswith("Cancel all 2 reminders?")
    tell("yes")
    assert set(Reminder.objects.values_list("state", flat=True)) == {"cancelled"}


def test_an_hour_of_another_zone_is_confirmed_on_both_clocks(tell):
    tell("remind me tomorrow at 3pm london time to join the call")

    reminder = Reminder.objects.get()
    assert (reminder.text, reminder.zone) == ("join the call", ZONE)
    assert (
        "15:00 (London time), which is tomorrow, " in latest().text or "15:00 (London time), which is" in latest().text
    )


def test_a_repetition_in_another_zone_keeps_that_zones_clock(tell):
    tell("remind me every day at 3pm london time to join the call")

    reminder = Reminder.objects.get()
    assert (reminder.zone, f"{reminder.at_time:%H:%M}", reminder.rule) == ("Europe/London", "15:00", "FREQ=DAILY")
