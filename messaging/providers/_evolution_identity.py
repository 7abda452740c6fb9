"""Find the addresses of people on Evolution: phone JIDs, linked ids (LID), groups and chats that are never answered.

Source: provider notes "Evolution API", section 4 "Who is who: LID addressing" (Evolution API 2.2 to 2.4.0-rc2, Baileys
src/Types/Message.ts). Digits before `@lid` are not a phone number. `remoteJid` holds a phone or a LID, depending on the
version.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from common.text.phone_numbers import canonical
from messaging.providers._foreign import text
from messaging.providers.base import Address, AddressKind, Unparsable

PHONE = "s.whatsapp.net"
LID = "lid"
GROUP = "g.us"
# Domains of accounts whose messages a provider stores for the business (baileys-api 387, 388). Their owners are people
# like any others. The part before the @ is their phone or linked id. Answers go to the ordinary domain on the right,
# which every version accepts.
SPELLINGS = {"c.us": PHONE, "hosted": PHONE, "hosted.lid": LID}
# Stories, broadcast lists, channels and Meta's own bots, none of which can be a customer.
UNANSWERABLE = {"broadcast", "newsletter", "bot"}

# The fields that hold the phone and the linked id in the different versions, in the order to try them.
CHAT_PHONES = ("remoteJid", "remoteJidAlt", "senderPn", "participantPn")
CHAT_LIDS = ("remoteJid", "remoteJidAlt", "previousRemoteJid")
# When the owner wrote, the sender is the owner, so only the fields of the chat itself name the customer.
OWN_CHAT = ("remoteJid", "remoteJidAlt", "previousRemoteJid")
MEMBER = ("participant", "participantAlt", "participantPn", "senderPn")


def bare(jid: Any) -> str:
    """Return the JID without its device and with its ordinary domain, or "".

    A device is another screen linked to the phone, such as 12 in `15550100111:12@s.whatsapp.net`.
    """
    user, at, domain = text(jid).strip().partition("@")
    domain = domain.lower()
    return f"{user.partition(':')[0]}@{SPELLINGS.get(domain, domain)}" if at else ""


def domain_of(jid: Any) -> str:
    """Return the part after the @, or ""."""
    return bare(jid).partition("@")[2]


def is_group(jid: Any) -> bool:
    """Return True for the JID of a group."""
    return domain_of(jid) == GROUP


def is_unanswerable(jid: Any) -> bool:
    """Return True for stories, broadcast lists, channels and bots, which never become a conversation."""
    return domain_of(jid) in UNANSWERABLE


def address(jid: Any) -> Address | None:
    """Return the address of one JID, or None when it names nobody that can be answered."""
    whole = bare(jid)
    user, _, domain = whole.partition("@")
    if domain == PHONE and user.isascii() and user.isdigit():
        return Address(AddressKind.PHONE, f"+{user}", whole)
    if domain == GROUP and user:
        return Address(AddressKind.GROUP, whole, whole)
    if user and domain and domain != PHONE and domain not in UNANSWERABLE:
        return Address(AddressKind.LID, whole, whole)  # an unknown domain too: it may be a new kind of person
    return None


def customer(key: Mapping[str, Any]) -> tuple[Address, ...]:
    """Return all addresses of the customer in a direct chat, the phone first. Raise Unparsable when there is none."""
    if key.get("fromMe") is True:
        return _find_addresses(key, phones=OWN_CHAT, lids=OWN_CHAT)
    return _find_addresses(key, phones=CHAT_PHONES, lids=CHAT_LIDS)


def member(key: Mapping[str, Any]) -> tuple[Address, ...]:
    """Return all addresses of the person who wrote in a group, the phone first. Raise Unparsable when there is none."""
    return _find_addresses(key, phones=MEMBER, lids=MEMBER)


def pair(contact: Mapping[str, Any]) -> tuple[Address, ...]:
    """Return the addresses that a contact event gives one person; may be empty."""
    fields = ("remoteJid", "remoteJidAlt", "lid", "phoneNumber", "senderPn", "jid", "id")
    try:
        return _find_addresses(contact, phones=fields, lids=fields)
    except Unparsable:
        return ()


def is_own_chat(own: str, key: Mapping[str, Any]) -> bool:
    """Return True for the chat of the account with itself, which people use for private notes."""
    ours = address(own)
    chat = [address(key.get(name)) for name in OWN_CHAT]
    # Compared by the canonical form: the server may write the account's number with a digit that the chat leaves out.
    return ours is not None and canonical(ours.value) in {canonical(each.value) for each in chat if each is not None}


def is_named(own: str, jids: Iterable[Any]) -> bool:
    """Return True when a list of mentioned JIDs contains the instance's own."""
    return bool(own) and own in {bare(jid) for jid in jids}


def recipient(to: Address) -> str:
    """Return what the field `number` accepts: digits, or the JID of a person or a group."""
    name = to.external_id or to.value
    return name if "@" in name else name.lstrip("+")


def jid(to: Address) -> str:
    """Return the full JID, for calls that do not accept digits alone."""
    name = recipient(to)
    return name if "@" in name else f"{name}@{PHONE}"


def _find_addresses(key: Mapping[str, Any], *, phones: tuple[str, ...], lids: tuple[str, ...]) -> tuple[Address, ...]:
    phone = _find_first(key, phones, AddressKind.PHONE)
    lid = _find_first(key, lids, AddressKind.LID)
    names = tuple(name for name in (phone, lid) if name is not None)
    if not names:
        raise Unparsable("no person's address in the key")
    return names


def _find_first(key: Mapping[str, Any], fields: tuple[str, ...], kind: AddressKind) -> Address | None:
    for field in fields:
        found = address(key.get(field))
        if found is not None and found.kind == kind:
            return found
    return None
