"""Whose answer counts, and until when."""

from __future__ import annotations

from approvals import services as approvals
from approvals.models import Approver, Candidate
from messaging.providers.base import Kind
from tenants.models import AuditEntry
from tests.approvals.conftest import OWNER, PARTNER, Phone, status, steps


def test_only_an_approver_on_their_own_address_counts(submit, phone, channel, clinic, make_channel):
    candidate = submit()
    (prompt,) = phone.see()
    approvals.set_up_approver(tenant=clinic, name="partner", by="tests", channel=channel, address=PARTNER)
    stranger = Phone(channel, PARTNER)

    assert stranger.tap(prompt) == ["You are not one of those who decide this."]
    assert stranger.say(f"{candidate.short_id} yes") == []
    assert status(candidate) == "pending"
    assert "refused" in steps(candidate)


def test_somebody_elses_button_text_is_nothing_to_another_tenant(submit, phone, salon, make_channel):
    candidate = submit()
    (prompt,) = phone.see()
    line = make_channel(salon, "evolution", external_id="salon")
    approvals.set_up_approver(tenant=salon, name="owner", by="tests", channel=line, address=PARTNER)

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


def test_what_is_set_up_again_as_it_was_is_no_change(clinic, channel, owner):
    def told():
        return list(AuditEntry.objects.filter(action="approver_changed").values_list("subject_id", flat=True))

    same = {"tenant": clinic, "name": "owner", "by": "tests", "channel": channel, "address": OWNER}
    approvals.set_up_approver(**same, is_default=owner.is_default)
    assert told() == []

    approvals.set_up_approver(**same, is_default=not owner.is_default)
    approvals.set_up_approver(**same | {"address": "+15550100299"})
    assert told() == [str(owner.pk), str(owner.pk)]
