"""What lists show of a conversation without reading its messages; the conversation's row must be locked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Min, Q
from django.utils import timezone

from common.db.compiled import CompiledUpdate, Slot
from messaging.models import Conversation, Direction, Message, Purpose
from messaging.models.conversations import LAST_TEXT
from messaging.providers.base import Kind

SILENT = (Kind.REACTION, Kind.SYSTEM)
PEOPLE = (Purpose.OPERATOR, Purpose.OWNER)


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


def note_owner(*, message: Message, said_at: datetime, last_inbound_at: datetime | None) -> None:
    """Show what the owner wrote; one that arrives after a newer message of the customer answers the older ones only."""
    if last_inbound_at is None or said_at >= last_inbound_at or is_silent(message):
        note_outbound(message=message)
        return
    _SILENT.run(pk=message.conversation_id, now=timezone.now())
    waits = Conversation.objects.filter(pk=message.conversation_id, waiting_since__lte=said_at)
    waits.update(waiting_since=_oldest_after(message.conversation_id, said_at))


def is_answered_since(*, conversation: Conversation, asked_at: datetime) -> bool:
    """Whether a person of the business wrote later than that, by the clock of whoever carried it."""
    return (
        Message.objects.filter(
            conversation=conversation, direction=Direction.OUT, purpose__in=PEOPLE, scheduled_at__isnull=True
        )
        .exclude(kind__in=SILENT)
        .filter(Q(sent_at__gt=asked_at) | Q(sent_at__isnull=True, created_at__gt=asked_at))
        .exists()
    )


def _oldest_after(conversation_id: int, said_at: datetime) -> datetime | None:
    """When the oldest message came that the customer wrote after that."""
    later = Message.objects.filter(
        conversation=conversation_id, direction=Direction.IN, sent_at__gt=said_at, deleted_at=None, is_late=False
    )
    found: datetime | None = later.exclude(kind__in=SILENT).aggregate(oldest=Min("sent_at"))["oldest"]
    return found


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


def refresh_waiting(*, conversation: Conversation) -> None:
    """Work out anew since when the customer waits, after a message was taken back; nobody begins to wait by it."""
    rows = Message.objects.filter(conversation=conversation).exclude(kind__in=SILENT)
    answered = rows.filter(direction=Direction.OUT, purpose__in=(Purpose.ASSISTANT, Purpose.OPERATOR, Purpose.OWNER))
    answer = answered.order_by("-pk").values_list("pk", flat=True).first() or 0
    open_rows = rows.filter(direction=Direction.IN, deleted_at=None, is_late=False)
    waiting = open_rows.filter(Q(pk__gt=answer) | Q(data__changed_after__gte=answer)).order_by("pk").first()
    since = None if waiting is None else (waiting.sent_at or waiting.created_at)
    Conversation.objects.filter(pk=conversation.pk, waiting_since__isnull=False).update(waiting_since=since)


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


def _noted(**changes: Any) -> CompiledUpdate[Conversation]:
    return CompiledUpdate(lambda: Conversation.objects.filter(pk=Slot("pk")), last_message_at=Slot("now"), **changes)


_SILENT = _noted()
_SHOWN = _noted(last_text=Slot("last_text"), last_purpose=Slot("last_purpose"))
_ANSWERED = _noted(last_text=Slot("last_text"), last_purpose=Slot("last_purpose"), waiting_since=None)
