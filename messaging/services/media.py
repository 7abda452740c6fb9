"""Download the files of messages, within limits."""

from __future__ import annotations

import logging
import random
from datetime import timedelta

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from common.text.file_names import GENERIC, best_type, extension_of, type_of
from common.work.queue import enqueue
from common.work.rows import State
from messaging.models import MediaFile, Message
from messaging.providers.base import Download, Media, Outcome, ProviderError
from messaging.queries import account_of, provider_of
from messaging.services.outgoing import UntrustedUrlHttp
from tenants.services import record

logger = logging.getLogger("frontdesk.messaging")

MAX_BYTES = 25 * 1024 * 1024


def fetch_media(media: MediaFile) -> None:
    """Download one claimed file; a permanent refusal, or a file that is too large, is recorded on the row."""
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
            http=UntrustedUrlHttp(account.base_url, provider.file_paths),
            max_bytes=MAX_BYTES,
            message_id=message.external_id,
        )
    except ProviderError as error:
        if error.outcome is Outcome.PERMANENT:
            media.settle(State.DEAD, reason=error.reason)
        else:  # also for a refused credential: after its renewal the file is wanted
            _retry(media, error.reason, at_least=error.retry_after or 0.0)
        return
    _store(media, download)


@transaction.atomic
def fetch_again(*, message: Message, by: str) -> bool:
    """Try once more to download a file that was given up, on behalf of a person.

    Returns False when it is not given up.
    """
    media = MediaFile.objects.select_for_update(no_key=True).filter(message=message, state=State.DEAD).first()
    if media is None:
        return False
    MediaFile.objects.filter(pk=media.pk).requeue()
    record(tenant=message.tenant, actor=by, action="fetched_again", subject=message)
    enqueue("messaging.fetch_media", media.pk)
    return True


def _retry(media: MediaFile, reason: str, *, at_least: float = 0.0) -> None:
    """Retry at longer and longer intervals, as long as the provider keeps the file; then give it up."""
    provider = provider_of(media.message.channel)
    kept = timedelta(hours=provider.keeps_files_hours)
    pauses = provider.file_pauses
    pause = max(at_least, pauses[min(media.attempts, len(pauses)) - 1] * random.uniform(0.9, 1.1))
    if timezone.now() + timedelta(seconds=pause) > media.message.created_at + kept:
        media.settle(State.DEAD, reason=f"{reason}; the provider keeps files for {kept.days} days")
        return
    media.settle(State.QUEUED, reason=reason, due_in=pause)


def _store(media: MediaFile, download: Download) -> None:
    mime_type = best_type(download.mime_type, media.mime_type, content=download.content)[:100]
    name = download.file_name or media.file_name
    ending = extension_of(mime_type if mime_type not in GENERIC else type_of(name))
    try:
        media.file.save(f"{media.pk}{ending}", ContentFile(download.content), save=False)
    except OSError as error:
        _retry(media, f"storage: {error.strerror}")
        return
    with transaction.atomic():
        media.settle(
            State.DONE, file=media.file.name, size=len(download.content), mime_type=mime_type, inline="", url=""
        )
        for name in settings.MEDIA_HANDLERS:
            import_string(name)(media)
    logger.info("media_fetched", extra={"media_id": media.pk, "bytes": len(download.content)})
