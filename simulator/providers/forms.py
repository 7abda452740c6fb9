"""Multipart uploads, read with Django's own parser."""

from io import BytesIO

from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http.multipartparser import MultiPartParser, MultiPartParserError

from simulator.exchange import ServiceRequest
from simulator.media import Medium
from simulator.world import world

LIMIT = 100 * 1024 * 1024


def uploaded(call: ServiceRequest) -> tuple[dict[str, str], Medium | None]:
    """The text fields of a multipart body and its file, kept as a medium; nothing when it is none."""
    content_type = call.headers.get("Content-Type", "")
    if not content_type.startswith("multipart/form-data"):
        return {}, None
    meta = {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": len(call.body)}
    handler = MemoryFileUploadHandler()
    handler.activated = True  # whatever the size
    try:
        fields, files = MultiPartParser(meta, BytesIO(call.body), [handler]).parse()
    except MultiPartParserError:
        return {}, None
    file = files.get("file")
    texts = {name: str(value) for name, value in fields.items()}
    if file is None:
        return texts, None
    mime_type = texts.get("type") or str(file.content_type)
    return texts, world.media.add(mime_type, file.read(), file.name or "")
