"""What an approver's messages do to candidates."""

from __future__ import annotations

import pytest

from approvals import verbs as approvals
from approvals.models import Approver, Candidate, Step
from messaging.models import Message
from messaging.providers.base import Kind
from tests.approvals.conftest import PARTNER, Phone, status


def steps(candidate):
    return list(Step.objects.filter(candidate=candidate).values_list("kind", flat=True))


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


def test_after_chatter_a_bare_yes_is_not_for_us_and_the_prompt_can_be_asked_for(submit, phone, owner):
    candidate = submit()
    (prompt,) = phone.see()
    from messaging import verbs as messaging

    messaging.send(conversation=prompt.conversation, text="Shall I book it?", purpose="notice", dedupe_key="chat")

    phone.say("yes")
    assert status(candidate) == "pending"

    (shown,) = phone.say("pending?")
    assert shown.startswith("Post for Friday")
    phone.say("yes")
    assert status(candidate) == "approved"


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


def test_many_waiting_ones_are_one_digest_answered_in_one_line(submit, phone):
    rows = [submit(f"Post {number}") for number in range(1, 5)]

    (digest,) = phone.see()

    assert digest.text.startswith("4 decisions wait for you:\n\n1. #")
    assert "\n4. #" in digest.text
    phone.say("1,3 yes 2 no")
    phone.say("skip 4")
    assert [status(row) for row in rows] == ["approved", "rejected", "approved", "pending"]
    assert "skipped" in steps(rows[3])


@pytest.mark.parametrize(("text", "expected"), [("ALL", "approved"), ("all no", "rejected"), ("todos sim", "approved")])
def test_all_lines_at_once(submit, phone, owner, text, expected):
    Approver.objects.filter(pk=owner.pk).update(language="pt")
    rows = [submit(f"Post {number}") for number in range(3)]
    phone.see()

    phone.say(text)

    assert [status(row) for row in rows] == [expected] * 3


def test_a_line_that_is_shortened_is_read_before_it_is_decided(submit, phone):
    rows = [submit("Short"), submit("Long", body="word " * 100), submit("Third")]
    phone.see()

    answers = phone.say("ALL")

    assert [status(row) for row in rows] == ["approved", "pending", "approved"]
    assert any(text.startswith("Please read #") for text in answers)
    phone.say("yes")
    assert status(rows[1]) == "approved"


def test_one_bad_word_in_a_line_decides_nothing(submit, phone):
    rows = [submit(f"Post {number}") for number in range(3)]
    phone.see()

    for text in ("1 yes 2 perhaps", "1 yes 7 no", "1 2", "1 yes and 1 no"):
        phone.say(text)

    assert [status(row) for row in rows] == ["pending"] * 3


def test_edit_then_approve(submit, phone):
    candidate = submit(body="Open til 9.")
    phone.see()

    (shown,) = phone.say("edit: Open until 21:00.\nSee you!")

    assert "Your new text. Approve it?" in shown
    assert status(candidate) == "pending"
    phone.say("yes")
    candidate.refresh_from_db()
    assert (candidate.status, candidate.decided_body) == ("approved", "Open until 21:00.\nSee you!")
    assert candidate.body == "Open til 9."
    assert candidate.decided_hash == candidate.hash_of("Open until 21:00.\nSee you!") != candidate.content_hash


def test_a_tap_on_the_first_prompt_approves_the_first_text(submit, phone):
    candidate = submit(body="Open til 9.")
    (prompt,) = phone.see()
    phone.say("edit: Open until 21:00.")

    phone.tap(prompt)

    candidate.refresh_from_db()
    assert (candidate.decided_body, candidate.decided_hash) == ("", candidate.content_hash)


def test_a_line_of_a_digest_is_edited(submit, phone):
    rows = [submit(f"Post {number}", body="b") for number in range(3)]
    phone.see()

    answers = phone.say("1,3 yes 2 edit: new text")

    assert [status(row) for row in rows] == ["approved", "pending", "approved"]
    assert any("Your new text" in text for text in answers)
    phone.say("yes")
    rows[1].refresh_from_db()
    assert rows[1].decided_body == "new text"


def test_a_question_goes_back_and_its_answer_comes_with_the_prompt(submit, phone, api):
    candidate = submit()
    phone.see()

    (passed_on,) = phone.say("? what does it cost")
    assert passed_on.startswith("Your question about #")
    answer = api.post(f"candidates/{candidate.pk}/reply", {"text": "Nothing."})

    assert answer.json() == {"count": 1}
    told = [message.text for message in phone.inbox()][-2:]
    assert told[0].endswith(": Nothing.")
    assert told[1].startswith("Post for Friday")
    phone.say("yes")
    assert status(candidate) == "approved"
    assert steps(candidate) == ["received", "asked", "question", "reply", "voted", "decided"]


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


