"""Conversation's own handlers: the owner's commands from the private number."""

from __future__ import annotations

from common.text.phone_numbers import comparison_key, parse_contact_address, spellings
from messaging.models import Conversation, Message, Purpose
from messaging.services.owner import Command, obey, read_command
from messaging.services.sending import send


def owner_commands(message: Message) -> bool:
    """Take `/bot ...` from the owner's private number; a stranger's is left to the others."""
    command = read_command(message.text)
    if command is None or not is_owner(message):
        return False
    answer = _obey_for(command, message)
    send(
        conversation=message.conversation,
        text=answer,
        purpose=Purpose.NOTICE,
        dedupe_key=f"command:{message.pk}",
    )
    return True


def is_owner(message: Message) -> bool:
    """Whether the person is one of the channel's owners, by any address."""
    owners = {comparison_key(address) for address in message.channel.owner_addresses}
    return any(comparison_key(address.value) in owners for address in message.conversation.contact.addresses.all())


def _obey_for(command: Command, message: Message) -> str:
    targets = _targets(command, message)
    if not targets and command.rest.lower() == "all":
        return "There is no other chat."
    if not targets:
        return "Which chat? Quote a message of it, or write /bot off +number, or /bot off all."
    states = [obey(command=command, conversation=conversation) for conversation in targets]
    if len(states) == 1:
        return f"Assistant: {states[0]}."
    off = sum(not state.startswith("on") for state in states)
    return f"Assistant: off in {off} of {len(states)} chats."


def _targets(command: Command, message: Message) -> list[Conversation]:
    same_channel = Conversation.objects.of(message.tenant).filter(channel=message.channel)
    others = same_channel.exclude(pk=message.conversation_id)
    if message.reply_to:
        quoted = Message.objects.filter(channel=message.channel, external_id=message.reply_to).first()
        return [quoted.conversation] if quoted is not None else []
    if command.rest.lower() == "all":
        return list(others.order_by("pk"))  # locked one by one: in one order, whoever commands at the same time
    if command.rest:
        address = parse_contact_address(command.rest)
        return list(others.filter(contact__addresses__value__in=spellings(address)).distinct()) if address else []
    return []
