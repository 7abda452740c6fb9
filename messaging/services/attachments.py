"""Files that operators send: which ones a provider accepts, and where they are stored until it has them."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from pathlib import PurePath

from django.conf import settings
from django.core.files.base import ContentFile
from django.utils.translation import gettext as _

from common.text.file_names import has_extension, normalise_type, type_of
from common.text.plain import clean
from common.work.rows import State
from messaging.models import MediaFile, Message
from messaging.providers.base import Kind, Provider
from messaging.services.sending import SendRefused

# The first bytes of files whose type phones insist on.
BEGINNINGS = {
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/gif": (b"GIF8",),
    "image/webp": (b"RIFF",),
    "application/pdf": (b"%PDF",),
    "audio/ogg": (b"OggS",),
}
NOT_CARRIED = ("video/quicktime",)  # accepted by no provider, not even as a document: phones do not play it


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """An uploaded file."""

    name: str
    mime_type: str
    content: bytes

    @property
    def fingerprint(self) -> str:
        """Return a value that is equal for the same file."""
        return hashlib.sha256(self.content).hexdigest()


def check_attachment(attachment: Attachment, provider: Provider, *, text: str) -> tuple[Kind, str]:
    """Return (kind of message, media type) for a file that this provider can send.

    Raises SendRefused with the reason.
    """
    if not provider.can_send_media:
        raise SendRefused(_("this channel cannot send files: write the address of the file instead"))
    mime_type = media_type(attachment)
    kind = _kind(mime_type)
    rule = provider.media_rules.get(kind)
    if rule is None or (rule.types and mime_type not in rule.types):
        names = ", ".join(
            sorted({name.rpartition("/")[2] for rule in provider.media_rules.values() for name in rule.types})
        )
        refusal = _("this channel cannot send files of the type %s") % (mime_type or _("unknown"))
        raise SendRefused(refusal + (_("; it sends %s") % names if names else ""))
    if not attachment.content:
        raise SendRefused(_("the file is empty"))
    if len(attachment.content) > rule.max_bytes:
        raise SendRefused(
            _("the file is larger than the %s MB that this channel carries") % (rule.max_bytes // 1024 // 1024)
        )
    if mime_type in BEGINNINGS and not attachment.content.startswith(BEGINNINGS[mime_type]):
        raise SendRefused(_("the file is not what its name says"))
    if text and kind is Kind.AUDIO:
        raise SendRefused(_("a sound carries no words: send them as a message of their own"))
    if not provider.takes_files and not settings.PUBLIC_URL.startswith("https://"):
        raise SendRefused(_("this provider fetches files from PUBLIC_URL, which is not a public https address"))
    return kind, mime_type


def media_type(attachment: Attachment) -> str:
    """Return the media type by the file name, since a browser's header depends on its machine; else the browser's."""
    found = type_of(attachment.name)
    if not found and not has_extension(attachment.name):  # a file with an unknown extension is not taken for a picture
        found = normalise_type(attachment.mime_type)
    return "" if found in NOT_CARRIED else found[:100]


def store_file(attachment: Attachment) -> str:
    """Store the file under a name of ours; returns the name. Raises OSError."""
    suffix = PurePath(attachment.name).suffix.lower()[:10]
    suffix = suffix if suffix[1:].isalnum() else ""
    field = MediaFile._meta.get_field("file")
    name = field.generate_filename(MediaFile(), f"out-{uuid.uuid4().hex}{suffix}")
    return str(field.storage.save(name, ContentFile(attachment.content)))


def add_media_row(*, message: Message, attachment: Attachment, mime_type: str, stored: str) -> MediaFile:
    """Create the row of a stored file for its message."""
    row: MediaFile = MediaFile.objects.create(
        tenant_id=message.tenant_id,
        message=message,
        mime_type=mime_type,
        file_name=clean(PurePath(attachment.name).name)[:255],
        sha256=attachment.fingerprint,
        size=len(attachment.content),
        file=stored,
        state=State.DONE,
    )
    return row


def delete_file(stored: str) -> None:
    """Delete a stored file that no message uses."""
    MediaFile._meta.get_field("file").storage.delete(stored)


def _kind(mime_type: str) -> Kind:
    family = mime_type.partition("/")[0]
    return {"image": Kind.IMAGE, "video": Kind.VIDEO, "audio": Kind.AUDIO}.get(family, Kind.DOCUMENT)
