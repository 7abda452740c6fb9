"""Events of conversations for the tenant's endpoints: ids and facts; texts are read by the API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.dispatch import receiver

from messaging.models import Contact, Conversation, Message
from messaging.models.messages import given_up
from tenants import services as tenants


def emit_received(message: Message, conversation: Conversation) -> None:
    """Emit that a customer's message was received."""
    if conversation.tenant.emits_events:
        data = _session(conversation) | {"message_id": message.pk, "kind": message.kind, "is_late": message.is_late}
        tenants.emit(tenant=conversation.tenant, event_type="message.received", data=data)


def emit_sent(message: Message) -> None:
    """Emit that the provider accepted a message."""
    _outgoing("message.sent", message)


def emit_failed(message: Message, reason: str, code: str = "") -> None:
    """Emit that a message will not be sent, or failed at the provider."""
    _outgoing("message.failed", message, reason=reason[:200], code=code[:40])


@receiver(given_up)
def _tell_of_the_sweep(sender: type[Message], message: Message, **_more: Any) -> None:
    emit_failed(message, message.last_error)


def emit_paused(conversation: Conversation) -> None:
    """Emit that a person has the conversation."""
    if conversation.tenant.emits_events:
        data = _session(conversation) | {"by": conversation.paused_by, "resume_at": _iso(conversation.resume_at)}
        tenants.emit(tenant=conversation.tenant, event_type="session.paused", data=data)


def emit_resumed(conversation: Conversation, by: str) -> None:
    """Emit that the assistant has the conversation again."""
    if conversation.tenant.emits_events:
        tenants.emit(tenant=conversation.tenant, event_type="session.resumed", data=_session(conversation) | {"by": by})


def emit_assigned(conversation: Conversation, by: str) -> None:
    """Emit that the conversation was assigned to a member, or to nobody."""
    if conversation.tenant.emits_events:
        data = _session(conversation) | {"member_id": conversation.assignee_id, "by": by}
        tenants.emit(tenant=conversation.tenant, event_type="session.assigned", data=data)


def emit_contact_created(contact: Contact) -> None:
    """Emit that somebody wrote for the first time."""
    tenants.emit(tenant=contact.tenant, event_type="contact.created", data={"contact_id": contact.pk})


def _outgoing(event_type: str, message: Message, **more: Any) -> None:
    """Emit once for each try, however often a provider repeats its status."""
    if not message.tenant.emits_events:
        return
    latest = message.tries.order_by("-pk").values_list("pk", flat=True).first() or 0
    data = _session(message.conversation) | {"message_id": message.pk, "kind": message.kind, "purpose": message.purpose}
    once = f"{event_type} {message.pk} {latest}"
    tenants.emit(tenant=message.tenant, event_type=event_type, data=data | more, once=once)


def _session(conversation: Conversation) -> dict[str, Any]:
    return {
        "session_id": conversation.pk,
        "contact_id": conversation.contact_id,
        "channel_id": conversation.channel_id,
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment is not None else None
