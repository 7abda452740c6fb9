"""What the assistant does with a file once it is stored (MEDIA_HANDLERS)."""

from __future__ import annotations

from assistant import services as assistant
from messaging.models import MediaFile


def transcribe(media: MediaFile) -> None:
    """Have a voice note written down."""
    assistant.want_transcript(media=media)
