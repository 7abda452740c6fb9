"""What `doctor` says of decisions by message."""

from __future__ import annotations

from approvals import services as approvals
from approvals.doctor import find_problems
from approvals.models import ApproverAddress
from messaging.models import Channel
from tenants import services as tenants
from tenants.models import signing_secrets


def found():
    return {finding.check: (finding.status, finding.message) for finding in find_problems()}


def test_where_nobody_decides_by_message_nothing_is_said(clinic, settings):
    settings.CORE_DECISION_WEBHOOK = ""

    assert found() == {}


def test_a_callback_that_cannot_be_signed_or_goes_nowhere_is_said(owner, settings):
    settings.CORE_DECISION_WEBHOOK = "https://core.example.com/decisions"
    assert found()["approvals callback"] == ("ok", "Decisions are told, signed")

    settings.CORE_DECISION_WEBHOOK = ""
    assert found()["approvals callback"][0] == "warning"
    settings.WEBHOOK_SIGNING_SECRET = ""
    assert found()["approvals callback"] == ("warning", "No callback can be signed: none is taken")


def test_a_secret_that_nobody_was_shown_is_said(owner, clinic, salon, settings):
    settings.CORE_DECISION_WEBHOOK = "https://core.example.com/decisions"
    assert len(signing_secrets(salon.pk)) == 1

    assert found()["signing secret of salon"][0] == "warning"
    tenants.rotate_signing_secret(tenant=salon, by="tests")
    assert "signing secret of salon" not in found()


def test_an_approver_without_a_way_to_them_is_named(clinic, owner, partner, channel):
    assert found()["approvers"] == ("ok", "2 can be asked")

    ApproverAddress.objects.filter(approver=partner).delete()
    assert found()["approvers"] == ("error", "No address on a channel that is switched on: partner (clinic)")
    Channel.objects.filter(pk=channel.pk).update(is_enabled=False)
    assert found()["approvers"][1].endswith("owner (clinic), partner (clinic)")


def test_a_line_on_which_they_cannot_be_asked_after_a_day_is_named(clinic, owner, make_channel):
    line = make_channel(clinic, "meta")
    approvals.set_up_approver(tenant=clinic, name="owner", by="tests", channel=line, address="+15550100200")
    check = f"approvals on channel {line.pk} ({line.name})"

    assert found()[check][1].endswith("there is no template")
    Channel.objects.filter(pk=line.pk).update(reopen_template={"name": "decision", "language": "en"})
    assert found()[check][1].startswith("The template does not carry the question")
    template = {"name": "decision", "language": "en", "variables": ["{text}"]}
    Channel.objects.filter(pk=line.pk).update(reopen_template=template)
    assert check not in found()
