"""Templates: synchronise those of a channel with the provider's approved ones, and fill one in."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django.db import transaction

from common.http.client import operator_client
from common.text.language import base_language
from common.text.marks import customer_text
from common.text.sentences import translate
from messaging.models import Channel, Contact, MessageTemplate
from messaging.providers import PROVIDERS
from messaging.providers.base import ApprovedTemplate, ProviderError
from messaging.queries import account_of, provider_of

logger = logging.getLogger("frontdesk.messaging")

MAX_VALUE = 900  # the text of a template and its values have 1,024 characters together
_NUMBERED = re.compile(r"\{\{\d+\}\}")
_PLACES = re.compile(r"\{(name|text)\}")
# The name for somebody without one: Meta refuses an empty value.
NAMELESS = customer_text("customer")


def one_line(text: str) -> str:
    """Return a text in the form that a template's variable may have: each run of white space is one space.

    Meta refuses values with line breaks, tabs, or more than four spaces in a row.
    """
    return " ".join(text.split())


def fill_template(
    *, name: str, language: str, variables: Iterable[str], payloads: Iterable[str] = ()
) -> dict[str, Any] | None:
    """Return an approved template with its values, as `Message.data["template"]`; None when a value would be empty.

    Args: payloads: what a tap on each of its quick replies sends back.
    """
    values = [one_line(value) for value in variables]
    if not all(values):
        return None
    taps = list(payloads)
    return {"name": name, "language": language, "variables": values} | ({"payloads": taps} if taps else {})


def reopening_template(
    *, channel: Channel, contact: Contact, text: str, buttons: Sequence[Mapping[str, str]] = ()
) -> dict[str, Any] | None:
    """Return the channel's reopening template with its variables filled; None when one of them would be empty.

    A variable of the channel may contain `{name}` and `{text}`. Placeholders inside a name or a text are not replaced.
    A text longer than MAX_VALUE ends with an ellipsis. The template's quick replies replace `buttons` (of the message
    it is sent for) where they have the same titles.
    """
    template: Mapping[str, Any] = channel.reopen_template
    language = _reopening_language(channel, contact)
    nameless = translate(NAMELESS, language)
    line = one_line(text)
    values = {
        "name": one_line(contact.name) or nameless,
        "text": line if len(line) <= MAX_VALUE else f"{line[: MAX_VALUE - 1].rstrip()}…",
    }
    variables = [_PLACES.sub(lambda place: values[place[1]], str(each)) for each in template.get("variables", [])]
    has_buttons = buttons and template.get("buttons") == [button["title"] for button in buttons]
    payloads = [button["payload"] for button in buttons] if has_buttons else []
    return fill_template(name=template["name"], language=language, variables=variables, payloads=payloads)


def _reopening_language(channel: Channel, contact: Contact) -> str:
    """Return the language of the reopening template: the contact's, where a template of that name is approved in it.

    It must have the same number of placeholders. A template with quick replies keeps its own language, because its
    titles are set for that one only.
    """
    template: Mapping[str, Any] = channel.reopen_template
    own, wanted = str(template.get("language", "en")), base_language(contact.language)
    if wanted in ("", base_language(own)) or template.get("buttons"):
        return own
    rows = MessageTemplate.objects.filter(channel=channel, name=template["name"], is_active=True).order_by("pk")
    places = len(template.get("variables", []))
    for language, text in rows.values_list("language", "text"):
        if base_language(language) == wanted and len(set(_NUMBERED.findall(text))) == places:
            return str(language)
    return own


def sync_templates() -> int:
    """Synchronise every channel whose provider lists its templates; returns how many templates changed."""
    providers = [name for name, provider in PROVIDERS.items() if provider.can_list_templates]
    enabled = Channel.objects.filter(provider__in=providers, is_enabled=True, tenant__is_active=True)
    changed = 0
    for channel in enabled.select_related("tenant").order_by("pk"):
        try:
            changed += sync_channel_templates(channel=channel)
        except ProviderError as error:  # the next run is in a quarter of an hour; no template is disabled because of it
            logger.info("templates_not_read", extra={"channel_id": channel.pk, "reason": error.reason})
    return changed


def sync_channel_templates(*, channel: Channel) -> int:
    """Store what is approved, and disable what is not any more; raises ProviderError."""
    found = provider_of(channel).list_templates(account=account_of(channel), http=operator_client())
    return _store_template(channel, {(one.name, one.language): one for one in found})


@transaction.atomic
def _store_template(channel: Channel, approved: dict[tuple[str, str], ApprovedTemplate]) -> int:
    known = {(row.name, row.language): row for row in MessageTemplate.objects.filter(channel=channel)}
    changed = 0
    for key, row in known.items():
        one = approved.get(key)
        wanted = (one.title, one.text, True) if one else (row.title, row.text, False)
        if (row.title, row.text, row.is_active) != wanted:
            row.title, row.text, row.is_active = wanted
            row.save(update_fields=["title", "text", "is_active"])
            changed += 1
    new = [
        MessageTemplate(tenant_id=channel.tenant_id, channel=channel, **asdict(one))
        for key, one in approved.items()
        if key not in known
    ]
    # Another process may synchronise at the same moment.
    MessageTemplate.objects.bulk_create(new, ignore_conflicts=True)
    return changed + len(new)
