"""Parse Twilio's list of templates: contents that WhatsApp has approved and that a person can fill in.

Source: Twilio's specification of its Content API, `GET /v1/ContentAndApprovals`: `contents`, each with its `sid`,
`friendly_name`, `language`, `types` and `approval_requests`, and the next page in `meta.next_page_url`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from messaging.providers._cloud_templates import MAX_TEXT, NUMBERED
from messaging.providers._foreign import items, mapping, text
from messaging.providers._twilio_errors import PROVIDER
from messaging.providers.base import ApprovedTemplate, Outcome, ProviderError


def approved(found: Any) -> Iterator[ApprovedTemplate]:
    """Yield the usable templates of one page of contents. Raise ProviderError when `found` is not a list."""
    if not isinstance(found, list):  # an answer without a list must not switch all templates off
        raise ProviderError(f"{PROVIDER}: the answer holds no contents", outcome=Outcome.RETRY)
    for entry in map(mapping, items(found)):
        request = mapping(entry.get("approval_requests"))
        body = _text_to_fill_in(mapping(mapping(entry.get("types")).get(text(request.get("content_type")))))
        sid, language = text(entry.get("sid"))[:200], text(entry.get("language"))[:10]
        if text(request.get("status")).lower() == "approved" and body and sid and language:
            yield ApprovedTemplate(name=sid, language=language, text=body, title=text(entry.get("friendly_name"))[:200])


def _text_to_fill_in(content: Mapping[str, Any]) -> str:
    """Return the text of a content, or "" when it has something to fill in besides numbered places in the text."""
    body = text(content.get("body"))
    others = {name: value for name, value in content.items() if name != "body"}
    if len(body) > MAX_TEXT or "{{" in NUMBERED.sub("", body) or "{{" in json.dumps(others):
        return ""
    return body
