"""The inbound handler of messaging: the owner's commands from their private number."""

from __future__ import annotations

from common.text.phone_numbers import comparison_key, parse_contact_address, spellings
from messaging.models import Conversation, Message, Purpose
from messaging.services.owner import OwnerCommand, parse_command, run_command
from messaging.services.sending import send


def owner_commands(message: Message) -> bool:
    """Handle `/bot ...` from the owner's private number; returns False for anybody else."""
    command = parse_command(message.text)
    if command is None or not is_owner(message):
        return False
    answer = _run_for(command, message)
    send(
        conversation=message.conversation,
        text=answer,
        purpose=Purpose.NOTICE,
        dedupe_key=f"command:{message.pk}",
    )
    return True


def is_owner(message: Message) -> bool:
    """Return whether the person is one of the channel's owners, by any address."""
    owners = {comparison_key(address) for address in message.channel.owner_addresses}
    return any(comparison_key(address.value) in owners for address in message.conversation.contact.addresses.all())


def _run_for(command: OwnerCommand, message: Message) -> str:
    targets = _targets(command, message)
    if not targets and command.rest.lower() == "all":
        return "There is no other chat."
    if not targets:
        return "Which chat? Quote a message of it, or write /bot off +number, or /bot off all."
    states = [run_command(command=command, conversation=conversation) for conversation in targets]
    if len(states) == 1:
        return f"Assistant: {states[0]}."
    off = sum(not state.startswith("on") for state in states)
    return f"Assistant: off in {off} of {len(states)} chats."


def _targets(command: OwnerCommand, message: Message) -> list[Conversation]:
    same_channel = Conversation.objects.of(message.tenant).filter(channel=message.channel)
    others = same_channel.exclude(pk=message.conversation_id)
    if message.reply_to:
        quoted = Message.objects.filter(channel=message.channel, external_id=message.reply_to).first()
        return [quoted.conversation] if quoted is not None else []
    if command.rest.lower() == "all":
        return list(others.order_by("pk"))  # locked one by one, always in one order, also for parallel commands
    if command.rest:
        address = parse_contact_address(command.rest)
        return list(others.filter(contact__addresses__value__in=spellings(address)).distinct()) if address else []
    return []
