"""What lists show of a conversation without reading its messages; the conversation's row must be locked."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from common.prepared import PreparedUpdate, Slot
from messaging.models import Conversation, Direction, Message, Purpose
from messaging.models.conversations import LAST_TEXT
from messaging.providers.base import Kind

SILENT = (Kind.REACTION, Kind.SYSTEM)


def is_silent(message: Message) -> bool:
    """Whether it neither asks for an answer nor gives one."""
    return message.kind in SILENT


def shown(message: Message) -> dict[str, str]:
    """What lists show of the latest message."""
    return {"last_text": preview(message), "last_purpose": str(message.purpose)}


def note_outbound(*, message: Message) -> None:
    """Show what was written; an answer of a person or of the assistant ends the customer's waiting."""
    facts = {"pk": message.conversation_id, "now": timezone.now()}
    if is_silent(message):
        _SILENT.run(**facts)
    else:
        (_ANSWERED if is_answer(message) else _SHOWN).run(**facts, **shown(message))


def note_change(*, message: Message) -> None:
    """A message was edited or taken back: the list shows it as it is now."""
    is_last = not Message.objects.filter(conversation_id=message.conversation_id, pk__gt=message.pk).exists()
    if is_last:
        Conversation.objects.filter(pk=message.conversation_id).update(**shown(message))


def note_answered(*, conversation: Conversation) -> None:
    """Nothing more is to be said: nobody waits."""
    Conversation.objects.filter(pk=conversation.pk).update(waiting_since=None)


def note_kind(*, conversation: Conversation, is_internal: bool) -> None:
    """Note whether the conversation is with one of the business's own people, about what they decide."""
    if conversation.is_internal != is_internal:
        Conversation.objects.filter(pk=conversation.pk).update(is_internal=is_internal)
        conversation.is_internal = is_internal


def is_answer(message: Message) -> bool:
    """Whether this answers the customer; the assistant's notice that a person will come does not."""
    if message.purpose == Purpose.NOTICE:
        return message.author != "assistant"
    return message.purpose in (Purpose.ASSISTANT, Purpose.OPERATOR, Purpose.OWNER)


def preview(message: Message) -> str:
    """A message in a few words."""
    if message.deleted_at is not None:
        return ""
    words = " ".join(message.text[: LAST_TEXT * 4].split()) or f"[{message.kind}]"
    return words if len(words) <= LAST_TEXT else f"{words[: LAST_TEXT - 1]}…"


def refresh(*, conversation: Conversation) -> None:
    """Work the shown facts out anew, after messages were moved in or out."""
    rows = Message.objects.filter(conversation=conversation).exclude(kind__in=SILENT).order_by("-pk")
    last = rows.first()
    changes: dict[str, Any] = {"last_text": "", "last_purpose": ""} if last is None else shown(last)
    answered = rows.filter(direction=Direction.OUT, purpose__in=(Purpose.ASSISTANT, Purpose.OPERATOR, Purpose.OWNER))
    answer = answered.values_list("pk", flat=True).first() or 0
    waiting = rows.filter(direction=Direction.IN, pk__gt=answer, is_late=False).order_by("pk").first()
    changes["waiting_since"] = (waiting.sent_at or waiting.created_at) if waiting is not None else None
    inbound = rows.filter(direction=Direction.IN).first()
    if inbound is not None:
        changes["last_inbound_at"] = inbound.sent_at or inbound.created_at
    changes["last_message_at"] = last.created_at if last is not None else conversation.last_message_at
    Conversation.objects.filter(pk=conversation.pk).update(**changes)


def _noted(**changes: Any) -> PreparedUpdate[Conversation]:
    return PreparedUpdate(lambda: Conversation.objects.filter(pk=Slot("pk")), last_message_at=Slot("now"), **changes)


_SILENT = _noted()
_SHOWN = _noted(last_text=Slot("last_text"), last_purpose=Slot("last_purpose"))
_ANSWERED = _noted(last_text=Slot("last_text"), last_purpose=Slot("last_purpose"), waiting_since=None)
