"""The last inbound handler: the assistant answers what no other handler took."""

from __future__ import annotations

import unicodedata

from django.conf import settings

from assistant import services as assistant
from assistant.matching.emergencies import is_emergency
from assistant.phrases import asks_for_person
from assistant.queries import profile_of
from assistant.services.answering import URGENT
from assistant.services.conversation_order import is_handled
from messaging import services as messaging
from messaging.models import Message
from messaging.models.conversations import PausedBy
from messaging.providers.base import Kind

# Kinds that need no answer: notices, reactions, and what we could only guess at.
UNANSWERED = (Kind.SYSTEM, Kind.UNSUPPORTED, Kind.REACTION, Kind.POLL)


def reply(message: Message) -> bool:
    """Request a turn, unless a person has the conversation or the message is not for the assistant."""
    conversation = message.conversation
    if not _is_for_us(message):
        return False
    if conversation.is_paused:
        _call_again(message)
        return False
    assistant.request_turn(message=message)
    return True


def handle_change(message: Message) -> None:
    """Answer a message again after the customer has edited it or its voice note was transcribed.

    The conversation is locked.

    A draft about the old text is discarded. What another handler has taken stays decided. While the session is paused,
    the new text is only checked for a reason to call a person again.
    """
    if is_handled(message) or not _is_for_us(message):
        return
    if message.conversation.is_paused:
        if message.deleted_at is None:
            _call_again(message)
        return
    newest = assistant.discard_answer(message=message)
    if newest is not None:
        assistant.request_turn(message=newest)


def _is_for_us(message: Message) -> bool:
    is_a_question = message.kind == Kind.POLL and bool(message.data.get("question"))  # the poll itself, not a vote
    if message.is_late or (message.kind in UNANSWERED and not is_a_question) or not is_addressed(message):
        return False
    return profile_of(message.tenant).is_enabled and message.conversation.contact.opted_out_at is None


def _call_again(message: Message) -> None:
    """Record on a paused session why its customer still needs a person, or more urgently."""
    if reason := _wanted_again(message):
        messaging.pause(conversation=message.conversation, by=PausedBy.CUSTOMER, actor="customer", reason=reason)


def _wanted_again(message: Message) -> str:
    """Return why the customer of a paused session still needs a person, or more urgently.

    "" when there is no reason.
    """
    # Where a person has the session they read it; where one is only awaited the call must not wait.
    is_awaited = message.conversation.paused_by in (PausedBy.CUSTOMER, PausedBy.ASSISTANT)
    if is_awaited and profile_of(message.tenant).watches_emergencies and is_emergency(message.text):
        return URGENT
    return "asked again" if asks_for_person(message.text) else ""


def is_addressed(message: Message) -> bool:
    """Return whether the assistant is addressed.

    By prefix where one is required, else in groups by prefix, mention or reply.
    """
    if has_prefix(message.text):
        return True
    if settings.REQUIRE_INVOKE_PREFIX:
        return False
    if not message.data.get("is_group"):
        return True
    return bool(message.data.get("is_mention")) or _replies_to_us(message)


def has_prefix(text: str) -> bool:
    """Return whether a text begins with INVOKE_PREFIX, compared after NFKC without case."""
    prefix = _folded(settings.INVOKE_PREFIX)
    return bool(prefix) and _folded(text).lstrip().startswith(prefix)


def _replies_to_us(message: Message) -> bool:
    if not message.reply_to:
        return False
    return Message.objects.filter(channel_id=message.channel_id, external_id=message.reply_to, direction="out").exists()


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
