"""The assistant's handler for stored files (MEDIA_HANDLERS)."""

from __future__ import annotations

from assistant import services as assistant
from messaging.models import MediaFile


def request_transcript(media: MediaFile) -> None:
    """Request the transcription of a voice note."""
    assistant.request_transcript(media=media)
