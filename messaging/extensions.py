"""What higher apps add to the page of a conversation, through DESK_EXTENSIONS: this app knows none of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string

from messaging.models import Conversation, Message


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A box beside the transcript; `html` is safe, made by a template."""

    title: str
    html: str
    is_open: bool = False


@dataclass(frozen=True, kw_only=True)
class BubbleLink:
    """Something to look at or to do with one message: its page opens beside the transcript."""

    label: str
    address: str


class DeskExtension:
    """The base of what an app adds; everything is optional."""

    def panels(self, request: HttpRequest, conversation: Conversation) -> list[Panel]:
        """Boxes for the side; a fixed number of queries."""
        return []

    def links(self, message: Message, turn_id: int | None, *, may_act: bool) -> list[BubbleLink]:
        """Links under one bubble; without a query, since it is asked for each."""
        return []

    def suggest_address(self, conversation: Conversation) -> str:
        """Where the composer asks for a suggested answer (POST, answers JSON); "" when nobody suggests."""
        return ""


@lru_cache(maxsize=1)
def extensions() -> tuple[DeskExtension, ...]:
    """DESK_EXTENSIONS, imported, in order."""
    return tuple(import_string(name)() for name in settings.DESK_EXTENSIONS)
