"""Fetch the files that came with messages, within limits."""

from __future__ import annotations

import logging
import mimetypes
from pathlib import PurePath

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.module_loading import import_string

from common.work import State
from messaging.models import MediaFile
from messaging.providers.base import Download, Media, Outcome, ProviderError
from messaging.queries import account_of, provider_of
from messaging.verbs.outgoing import Guarded

logger = logging.getLogger("frontdesk.messaging")

MAX_BYTES = 25 * 1024 * 1024


def fetch_media(media: MediaFile) -> None:
    """Download one claimed file; a refusal for good, or a file too large, is said on the row."""
    message = media.message
    provider = provider_of(message.channel)
    wanted = Media(
        mime_type=media.mime_type,
        reference=media.reference,
        url=media.url,
        file_name=media.file_name,
        sha256=media.sha256,
        size=media.size,
        inline_base64=media.inline,
    )
    if media.size is not None and media.size > MAX_BYTES:
        media.settle(State.IGNORED, reason=f"larger than {MAX_BYTES // 1024 // 1024} MB")
        return
    account = account_of(message.channel)
    try:
        download = provider.fetch_media(
            media=wanted,
            account=account,
            http=Guarded(account.base_url, provider.file_paths),
            max_bytes=MAX_BYTES,
            message_id=message.external_id,
        )
    except ProviderError as error:
        if error.outcome in (Outcome.PERMANENT, Outcome.AUTH):
            media.settle(State.DEAD, reason=error.reason)
        else:
            media.fail(error.reason)
        return
    _store(media, download)


def _store(media: MediaFile, download: Download) -> None:
    mime_type = (download.mime_type or media.mime_type).split(";")[0].strip()[:100]
    suffix = mimetypes.guess_extension(mime_type) or ".bin"
    try:
        media.file.save(f"{media.pk}{PurePath(suffix).suffix}", ContentFile(download.content), save=False)
    except OSError as error:
        media.fail(f"storage: {error.strerror}")
        return
    with transaction.atomic():
        media.settle(
            State.DONE, file=media.file.name, size=len(download.content), mime_type=mime_type, inline="", url=""
        )
        for name in settings.MEDIA_HANDLERS:
            import_string(name)(media)
    logger.info("media_fetched", extra={"media_id": media.pk, "bytes": len(download.content)})
