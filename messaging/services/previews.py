"""Fields of the conversation that lists show instead of reading its messages; the conversation's row must be locked."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Min, Q
from django.utils import timezone

from common.db.compiled import CompiledUpdate, Slot
from messaging.models import Conversation, Direction, Message, Purpose
from messaging.models.conversations import LAST_TEXT
from messaging.models.purposes import ANSWERS, BY_PEOPLE
from messaging.providers.base import Kind

SILENT = (Kind.REACTION, Kind.SYSTEM)


def is_silent(message: Message) -> bool:
    """Return whether it neither asks for an answer nor gives one."""
    return message.kind in SILENT


def preview_fields(message: Message) -> dict[str, str]:
    """Return what lists show of the latest message."""
    return {"last_text": preview(message), "last_purpose": str(message.purpose)}


def show_outbound(*, message: Message) -> None:
    """Show an outgoing message; an answer of a person or of the assistant ends the customer's waiting."""
    facts = {"pk": message.conversation_id, "now": timezone.now()}
    if is_silent(message):
        _SILENT.run(**facts)
    else:
        (_ANSWERED if is_answer(message) else _SHOWN).run(**facts, **preview_fields(message))


def show_owner_message(*, message: Message, said_at: datetime, last_inbound_at: datetime | None) -> None:
    """Show what the owner wrote; one that arrives after a newer message of the customer answers only the older ones."""
    if last_inbound_at is None or said_at >= last_inbound_at or is_silent(message):
        show_outbound(message=message)
        return
    _SILENT.run(pk=message.conversation_id, now=timezone.now())
    waits = Conversation.objects.filter(pk=message.conversation_id, waiting_since__lte=said_at)
    waits.update(waiting_since=_oldest_after(message.conversation_id, said_at))


def is_answered_since(*, conversation: Conversation, asked_at: datetime) -> bool:
    """Return whether a person of the business wrote later than that, by the clock of the sender."""
    return (
        Message.objects.filter(
            conversation=conversation, direction=Direction.OUT, purpose__in=BY_PEOPLE, scheduled_at__isnull=True
        )
        .exclude(kind__in=SILENT)
        .filter(Q(sent_at__gt=asked_at) | Q(sent_at__isnull=True, created_at__gt=asked_at))
        .exists()
    )


def _oldest_after(conversation_id: int, said_at: datetime) -> datetime | None:
    """Return when the customer's oldest message after that came."""
    later = Message.objects.filter(
        conversation=conversation_id, direction=Direction.IN, sent_at__gt=said_at, deleted_at=None, is_late=False
    )
    found: datetime | None = later.exclude(kind__in=SILENT).aggregate(oldest=Min("sent_at"))["oldest"]
    return found


def show_change(*, message: Message) -> None:
    """Show an edited or deleted message as it is now."""
    is_last = not Message.objects.filter(conversation_id=message.conversation_id, pk__gt=message.pk).exists()
    if is_last:
        Conversation.objects.filter(pk=message.conversation_id).update(**preview_fields(message))


def clear_waiting(*, conversation: Conversation) -> None:
    """Record that nobody waits for an answer."""
    Conversation.objects.filter(pk=conversation.pk).update(waiting_since=None)


def set_internal(*, conversation: Conversation, is_internal: bool) -> None:
    """Record whether the conversation is with one of the business's own people, about their decisions."""
    if conversation.is_internal != is_internal:
        Conversation.objects.filter(pk=conversation.pk).update(is_internal=is_internal)
        conversation.is_internal = is_internal


def is_answer(message: Message) -> bool:
    """Return whether this answers the customer; the assistant's announcement of a person does not."""
    if message.purpose == Purpose.NOTICE:
        return message.author != "assistant"
    return message.rules.is_answer


def preview(message: Message) -> str:
    """Return a message in a few words."""
    if message.deleted_at is not None:
        return ""
    words = " ".join(message.text[: LAST_TEXT * 4].split()) or f"[{message.kind}]"
    return words if len(words) <= LAST_TEXT else f"{words[: LAST_TEXT - 1]}…"


def refresh_waiting(*, conversation: Conversation) -> None:
    """Work out again since when the customer waits, after a message was deleted; nobody starts to wait by it."""
    rows = Message.objects.filter(conversation=conversation).exclude(kind__in=SILENT)
    answered = rows.filter(direction=Direction.OUT, purpose__in=ANSWERS)
    answer = answered.order_by("-pk").values_list("pk", flat=True).first() or 0
    open_rows = rows.filter(direction=Direction.IN, deleted_at=None, is_late=False)
    waiting = open_rows.filter(Q(pk__gt=answer) | Q(data__changed_after__gte=answer)).order_by("pk").first()
    since = None if waiting is None else (waiting.sent_at or waiting.created_at)
    Conversation.objects.filter(pk=conversation.pk, waiting_since__isnull=False).update(waiting_since=since)


def refresh_preview(*, conversation: Conversation) -> None:
    """Work out these fields again, after messages were moved in or out."""
    rows = Message.objects.filter(conversation=conversation).exclude(kind__in=SILENT).order_by("-pk")
    last = rows.first()
    changes: dict[str, Any] = {"last_text": "", "last_purpose": ""} if last is None else preview_fields(last)
    answered = rows.filter(direction=Direction.OUT, purpose__in=ANSWERS)
    answer = answered.values_list("pk", flat=True).first() or 0
    waiting = rows.filter(direction=Direction.IN, pk__gt=answer, is_late=False).order_by("pk").first()
    changes["waiting_since"] = (waiting.sent_at or waiting.created_at) if waiting is not None else None
    inbound = rows.filter(direction=Direction.IN).first()
    if inbound is not None:
        changes["last_inbound_at"] = inbound.sent_at or inbound.created_at
    changes["last_message_at"] = last.created_at if last is not None else conversation.last_message_at
    Conversation.objects.filter(pk=conversation.pk).update(**changes)


def _preview_update(**changes: Any) -> CompiledUpdate[Conversation]:
    return CompiledUpdate(lambda: Conversation.objects.filter(pk=Slot("pk")), last_message_at=Slot("now"), **changes)


_SILENT = _preview_update()
_SHOWN = _preview_update(last_text=Slot("last_text"), last_purpose=Slot("last_purpose"))
_ANSWERED = _preview_update(last_text=Slot("last_text"), last_purpose=Slot("last_purpose"), waiting_since=None)
