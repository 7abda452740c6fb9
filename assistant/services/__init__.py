"""The services of the assistant. Import it as `assistant`."""

from assistant.services.knowledge import (
    CannotTeach,
    add_fact,
    approve_proposal,
    delete_entry,
    delete_fact,
    propose_knowledge,
    reject_proposal,
    save_entry,
    set_up_profile,
)
from assistant.services.n8n import TooLate, accept_callback
from assistant.services.replies import discard_answer
from assistant.services.suggestions import NoSuggestion, suggest_reply, suggested_text
from assistant.services.transcription import request_transcript, transcribe
from assistant.services.turns import answer_again, request_turn, run_turn

__all__ = [
    "CannotTeach",
    "NoSuggestion",
    "TooLate",
    "accept_callback",
    "add_fact",
    "answer_again",
    "approve_proposal",
    "delete_entry",
    "delete_fact",
    "discard_answer",
    "propose_knowledge",
    "reject_proposal",
    "request_transcript",
    "request_turn",
    "run_turn",
    "save_entry",
    "set_up_profile",
    "suggest_reply",
    "suggested_text",
    "transcribe",
]
