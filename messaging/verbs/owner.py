"""The owner's hand: what is written from the own phone, and the /bot commands."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from common.work import State
from messaging.models import Channel, Conversation, Direction, Message, Purpose
from messaging.models.conversations import PausedBy
from messaging.providers.base import RANK, Delivery, InboundMessage, Kind
from messaging.verbs.previews import note_outbound
from messaging.verbs.receiving import keep_media, message_fields, moment, open_conversation
from messaging.verbs.takeover import pause, resume

logger = logging.getLogger("frontdesk.messaging")

COMMAND = re.compile(r"^\s*/bot\s+(?P<verb>on|off|status)\b(?P<rest>.*)$", re.IGNORECASE | re.DOTALL)
LENGTH = re.compile(r"\b(?P<count>\d{1,3})\s*(?P<unit>m|min|h|d)\b", re.IGNORECASE)
UNITS = {"m": "minutes", "min": "minutes", "h": "hours", "d": "days"}
# An echo of what the owner wrote this long ago is history, not a take-over.
OWNER_MAX_AGE = timedelta(minutes=30)


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
    note_outbound(message=message)
    is_old = inbound.is_history or moment(inbound.sent_at) < timezone.now() - OWNER_MAX_AGE
    if is_old or inbound.kind in (Kind.REACTION, Kind.SYSTEM):
        return message
    command = read_command(inbound.text)
    if command is None:
        pause(conversation=conversation, by=PausedBy.OWNER, actor="owner")
    else:
        obey(command=command, conversation=conversation)
    return message


def obey(*, command: Command, conversation: Conversation) -> str:
    """Do what the owner commands for one conversation; returns the sentence to answer with."""
    if command.verb == "off":
        until = timezone.now() + command.length if command.length else None
        pause(conversation=conversation, by=PausedBy.COMMAND, actor="owner", until=until)
        return "off" if until is None else f"off until {until:%Y-%m-%d %H:%M} UTC"
    if command.verb == "on":
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
        if message.text == inbound.text:
            Message.objects.filter(pk=message.pk).update(
                external_id=inbound.external_id, state=State.DONE, last_error="", delivery=Delivery.SENT,
                delivery_rank=RANK[Delivery.SENT],
            )  # fmt: skip
            return True
    return False
