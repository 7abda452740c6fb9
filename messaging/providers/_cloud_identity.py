"""Find out who wrote a message of the Cloud API.

Source: provider notes "Meta WhatsApp Cloud API", section 4, "Who is the sender".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from common.text.phone_numbers import canonical, comparison_key
from messaging.providers._foreign import items, mapping, text
from messaging.providers.base import Address, AddressKind, Person, Unparsable

LONGEST_NAME = 200
Names = tuple[str, str]  # the phone (or the id that is sent in its place) and the business-scoped user id


def writer(piece: Any, part: str) -> Names:
    """Return the two names that a piece has for the customer."""
    found = mapping(piece)
    if part == "echo":  # the owner wrote it, so the customer is the recipient
        return text(found.get("to")), text(found.get("to_user_id"))
    if part == "preference":
        return text(found.get("wa_id")), text(found.get("user_id"))
    return text(found.get("from")), text(found.get("from_user_id"))


def is_own_chat(piece: Any, metadata: Any) -> bool:
    """Return True for an echo that the owner's phone sent to its own number: a private note."""
    to = comparison_key(text(mapping(piece).get("to")))
    ours = (text(mapping(piece).get("from")), text(mapping(metadata).get("display_phone_number")))
    return bool(to) and to in {comparison_key(name) for name in ours}


class CloudContacts:
    """The contacts of one change, looked up by id. Their order has no meaning."""

    def __init__(self, contacts: Any) -> None:
        self._all = [_contact_fields(contact) for contact in items(contacts)]
        self._found: dict[str, dict[str, str]] = {}
        for contact in self._all:
            for name in ("wa_id", "user_id"):
                if contact.get(name):
                    self._found.setdefault(_comparison_name(contact[name]), contact)

    def of(self, names: Names, *, is_alone: bool) -> dict[str, str]:
        """Return the contact with one of these names, or {}.

        When none fits but the change has one writer and one contact, return that contact's display name alone. Its
        addresses are left out, because they may belong to somebody else.
        """
        for name in names:
            if name and _comparison_name(name) in self._found:
                return self._found[_comparison_name(name)]
        if is_alone and len(self._all) == 1:
            return {"name": self._all[0].get("name", "")}
        return {}


def _contact_fields(contact: Any) -> dict[str, str]:
    found = mapping(contact)
    values = {
        "name": text(mapping(found.get("profile")).get("name")).strip()[:LONGEST_NAME],
        "wa_id": text(found.get("wa_id")).strip(),
        "user_id": text(found.get("user_id")).strip(),
    }
    return {name: value for name, value in values.items() if value}


def _comparison_name(name: str) -> str:
    """Return the form of a name to compare by: `from` and `wa_id` may write one number in two ways."""
    known = address(name)
    return canonical(known.value) if known is not None else name


def address(name: str) -> Address | None:
    """Return the address of a phone, or of a business-scoped user id, which has a dot and stays unchanged, or None."""
    name = name.strip()
    if "." in name:
        return Address(kind=AddressKind.BSUID, value=name, external_id=name) if len(name) <= 200 else None
    digits = "".join(name.lstrip("+").split())
    if digits.isascii() and digits.isdigit() and 5 <= len(digits) <= 20:
        return Address(kind=AddressKind.PHONE, value=f"+{digits}", external_id=name)
    return None


def addresses(names: Iterable[str]) -> tuple[Address, ...]:
    """Return the addresses among these names, each once. A phone comes first, because it can always be answered."""
    found = {known.value: known for name in names if name and (known := address(name))}
    return tuple(sorted(found.values(), key=lambda known: known.kind is not AddressKind.PHONE))


def person(names: Names, contact: Any) -> Person:
    """Return the customer with every address that the body gives. Raise Unparsable when it gives none."""
    known = mapping(contact)
    found = addresses((*names, text(known.get("wa_id")), text(known.get("user_id"))))
    if not found:
        raise Unparsable("nobody is named as the sender")
    return Person(addresses=found, name=text(known.get("name")))


def group(piece: Any) -> Address | None:
    """Return the address of the group that a message was written in, or None."""
    found = text(mapping(piece).get("group_id"))
    return Address(kind=AddressKind.GROUP, value=found, external_id=found) if found else None
