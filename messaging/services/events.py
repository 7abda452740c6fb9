"""What the endpoints of a tenant are told of conversations: ids and facts; texts are read by the API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.dispatch import receiver

from messaging.models import Contact, Conversation, Message
from messaging.models.messages import given_up
from tenants import services as tenants


def received(message: Message, conversation: Conversation) -> None:
    """A customer's message was taken in."""
    if conversation.tenant.emits_events:
        data = _session(conversation) | {"message_id": message.pk, "kind": message.kind, "is_late": message.is_late}
        tenants.emit(tenant=conversation.tenant, event_type="message.received", data=data)


def sent(message: Message) -> None:
    """The provider took a message."""
    _outgoing("message.sent", message)


def failed(message: Message, reason: str, code: str = "") -> None:
    """A message will not be sent, or was failed by the provider."""
    _outgoing("message.failed", message, reason=reason[:200], code=code[:40])


@receiver(given_up)
def _tell_of_the_sweep(sender: type[Message], message: Message, **_more: Any) -> None:
    failed(message, message.last_error)


def paused(conversation: Conversation) -> None:
    """A person has it."""
    if conversation.tenant.emits_events:
        data = _session(conversation) | {"by": conversation.paused_by, "resume_at": _iso(conversation.resume_at)}
        tenants.emit(tenant=conversation.tenant, event_type="session.paused", data=data)


def resumed(conversation: Conversation, by: str) -> None:
    """The assistant has it again."""
    if conversation.tenant.emits_events:
        tenants.emit(tenant=conversation.tenant, event_type="session.resumed", data=_session(conversation) | {"by": by})


def assigned(conversation: Conversation, by: str) -> None:
    """It was given to a member, or to nobody."""
    if conversation.tenant.emits_events:
        data = _session(conversation) | {"member_id": conversation.assignee_id, "by": by}
        tenants.emit(tenant=conversation.tenant, event_type="session.assigned", data=data)


def contact_created(contact: Contact) -> None:
    """Somebody wrote for the first time."""
    tenants.emit(tenant=contact.tenant, event_type="contact.created", data={"contact_id": contact.pk})


def _outgoing(event_type: str, message: Message, **more: Any) -> None:
    """Told once for each try, however often a provider repeats what became of it."""
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
