"""Show candidates in a conversation, by messages of the outbox; the caller has locked the conversation."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from approvals import texts as wording
from approvals.models import ApproverAddress, Candidate, ShownCandidate
from approvals.queries import shown_content
from messaging.models import Conversation, Message, Purpose
from messaging.providers.base import Kind
from messaging.queries import WindowMode, media_link, provider_of, reply_window
from messaging.services import SendRefused, attachments
from messaging.services import add_to_outbox as put_message
from messaging.services.attachments import Attachment

MAX_LINES = 10


def show_candidate(
    *,
    conversation: Conversation,
    address: ApproverAddress,
    candidate: Candidate,
    key: str,
    revision: int = 0,
    on_request: bool = False,
    before: str = "",
    asks_back: bool = False,
) -> Message:
    """Show one candidate whole.

    Its picture, the text that does not fit beside buttons, and the question with its buttons. `asks_back` marks the
    answer to a message that was not understood.
    """
    approver = address.approver
    language = approver.language
    asked = shown_content(candidate, revision)
    texts = wording.question_texts(asked, language=language, zone=approver.zone)
    if before:
        texts[0] = f"{before}\n\n{texts[0]}"
    has_picture = bool(candidate.image) and revision == 0
    # Outside the window each message would be a template, without the picture and truncated: only the question is sent,
    # and the answer to it brings the rest.
    is_cut = (has_picture or len(texts) > 1) and reply_window(conversation).mode == WindowMode.TEMPLATE
    if has_picture and not is_cut:
        _send_picture(conversation, candidate, f"{key}:picture", part_of=key)
    for number, text in enumerate([] if is_cut else texts[:-1], start=1):
        add_message(conversation=conversation, text=text, key=f"{key}:{number}", data={"part_of": message_key(key)})
    data = {"buttons": wording.buttons(asked, language), "asks_back": asks_back}
    message = add_message(conversation=conversation, text=texts[-1], key=key, data=data)
    ShownCandidate.objects.get_or_create(
        message=message, line=0,
        defaults={
            "tenant_id": candidate.tenant_id, "candidate": candidate, "address": address, "revision": revision,
            "on_request": on_request, "is_whole": not is_cut,
        },
    )  # fmt: skip
    return message


def show_several(
    *,
    conversation: Conversation,
    address: ApproverAddress,
    candidates: Sequence[Candidate],
    key: str,
    left: int = 0,
    before: str = "",
    asks_back: bool = False,
) -> Message:
    """Show several candidates as the numbered lines of one message."""
    approver = address.approver
    lines = [shown_content(candidate) for candidate in candidates]
    text = wording.digest_text(lines, language=approver.language, zone=approver.zone, left=left)
    text = f"{before}\n\n{text}" if before else text
    message = add_message(conversation=conversation, text=text, key=key, data={"asks_back": asks_back})
    for number, (candidate, asked) in enumerate(zip(candidates, lines, strict=True), start=1):
        ShownCandidate.objects.get_or_create(
            message=message, line=number,
            defaults={
                "tenant_id": candidate.tenant_id, "candidate": candidate, "address": address,
                "is_whole": wording.is_whole_in_line(asked),
            },
        )  # fmt: skip
    return message


def add_message(*, conversation: Conversation, text: str, key: str, data: dict[str, Any] | None = None) -> Message:
    """Add one message of approvals to the outbox; the same key again returns the same message."""
    return put_message(
        conversation=conversation,
        text=text,
        purpose=Purpose.APPROVAL,
        kind=Kind.TEXT,
        dedupe_key=message_key(key),
        data=data or {},
        author="approvals",
    )


def message_key(key: str) -> str:
    """Return the dedupe key of a message of approvals."""
    return f"approval:{key}"[:100]


def _send_picture(conversation: Conversation, candidate: Candidate, key: str, *, part_of: str) -> None:
    """Send the picture as a message before the question; where the provider cannot, its address."""
    provider = provider_of(conversation.channel)
    with candidate.image.open("rb") as opened:
        content = bytes(opened.read())
    stored = str(candidate.image.name)
    found = Attachment(name=stored.rpartition("/")[2], mime_type=candidate.image_type, content=content)
    try:
        kind, mime_type = attachments.check_attachment(found, provider, text=candidate.title)
    except SendRefused:
        kind, mime_type = Kind.TEXT, candidate.image_type
    message = put_message(
        conversation=conversation, text=candidate.title, purpose=Purpose.APPROVAL, kind=kind,
        dedupe_key=message_key(key), data={"part_of": message_key(part_of)}, author="approvals",
    )  # fmt: skip
    if not message.is_new:
        return
    # One stored file for every message that shows it: what was shown is what was hashed.
    assert hashlib.sha256(content).hexdigest() == candidate.image_sha256
    media = attachments.add_media_row(message=message, attachment=found, mime_type=mime_type, stored=stored)
    if kind is Kind.TEXT:
        Message.objects.filter(pk=message.pk).update(text=f"{candidate.title}\n{media_link(media)}")
