"""Forms with a file, for services that accept uploads (RFC 7578)."""

from __future__ import annotations

import re
from collections.abc import Mapping

import httpx2


def multipart(fields: Mapping[str, str], *, name: str, mime_type: str, content: bytes) -> tuple[bytes, str]:
    """Return (body, content type) of a form with these fields and one file, in the field `file`."""
    # The name comes from a person's disk; control characters and quotes do not belong into a header.
    safe = re.sub(r'[\x00-\x1f"\\\x7f]', "_", name)[:200] or "file"
    form = httpx2.Request("POST", "http://form", data=dict(fields), files={"file": (safe, content, mime_type)})
    return form.read(), form.headers["content-type"]
