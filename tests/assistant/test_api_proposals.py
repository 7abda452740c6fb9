"""Corrections by the API: proposed, approved once, rejected with a reason."""

import pytest

from assistant.models import KnowledgeEntry, KnowledgeProposal
from tests.support.api import ApiCaller
from tests.support.backoffice import make_session, write

WORDS = {"title": "Where we are", "content": "We have moved to 99 Mill Lane."}


@pytest.fixture
def api(clinic):
    return ApiCaller(clinic)


def test_a_correction_is_proposed_approved_and_said(api, session):
    message = write(session, "12 Harbour Street")
    made = api.post("knowledge/proposals", WORDS | {"message": message.pk}, **{"Idempotency-Key": "k"})
    again = api.post("knowledge/proposals", WORDS | {"message": message.pk}, **{"Idempotency-Key": "k"})
    path = f"knowledge/proposals/{made.json()['id']}"

    assert (made.status_code, again.status_code) == (201, 200)
    assert [row["message"] for row in api.get("knowledge/proposals", state="proposed").json()["results"]] == [
        message.pk
    ]
    approved = api.post(f"{path}/approve")
    assert (approved.status_code, approved.json()["state"]) == (200, "approved")
    assert KnowledgeEntry.objects.get(pk=approved.json()["entry"]).content == WORDS["content"]
    assert api.post(f"{path}/approve").status_code == api.post(f"{path}/reject").status_code == 409
    assert api.get(path).json()["decided_by"] == "key tests"


def test_a_rejection_keeps_its_reason(api):
    path = f"knowledge/proposals/{api.post('knowledge/proposals', WORDS).json()['id']}"

    rejected = api.post(f"{path}/reject", {"reason": "another branch"}).json()

    assert (rejected["state"], rejected["reason"], rejected["entry"]) == ("rejected", "another branch", None)
    assert not KnowledgeEntry.objects.filter(title=WORDS["title"]).exists()


@pytest.mark.parametrize("body", [{}, {"title": "x"}, WORDS | {"content": " "}, WORDS | {"message": "5"}])
def test_what_is_no_correction_is_told(api, body):
    assert api.post("knowledge/proposals", body).status_code == 400
    assert not KnowledgeProposal.objects.exists()


def test_a_message_of_another_business_is_as_good_as_none(api, salon, make_channel):
    foreign = write(make_session(make_channel(salon, "twilio"), "+15550100099"), "Hello")

    answer = api.post("knowledge/proposals", WORDS | {"message": foreign.pk})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "message"
