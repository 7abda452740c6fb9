"""Find the addresses of people and groups on iMessage: phones, Apple-ID e-mails and chat identifiers.

Source: provider notes "iMessage through Photon", sections 1 (chat ids), 2 (`to`) and 3 (rules).
"""

from __future__ import annotations

from typing import Any

import phonenumbers

from messaging.providers._foreign import text
from messaging.providers.base import Address, AddressKind


def addresses(value: Any, *, country: str = "") -> tuple[Address, ...]:
    """Return the address of a handle; empty for short codes and words such as "unknown"."""
    handle = text(value).strip()
    if handle.lower().startswith(("tel:", "mailto:")):
        handle = handle.partition(":")[2].strip()
    if "@" in handle:
        return (Address(AddressKind.EMAIL, handle.lower(), handle.lower()),)
    phone = _format_e164(handle, country)
    return (Address(AddressKind.PHONE, phone, phone),) if phone else ()


def group(chat: str, *, is_group: bool = False) -> Address | None:
    """Return the group's address when the chat id names a group, else None.

    Such an id is `iMessage;+;chat0001`, or `any;+;chat0001` on later systems.
    """
    name = chat_name(chat)
    if not name or not (is_group or ";+;" in chat):
        return None
    return Address(AddressKind.GROUP, name, f"group:{name}")


def chat_name(chat: str) -> str:
    """Return the last part of a chat id: a person's handle or a group's identifier."""
    return chat.rpartition(";")[2]


def _format_e164(handle: str, country: str) -> str:
    """Return the number in E.164, or "". A number in its national form needs the country."""
    try:
        number = phonenumbers.parse(handle, country.upper() or None)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
