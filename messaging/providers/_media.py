"""Which files WhatsApp accepts.

Source: provider notes "Meta WhatsApp Cloud API", section 8 (upload; Meta's media reference for the kinds), and
"Twilio", section 3 (5 MB). Meta accepts documents up to 100 MB. Our limit is 25 MB, the same as for incoming files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from messaging.providers.base import Kind, MediaRule

MB = 1024 * 1024
OFFICE = "application/vnd.openxmlformats-officedocument."
WHATSAPP = {
    Kind.IMAGE: MediaRule(max_bytes=5 * MB, types=frozenset({"image/jpeg", "image/png"})),
    Kind.VIDEO: MediaRule(max_bytes=16 * MB, types=frozenset({"video/mp4", "video/3gpp"})),
    Kind.AUDIO: MediaRule(
        max_bytes=16 * MB,
        types=frozenset({"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"}),
    ),
    Kind.DOCUMENT: MediaRule(
        max_bytes=25 * MB,
        types=frozenset({
            "application/pdf", "text/plain", "application/msword", "application/vnd.ms-excel",
            "application/vnd.ms-powerpoint", f"{OFFICE}wordprocessingml.document", f"{OFFICE}spreadsheetml.sheet",
            f"{OFFICE}presentationml.presentation",
        }),
    ),
}  # fmt: skip


def capped(rules: Mapping[Kind, MediaRule], max_bytes: int) -> dict[Kind, MediaRule]:
    """Return the same rules, with no size above the provider's own limit."""
    return {kind: replace(rule, max_bytes=min(rule.max_bytes, max_bytes)) for kind, rule in rules.items()}
