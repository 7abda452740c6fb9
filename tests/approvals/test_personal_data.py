"""What is kept of a person who is an approver, handed out and forgotten; their decisions stand."""

from __future__ import annotations

from approvals.models import Approver, ApproverAddress, TrailEntry, Vote
from messaging.models import Contact
from privacy import services as privacy


def test_an_approver_gets_all_that_is_kept_and_is_forgotten_while_decisions_stand(submit, phone, owner):
    candidate = submit(body="b")
    phone.see()
    phone.say("? what does it cost")
    phone.say(f"{candidate.short_id} yes")
    person = Contact.objects.get(addresses__value=phone.number)

    found = privacy.export(contact=person)["approvals"]
    assert found["approver"][0]["name"] == "owner"
    assert [row["verdict"] for row in found["answers"]] == ["approve"]
    assert "what does it cost" in [row["text"] for row in found["steps"]]
    assert found["addresses"][0]["address"] == phone.number

    assert privacy.erase(contact=person) > 0
    candidate.refresh_from_db()
    assert (candidate.status, candidate.decided_by) == ("approved", f"erased-{owner.pk}")
    assert Vote.objects.get().verdict == "approve"
    assert not ApproverAddress.objects.exists()
    assert not TrailEntry.objects.filter(actor="owner").exists()
    assert not TrailEntry.objects.filter(text__contains="cost").exists()
    assert not Approver.objects.filter(name="owner").exists()
    assert privacy.export(contact=person)["approvals"]["approver"] == []


def test_somebody_who_is_no_approver_has_nothing_there(submit, phone, partner):
    submit()
    phone.see()
    stranger = Contact.objects.create(tenant=partner.tenant)

    assert not any(privacy.export(contact=stranger)["approvals"].values())
    assert privacy.erase(contact=stranger) == 0
    assert Approver.objects.filter(name="owner", is_active=True).exists()
