"""The models of the assistant."""

from assistant.models.knowledge import Fact, KnowledgeEntry, KnowledgeProposal, ProposalState
from assistant.models.profiles import AssistantProfile, ModelProvider, Spend
from assistant.models.turns import HEARD_WITHIN_SECONDS, VOICE, Claimant, Handoff, Turn, TurnStep
from assistant.models.voice import Transcription

__all__ = [
    "HEARD_WITHIN_SECONDS",
    "VOICE",
    "AssistantProfile",
    "Claimant",
    "Fact",
    "Handoff",
    "KnowledgeEntry",
    "KnowledgeProposal",
    "ModelProvider",
    "ProposalState",
    "Spend",
    "Transcription",
    "Turn",
    "TurnStep",
]
