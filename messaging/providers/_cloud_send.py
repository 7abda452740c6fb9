"""Build the request bodies of the Cloud API.

Source: provider notes "Meta WhatsApp Cloud API", section 8.
"""

from __future__ import annotations

from typing import Any

from messaging.providers._text import numbered, short
from messaging.providers.base import AddressKind, Kind, OutboundMessage, Outcome, ProviderError

MEDIA = {
    Kind.IMAGE: "image",
    Kind.VIDEO: "video",
    Kind.AUDIO: "audio",
    Kind.VOICE: "audio",
    Kind.DOCUMENT: "document",
    Kind.STICKER: "sticker",
}
WITH_CAPTION = {"image", "video", "document"}
MAX_BUTTONS, MAX_BUTTON_TITLE = 3, 20
MAX_ROWS, MAX_ROW_TITLE = 10, 24
MAX_INTERACTIVE_TEXT = 1024
MAX_REFERENCE = 512
LIST_LABEL = "Menu"  # the same word in all languages of the product


def body(message: OutboundMessage) -> dict[str, Any]:
    """Return the object for `POST /messages`. Raise ProviderError for a message that the API cannot send."""
    found = {"messaging_product": "whatsapp", **_build_recipient(message), **_build_content(message)}
    if message.reply_to and message.kind is not Kind.REACTION:
        found["context"] = {"message_id": message.reply_to}
    if message.reference:
        found["biz_opaque_callback_data"] = message.reference[:MAX_REFERENCE]
    return found


def read_mark(message_id: str, *, with_typing: bool = False) -> dict[str, Any]:
    """Return the object that marks a message as read and, `with_typing`, shows that an answer is being written."""
    found: dict[str, Any] = {"messaging_product": "whatsapp", "status": "read", "message_id": message_id}
    return found | {"typing_indicator": {"type": "text"}} if with_typing else found


def _build_recipient(message: OutboundMessage) -> dict[str, str]:
    to = message.recipient
    if to.kind is AddressKind.GROUP:
        return {"recipient_type": "group", "to": to.external_id}
    if to.kind is AddressKind.BSUID:
        return {"recipient_type": "individual", "recipient": to.external_id}
    if to.kind is AddressKind.PHONE:
        return {"recipient_type": "individual", "to": (to.external_id or to.value).removeprefix("+")}
    raise ProviderError(f"WhatsApp knows no recipient by {to.kind}", outcome=Outcome.PERMANENT)


def _build_content(message: OutboundMessage) -> dict[str, Any]:
    if message.template or message.kind is Kind.TEMPLATE:
        return {"type": "template", "template": _build_template(message)}
    if message.kind is Kind.REACTION:
        return {"type": "reaction", "reaction": {"message_id": message.reply_to, "emoji": message.text}}
    if message.kind in MEDIA:
        return _build_media(message)
    if message.kind in {Kind.TEXT, Kind.BUTTON, Kind.LIST}:
        return _build_buttons(message) if message.buttons else _build_text(message.text)
    raise ProviderError(f"WhatsApp cannot send {message.kind}", outcome=Outcome.PERMANENT)


def _build_text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": {"preview_url": False, "body": text}}


def _build_media(message: OutboundMessage) -> dict[str, Any]:
    """Return the part for a file, named by Meta's id or by its URL. Sounds and stickers cannot have a caption."""
    kind = MEDIA[message.kind]
    if not (message.media_id or message.media_url):
        raise ProviderError(f"{message.kind} without a file", outcome=Outcome.PERMANENT)
    medium = {"id": message.media_id} if message.media_id else {"link": message.media_url}
    if message.text and kind in WITH_CAPTION:
        medium["caption"] = message.text
    if message.file_name and kind == "document":
        medium["filename"] = message.file_name
    return {"type": kind, kind: medium}


def _build_template(message: OutboundMessage) -> dict[str, Any]:
    template = message.template
    if template is None:
        raise ProviderError("a template message without its template", outcome=Outcome.PERMANENT)
    found: dict[str, Any] = {
        "name": template.name,
        "language": {"policy": "deterministic", "code": template.language},
    }
    components: list[dict[str, Any]] = []
    if template.variables:
        parameters = [{"type": "text", "text": variable} for variable in template.variables]
        components.append({"type": "body", "parameters": parameters})
    for place, payload in enumerate(template.payloads):
        reply = {"type": "button", "sub_type": "quick_reply", "index": str(place)}
        components.append(reply | {"parameters": [{"type": "payload", "payload": payload}]})
    if components:
        found["components"] = components
    return found


def _build_buttons(message: OutboundMessage) -> dict[str, Any]:
    """Return reply buttons for up to three choices and a list for up to ten.

    More choices, or choices under a long text, become numbered lines of text.
    """
    if len(message.buttons) > MAX_ROWS or len(message.text) > MAX_INTERACTIVE_TEXT or not message.text:
        return _build_text(numbered(message.text, message.buttons))
    if len(message.buttons) > MAX_BUTTONS:
        rows = [{"id": button.payload, "title": short(button.title, MAX_ROW_TITLE)} for button in message.buttons]
        action: dict[str, Any] = {"button": LIST_LABEL, "sections": [{"title": LIST_LABEL, "rows": rows}]}
        interactive = {"type": "list", "body": {"text": message.text}, "action": action}
        return {"type": "interactive", "interactive": interactive}
    replies = [
        {"type": "reply", "reply": {"id": button.payload, "title": short(button.title, MAX_BUTTON_TITLE)}}
        for button in message.buttons
    ]
    interactive = {"type": "button", "body": {"text": message.text}, "action": {"buttons": replies}}
    return {"type": "interactive", "interactive": interactive}
