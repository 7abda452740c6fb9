"""Every model that leads to a person is accounted for: by PERSONAL_DATA, or here as what is still missing."""

from __future__ import annotations

from django.apps import apps

from messaging.models import Contact
from privacy import services as privacy

# Not exported or erased yet: the conversation itself. A new model must not be added here but to an inventory.
MISSING = {
    "messaging.ContactAddress", "messaging.ContactMerge", "messaging.Conversation", "messaging.ConversationLabel",
    "messaging.Note", "messaging.Writing", "messaging.Message", "messaging.Attempt", "messaging.MediaFile",
    "assistant.Fact", "assistant.Turn", "assistant.TurnStep", "assistant.Handoff", "assistant.KnowledgeProposal",
    "assistant.Transcription",
}  # fmt: skip


def leading_to(first):
    """Every model from which foreign keys lead to this one."""
    found, new = {first}, {first}
    while new:
        new = {
            model for model in apps.get_models() for field in model._meta.concrete_fields
            if field.remote_field is not None and field.remote_field.model in new
        } - found  # fmt: skip
        found |= new
    return found - {first}


def test_every_model_that_leads_to_a_person_is_accounted_for():
    leads = {model._meta.label for model in leading_to(Contact)}
    kept = {model._meta.label for model in privacy.listed_models()}

    assert leads - kept == MISSING
