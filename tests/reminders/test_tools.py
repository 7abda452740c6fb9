"""The assistant's tools: times come from the person's words, and a model that differs makes us ask."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from assistant.models import Turn
from assistant.queries import load_knowledge
from assistant.toolbox import ToolContext, toolbox
from messaging.models import Conversation
from reminders import services as reminders
from reminders.models import Occurrence, PersonalClock, Reminder, Task
from tests.support.reminding import tomorrow
from timewords.rules import local_time

ZONE = "America/Sao_Paulo"


@pytest.fixture
def call(ana, say):
    """Call a tool as the model does, after the person has said something."""

    def run(name, said="", **arguments):
        if said:
            say(said)
        conversation = Conversation.objects.select_related("contact", "tenant").get(contact=ana)
        turn = Turn.objects.filter(conversation=conversation).latest("pk")
        tenant = conversation.tenant
        context = ToolContext(
            tenant=tenant,
            contact=conversation.contact,
            conversation=conversation,
            turn=turn,
            written=load_knowledge(tenant),
        )
        conversation.contact.tenant = tenant
        return toolbox()[name](context, arguments)

    return run


def test_a_right_proposal_makes_the_reminder(call):
    answer = call(
        "create_reminder", "remind me tomorrow at 9 to call Joana", text="call Joana", when="tomorrow at 9",
        proposed_first=f"{tomorrow(9):%Y-%m-%dT%H:%M}",
    )  # fmt: skip

    reminder = Reminder.objects.get()
    assert (reminder.text, reminder.schedule.first, reminder.zone) == ("call Joana", tomorrow(9), ZONE)
    assert answer.startswith("I will remind you: call Joana\nWhen: tomorrow, ")
    assert "09:00 (São Paulo time)" in answer
    assert PersonalClock.objects.get().source == "guessed"


def test_a_model_that_calculates_wrong_is_not_believed(call):
    answer = call(
        "create_reminder", "remind me tomorrow at 9 to call", text="call", when="tomorrow at 9",
        proposed_first=f"{tomorrow(21):%Y-%m-%dT%H:%M}",
    )  # fmt: skip

    assert answer.startswith("Did you mean tomorrow, ")
    assert not Reminder.objects.exists()


def test_a_wrong_rule_is_not_believed_and_an_equal_one_is(call):
    said = "every second tuesday at 9 remind me of the plants"
    wrong = call(
        "create_reminder", said, text="plants", when="every second tuesday at 9", proposed_rule="FREQ=WEEKLY;BYDAY=TU"
    )
    right = call(
        "create_reminder", text="plants", when="every second tuesday at 9",
        proposed_rule="FREQ=WEEKLY;WKST=MO;BYDAY=TU;INTERVAL=2;BYHOUR=9",
    )  # fmt: skip

    assert wrong.startswith("Did you mean ")
    assert "(every 2 weeks, Tuesday)" in right
    assert Reminder.objects.get().rule == "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"


@pytest.mark.parametrize(
    ("said", "when", "start"),
    [
        ("remind me some time", "some time", "When should I remind you?"),
        ("remind me", "tomorrow at 9", "When should I remind you?"),  # nobody said so
        ("remind me yesterday at 9", "yesterday at 9", "That time is over."),
    ],
)
def test_without_a_time_of_the_persons_own_it_asks(call, said, when, start):
    assert call("create_reminder", said, text="call", when=when).startswith(start)
    assert not Reminder.objects.exists()


def test_a_moment_counted_from_now_stays_a_moment(call):
    call("create_reminder", "remind me in 20 minutes to leave", text="leave", when="in 20 minutes")

    reminder = Reminder.objects.get()
    assert reminder.is_moment
    assert timedelta(minutes=19) < reminder.next_at - timezone.now() < timedelta(minutes=20, seconds=2)


def test_listed_changed_and_cancelled_by_number_or_words(call, remind):
    remind("water the plants", rule="FREQ=DAILY")
    remind("call Joana")

    assert call("list_reminders", "my reminders").splitlines()[0] == "Your reminders:"
    assert call("list_reminders").splitlines()[2].startswith("2. call Joana: ")
    changed = call("change_reminder", "move it to tomorrow at 15:30", which="Joana", when="tomorrow at 15:30")
    assert "15:30 (São Paulo time)" in changed
    assert call("change_reminder", which="1", text="water the garden").startswith("Changed: water the garden")
    assert call("cancel_reminder", which="9") == "I find no such reminder."
    assert call("cancel_reminder", which="all of it").startswith("I find no such reminder.")
    assert call("cancel_reminder", which="garden") == "Cancelled: water the garden"
    assert Reminder.objects.filter(state="active").count() == 1


def test_two_that_fit_are_asked_about(call, remind):
    remind("call Joana")
    remind("call Pedro")

    assert call("cancel_reminder", "cancel call", which="call").splitlines() == [
        "Which one? Say its number or some of its words.", "1. call Joana", "2. call Pedro",
    ]  # fmt: skip


def test_tasks_are_noted_listed_and_done(call):
    made = call("create_task", "note: send the invoice tomorrow at 10", title="send the invoice", when="tomorrow at 10")

    assert made.startswith("Noted: send the invoice (due tomorrow, ")
    assert call("list_tasks").splitlines()[1].startswith("1. send the invoice (due tomorrow")
    assert call("complete_task", which="invoice") == "Done: send the invoice"
    assert call("list_tasks") == "You have no open tasks."
    assert Task.objects.get().done_at is not None


def test_the_model_cannot_reach_another_persons_reminder(call, remind, say, drain):
    other = say("Oi", person="+5511987650044").conversation.contact
    theirs = remind("secret of Bea", contact=other)

    assert call("cancel_reminder", "cancel secret", which="secret of Bea") == "I find no such reminder."
    assert call("cancel_reminder", which=str(theirs.pk)) == "I find no such reminder."
    theirs.refresh_from_db()
    assert theirs.state == "active"


def test_who_has_too_many_must_cancel_one_first(call, settings, remind):
    settings.REMINDERS_PER_CONTACT = 1
    remind()

    answer = call("create_reminder", "remind me tomorrow at 9", text="x", when="tomorrow at 9")
    assert answer == "You have too many reminders: cancel one first."


def test_the_schema_says_what_may_be_left_out():
    spec = toolbox()["create_reminder"].spec

    assert spec.parameters["required"] == ["text", "when"]
    assert set(spec.parameters["properties"]) == {"text", "when", "proposed_first", "proposed_rule"}


def test_a_new_time_of_the_day_keeps_the_days_and_the_repetition(call, remind):
    weekly = remind("water the plants", rule="FREQ=WEEKLY;BYDAY=TU", first=tomorrow(9))
    once = remind("call Ana", first=tomorrow(9) + timedelta(days=3))

    call("change_reminder", "change reminder 1 to 15:30", which="1", when="15:30")
    call("change_reminder", "change reminder 2 to 15:30", which="2", when="15:30")

    weekly.refresh_from_db(), once.refresh_from_db()
    assert (weekly.rule, f"{weekly.at_time:%H:%M}") == ("FREQ=WEEKLY;BYDAY=TU", "15:30")
    assert (once.first_on, f"{once.at_time:%H:%M}") == (tomorrow(9).date() + timedelta(days=3), "15:30")


def test_a_new_day_keeps_the_time_and_does_not_end_a_repetition_in_silence(call, remind):
    once = remind("call Ana", first=tomorrow(16) + timedelta(days=3))
    weekly = remind("water the plants", rule="FREQ=WEEKLY;BYDAY=TU", first=tomorrow(9))

    call("change_reminder", "change reminder 1 to tomorrow", which="1", when="tomorrow")
    answer = call("change_reminder", "change reminder 2 to tomorrow", which="2", when="tomorrow")

    once.refresh_from_db(), weekly.refresh_from_db()
    assert (once.first_on, f"{once.at_time:%H:%M}") == (tomorrow(9).date(), "16:00")
    assert answer.startswith("It repeats (every week, Tuesday). How often from now on?")
    assert weekly.rule == "FREQ=WEEKLY;BYDAY=TU"


@pytest.mark.parametrize(
    "when", ["tomorrow at 9", "every Tuesday at 9", "in 20 minutes", "every day at 3pm london time"]
)
def test_an_order_that_is_read_again_makes_no_second_reminder(call, when):
    first = call("create_reminder", f"remind me {when} to call Ana", text="call Ana", when=when)
    again = call("create_reminder", f"remind me {when} to call Ana!", text="call Ana", when=when)

    assert Reminder.objects.count() == 1
    assert Occurrence.objects.count() == 1
    assert again.splitlines()[0] == first.splitlines()[0] == "I will remind you: call Ana"


@pytest.mark.parametrize(
    ("text", "when"), [("call Bob", "tomorrow at 9"), ("call Ana", "tomorrow at 10"), ("call Ana", "every day at 9")]
)
def test_another_text_time_or_repetition_is_another_reminder(call, text, when):
    call("create_reminder", "remind me tomorrow at 9 to call Ana", text="call Ana", when="tomorrow at 9")
    call("create_reminder", f"remind me {when} to {text}", text=text, when=when)

    assert Reminder.objects.count() == 2


def test_one_that_was_cancelled_is_made_anew(call):
    call("create_reminder", "remind me tomorrow at 9 to call Ana", text="call Ana", when="tomorrow at 9")
    reminders.cancel_reminder(reminder=Reminder.objects.get(), by="tests")
    call("create_reminder", "remind me tomorrow at 9 to call Ana", text="call Ana", when="tomorrow at 9")

    assert sorted(Reminder.objects.values_list("state", flat=True)) == ["active", "cancelled"]


def test_words_that_are_understood_in_half_make_no_reminder(call):
    answer = call("create_reminder", "remind me tomorrow at 9 or 10", text="x", when="tomorrow at 9 or 10")

    assert answer.startswith("Did you mean tomorrow, ")
    assert not Reminder.objects.exists()


def test_a_list_shows_when_it_comes_after_it_was_put_off(call, remind, come, drain):
    reminder = remind("take the pill")
    come(reminder)
    drain()
    until = (timezone.now() + timedelta(days=2)).replace(microsecond=0)
    reminders.snooze(occurrence=Occurrence.objects.get(reminder=reminder), until=until, by="tests")

    shown = f"{local_time(until, ZONE):%H:%M} ("
    assert shown in call("list_reminders", "list my reminders")


@pytest.mark.parametrize(
    ("said", "when"),
    [
        ("remind me tomorrow at 3pm CST to call Ana", "tomorrow at 3pm"),
        ("remind me tomorrow at 9 or 11 to call Ana", "tomorrow at 9"),
        ("me lembre amanhã às 9 se chover de ligar", "amanhã às 9"),
        ("remind me every day at 9 except Sunday to call", "every day at 9"),
    ],
)
def test_words_of_the_sentence_that_a_model_left_out_are_asked_about(call, said, when):
    answer = call("create_reminder", said, text="call Ana", when=when)

    # "Every day" begins today when it is not nine yet.
    assert answer.startswith(("Did you mean today, ", "Did you mean tomorrow, ", "Você quis dizer amanhã, "))
    assert not Reminder.objects.exists()


def test_a_zone_that_a_model_left_out_is_asked_about_with_both_clocks(call):
    answer = call(
        "create_reminder", "remind me tomorrow at 3pm london time to call", text="call", when="tomorrow at 3pm"
    )

    assert "15:00 (London time), which is" in answer
    assert not Reminder.objects.exists()


def test_other_sentences_of_the_message_do_not_matter(call):
    said = "My flight is on Friday at 10. Remind me tomorrow at 9 to check in!"

    assert call("create_reminder", said, text="check in", when="tomorrow at 9").startswith(
        "I will remind you: check in"
    )
