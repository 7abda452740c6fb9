"""The owner's hand: what is written from the own phone, and the /bot commands."""

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
from messaging.providers.base import RANK, Delivery, InboundMessage, Kind
from messaging.services.outgoing import is_written
from messaging.services.previews import note_owner
from messaging.services.receiving import keep_media, message_fields, moment, open_conversation
from messaging.services.takeover import fence, pause, resume, usual_time

logger = logging.getLogger("frontdesk.messaging")

COMMAND = re.compile(r"^\s*/bot\s+(?P<verb>on|off|status)\b(?P<rest>.*)$", re.IGNORECASE | re.DOTALL)
LENGTH = re.compile(r"\b(?P<count>\d{1,3})\s*(?P<unit>m|min|h|d)\b", re.IGNORECASE)
UNITS = {"m": "minutes", "min": "minutes", "h": "hours", "d": "days"}


class NotYet(Exception):
    """It cannot be told apart yet from our own send that is on its way: look again in a moment."""


@dataclass(frozen=True)
class Command:
    """`/bot off 2h`, understood."""

    verb: str
    length: timedelta | None
    rest: str


def read_command(text: str) -> Command | None:
    """Understand a command, or None when the text is none."""
    found = COMMAND.match(text)
    if found is None:
        return None
    length = LENGTH.search(found["rest"])
    span = timedelta(**{UNITS[length["unit"].lower()]: int(length["count"])}) if length else None
    rest = LENGTH.sub("", found["rest"]).strip() if length else found["rest"].strip()
    return Command(verb=found["verb"].lower(), length=span, rest=rest)


@transaction.atomic
def receive_from_owner(*, channel: Channel, inbound: InboundMessage) -> Message | None:
    """Store what the owner wrote on the own phone, and fence the assistant; None when it is our own send coming back.

    Raises NotYet while a send of ours to this conversation has no id yet, so that it cannot be told apart.
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
        delivery=Delivery.SENT,
        delivery_rank=RANK[Delivery.SENT],
    )
    if message is None:
        return None
    keep_media(message=message, media=inbound.media)
    said_at = moment(inbound.sent_at)
    note_owner(message=message, said_at=said_at, last_inbound_at=conversation.last_inbound_at)
    if not inbound.is_history and inbound.kind not in (Kind.REACTION, Kind.SYSTEM):
        _take_over(conversation, inbound, said_at)
    return message


def _take_over(conversation: Conversation, inbound: InboundMessage, said_at: datetime) -> None:
    """Leave the conversation as it would be if the owner's word had arrived at once.

    One that is older than the usual hours of silence, or than a person's "hand back", pauses nothing any more. What
    the assistant is about to say under it is taken back all the same, unless the customer has written since.
    """
    is_over = said_at <= timezone.now() - usual_time(conversation.tenant)
    is_handed_back = conversation.resumed_at is not None and said_at <= conversation.resumed_at
    if is_over or is_handed_back:
        if conversation.last_inbound_at is None or said_at >= conversation.last_inbound_at:
            fence(conversation=conversation, reason="a person of the business had answered")
        return
    command = read_command(inbound.text)
    if command is None:
        pause(conversation=conversation, by=PausedBy.OWNER, actor="owner", said_at=said_at)
    else:
        obey(command=command, conversation=conversation, said_at=said_at)


def obey(*, command: Command, conversation: Conversation, said_at: datetime | None = None) -> str:
    """Do what the owner commands for one conversation; returns the sentence to answer with.

    `said_at` is the moment of a command that may have come late: its length counts from then.
    """
    if command.verb == "off":
        until = (said_at or timezone.now()) + command.length if command.length else None
        pause(conversation=conversation, by=PausedBy.COMMAND, actor="owner", until=until, said_at=said_at)
        return "off" if until is None else f"off until {until:%Y-%m-%d %H:%M} UTC"
    if command.verb == "on":
        is_newest = said_at is None or conversation.last_human_at is None or said_at >= conversation.last_human_at
        if is_newest:  # one that was overtaken by a later word of a person hands nothing back
            resume(conversation=conversation, actor="owner")
        return "on"
    conversation.refresh_from_db()
    return "off" if conversation.is_paused else "on"


def _is_ours(conversation: Conversation, inbound: InboundMessage) -> bool:
    """Whether this is one of our own sends coming back before its id was written."""
    ours = Message.objects.filter(
        conversation=conversation,
        direction=Direction.OUT,
        external_id="",
        state__in=[State.WORKING, State.UNCERTAIN],
        tries__isnull=False,
    ).distinct()
    for message in ours.order_by("pk"):
        if message.state == State.WORKING:
            raise NotYet("a send to this conversation is under way")
        if is_written(message, inbound.text):
            Message.objects.filter(pk=message.pk).update(
                external_id=inbound.external_id, state=State.DONE, last_error="", delivery=Delivery.SENT,
                delivery_rank=RANK[Delivery.SENT],
            )  # fmt: skip
            return True
    return False
