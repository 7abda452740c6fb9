"""REPLY_CHECKS: each gets an answer before it is sent and returns it, a changed one, or None to refuse it."""

from __future__ import annotations

import logging
import re
from functools import cached_property

from django.conf import settings
from django.db import models

from assistant.links import Link, host_of, is_below, links_in
from assistant.models import KnowledgeEntry
from assistant.toolbox import ReplyContext
from common.text.plain import fold, nfkc
from messaging.models import Direction, Message
from messaging.providers.base import Credentials

# API keys in the vendors' formats, private keys, and our own prefix of signing secrets.
KEY_LIKE = re.compile(
    r"\b(?:sk|pk|rk)[-_](?:[A-Za-z0-9]{1,40}[-_]){0,8}[A-Za-z0-9]{16}|\bEAA[A-Za-z0-9]{20,}|\bAC[0-9a-f]{32}\b|\bAKIA[0-9A-Z]{16}\b"
    r"|\bwhsec_[A-Za-z0-9+/=]{16,}|\bxox[bap]-[A-Za-z0-9-]{10,}|\bghp_[A-Za-z0-9]{20,}|-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|\beyJ[A-Za-z0-9_-]{15,400}\.[A-Za-z0-9_-]{15,4000}\.[A-Za-z0-9_-]{10}|\bCANARY[-_][A-Za-z0-9_-]{4,}"
)
VERBATIM = 80  # so many characters of the instructions in a row count as a leak
OWN_SECRETS = (
    "SECRET_KEY", "ADMIN_API_KEY", "CRON_SECRET", "METRICS_TOKEN", "ANTHROPIC_API_KEY", "OPENAI_API_KEY",
    "AZURE_OPENAI_API_KEY", "N8N_API_KEY", "WHATSAPP_ACCESS_TOKEN", "WHATSAPP_APP_SECRET", "WHATSAPP_API_KEY",
    "WHATSAPP_VERIFY_TOKEN", "WHATSAPP_WEBHOOK_SECRET", "EVOLUTION_API_KEY", "EVOLUTION_WEBHOOK_SHARED_SECRET",
    "TWILIO_AUTH_TOKEN", "PHOTON_API_KEY", "PHOTON_WEBHOOK_SECRET", "WEBHOOK_SIGNING_SECRET",
)  # fmt: skip
SHORTEST_SECRET = 8
SHORTEST_DISGUISED = 12
HARMLESS_CREDENTIALS = ("server_url", "base_url", "waba_id", "account_sid")
MAX_ROUNDS = 5  # how often a text is searched again after something was removed
LOOK_BACK = 50  # messages in which the person may have written the address that an answer repeats

logger = logging.getLogger("frontdesk.assistant")


def no_secrets(text: str, context: ReplyContext) -> str | None:
    """Refuse an answer that contains a key, one of our credentials, or the instructions word for word.

    Our own credentials are also found with spaces, in other case and with zero-width characters between. Other
    disguises are not found: this is a second line of defence; prompts contain no secrets.
    """
    close = _close(text)
    own = _own_secrets(context)
    if KEY_LIKE.search(text) or any(secret in text or _is_in(_close(secret), close) for secret in own):
        return None
    return None if _repeats(fold(context.system), fold(text)) else text


def _is_in(secret: str, text: str) -> bool:
    """Return whether a secret stands in a text, both without punctuation; a secret of letters alone could be words."""
    return len(secret) >= SHORTEST_DISGUISED and not secret.isalpha() and secret in text


def _close(text: str) -> str:
    """Return the letters and digits of a text, in lower case."""
    return "".join(character for character in nfkc(text).casefold() if character.isalnum())


