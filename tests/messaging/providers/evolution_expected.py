"""The expected items of every webhook in tests/payloads/evolution, written by hand from the bodies."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from messaging.providers.base import (
    Address,
    AddressKind,
    ChannelUpdate,
    DeliveryStatus,
    Ignored,
    InboundMessage,
    Item,
    Kind,
    Media,
    MessageChange,
    Person,
    SentEcho,
    StatusUpdate,
)

INSTANCE = "clinic-demo"
PHONE = Address(AddressKind.PHONE, "+15550100111", "15550100111@s.whatsapp.net")
LID = Address(AddressKind.LID, "199900000000111@lid", "199900000000111@lid")
GROUP = Address(AddressKind.GROUP, "120363000000000001@g.us", "120363000000000001@g.us")
BEN = Address(AddressKind.PHONE, "+15550100122", "15550100122@s.whatsapp.net")
ANA = Person(addresses=(PHONE,), name="Ana Tavares")
ANA_BOTH = replace(ANA, addresses=(PHONE, LID))
ANA_LID = replace(ANA, addresses=(LID,))
CHAT = Person(addresses=(PHONE,))
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
CARLA = {"name": "Carla Example", "phones": ["+15550100133"]}
STORED = "https://s3.example.test/evolution/3f6a1c52/image/1767225600000_x.jpeg?X-Amz-Expires=604800"
AD = {
    "source_id": "120200000000000001",
    "source_url": "https://fb.me/EXAMPLE123",
    "source_type": "ad",
    "headline": "Book your visit",
    "body": "Free first consultation",
    "ctwa_clid": "ARAtest-ctwa-clid-0001",
}


def at(seconds: int) -> datetime:
    """Return a time of the provider's clock."""
    return datetime.fromtimestamp(seconds, UTC)


def message(key: str, moment: int, text: str = "", kind: Kind = Kind.TEXT, **fields: Any) -> InboundMessage:
    """Return a message from Ana to the clinic."""
    fields = {"sender": ANA, **fields}
    return InboundMessage(external_id=key, channel=INSTANCE, sent_at=at(moment), text=text, kind=kind, **fields)


def image(key: str, moment: int, text: str = "", mime_type: str = "image/jpeg", **media: Any) -> InboundMessage:
    """Return a message with a picture from Ana."""
    file = Media(mime_type=mime_type, reference=key, size=48213, **media)
    return message(key, moment, text, Kind.IMAGE, media=file)


def file(key: str, moment: int, text: str, kind: Kind, mime_type: str, **media: Any) -> InboundMessage:
    """Return a message with another file from Ana."""
    media = {"size": 48213, **media}
    return message(key, moment, text, kind, media=Media(mime_type=mime_type, reference=key, **media))


def ignored(reason: str) -> Ignored:
    """Return an item that needs no action. Its id is checked elsewhere."""
    return Ignored(external_id="", channel=INSTANCE, reason=reason)


def line(topic: str, state: str, **fields: Any) -> ChannelUpdate:
    """Return an update of the channel. Its id is checked elsewhere."""
    return ChannelUpdate(external_id="", channel=INSTANCE, topic=topic, state=state, **fields)


def status(status: DeliveryStatus, key: str = "3EB05FBFD18E200285A019", **fields: Any) -> StatusUpdate:
    """Return a delivery status of a message that we sent."""
    return StatusUpdate(external_id=key, channel=INSTANCE, status=status, **fields)


def call(state: str, minute: str, *callers: str) -> ChannelUpdate:
    """Return the update for a call from Ana."""
    data = {"id": "A1B2C3D4E5F60718293A4B5C6D7E8F90", "callers": list(callers), "is_video": False, "is_group": False}
    return line("call", state, data={**data, "at": f"2026-01-01T00:{minute}.000Z"})


