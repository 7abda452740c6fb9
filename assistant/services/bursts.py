"""How long an answer waits, because people write what they want in several messages."""

from __future__ import annotations

from django.conf import settings

from assistant.queries import profile_of
from messaging.models import Message

MAX_BURST_SECONDS = 20.0  # however long somebody keeps typing, the first message is answered by then
SENTENCE_ENDS = (".", "!", "?", "…", "。", "？", "！")


def burst_wait(message: Message) -> float:
    """Seconds to wait for more: little after a complete sentence, longer after a fragment."""
    profile = profile_of(message.tenant)
    short = settings.BURST_WAIT_SECONDS if profile.burst_wait_seconds is None else profile.burst_wait_seconds
    long = settings.BURST_FRAGMENT_SECONDS if profile.burst_fragment_seconds is None else profile.burst_fragment_seconds
    text = message.text.strip()
    is_fragment = message.kind == "text" and text and not text.endswith(SENTENCE_ENDS) and len(text.split()) < 4
    return float(long if is_fragment else short)
