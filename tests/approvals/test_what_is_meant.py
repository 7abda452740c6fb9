"""Which question a bare word is about, when there are several, or other talk between."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from messaging.models import Message
from tests.approvals.conftest import status


def test_after_chatter_a_bare_yes_is_not_for_us_and_the_prompt_can_be_asked_for(submit, phone, owner):
    candidate = submit()
    (prompt,) = phone.see()
    from messaging import services as messaging

    messaging.send(conversation=prompt.conversation, text="Shall I book it?", purpose="notice", dedupe_key="chat")

    phone.say("yes")
    assert status(candidate) == "pending"

    (shown,) = phone.say("pending?")
    assert shown.startswith("Post for Friday")
    phone.say("yes")
    assert status(candidate) == "approved"


def test_a_bare_yes_to_two_open_ones_asks_which(submit, phone):
    first = submit("First")
    phone.see()
    second = submit("Second")
    phone.see()

    (which,) = phone.say("yes")

    assert which.startswith("Which one? Nothing was decided.")
    assert {status(first), status(second)} == {"pending"}
    phone.say("2 yes 1 no")
    assert (status(first), status(second)) == ("rejected", "approved")


def test_ok_to_a_confirmation_is_no_answer_to_the_question_before_it(submit, phone):
    first = submit("First")
    phone.see()
    second = submit("Second")
    phone.see()
    phone.say(f"{second.short_id} yes")

    (which,) = phone.say("ok")

    assert which.startswith("Which one? Nothing was decided.\n\nFirst")
    assert status(first) == "pending"
    phone.say("yes")
    assert status(first) == "approved"
    phone.say("ok")
    handled = Message.objects.filter(direction="in").order_by("-pk").first()
    assert handled.data["handled_by"] == "assistant.inbound.reply"


def test_an_answer_that_crosses_the_news_of_its_end_hears_it_again(submit, phone, partners_phone):
    candidate = submit(approvers=["owner", "partner"])
    phone.see(), partners_phone.see()
    partners_phone.say("no")
    assert phone.see()[-1].text.startswith(f"#{candidate.short_id.upper()} is settled")

    (told,) = phone.say("yes")

    assert told == f"#{candidate.short_id.upper()} was decided already (rejected, partner): Post for Friday"


def test_a_reply_to_a_confirmation_is_not_about_the_question_that_is_open(submit, phone):
    first = submit("First")
    (prompt,) = phone.see()
    phone.tap(prompt)
    confirmation = phone.inbox()[-1]
    second = submit("Second")
    phone.see()

    (which,) = phone.say("no", to=confirmation)

    assert which.startswith("Which one? Nothing was decided.")
    assert (status(first), status(second)) == ("approved", "pending")


def test_a_yes_that_crosses_the_decision_of_somebody_else_is_not_for_the_question_before(submit, phone, partners_phone):
    first = submit("First")
    phone.see()
    second = submit("Second", approvers=["owner", "partner"])
    phone.see(), partners_phone.see()
    partners_phone.say("no")

    (told,) = phone.say("yes")

    assert told == f"#{second.short_id.upper()} was decided already (rejected, partner): Second"
    assert status(first) == "pending"


def test_a_yes_written_before_the_question_came_is_not_for_it(submit, phone):
    candidate = submit()
    phone.see()

    (which,) = phone.say("yes", at=timezone.now() - timedelta(seconds=20))

    assert which.startswith("Which one? Nothing was decided.\n\nPost for Friday")
    assert status(candidate) == "pending"
    phone.say("yes", at=timezone.now() - timedelta(seconds=20))  # a phone whose clock is slow: asked once, not for ever
    assert status(candidate) == "approved"


def test_a_number_or_a_yes_to_a_list_is_not_for_the_one_line_that_others_have_left(submit, phone, partners_phone):
    rows = [submit(f"Post {number}", approvers=["owner", "partner"]) for number in range(3)]
    phone.see(), partners_phone.see()
    partners_phone.say("1,2 no")

    assert phone.say("1") == [f"#{rows[0].short_id.upper()} was decided already (rejected, partner): Post 0"]
    phone.say("3")
    assert status(rows[2]) == "pending"


def test_a_bare_yes_to_a_list_of_which_one_is_left_shows_that_one_first(submit, phone, partners_phone):
    rows = [submit(f"Post {number}", approvers=["owner", "partner"]) for number in range(3)]
    phone.see(), partners_phone.see()
    partners_phone.say("1,2 no")

    (which,) = phone.say("yes")

    assert which.startswith("Which one? Nothing was decided.\n\nPost 2")
    phone.say("yes")
    assert status(rows[2]) == "approved"


def test_several_ends_are_told_by_one_message(submit, phone, partners_phone):
    rows = [submit(f"Post {number}", approvers=["owner", "partner"]) for number in range(2)]
    for _ in rows:
        phone.see(), partners_phone.see()
    for row in rows:
        partners_phone.say(f"{row.short_id} no")
    before = len(phone.inbox())

    (told,) = phone.see()[before:]

    assert [line.split(" is settled")[0] for line in told.text.splitlines()] == [
        f"#{row.short_id.upper()}" for row in rows
    ]
    phone.say("yes")
    assert {status(row) for row in rows} == {"rejected"}
