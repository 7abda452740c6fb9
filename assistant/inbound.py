"""The last handler: the assistant answers what nobody else took."""

from __future__ import annotations

import unicodedata

from django.conf import settings

from assistant import services as assistant
from assistant.matching.emergencies import is_emergency
from assistant.queries import profile_of
from assistant.services.order import is_taken
from assistant.services.urgent import URGENT
from assistant.words import asks_for_person
from messaging import services as messaging
from messaging.models import Message
from messaging.models.conversations import PausedBy
from messaging.providers.base import Kind

# Nothing to answer: a notice, a reaction, or something that we could only guess at.
UNANSWERED = (Kind.SYSTEM, Kind.UNSUPPORTED, Kind.REACTION, Kind.POLL)


def reply(message: Message) -> bool:
    """Ask for a turn, unless a person has the conversation or the message is not for the assistant."""
    conversation = message.conversation
    if not _is_for_us(message):
        return False
    if conversation.is_paused:
        _call_again(message)
        return False
    assistant.want_reply(message=message)
    return True


def changed(message: Message) -> None:
    """Answer a message as the customer has changed it, or as its voice note was heard; the conversation is locked.

    What was thought of the old words is not said any more. What another handler took stays as it was decided. While
    the session is paused the new words are only looked through for a reason to call the person again.
    """
    if is_taken(message) or not _is_for_us(message):
        return
    if message.conversation.is_paused:
        if message.deleted_at is None:
            _call_again(message)
        return
    newest = assistant.forget_the_question(message=message)
    if newest is not None:
        assistant.want_reply(message=newest)


def _is_for_us(message: Message) -> bool:
    is_a_question = message.kind == Kind.POLL and bool(message.data.get("question"))  # not a vote
    if message.is_late or (message.kind in UNANSWERED and not is_a_question) or not is_addressed(message):
        return False
    return profile_of(message.tenant).is_enabled and message.conversation.contact.opted_out_at is None


def _call_again(message: Message) -> None:
    """Note on a paused session why its customer needs a person still, or more urgently."""
    if reason := _wanted_again(message):
        messaging.pause(conversation=message.conversation, by=PausedBy.CUSTOMER, actor="customer", reason=reason)


def _wanted_again(message: Message) -> str:
    """Why a customer whose session is paused needs a person still, or more urgently; "" when nothing says so."""
    # Where a person has the session already they read it; where one is only awaited it must not wait its turn.
    is_awaited = message.conversation.paused_by in (PausedBy.CUSTOMER, PausedBy.ASSISTANT)
    if is_awaited and profile_of(message.tenant).watches_emergencies and is_emergency(message.text):
        return URGENT
    return "asked again" if asks_for_person(message.text) else ""


def is_addressed(message: Message) -> bool:
    """Whether the assistant is meant: by prefix where one is required, else in groups by prefix, mention or reply."""
    if has_prefix(message.text):
        return True
    if settings.REQUIRE_INVOKE_PREFIX:
        return False
    if not message.data.get("is_group"):
        return True
    return bool(message.data.get("is_mention")) or _replies_to_us(message)


def has_prefix(text: str) -> bool:
    """Whether a text begins with INVOKE_PREFIX, compared after NFKC, case ignored."""
    prefix = _folded(settings.INVOKE_PREFIX)
    return bool(prefix) and _folded(text).lstrip().startswith(prefix)


def _replies_to_us(message: Message) -> bool:
    if not message.reply_to:
        return False
    return Message.objects.filter(channel_id=message.channel_id, external_id=message.reply_to, direction="out").exists()


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
