"""People correct the assistant: a correction waits for a manager, and is decided once."""

import pytest

from assistant import services as assistant
from assistant.models import Fact, KnowledgeEntry, KnowledgeProposal
from assistant.queries import load_knowledge
from messaging.models import Message
from tenants.models import AuditEntry


@pytest.fixture
def proposal(clinic, say):
    return assistant.propose_knowledge(
        tenant=clinic, title="Parking", content="Behind the house, free.", by="ana", message=say("Where do I park?")
    )


def acts():
    return list(AuditEntry.objects.filter(action__startswith="knowledge").values_list("action", "actor"))[::-1]


def test_a_correction_is_no_knowledge_until_a_manager_says_so(clinic, proposal):
    assert load_knowledge(clinic).search("parking") == []

    entry = assistant.approve_proposal(proposal=proposal, by="boss")

    assert load_knowledge(clinic).search("parking") == [entry]
    proposal.refresh_from_db()
    assert (proposal.state, proposal.decided_by, proposal.entry) == ("approved", "boss", entry)
    assert acts() == [("knowledge_proposed", "ana"), ("knowledge_approved", "boss")]


def test_a_correction_of_a_known_title_changes_that_entry(clinic):
    proposal = assistant.propose_knowledge(tenant=clinic, title="Opening hours", content="Till 20:00.", by="ana")

    assistant.approve_proposal(proposal=proposal, by="boss")

    entry = KnowledgeEntry.objects.get(title="Opening hours")
    assert (entry.content, entry.keywords) == ("Till 20:00.", "open close hours when")


def test_a_correction_is_decided_once(clinic, proposal):
    assert assistant.reject_proposal(proposal=proposal, by="boss", reason="wrong") is True
    assert assistant.approve_proposal(proposal=proposal, by="other") is None
    assert assistant.reject_proposal(proposal=proposal, by="other") is False

    proposal.refresh_from_db()
    assert (proposal.state, proposal.decided_by, proposal.reason) == ("rejected", "boss", "wrong")
    assert not KnowledgeEntry.objects.filter(title="Parking").exists()


def test_a_correction_outlives_the_message_it_came_from(proposal):
    Message.objects.all().delete()

    proposal.refresh_from_db()
    assert proposal.message is None


@pytest.mark.parametrize("fields", [{"title": " "}, {"content": ""}, {"title": "x" * 201}, {"content": "x" * 4001}])
def test_a_correction_needs_both_halves(clinic, fields):
    with pytest.raises(assistant.CannotTeach):
        assistant.propose_knowledge(**{"tenant": clinic, "title": "a", "content": "b", "by": "ana", **fields})

    assert not KnowledgeProposal.objects.exists()


def test_a_message_of_another_business_is_refused(salon, say):
    with pytest.raises(assistant.CannotTeach):
        assistant.propose_knowledge(tenant=salon, title="a", content="b", by="x", message=say("Hi"))


def test_a_fact_is_kept_once_and_can_be_forgotten(say):
    contact = say("Hello").conversation.contact
    facts = [assistant.add_fact(contact=contact, text=" likes  mornings ", by="ana") for _ in range(2)]
    assert [fact.text for fact in Fact.objects.all()] == ["likes mornings"]

    assistant.delete_fact(fact=facts[0], by="ana")

    assert not Fact.objects.exists()
