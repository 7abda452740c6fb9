"""An answer as it is sent: checked, in WhatsApp's marks and in bubbles; and the sentences that stand in for one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from assistant.bubbles import MAX_LENGTH, has_words, is_garbage, split
from assistant.models import AssistantProfile, Turn
from assistant.queries import default_system_prompt
from assistant.toolbox import ReplyContext, reply_checks
from assistant.whatsapp_marks import for_whatsapp
from messaging.models import Conversation
from messaging.queries import provider_of, spoken_language

MAX_ANSWER = 3 * MAX_LENGTH  # characters; longer ones are a model's that does not find an end
UNCHECKED = "an answer did not pass the checks"
CANNOT = {
    "en": "Sorry, I cannot answer right now. Please write again in a few minutes.",
    "pt": "Desculpe, não consigo responder agora. Escreva novamente em alguns minutos, por favor.",
    "es": "Lo siento, ahora no puedo responder. Escriba de nuevo en unos minutos, por favor.",
    "ro": "Îmi pare rău, nu pot răspunde acum. Vă rog să scrieți din nou peste câteva minute.",
}
PERSON_COMES = {
    "en": "A person will get back to you here.",
    "pt": "Uma pessoa vai responder você aqui.",
    "es": "Una persona le responderá aquí.",
    "ro": "O persoană vă va răspunde aici.",
}


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came out: bubbles to send, or silence, or a hand-over."""

    bubbles: list[str]
    is_silent: bool = False
    hand_over: str = ""
    is_asked_for: bool = False  # the hand-over: the customer wanted it
    outcome: str = "replied"
    provider: str = ""
    model: str = ""
    sources: list[dict[str, Any]] = field(default_factory=list)
    choices: list[dict[str, str]] = field(default_factory=list)  # title and what it means: buttons of the last bubble
    buttons: list[dict[str, str]] = field(default_factory=list)
    question: str = ""  # under which the buttons stand


def bubbles_of(turn: Turn, profile: AssistantProfile, text: str) -> list[str] | None:
    """Return the text in bubbles that may be sent; None when there is nothing that may.

    A part without words, such as a rule, is left out. A part that a check refuses, or that is no text for a person,
    stops the whole answer, and so does a length that no person would read in a chat.
    """
    conversation = turn.conversation
    context = ReplyContext(tenant=turn.tenant, conversation=conversation, system=default_system_prompt(profile))
    checked: list[str] = []
    if len(text) > MAX_ANSWER:
        return None
    for bubble in split(for_whatsapp(text), limit=longest_bubble(conversation)):
        if not has_words(bubble):
            continue
        passed = _passed(bubble, context)
        if passed is None or (has_words(passed) and is_garbage(passed)):
            return None
        checked += [passed] if has_words(passed) else []
    return checked or None


def longest_bubble(conversation: Conversation) -> int:
    """How many characters one message of the assistant may have on the conversation's channel."""
    return min(MAX_LENGTH, provider_of(conversation.channel).max_text)


def in_one(bubbles: list[str], conversation: Conversation) -> list[str]:
    """Return the bubbles as one message where the channel carries its length, else as they are."""
    whole = "\n\n".join(bubbles)
    return [whole] if len(whole) <= longest_bubble(conversation) else bubbles


def fallback(turn: Turn, profile: AssistantProfile, *, hand_over: str = "") -> Answer:
    """The fixed sentence, in the language of the chat; with `hand_over` a person is announced."""
    language = spoken_language(turn.conversation.contact, turn.tenant)
    sentence = PERSON_COMES[language] if hand_over else CANNOT[language]
    return Answer(bubbles=[profile.fallback_text or sentence], outcome="fallback", hand_over=hand_over)


def announcement(turn: Turn) -> str:
    """The sentence that says that a person will come."""
    return PERSON_COMES[spoken_language(turn.conversation.contact, turn.tenant)]


def _passed(bubble: str, context: ReplyContext) -> str | None:
    for check in reply_checks():
        passed = check(bubble, context)
        if passed is None:
            return None
        bubble = passed.strip()
    return bubble
