"""Parse statuses, errors, preferences and notices of the Cloud API.

Source: provider notes "Meta WhatsApp Cloud API", sections 6 and 7.
"""

from __future__ import annotations

from typing import Any

from messaging.providers import _cloud_identity
from messaging.providers._cloud_errors import MEANINGS
from messaging.providers._foreign import items, mapping, moment, number, text
from messaging.providers.base import (
    ChannelUpdate,
    ContactUpdate,
    DeliveryStatus,
    Ignored,
    Item,
    RawItem,
    StatusUpdate,
    Unparsable,
)

DELIVERIES = {"sent", "delivered", "read", "played", "failed"}
TOPICS = {
    "message_template_status_update": "template",
    "message_template_quality_update": "template",
    "message_template_components_update": "template",
    "template_category_update": "template",
    "phone_number_quality_update": "quality",
    "phone_number_name_update": "account",
    "account_update": "account",
    "account_alerts": "account",
    "account_review_update": "account",
    "business_capability_update": "account",
    "calls": "call",
}
STATES = ("event", "new_quality_score", "new_category", "decision", "alert_type")
PREFERENCES = {"stop": True, "resume": False, "signup": False}


def fault(error: Any) -> dict[str, str]:
    """Return the code, title and details of one entry of an `errors` list, as texts."""
    found = mapping(error)
    details = text(mapping(found.get("error_data")).get("details")) or text(found.get("details"))
    return {
        "code": text(found.get("code")),
        "title": text(found.get("title"))[:200],
        "details": (details or text(found.get("message")))[:1000],
    }


def status(item: RawItem) -> Item:
    """Parse one element of `statuses`. Raise Unparsable."""
    piece = item.data["piece"]
    wamid, state = text(piece.get("id")), text(piece.get("status"))
    if not wamid or not state:
        raise Unparsable("a status without a message or a value")
    if state not in DELIVERIES:
        return Ignored(external_id=item.external_id, channel=item.channel, reason=f"unknown status {state[:40]}")
    error = fault(next(iter(items(piece.get("errors"))), None))
    data = {name: piece[name] for name in ("pricing", "conversation") if mapping(piece.get(name))}
    meaning = MEANINGS.get(number(error["code"]) or -1)
    if state == "failed" and meaning:
        data |= meaning.facts()
    return StatusUpdate(
        external_id=wamid,
        channel=item.channel,
        status=DeliveryStatus(state),
        reference=text(piece.get("biz_opaque_callback_data")),
        at=moment(piece.get("timestamp")),
        error_code=error["code"],
        error_text=error["details"] or error["title"],
        data=data,
    )


def error(item: RawItem) -> Item:
    """Parse one element of `errors`: a fault that belongs to no message."""
    found = fault(item.data["piece"])
    if not found["code"]:
        return Ignored(external_id=item.external_id, channel=item.channel, reason="an error without a code")
    return _build_update(item, topic="other", state=found["code"], data={"errors": [found]})


def preference(item: RawItem) -> Item:
    """Parse one element of `user_preferences`: whether a person wants marketing messages."""
    piece = item.data["piece"]
    person = _cloud_identity.person(_cloud_identity.writer(piece, "preference"), item.data.get("contact"))
    return ContactUpdate(
        external_id=item.external_id,
        channel=item.channel,
        person=person,
        opted_out=PREFERENCES.get(text(piece.get("value"))),
        note=text(piece.get("detail")) or text(piece.get("value")),
    )


def change(item: RawItem) -> Item:
    """Parse a change without pieces: a notice about the channel, the account or a template."""
    piece, field = item.data["piece"], text(item.data.get("field"))
    if field in {"", "messages"}:
        return Ignored(external_id=item.external_id, channel=item.channel, reason="a change with nothing in it")
    state = next((text(piece[name]) for name in STATES if text(piece.get(name))), "")
    changed_at = moment(item.data.get("time"))
    data = {"field": field, "value": piece} | ({"at": changed_at.isoformat()} if changed_at else {})
    return _build_update(item, topic=TOPICS.get(field, "other"), state=state or field, data=data)


def _build_update(item: RawItem, *, topic: str, state: str, data: dict[str, Any]) -> ChannelUpdate:
    return ChannelUpdate(
        external_id=item.external_id,
        channel=item.channel,
        account=item.account,
        topic=topic,
        state=state,
        data=data,
    )
