"""The language that a customer writes in, detected from messages and stored on the contact."""

from __future__ import annotations

import re
from collections.abc import Iterable

from common.text.language import base_language, language_after
from messaging.models import Contact, Conversation, Direction, Message
from messaging.providers.base import InboundMessage, Kind

# Kinds whose text the person wrote: a tapped button, a location or a reaction shows no language.
WRITTEN = (Kind.TEXT, Kind.IMAGE, Kind.VIDEO, Kind.VOICE, Kind.AUDIO)
LOOKED_BACK = 5
_PREFIX = re.compile(r"^\s*/\w+")  # it calls the assistant (INVOKE_PREFIX): not a word of a language


def language_text(inbound: InboundMessage) -> str:
    """Return the text of a message that shows the language of its writer; "" when nothing does."""
    if inbound.kind not in WRITTEN or inbound.is_history or inbound.data.get("forwarded"):
        return ""
    if inbound.text.lower().startswith("/bot"):  # the owner's commands are English for everybody
        return ""
    spoken = inbound.media.transcript if inbound.media is not None else ""
    return _PREFIX.sub("", inbound.text) or spoken


def update_language(*, conversation: Conversation, words: str, before: int) -> str:
    """Detect and store the language of a contact's new words; returns the stored one, "" while none is known.

    The row changes only when another language is found (`common.text.language`); one that a person of the business has
    set stays. A group has one language, whoever of it writes.

    Args: conversation: whose contact wrote; the language is set on this contact object too. words: what was written or
    said. before: id of the message; earlier ones are read when these words alone do not decide.
    """
    contact = conversation.contact
    if contact.language_is_fixed or not words.strip():
        return contact.language
    kept = base_language(contact.language)
    found = language_after(words, kept=kept, earlier=lambda: _earlier(conversation, before))
    if found != kept:
        Contact.objects.filter(pk=contact.pk, language_is_fixed=False).update(language=found)
        contact.language = found
    return contact.language


def _earlier(conversation: Conversation, before: int) -> Iterable[str]:
    rows = Message.objects.filter(conversation=conversation.pk, pk__lt=before, deleted_at=None).order_by("-pk")
    return [
        text
        for direction, kind, text, data in rows.values_list("direction", "kind", "text", "data")[:LOOKED_BACK]
        if direction == Direction.IN and kind in WRITTEN and text and not data.get("forwarded")
    ]