def known_links(text: str, context: ReplyContext) -> str | None:
    """Remove links and addresses that the business has not named; returns None when nothing else was said.

    Removed, not refused: the rest of the answer is usually right, and the customer gets it.
    """
    known: NamedByBusiness | None = None
    kept = text
    for _ in range(MAX_ROUNDS):
        links = links_in(kept)
        if links and known is None:
            known = NamedByBusiness(context)
        foreign = [link for link in links if known is not None and not known.allows(link)]
        if not foreign:
            break
        kept = _clean_up(_without(kept, foreign))
    else:
        return None  # each removal reveals another link
    if kept == text:
        return text
    ids = {"tenant_id": context.tenant.pk, "conversation_id": context.conversation.pk}
    logger.info("links_removed", extra=ids)
    return kept if any(character.isalnum() for character in kept) else None


class NamedByBusiness:
    """The hosts and addresses that the business has named, loaded when they are needed."""

    def __init__(self, context: ReplyContext) -> None:
        self._context = context

    def allows(self, link: Link) -> bool:
        """Return whether the business named the host, the address or the number.

        The person may have named an address.
        """
        if link.host:
            return is_below(link.host, self._hosts)
        if link.mail:
            return is_below(host_of(link.mail), self._hosts) or link.mail in self._mails or self._was_written(link.mail)
        return len(link.number) > 2 and link.number in self._digits

    @cached_property
    def _hosts(self) -> set[str]:
        channel = self._context.conversation.channel
        named = {host_of(str(entry)) for entry in channel.allowed_links} | {host_of(settings.PUBLIC_URL)}
        return {host for host in named | {link.host for link in self._links} if host}

    @cached_property
    def _mails(self) -> set[str]:
        return {link.mail for link in self._links}

    @cached_property
    def _links(self) -> list[Link]:
        contents = self._entries().filter(content__contains=".").values_list("content", flat=True)
        return [link for content in contents for link in links_in(content) if not link.is_glued]

    @cached_property
    def _digits(self) -> str:
        written = [*self._entries().values_list("content", flat=True), self._context.conversation.channel.external_id]
        return "\n".join("".join(sign for sign in text if sign.isdigit() or sign.isalpha()) for text in written)

    def _entries(self) -> models.QuerySet[KnowledgeEntry]:
        return KnowledgeEntry.objects.of(self._context.tenant).filter(is_active=True)

    def _was_written(self, mail: str) -> bool:
        said = Message.objects.filter(conversation=self._context.conversation, direction=Direction.IN).order_by("-pk")
        return any(mail in text.lower() for text in said.values_list("text", flat=True)[:LOOK_BACK])


def _without(text: str, links: list[Link]) -> str:
    """Return the text without these places, with a space after a full stop that only lacks it."""
    kept, position = [], 0
    for link in links:
        if link.start < position:
            position = max(position, link.end)
            continue
        name = text[link.start : link.end]
        kept += [text[position : link.start], name.replace(".", ". ") if link.is_glued else " "]
        position = link.end
    return "".join([*kept, text[position:]])


def _clean_up(text: str) -> str:
    """Clean up a sentence after removals: empty brackets, double spaces, spaces before a full stop."""
    text = re.sub(r"\(\s*\)|\[\s*\]|<\s*>", "", text)
    return re.sub(r" ([.,;!?])", r"\1", re.sub(r"[ \t]{2,}", " ", text)).strip()


def _own_secrets(context: ReplyContext) -> list[str]:
    channel = context.conversation.channel
    values = [value for name, value in _credentials(channel.credentials) if name not in HARMLESS_CREDENTIALS]
    values += [channel.token, *(str(getattr(settings, name, "") or "") for name in OWN_SECRETS)]
    return [value for value in values if len(value) >= SHORTEST_SECRET]


def _credentials(credentials: Credentials) -> list[tuple[str, str]]:
    return [(name, value) for name in credentials for value in credentials.every(name)]


def _repeats(instructions: str, text: str) -> bool:
    """Return whether `text` repeats more than VERBATIM characters of the instructions."""
    size = VERBATIM + 1
    said = {text[start : start + size] for start in range(len(text) - VERBATIM)}
    return any(instructions[start : start + size] in said for start in range(len(instructions) - VERBATIM))
