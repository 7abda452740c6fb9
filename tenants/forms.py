"""A form with a file, as browsers and `curl -F` send it: read as the JSON body that says the same."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import IO, Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from rest_framework.exceptions import ParseError
from rest_framework.parsers import MultiPartParser

from tenants.problems import TooLarge

NAME = "file"


class FileForm(MultiPartParser):
    """`multipart/form-data` with one part `file`; what follows, checks and idempotency keys too, sees no difference."""

    def parse(  # type: ignore[override]  # a plain body, without files beside it
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """The fields as they are, and the file as FileIn has it. Raises ParseError."""
        try:
            found = super().parse(stream, media_type, parser_context)
        except RequestDataTooBig:
            raise TooLarge from None
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
