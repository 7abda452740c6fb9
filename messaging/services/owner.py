"""Messages of the owner: echoes from their own phone, and the /bot commands."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from common.work.rows import State
from messaging.models import Channel, Conversation, Direction, Message, Purpose
from messaging.models.conversations import PausedBy
from messaging.providers.base import RANK, DeliveryStatus, InboundMessage, Kind
from messaging.services.outgoing import is_written
from messaging.services.previews import show_owner_message
from messaging.services.receiving import message_fields, moment, open_conversation, store_media
from messaging.services.takeover import pause, raise_fence, resume, usual_pause

logger = logging.getLogger("frontdesk.messaging")

COMMAND = re.compile(r"^\s*/bot\s+(?P<verb>on|off|status)\b(?P<rest>.*)$", re.IGNORECASE | re.DOTALL)
LENGTH = re.compile(r"\b(?P<count>\d{1,3})\s*(?P<unit>m|min|h|d)\b", re.IGNORECASE)
UNITS = {"m": "minutes", "min": "minutes", "h": "hours", "d": "days"}


class TryAgainSoon(Exception):
    """It cannot be distinguished yet from our own send that is on its way: try again in a moment."""


@dataclass(frozen=True)
class OwnerCommand:
    """A parsed `/bot off 2h`."""

    verb: str
    length: timedelta | None
    rest: str


def parse_command(text: str) -> OwnerCommand | None:
    """Parse a command; returns None when the text is none."""
    found = COMMAND.match(text)
    if found is None:
        return None
    length = LENGTH.search(found["rest"])
    span = timedelta(**{UNITS[length["unit"].lower()]: int(length["count"])}) if length else None
    rest = LENGTH.sub("", found["rest"]).strip() if length else found["rest"].strip()
    return OwnerCommand(verb=found["verb"].lower(), length=span, rest=rest)


@transaction.atomic
def receive_from_owner(*, channel: Channel, inbound: InboundMessage) -> Message | None:
    """Store what the owner wrote on their own phone, and raise the fence.

    Returns None when it is an echo of our own send.

    Raises TryAgainSoon while a send of ours to this conversation has no id yet, so that it cannot be distinguished.
    """
    conversation = open_conversation(channel=channel, inbound=inbound)
    if Message.objects.called(inbound.external_id, channel=channel).exists():
        return None
    if _is_ours(conversation, inbound):
        return None
    message = Message.objects.insert_once(
        **message_fields(conversation, inbound),
        direction=Direction.OUT,
        purpose=Purpose.OWNER,
        author="owner",
        state=State.DONE,
        delivery=DeliveryStatus.SENT,
        delivery_rank=RANK[DeliveryStatus.SENT],
    )
    if message is None:
        return None
    store_media(message=message, media=inbound.media)
    said_at = moment(inbound.sent_at)
    show_owner_message(message=message, said_at=said_at, last_inbound_at=conversation.last_inbound_at)
    if not inbound.is_history and inbound.kind not in (Kind.REACTION, Kind.SYSTEM):
        _take_over(conversation, inbound, said_at)
    return message


def _take_over(conversation: Conversation, inbound: InboundMessage, said_at: datetime) -> None:
    """Change the conversation as if the owner's message had arrived at once.

    One that is older than the usual pause, or than a person's "hand back", pauses nothing any more. The assistant's
    queued messages are withdrawn all the same, unless the customer has written since.
    """
    is_over = said_at <= timezone.now() - usual_pause(conversation.tenant)
    is_handed_back = conversation.resumed_at is not None and said_at <= conversation.resumed_at
    if is_over or is_handed_back:
        if conversation.last_inbound_at is None or said_at >= conversation.last_inbound_at:
            raise_fence(conversation=conversation, reason="a person of the business had answered")
        return
    command = parse_command(inbound.text)
    if command is None:
        pause(conversation=conversation, by=PausedBy.OWNER, actor="owner", said_at=said_at)
    else:
        run_command(command=command, conversation=conversation, said_at=said_at)


def run_command(*, command: OwnerCommand, conversation: Conversation, said_at: datetime | None = None) -> str:
    """Carry out the owner's command for one conversation; returns the sentence to answer with.

    `said_at` is the moment of a command that may have come late: its length counts from then.
    """
    if command.verb == "off":
        until = (said_at or timezone.now()) + command.length if command.length else None
        pause(conversation=conversation, by=PausedBy.COMMAND, actor="owner", until=until, said_at=said_at)
        return "off" if until is None else f"off until {until:%Y-%m-%d %H:%M} UTC"
    if command.verb == "on":
        is_newest = said_at is None or conversation.last_human_at is None or said_at >= conversation.last_human_at
        if is_newest:  # one that is older than another act of a person resumes nothing
            resume(conversation=conversation, actor="owner")
        return "on"
    conversation.refresh_from_db()
    return "off" if conversation.is_paused else "on"


def _is_ours(conversation: Conversation, inbound: InboundMessage) -> bool:
    """Return whether this is one of our own sends coming back before its id was stored."""
    ours = Message.objects.filter(
        conversation=conversation,
        direction=Direction.OUT,
        external_id="",
        state__in=[State.WORKING, State.UNCERTAIN],
        tries__isnull=False,
    ).distinct()
    for message in ours.order_by("pk"):
        if message.state == State.WORKING:
            raise TryAgainSoon("a send to this conversation is under way")
        if is_written(message, inbound.text):
            Message.objects.filter(pk=message.pk).update(
                external_id=inbound.external_id, state=State.DONE, last_error="", delivery=DeliveryStatus.SENT,
                delivery_rank=RANK[DeliveryStatus.SENT],
            )  # fmt: skip
            return True
    return False
