"""What the assistant does. Import it as `assistant`."""

from assistant.services.changed import forget_the_question
from assistant.services.knowledge import delete_entry, put_entry
from assistant.services.n8n_callback import TooLate, take_callback
from assistant.services.profiles import set_up_profile
from assistant.services.suggesting import NoSuggestion, suggest_reply, suggested_text
from assistant.services.teaching import (
    CannotTeach,
    add_fact,
    approve_proposal,
    forget_fact,
    propose_knowledge,
    reject_proposal,
)
from assistant.services.transcription import transcribe, want_transcript
from assistant.services.turns import ask_again, take_turn, want_reply

__all__ = [
    "CannotTeach",
    "NoSuggestion",
    "TooLate",
    "add_fact",
    "approve_proposal",
    "ask_again",
    "delete_entry",
    "forget_fact",
    "forget_the_question",
    "propose_knowledge",
    "put_entry",
    "reject_proposal",
    "set_up_profile",
    "suggest_reply",
    "suggested_text",
    "take_callback",
    "take_turn",
    "transcribe",
    "want_reply",
    "want_transcript",
]
