"""Who is who on Evolution: phone JIDs, linked ids (LID), groups and chats that are never answered.

Source: wire page "Evolution API", section 4 "Who is who: LID addressing" (Evolution API 2.2 to 2.4.0-rc2, Baileys
src/Types/Message.ts). Digits before `@lid` are no phone, and `remoteJid` is either, depending on the version.
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
# Accounts whose messages a provider keeps for the business (baileys-api 387, 388): people like any other. Their phone
# and their linked id are what stands before the @, and answers go to the ordinary spelling, which every version takes.
SPELLINGS = {"c.us": PHONE, "hosted": PHONE, "hosted.lid": LID}
# Stories, broadcast lists, channels and Meta's own bots: nobody who could be a customer.
UNANSWERABLE = {"broadcast", "newsletter", "bot"}

# Where a version may have put the phone and the linked id, in order.
CHAT_PHONES = ("remoteJid", "remoteJidAlt", "senderPn", "participantPn")
CHAT_LIDS = ("remoteJid", "remoteJidAlt", "previousRemoteJid")
# In a chat that the owner writes in, the sender is the owner: only the chat itself names the customer.
OWN_CHAT = ("remoteJid", "remoteJidAlt", "previousRemoteJid")
MEMBER = ("participant", "participantAlt", "participantPn", "senderPn")


def bare(jid: Any) -> str:
    """The JID without its device (`15550100111:12@s.whatsapp.net` is the phone's second screen), in one spelling."""
    user, at, domain = text(jid).strip().partition("@")
    domain = domain.lower()
    return f"{user.partition(':')[0]}@{SPELLINGS.get(domain, domain)}" if at else ""


def domain_of(jid: Any) -> str:
    """What stands behind the @, "" when nothing does."""
    return bare(jid).partition("@")[2]


def is_group(jid: Any) -> bool:
    """True for a group's JID."""
    return domain_of(jid) == GROUP


def is_unanswerable(jid: Any) -> bool:
    """True for stories, broadcast lists, channels and bots: kept out of every conversation."""
    return domain_of(jid) in UNANSWERABLE


def address(jid: Any) -> Address | None:
    """The address behind one JID; None when it names nobody that could be answered."""
    whole = bare(jid)
    user, _, domain = whole.partition("@")
    if domain == PHONE and user.isascii() and user.isdigit():
        return Address(AddressKind.PHONE, f"+{user}", whole)
    if domain == GROUP and user:
        return Address(AddressKind.GROUP, whole, whole)
    if user and domain and domain != PHONE and domain not in UNANSWERABLE:
        return Address(AddressKind.LID, whole, whole)  # also in a domain of tomorrow: a person without a phone
    return None


def customer(key: Mapping[str, Any]) -> tuple[Address, ...]:
    """All names of the person in a direct chat, the phone first; raises Unparsable."""
    if key.get("fromMe") is True:
        return _names(key, phones=OWN_CHAT, lids=OWN_CHAT)
    return _names(key, phones=CHAT_PHONES, lids=CHAT_LIDS)


def member(key: Mapping[str, Any]) -> tuple[Address, ...]:
    """All names of the person who wrote in a group, the phone first; raises Unparsable."""
    return _names(key, phones=MEMBER, lids=MEMBER)


def pair(contact: Mapping[str, Any]) -> tuple[Address, ...]:
    """The names that a contact event gives one person; may be empty."""
    fields = ("remoteJid", "remoteJidAlt", "lid", "phoneNumber", "senderPn", "jid", "id")
    try:
        return _names(contact, phones=fields, lids=fields)
    except Unparsable:
        return ()


def is_own_chat(own: str, key: Mapping[str, Any]) -> bool:
    """True for the chat of the account with itself, where its person keeps private notes."""
    ours = address(own)
    chat = [address(key.get(name)) for name in OWN_CHAT]
    # In any spelling: the server may know the own number with a digit that the chat does not have.
    return ours is not None and canonical(ours.value) in {canonical(each.value) for each in chat if each is not None}


def is_named(own: str, jids: Iterable[Any]) -> bool:
    """True when a list of mentioned JIDs names the instance itself."""
    return bool(own) and own in {bare(jid) for jid in jids}


def recipient(to: Address) -> str:
    """What `number` accepts: digits or a JID of a person or a group."""
    given = to.external_id or to.value
    return given if "@" in given else given.lstrip("+")


def jid(to: Address) -> str:
    """The full JID, where digits alone will not do."""
    given = recipient(to)
    return given if "@" in given else f"{given}@{PHONE}"


def _names(key: Mapping[str, Any], *, phones: tuple[str, ...], lids: tuple[str, ...]) -> tuple[Address, ...]:
    phone = _first(key, phones, AddressKind.PHONE)
    lid = _first(key, lids, AddressKind.LID)
    names = tuple(name for name in (phone, lid) if name is not None)
    if not names:
        raise Unparsable("no person's address in the key")
    return names


def _first(key: Mapping[str, Any], fields: tuple[str, ...], kind: AddressKind) -> Address | None:
    for field in fields:
        found = address(key.get(field))
        if found is not None and found.kind == kind:
            return found
    return None
