"""A parser for forms with a file, as browsers and `curl -F` send them; the result equals that of the JSON body."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import IO, Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from rest_framework.exceptions import ParseError
from rest_framework.parsers import MultiPartParser

from tenants.problems import RequestTooLarge

NAME = "file"


class FileFormParser(MultiPartParser):
    """`multipart/form-data` with one part `file`; views, checks and idempotency keys see the same as with JSON."""

    def parse(  # type: ignore[override]  # a plain body, without files beside it
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Return the fields, and the file in the form of FileIn. Raises ParseError."""
        try:
            found = super().parse(stream, media_type, parser_context)
        except RequestDataTooBig:
            raise RequestTooLarge from None
        except (TooManyFieldsSent, TooManyFilesSent):
            raise ParseError("The form has too many parts.") from None
        files = found.files.getlist(NAME)
        if len(files) > 1:
            raise ParseError("One file goes with one message.")
        body: dict[str, Any] = {name: found.data[name] for name in found.data}
        for file in files:
            content = base64.b64encode(file.read()).decode()
            body[NAME] = {"name": file.name, "mime_type": file.content_type or "", "content": content}
        return body