OGG = "audio/ogg; codecs=opus"
PDF = {"file_name": "consent.pdf"}
SPOKEN = "I want to book for Monday"
TAP = {"data": {"payload": "approve:cand_0001"}}
SLOT = {"payload": "slot:2026-01-05T10:00", "description": "Dr. Example"}
PLACE = {"latitude": 37.7858, "longitude": -122.4064}
CLINIC = {**PLACE, "name": "Example Dental", "address": "1 Example Street"}
WAMID = "wamid.HBgLMTU1NTAxMDAxMTEVAgASGBQzQTc1RTdGMTNBNkZBNzUwMzgzOAA="
FROM_PHONE = "Hi Ana, it is the owner. I will take it from here."
INSTAGRAM = "Hello! I came from Instagram and would like an appointment."
ASKED = "Hello, do you have an appointment tomorrow at 10?"
OWNED = {"sender": CHAT, "from_owner": True}

EXPECTED: dict[str, Item] = {
    "upsert_text": message("3A628B49D96DCDE97A43", 1767225641, ASKED),
    "upsert_text_pn_addressed": message(
        "C44474038D459E40E4714AFEFA7BF8DA", 1767225682, "Hello from a phone-addressed chat", sender=ANA_BOTH
    ),
    "upsert_text_lid_unresolved": message(
        "3ACECE8A9CECFB6C7E7E", 1767225723, "Hi, my number is not in the event", sender=ANA_LID
    ),
    "upsert_text_lid_with_alt": message("3AA2F1A68A3CF7BAB142", 1767225764, "Hi from 2.3.6", sender=ANA_BOTH),
    "upsert_text_lid_sender_pn": message("3AF413E43D74F8178745", 1767225805, "Hi from 2.3.0", sender=ANA_BOTH),
    "upsert_text_lid_previous": message("3A8A37B83C96F1AA17D6", 1767225846, "Hi from 2.3.2", sender=ANA_BOTH),
    "upsert_text_lid_only_old": message(
        "3A3E6558D0CB97F9BD3E", 1767225887, "Vou pensar e retorno. Obrigada!", sender=ANA_LID
    ),
    "upsert_text_v2_4": message("3AD5FA38A1F8A1400250", 1767225928, "Hello from 2.4", sender=ANA_BOTH),
    "upsert_text_v1": message("3A3BFC269594EF649228", 1717605953, INSTAGRAM),
    "upsert_extended_text_unflattened": message(
        "3AA7E7E2F59B128BDB0A", 1767225969, "See https://example.test", reply_to="3EB0341C0A3E67C3146720"
    ),
    "upsert_text_quoted": message(
        "3A8E35C2CD3BF6641BDB", 1767226010, "Yes, that one", reply_to="3EB05FBFD18E200285A019"
    ),
    "upsert_text_link_preview": message("3A0A7AACAE9B43F93449", 1767226051, "look https://example.test/page"),
    "upsert_from_me_phone": message("3AC96E264B2E8C9C7389", 1767226092, FROM_PHONE, **OWNED),
    "upsert_from_me_web": message("3EB023BDE0F85F54430B67", 1767226133, "Owner on WhatsApp Web", **OWNED),
    "upsert_group_text": message(
        "711430F6164E93803D93428BC1FAB80F", 1767226256, "Hello all", sender=ANA_BOTH, group=GROUP
    ),
    "upsert_group_text_pn": message(
        "4D2F4B668CFC48E6059D36E91326BF87",
        1767226297,
        "Hello from an older version",
        sender=Person(addresses=(BEN,), name="Ben Okafor"),
        group=GROUP,
    ),
    "upsert_image_base64": image(
        "3A94987E0761426AF860", 1767226338, "My receipt", mime_type="image/png", inline_base64=PNG
    ),
    "upsert_image_no_base64": image("A742E9D20D9B5659154668E00EBD55F3", 1767226379),
    "upsert_image_media_url": image("3A81BAA7F25249BE32ED", 1767226420, "stored in S3", url=STORED),
    "upsert_image_v2_2": image("3A01AD0042C7A4DDA2AC", 1767226461, "older encoding"),
    "upsert_view_once_image": replace(image("3AAE18E31117EF2F24A7", 1767227117), data={"view_once": True}),
    "upsert_audio_ptt": file(
        "20DEB89E72986384630D79C8FA629922",
        1767226502,
        "",
        Kind.VOICE,
        OGG,
        seconds=4,
        inline_base64="T2dnUwACZXhhbXBsZS1ieXRlcy1ub3QtYS1yZWFsLWF1ZGlv",
    ),
    "upsert_audio_speech_to_text": file(
        "3A43C0FF8A7A70CB8326", 1767226543, SPOKEN, Kind.VOICE, OGG, seconds=4, transcript=SPOKEN
    ),
    "upsert_video": file("3A83F352DD9A2E100FEA", 1767226584, "Look", Kind.VIDEO, "video/mp4", seconds=12, size=1048576),
    "upsert_document": file("3A122F217D9C55A342B6", 1767226625, "", Kind.DOCUMENT, "application/pdf", **PDF),
    "upsert_document_with_caption": file(
        "3A86E44216588B4A459B", 1767226666, "signed", Kind.DOCUMENT, "application/pdf", **PDF
    ),
    "upsert_document_with_caption_raw": file(
        "3A76C186F828290C984A", 1767226707, "signed", Kind.DOCUMENT, "application/pdf", **PDF
    ),
    "upsert_sticker": file("3A68F1C007E6178D3457", 1767226748, "", Kind.STICKER, "image/webp"),
    "upsert_location": message("3AD331272AE5607872D6", 1767226789, "", Kind.LOCATION, data={"location": CLINIC}),
    "upsert_live_location": message(
        "3A58B213437B90D369AC", 1767226830, "on my way", Kind.LOCATION, data={"location": {**PLACE, "is_live": True}}
    ),
    "upsert_contact": message("3A20B7C7ECDAC17D0B08", 1767226871, "", Kind.CONTACTS, data={"contacts": [CARLA]}),
    "upsert_contacts_array": message(
        "3AB6483F69D2E8261744",
        1767226912,
        kind=Kind.CONTACTS,
        data={"contacts": [CARLA, {"name": "Dan", "phones": []}]},
    ),
    "upsert_reaction": message(
        "3A3E6419B973F43BA0FE", 1767226953, "👍", Kind.REACTION, reply_to="3EB05FBFD18E200285A019"
    ),
    "upsert_reaction_removed": message(
        "3AD8F3C4BE1310CF4A42", 1767226994, "", Kind.REACTION, reply_to="3EB05FBFD18E200285A019"
    ),
    "upsert_ephemeral_text": message("3AF56865FEF7726A4251", 1767227035, "This disappears", data={"ephemeral": True}),
    "upsert_ephemeral_flattened": message("3AC4D1E7D4193F302822", 1767227076, "Disappearing chat, plain"),
    "upsert_buttons_response": message(
        "3A26578A328021A6F5C5", 1767227158, "Approve", Kind.BUTTON, reply_to="3EB02DBDC96B9117837A48", **TAP
    ),
    "upsert_list_response": message(
        "3AB19F603273010E26E4", 1767227199, "Mon 10:00", Kind.LIST, reply_to="3EB0274088A0CDE8B72415", data=SLOT
    ),
    "upsert_template_button_reply": message(
        "3A645C471DA9C27B4FB5", 1767227240, "Approve", Kind.BUTTON, reply_to="3EB063BCE8D4EDF0CD46FF", **TAP
    ),
    "upsert_interactive_response": message("3A2B05F03A9274122EB5", 1767227281, "Approve", Kind.BUTTON, **TAP),
    "upsert_poll_update": message(
        "3ACD14BC6F2616546903",
        1767227322,
        "Approve",
        Kind.POLL,
        reply_to="3EB0707165E9984B51DCDF",
        data={"options": ["Approve"]},
    ),
    "upsert_ad_click": message("3AFC77AE3E4B59C440EE", 1767227363, "Hi, I saw your ad", data={"referral": AD}),
    "upsert_album": ignored("album announcement"),
    "upsert_unknown": ignored("no content"),
    "upsert_status_broadcast": ignored("chat broadcast"),
    "upsert_newsletter": ignored("chat newsletter"),
    "upsert_history_append": message("3AFC8EDC701A9A956ACF", 1766620800, "A message from last week"),
    "upsert_chatwoot_fields": message("3A49F0A46E9B95C14909", 1767227568, "with Chatwoot integration"),
    "upsert_cloud_channel_text": message(WAMID, 1767227609, "Through the official API channel"),
    "upsert_apikey_exposed": message("3AA3E253AD17451A4B7C", 1767227650, "hello"),
    "send_message_text": SentEcho(
        external_id="3EB05DD80892943653DB3A",
        channel=INSTANCE,
        recipient=CHAT,
        text="Your appointment is confirmed.",
        at=at(1767226174),
    ),
    "send_message_image": SentEcho(
        external_id="3EB0FACC2C6F733C264FE7", channel=INSTANCE, recipient=CHAT, text="Hello there", at=at(1767226215)
    ),
    "update_server_ack": status(DeliveryStatus.SENT),
    "update_delivery_ack": status(DeliveryStatus.DELIVERED),
    "update_read": status(DeliveryStatus.READ),
    "update_played": status(DeliveryStatus.PLAYED),
    "update_error": status(DeliveryStatus.FAILED, error_code="ERROR", error_text="WhatsApp refused the message"),
    "update_v1": status(DeliveryStatus.READ, "3EB0DF6C46D0096E9A3782", at=at(1717605999)),
    "update_without_status": ignored("status missing"),
    "update_edit_as_deleted": ignored("status of an inbound message"),
    "messages_edited": MessageChange(
        external_id="3A628B49D96DCDE97A43:edited:1767225900000",
        channel=INSTANCE,
        target="3A628B49D96DCDE97A43",
        text="Hello, tomorrow at 11 please",
        at=at(1767225900),
    ),
    "messages_delete": MessageChange(
        external_id="3A628B49D96DCDE97A43:deleted", channel=INSTANCE, target="3A628B49D96DCDE97A43", is_deleted=True
    ),
    "connection_open": line(
        "connection", "open", data={"event": "connection.update", "reason": "200", "profile_name": "Example Dental"}
    ),
    "connection_connecting": line("connection", "connecting", data={"event": "connection.update", "reason": "200"}),
    "connection_close_logged_out": line("connection", "close", data={"event": "connection.update", "reason": "401"}),
    "connection_refused": line("connection", "refused", data={"event": "connection.update", "reason": "428"}),
    "status_instance_closed": line("connection", "close", data={"event": "status.instance", "reason": "401"}),
    "logout_instance": line("connection", "close", data={"event": "logout.instance"}),
    "qrcode_updated": line("qr", "connecting", qr=f"data:image/png;base64,{PNG}"),
    "qrcode_limit_reached": line("qr", "refused", data={"message": "QR code limit reached, please login again"}),
    "call_offer": call("offer", "20:00", "15550100111@s.whatsapp.net", "199900000000111@lid"),
    "call_terminate": call("terminate", "20:30", "199900000000111@lid"),
    "presence_update": ignored("event presence.update"),
    "chats_upsert": ignored("event chats.upsert"),
    "group_participants_update": ignored("event group-participants.update"),
    "contacts_update_single": ignored("contact without a second address"),
    "contacts_update_list": ignored("contact without a second address"),
    "error_event": Ignored(external_id="", channel="", reason='error report 400: instance requires property "text"'),
}
