"""What a tap, a word or a reaction on a question does to its candidate."""

from __future__ import annotations

import pytest

from approvals.models import Approver
from messaging.models import Message
from tests.approvals.conftest import status, steps


def test_a_tap_on_the_button_decides(submit, phone):
    candidate = submit(body="Open late: until 21:00.")
    (prompt,) = phone.see()

    assert prompt.purpose == "approval"
    assert "Post for Friday\n\nOpen late: until 21:00.\n\n#" in prompt.text
    assert [button["title"] for button in prompt.data["buttons"]] == ["Approve", "Reject"]
    answers = phone.tap(prompt)

    assert answers == [f"✅ #{candidate.short_id.upper()} approved: Post for Friday"]
    candidate.refresh_from_db()
    assert (candidate.status, candidate.decided_by, candidate.decided_via) == ("approved", "owner", "button")
    assert candidate.decided_hash == candidate.content_hash
    assert steps(candidate) == ["received", "asked", "voted", "decided"]


@pytest.mark.parametrize(
    ("language", "word", "expected"),
    [
        ("en", "yes", "approved"), ("en", "👍", "approved"), ("en", "👍🏽", "approved"), ("en", "No.", "rejected"),
        ("pt", "Sim!", "approved"), ("pt", "não", "rejected"), ("pt", "1", "approved"), ("pt", "2", "rejected"),
        ("es", "sí", "approved"), ("es", "rechazo", "rejected"), ("ro", "da", "approved"), ("ro", "nu", "rejected"),
        ("ro", "de acord", "approved"), ("ro", "yes", "approved"), ("en", "❌", "rejected"),
        ("en", "👍👍", "approved"), ("pt", "sim, ok 👍", "approved"), ("es", "no, no", "rejected"),
    ],
)  # fmt: skip
def test_words_of_the_approvers_language_decide(submit, phone, owner, language, word, expected):
    Approver.objects.filter(pk=owner.pk).update(language=language)
    candidate = submit()
    phone.see()

    phone.say(word)

    assert status(candidate) == expected


@pytest.mark.parametrize(
    "text", ["yes but with another picture", "ok?", "no idea", "hmm", "1 yes 1 no", "maybe", "2 yes", "yes no", "3"]
)
def test_f71_an_unclear_answer_asks_and_decides_nothing(submit, phone, text):
    candidate = submit()
    phone.see()

    answers = phone.say(text)

    assert status(candidate) == "pending"
    assert len(answers) == 1
    assert answers[0].startswith("I did not understand that, so nothing was decided.\n\nPost for Friday")
    assert "unclear" in steps(candidate)
    assert phone.say("yes") == [f"✅ #{candidate.short_id.upper()} approved: Post for Friday"]


def test_after_asking_once_other_words_are_for_the_assistant(submit, phone, owner):
    candidate = submit()
    phone.see()
    phone.say("what time do we open tomorrow")

    phone.say("what time do we open tomorrow then")

    handled = Message.objects.filter(direction="in").order_by("-pk").first()
    assert handled.data["handled_by"] == "assistant.inbound.reply"
    assert status(candidate) == "pending"


def test_reaction_quoted_reply_and_short_id_name_the_candidate(submit, phone):
    first, second, third = submit("First"), submit("Second"), submit("Third")
    phone.see()  # one digest of three
    for row in (first, second, third):
        phone.say(row.short_id.upper())
    shown = {row.pk: message for message in phone.inbox() for row in (first, second, third)
             if message.text.startswith(row.title)}  # fmt: skip

    phone.react(shown[first.pk], "👎")
    phone.say("yes", to=shown[second.pk])
    phone.say(f"#{third.short_id} no")

    assert [status(row) for row in (first, second, third)] == ["rejected", "approved", "rejected"]
    assert [row.decided_via for row in (first, second, third)] == ["reaction", "text", "text"]


def test_a_reaction_taken_back_or_without_meaning_changes_nothing(submit, phone):
    candidate = submit()
    (prompt,) = phone.see()

    assert phone.react(prompt, "😂") == []
    assert phone.react(prompt, "") == []
    assert status(candidate) == "pending"


def test_own_options_are_chosen_by_tap_number_or_words(submit, phone):
    options = [
        {"id": "a", "title": "Version A", "means": "approve"}, {"id": "b", "title": "Version B", "means": "approve"},
        {"id": "none", "title": "Neither", "means": "reject"},
    ]  # fmt: skip
    by_tap, by_number, by_words, by_no = (submit(f"Post {n}", options=options) for n in range(4))
    for row, act in (
        (by_tap, lambda message: phone.tap(message, 1)), (by_number, lambda _: phone.say("1")),
        (by_words, lambda _: phone.say("version b")), (by_no, lambda _: phone.say("no")),
    ):  # fmt: skip
        phone.say(row.short_id)
        act(phone.inbox()[-1])

    rows = [by_tap, by_number, by_words, by_no]
    assert [status(row) for row in rows] == ["approved", "approved", "approved", "rejected"]
    assert [row.decided_option for row in rows] == ["b", "a", "b", "none"]


def test_yes_between_two_options_asks_which(submit, phone):
    options = [
        {"id": "a", "title": "Version A", "means": "approve"}, {"id": "b", "title": "Version B", "means": "approve"},
        {"id": "none", "title": "Neither", "means": "reject"},
    ]  # fmt: skip
    candidate = submit(options=options)
    phone.see()

    (which,) = phone.say("yes")

    assert which.startswith("Which one? Nothing was decided.")
    assert status(candidate) == "pending"
