"""The body of a hand-off to n8n (wire/n8n.md section 3)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from assistant.models import Handoff, Turn
from assistant.services.prompt import LoadedConversation
from messaging.models import Conversation, Direction, MediaFile, Message
from messaging.queries import file_of, language_for, sign_file

MAX_HISTORY = 20
MEDIA_SECONDS = 600
SALT = "assistant.n8n.media"


def request_body(turn: Turn, handoff: Handoff, reading: LoadedConversation, *, token: str) -> dict[str, Any]:
    """Return everything the workflow gets; a burst of messages is one text under the newest one's id."""
    conversation, message = turn.conversation, handoff.message
    return {
        "type": "message.received",
        "version": 1,
        "id": handoff.event_id,
        "timestamp": _iso(timezone.now()),
        "tenant": {
            "slug": turn.tenant.slug,
            "name": turn.tenant.name,
            "timezone": turn.tenant.timezone,
            "language": turn.tenant.language,
        },
        "conversation": {
            "id": f"cnv_{conversation.pk}",
            "channel": conversation.channel.provider,
            "mode": "assistant",
        },
        "contact": _contact(conversation),
        "message": {
            "id": message.external_id,
            "kind": message.kind,
            "text": reading.newest or message.text,
            "media": _media(message),
            "received_at": _iso(message.created_at),
        },
        "history": _history(turn),
        "reply": {
            "url": f"{settings.PUBLIC_URL}/webhooks/n8n/{token}",
            "deadline": _iso(handoff.deadline_at),
        },
    }


def linked_file(ticket: str) -> MediaFile | None:
    """Return the file of a link that a workflow was given; None when it is forged, too old or not stored."""
    return file_of(ticket, salt=SALT, seconds=MEDIA_SECONDS)


def _contact(conversation: Conversation) -> dict[str, Any]:
    contact = conversation.contact
    phone = contact.addresses.filter(kind="phone").values_list("value", flat=True).first()
    return {
        "id": f"con_{contact.pk}",
        "name": contact.name,
        "phone": phone,
        "language": language_for(contact, conversation.tenant),
        "timezone": conversation.tenant.timezone,
    }


def _media(message: Message) -> dict[str, Any] | None:
    file = MediaFile.objects.filter(message=message).first()
    if file is None:
        return None
    link = sign_file(file, salt=SALT)
    url = f"{settings.PUBLIC_URL}/webhooks/n8n/media/{link}" if file.file else None
    return {"mime_type": file.mime_type, "size": file.size, "url": url}


def _history(turn: Turn) -> list[dict[str, str]]:
    rows = Message.objects.filter(conversation=turn.conversation, pk__lte=turn.seen_id, deleted_at=None)
    newest = list(rows.exclude(text="").order_by("-pk")[:MAX_HISTORY])
    return [
        {
            "role": "user" if message.direction == Direction.IN else "assistant",
            "text": message.text,
            "at": _iso(message.created_at),
        }
        for message in reversed(newest)
    ]


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
