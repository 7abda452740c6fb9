"""Prepare an answer for sending: checks, WhatsApp's marks, bubbles; and the fallback sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from assistant.bubbles import MAX_LENGTH, has_words, is_garbage, split_into_bubbles
from assistant.models import AssistantProfile, Turn
from assistant.queries import default_system_prompt
from assistant.toolbox import ReplyContext, reply_checks
from assistant.whatsapp_marks import for_whatsapp
from common.text.marks import customer_text
from common.text.plain import fold
from common.text.sentences import translate
from messaging.models import Conversation, Direction, Message
from messaging.providers.base import Kind
from messaging.queries import language_for, provider_of

MAX_ANSWER = 3 * MAX_LENGTH  # characters; a longer answer comes from a model that does not stop
UNCHECKED = "an answer did not pass the checks"
CANNOT = customer_text("Sorry, I cannot answer right now. Please write again in a few minutes.")
PERSON_COMES = customer_text("A person will get back to you here.")


@dataclass(frozen=True, kw_only=True)
class PreparedAnswer:
    """The result of a run: bubbles to send, silence, or a hand-over."""

    bubbles: list[str]
    is_silent: bool = False
    hand_over: str = ""
    is_asked_for: bool = False  # the customer asked for the hand-over
    outcome: str = "replied"
    provider: str = ""
    model: str = ""
    sources: list[dict[str, Any]] = field(default_factory=list)
    choices: list[dict[str, str]] = field(default_factory=list)  # title and meaning: buttons of the last bubble
    buttons: list[dict[str, str]] = field(default_factory=list)
    question: str = ""  # the text above the buttons


def bubbles_of(turn: Turn, profile: AssistantProfile, text: str) -> list[str] | None:
    """Return the text in bubbles that may be sent; None when none may.

    A part without words, such as a rule, is left out. A part that a check refuses, or that is not text for a person,
    stops the whole answer, and so does a length that nobody would read in a chat.
    """
    conversation = turn.conversation
    context = ReplyContext(tenant=turn.tenant, conversation=conversation, system=default_system_prompt(profile))
    checked: list[str] = []
    if len(text) > MAX_ANSWER:
        return None
    for bubble in split_into_bubbles(for_whatsapp(text), limit=longest_bubble(conversation)):
        if not has_words(bubble):
            continue
        passed = _passed(bubble, context)
        if passed is None or (has_words(passed) and is_garbage(passed)):
            return None
        checked += [passed] if has_words(passed) else []
    return checked or None


def longest_bubble(conversation: Conversation) -> int:
    """Return how many characters one message of the assistant may have on the conversation's channel."""
    return min(MAX_LENGTH, provider_of(conversation.channel).max_text)


def join_bubbles(bubbles: list[str], conversation: Conversation) -> list[str]:
    """Return the bubbles as one message where the channel allows its length, else unchanged."""
    whole = "\n\n".join(bubbles)
    return [whole] if len(whole) <= longest_bubble(conversation) else bubbles


def fallback_answer(turn: Turn, profile: AssistantProfile, *, hand_over: str = "") -> PreparedAnswer:
    """Return the fallback sentence in the language of the chat; with `hand_over` it announces a person."""
    language = language_for(turn.conversation.contact, turn.tenant)
    sentence = translate(PERSON_COMES if hand_over else CANNOT, language)
    return PreparedAnswer(bubbles=[profile.fallback_text or sentence], outcome="fallback", hand_over=hand_over)


def announcement(turn: Turn) -> str:
    """Return the sentence that announces a person."""
    return translate(PERSON_COMES, language_for(turn.conversation.contact, turn.tenant))


def _passed(bubble: str, context: ReplyContext) -> str | None:
    for check in reply_checks():
        passed = check(bubble, context)
        if passed is None:
            return None
        bubble = passed.strip()
    return bubble


WORDS = (Kind.TEXT, Kind.VOICE, Kind.AUDIO)
MAX_PICK = 250  # characters of a number or a title
SHORTEST_TITLE = 19  # characters of a title that every provider shows


def choice_buttons(turn: Turn, choices: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """Return the message data that shows the choices; {} without any.

    The ids name the turn, so that a button pressed much later still identifies its question.
    """
    shown = [choice["title"][:SHORTEST_TITLE].casefold().strip() for choice in choices]
    named = []
    for number, choice in enumerate(choices):
        # Providers truncate a title, and refuse two that are then equal.
        title = choice["title"] if shown.count(shown[number]) == 1 else f"{number + 1}. {choice['title']}"
        named.append({"payload": f"answer:{turn.pk}:{number}", "title": title, "means": choice["means"]})
    return {"buttons": named} if named else {}


def picked_choice(message: Message, history: Sequence[Message]) -> str:
    """Return the meaning of the choice that a customer's message picks; "" when it picks none.

    `history` is the conversation up to the message, oldest first. A press is recognised by its id, which must stand
    under one of our messages in it. A number or a title counts right after the message that offers it, or where it
    quotes it.
    """
    ours = [each for each in history if each.direction == Direction.OUT and each.pk != message.pk]
    payload = str(message.data.get("payload", ""))
    if payload.startswith("answer:"):
        offered = (button for each in ours for button in each.data.get("buttons", ()))
        return next((_means(button) for button in offered if button.get("payload") == payload), "")
    if message.kind not in WORDS or not ours or len(message.text) > MAX_PICK:
        return ""
    if message.reply_to:
        asked = next((each for each in reversed(ours) if each.external_id == message.reply_to), None)
    else:
        asked = ours[-1]
    return _named(message.text, asked.data.get("buttons", ())) if asked is not None else ""


def _named(text: str, offered: Sequence[Mapping[str, Any]]) -> str:
    mine = [button for button in offered if str(button.get("payload", "")).startswith("answer:")]
    word = text.strip().rstrip(".)")
    if word.isascii() and word.isdecimal() and len(word) < 3 and 0 < int(word) <= len(mine):
        return _means(mine[int(word) - 1])
    return next((_means(button) for button in mine if fold(str(button["title"])) == fold(text)), "")


def _means(button: Mapping[str, Any]) -> str:
    return str(button.get("means", ""))


@dataclass(frozen=True)
class Draft:
    """What will be sent, and what the turn does at its end."""

    bubbles: list[str]
    is_silent: bool = False
    hand_over: str = ""
    is_asked_for: bool = False
    outcome: str = "replied"
    sources: list[dict[str, Any]] = field(default_factory=list)
    choices: list[dict[str, str]] = field(default_factory=list)
    buttons: list[dict[str, str]] = field(default_factory=list)  # under the bubble with the question
    question: str = ""


def as_draft(made: PreparedAnswer) -> dict[str, Any]:
    """Return the part of an answer that is stored as the draft."""
    draft = Draft(
        bubbles=made.bubbles,
        is_silent=made.is_silent,
        hand_over=made.hand_over,
        is_asked_for=made.is_asked_for,
        outcome=made.outcome,
        sources=made.sources,
        choices=made.choices,
        buttons=made.buttons,
        question=made.question,
    )
    return asdict(draft)
