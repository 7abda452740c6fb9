"""Parse Meta's list of templates: those that are approved and that a person can fill in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from messaging.providers._foreign import items, mapping, text
from messaging.providers.base import ApprovedTemplate, Outcome, ProviderError

NUMBERED = re.compile(r"\{\{\s*\d+\s*\}\}")
MAX_TEXT = 1024


def approved(found: Any, *, provider: str) -> Iterator[ApprovedTemplate]:
    """Yield the usable templates of a list in Meta's format. Raise ProviderError when `found` is not a list."""
    if not isinstance(found, list):  # an answer without a list must not switch all templates off
        raise ProviderError(f"{provider}: the answer holds no templates", outcome=Outcome.RETRY)
    for entry in map(mapping, items(found)):
        body = _text_to_fill_in(entry)
        if text(entry.get("status")).upper() == "APPROVED" and body:
            name, language = text(entry.get("name"))[:200], text(entry.get("language"))[:10]
            if name and language:
                yield ApprovedTemplate(name=name, language=language, text=body)


def _text_to_fill_in(entry: Mapping[str, Any]) -> str:
    """Return the text of a template, or "" when it has something to fill in besides numbered places in the text."""
    parts = {text(part.get("type")).upper(): part for part in map(mapping, items(entry.get("components")))}
    header = parts.get("HEADER", {})
    if header and (text(header.get("format")).upper() != "TEXT" or "{{" in text(header.get("text"))):
        return ""
    if any("{{" in text(mapping(button).get("url")) for button in items(parts.get("BUTTONS", {}).get("buttons"))):
        return ""
    body = text(parts.get("BODY", {}).get("text"))
    return body if len(body) <= MAX_TEXT and "{{" not in NUMBERED.sub("", body) else ""
