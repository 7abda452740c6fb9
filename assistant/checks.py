"""REPLY_CHECKS: what an answer must pass before it is sent. Each returns the text, a changed one, or None to refuse."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from django.conf import settings

from assistant.models import KnowledgeEntry
from assistant.toolbox import ReplyContext
from common.text import folded
from messaging.providers.base import Credentials

# Keys as the vendors write them, private keys, and our own prefix for signing secrets.
KEY_LIKE = re.compile(
    r"\b(?:sk|pk|rk)[-_](?:[A-Za-z0-9]+[-_])*[A-Za-z0-9]{16,}|\bEAA[A-Za-z0-9]{20,}|\bAC[0-9a-f]{32}\b|\bAKIA[0-9A-Z]{16}\b"
    r"|\bwhsec_[A-Za-z0-9+/=]{16,}|\bxox[bap]-[A-Za-z0-9-]{10,}|\bghp_[A-Za-z0-9]{20,}|-----BEGIN [A-Z ]*PRIVATE KEY"
    r"|\beyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{10,}|\bCANARY[-_][A-Za-z0-9_-]{4,}"
)
VERBATIM = 80  # so many characters of the instructions in a row are a leak
OWN_SECRETS = (
    "SECRET_KEY", "ADMIN_API_KEY", "CRON_SECRET", "METRICS_TOKEN", "ANTHROPIC_API_KEY", "OPENAI_API_KEY",
    "AZURE_OPENAI_API_KEY", "N8N_API_KEY", "WHATSAPP_ACCESS_TOKEN", "WHATSAPP_APP_SECRET", "WHATSAPP_API_KEY",
    "WHATSAPP_VERIFY_TOKEN", "WHATSAPP_WEBHOOK_SECRET", "EVOLUTION_API_KEY", "EVOLUTION_WEBHOOK_SHARED_SECRET",
    "TWILIO_AUTH_TOKEN", "PHOTON_API_KEY", "PHOTON_WEBHOOK_SECRET", "WEBHOOK_SIGNING_SECRET",
)  # fmt: skip
SHORTEST_SECRET = 8
HARMLESS_CREDENTIALS = ("server_url", "base_url", "waba_id", "account_sid")
# A link with its scheme, or a bare host that people can tap: `www.`, or a common ending with a path or at its end.
LINK = re.compile(
    r"(?P<whole><?(?:https?://|www\.)[^\s<>]+>?"
    r"|(?<![\w@.])(?:[a-z0-9-]+\.)+(?:com|net|org|io|co|info|biz|app|me|ly|gl|link|xyz|top|site|online|shop|ru|cn)"
    r"(?:\.[a-z]{2})?(?:/[^\s<>]*)?(?![\w@]))",
    re.IGNORECASE,
)
TRAILING = ".,;:!?)]}'\"*_~>"


def no_secrets(text: str, context: ReplyContext) -> str | None:
    """Refuse an answer that holds a key, one of our credentials, or the instructions word for word."""
    if KEY_LIKE.search(text) or any(secret in text for secret in _own_secrets(context)):
        return None
    return None if _repeats(folded(context.system), folded(text)) else text


def known_links(text: str, context: ReplyContext) -> str | None:
    """Take out links to hosts that the business did not name; None when nothing else was said.

    Removed, not refused: the rest of the answer is usually right, and the customer gets it.
    """
    if not LINK.search(text):
        return text
    allowed = _allowed_hosts(context)
    kept = LINK.sub(lambda found: found[0] if _is_allowed(found["whole"], allowed) else "", text)
    if kept == text:
        return text
    tidy = re.sub(r"[ \t]{2,}", " ", re.sub(r"\(\s*\)|\[\s*\]", "", kept))
    tidy = re.sub(r"[ \t]+([.,;!?])", r"\1", tidy).strip()
    return tidy if any(character.isalnum() for character in tidy) else None


def _own_secrets(context: ReplyContext) -> list[str]:
    channel = context.conversation.channel
    values = [value for name, value in _credentials(channel.credentials) if name not in HARMLESS_CREDENTIALS]
    values += [channel.token, *(str(getattr(settings, name, "") or "") for name in OWN_SECRETS)]
    return [value for value in values if len(value) >= SHORTEST_SECRET]


def _credentials(credentials: Credentials) -> list[tuple[str, str]]:
    return [(name, value) for name in credentials for value in credentials.every(name)]


def _repeats(instructions: str, text: str) -> bool:
    """Whether `text` has more than VERBATIM characters of the instructions in a row."""
    pieces = range(0, max(0, len(instructions) - VERBATIM), 1)
    return len(text) > VERBATIM and any(instructions[start : start + VERBATIM + 1] in text for start in pieces)


def _allowed_hosts(context: ReplyContext) -> set[str]:
    channel_hosts = {_host(str(entry)) for entry in context.conversation.channel.allowed_links}
    contents = KnowledgeEntry.objects.of(context.tenant).filter(is_active=True, content__contains=".")
    written = {
        _host(found["whole"]) for text in contents.values_list("content", flat=True) for found in LINK.finditer(text)
    }
    return {host for host in channel_hosts | written | {_host(settings.PUBLIC_URL)} if host}


def _is_allowed(link: str, allowed: set[str]) -> bool:
    host = _host(link)
    return any(host == known or host.endswith(f".{known}") for known in allowed)


def _host(link: str) -> str:
    link = link.strip("<").rstrip(TRAILING)
    try:
        host = urlsplit(link if "://" in link else f"https://{link}").hostname or ""
    except ValueError:
        return ""
    return host.lower().removeprefix("www.")
