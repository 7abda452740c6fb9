"""What an approver may say besides yes and no: another text, or a question."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from approvals.models import Approver, AskQueue
from tests.approvals.conftest import quiet_now, status, steps


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


def test_a_question_goes_back_and_its_answer_comes_with_the_prompt(submit, phone, api):
    candidate = submit()
    phone.see()

    (passed_on,) = phone.say("? what does it cost")
    assert passed_on.startswith("Your question about #")
    answer = api.post(f"candidates/{candidate.pk}/reply", {"text": "Nothing."})

    assert answer.json() == {"count": 1}
    told = [message.text for message in phone.see()][-2:]
    assert told[0].endswith(": Nothing.")
    assert told[1].startswith("Post for Friday")
    phone.say("yes")
    assert status(candidate) == "approved"
    assert steps(candidate) == ["received", "asked", "question", "reply", "asked", "voted", "decided"]


def test_an_answer_to_a_question_waits_for_the_morning_and_comes_at_the_pace(submit, phone, api, owner, settings):
    candidate = submit()
    phone.see()
    phone.say("? what does it cost")
    before = len(phone.see())
    quiet_now(owner)
    api.post(f"candidates/{candidate.pk}/reply", {"text": "Nothing."})
    api.post(f"candidates/{candidate.pk}/reply", {"text": "Really nothing."})

    assert len(phone.see()) == before
    phone.say("pending?")
    before = len(phone.see())
    Approver.objects.filter(pk=owner.pk).update(quiet_from=None, quiet_until=None)
    settings.MIN_SPACING_SEC = 3600
    AskQueue.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    told, shown = phone.see()[before:]
    assert told.text.endswith(": Nothing.")
    assert shown.text.startswith("Post for Friday")
    assert len(phone.see()) == before + 2
