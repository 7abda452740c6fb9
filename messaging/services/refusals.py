"""What stops a message at the last moment: a take-over, an opt-out, a kill switch, a closed window."""

from __future__ import annotations

from typing import Any

from common.work.rows import State
from messaging.models import Channel, Message
from messaging.providers.base import Kind
from messaging.queries import WindowMode, provider_of, reply_window
from messaging.services import send_limits
from messaging.services.templates import reopening_template

# Purposes that may be sent a second time when nobody knows whether the first one arrived (RELIABILITY O3).
MAX_RESENDS = 1
MAX_SAFE_RESENDS = 3  # with a provider where the same reference twice is one message


def find_refusal(message: Message, facts: Any) -> tuple[State, str, str] | None:
    """Return (state, what holds it, reason) when a claimed message may not go now.

    The conversation's row must be locked.
    """
    conversation = message.conversation
    if not message.rules.passes_fence and (conversation.is_paused or message.fence != conversation.fence):
        return State.IGNORED, "", "paused"
    if message.rules.stops_on_opt_out and conversation.contact.opted_out_at is not None:
        return State.IGNORED, "", "the contact opted out"
    if message.scheduled_at is not None and conversation.contact.opted_out_at is not None:
        return State.IGNORED, "", "the contact opted out after this was written"
    if facts.is_uncertain and not _may_resend(message):
        return State.HELD, "uncertain", "it may have been sent already: look at the customer's chat, then decide"
    switched_off = send_limits.closed_switch(conversation, installation_is_on=not facts.switched_off)
    closed = switched_off and send_limits.closed_switch(conversation, surely=True)
    if closed:
        return State.HELD, "switch", f"sending is switched off for {closed}"
    if conversation.channel.problem:
        return State.HELD, "channel", f"the channel has a problem: {conversation.channel.problem}"
    if message.kind != Kind.TEMPLATE:
        mode = reply_window(conversation).mode
        if mode == WindowMode.NOTHING:
            return State.HELD, "window", "the reply window is closed and the channel has no template to reopen it"
        if mode == WindowMode.TEMPLATE and not _turn_into_template(message, conversation.channel):
            return State.HELD, "window", "the reply window is closed, and a file without words cannot go as a template"
    return None


def _may_resend(message: Message) -> bool:
    if provider_of(message.channel).honours_reference:
        return message.resends < MAX_SAFE_RESENDS
    # A template costs money and may not come twice.
    return message.rules.may_be_resent and message.kind != Kind.TEMPLATE and message.resends < MAX_RESENDS


def _turn_into_template(message: Message, channel: Channel) -> bool:
    """Change the message into the channel's approved template.

    Returns False and changes nothing when there is no text for it.
    """
    chosen = reopening_template(
        channel=channel,
        contact=message.conversation.contact,
        text=message.text,
        buttons=message.data.get("buttons", []),
    )
    if chosen is None:
        return False
    message.kind = "template"
    message.data = {**message.data, "template": chosen}
    Message.objects.filter(pk=message.pk).update(kind=message.kind, data=message.data)
    return True