def test_only_an_approver_on_their_own_address_counts(submit, phone, channel, clinic, make_channel):
    candidate = submit()
    (prompt,) = phone.see()
    approvals.put_approver(tenant=clinic, name="partner", by="tests", channel=channel, address=PARTNER)
    stranger = Phone(channel, PARTNER)

    assert stranger.tap(prompt) == ["You are not one of those who decide this."]
    assert stranger.say(f"{candidate.short_id} yes") == []
    assert status(candidate) == "pending"
    assert "refused" in steps(candidate)


def test_somebody_elses_button_text_is_nothing_to_another_tenant(submit, phone, salon, make_channel):
    candidate = submit()
    (prompt,) = phone.see()
    line = make_channel(salon, "evolution", external_id="salon")
    approvals.put_approver(tenant=salon, name="owner", by="tests", channel=line, address=PARTNER)

    Phone(line, PARTNER).tap(prompt)

    assert status(candidate) == "pending"


def test_two_people_must_agree_and_one_no_is_enough(submit, phone, partners_phone):
    both, refused = submit("Both", approvers=["owner", "partner"], rule="all"), None
    phone.see(), partners_phone.see()

    (counted,) = phone.say("yes")
    assert "1 more needed" in counted
    assert status(both) == "pending"
    assert phone.say(f"{both.short_id} no") == [f"#{both.short_id.upper()}: you have answered this one already."]
    partners_phone.say("yes")
    assert status(both) == "approved"

    refused = submit("Refused", approvers=["owner", "partner"], rule="all")
    phone.see(), partners_phone.see()
    partners_phone.say("no")
    assert status(refused) == "rejected"
    assert phone.see()[-1].text.startswith(f"#{refused.short_id.upper()} is settled (rejected, partner)")


def test_an_answer_to_an_expired_or_decided_candidate_says_so(submit, phone, partners_phone):
    expired = submit("Old", approvers=["owner", "partner"])
    (prompt,) = phone.see()
    Candidate.objects.filter(pk=expired.pk).update(deadline_at="2026-01-01T00:00:00Z")

    assert phone.tap(prompt) == [f"⌛ #{expired.short_id.upper()} has expired, your answer changes nothing: Old"]
    assert status(expired) == "expired"
    decided = submit("New", approvers=["owner", "partner"])
    phone.see(), partners_phone.see()
    partners_phone.say("yes")
    (told,) = phone.say(f"{decided.short_id} no")
    assert told == f"#{decided.short_id.upper()} was decided already (approved, partner): New"


def test_a_tap_with_a_forged_payload_decides_nothing(submit, phone):
    candidate = submit()
    (prompt,) = phone.see()
    for payload in (
        f"approval:{candidate.pk}:7:approve", f"approval:{candidate.pk}:0:launch", "approval:999999999:0:approve",
        "approval:x:0:approve", "approval:", f"approval:{'9' * 40}:0:approve",
    ):  # fmt: skip
        phone.say("Approve it", kind=Kind.BUTTON, payload=payload, to=prompt)

    assert status(candidate) == "pending"


def test_an_answer_that_crosses_a_new_list_asks_which(submit, phone):
    first = [submit(f"Post {number}") for number in range(3)]
    phone.see()
    second = [submit(f"Later {number}") for number in range(3)]
    old, new = phone.see()

    (which,) = phone.say("ALL")

    assert which.startswith("Which one? Nothing was decided.")
    assert {status(row) for row in [*first, *second]} == {"pending"}
    phone.say("ALL", to=old)
    assert [status(row) for row in first] == ["approved"] * 3
    phone.say("2 no", to=new)
    assert [status(row) for row in second] == ["pending", "rejected", "pending"]


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


def test_an_approver_who_opted_out_or_is_no_longer_one_is_not_asked(submit, phone, owner):
    from messaging.models import Contact

    first = submit("First")
    Approver.objects.filter(pk=owner.pk).update(is_active=False)
    assert phone.see() == []
    assert "not_asked" in steps(first)
    Approver.objects.filter(pk=owner.pk).update(is_active=True)
    Contact.objects.update(opted_out_at="2026-01-01T00:00:00Z")
    second = submit("Second")
    assert phone.see() == []
    assert "not_asked" in steps(second)


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
