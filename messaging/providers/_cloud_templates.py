"""Which templates an account of Meta's has: those that a person can fill in and send."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from messaging.providers._foreign import items, mapping, text
from messaging.providers.base import ApprovedTemplate, Outcome, ProviderError

NUMBERED = re.compile(r"\{\{\s*\d+\s*\}\}")
MAX_TEXT = 1024


def approved(found: Any, *, wire: str) -> Iterator[ApprovedTemplate]:
    """The usable ones of a list of templates, as Meta writes them; raises ProviderError for what is no list."""
    if not isinstance(found, list):  # else an answer that says nothing would switch all of them off
        raise ProviderError(f"{wire}: the answer holds no templates", outcome=Outcome.RETRY)
    for entry in map(mapping, items(found)):
        body = _body(entry)
        if text(entry.get("status")).upper() == "APPROVED" and body:
            name, language = text(entry.get("name"))[:200], text(entry.get("language"))[:10]
            if name and language:
                yield ApprovedTemplate(name=name, language=language, text=body)


def _body(entry: Mapping[str, Any]) -> str:
    """The text to fill in; "" for one that wants more than numbered places in its text."""
    parts = {text(part.get("type")).upper(): part for part in map(mapping, items(entry.get("components")))}
    header = parts.get("HEADER", {})
    if header and (text(header.get("format")).upper() != "TEXT" or "{{" in text(header.get("text"))):
        return ""
    if any("{{" in text(mapping(one).get("url")) for one in items(parts.get("BUTTONS", {}).get("buttons"))):
        return ""
    body = text(parts.get("BODY", {}).get("text"))
    return body if len(body) <= MAX_TEXT and "{{" not in NUMBERED.sub("", body) else ""
