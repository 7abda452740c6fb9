"""DESK_EXTENSIONS: what higher apps add to the page of a conversation; this app knows none of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string

from messaging.models import Conversation, Message


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A box beside the transcript; `html` is safe, because a template rendered it."""

    title: str
    html: str
    is_open: bool = False


@dataclass(frozen=True, kw_only=True)
class BubbleLink:
    """A link under one message: its page opens beside the transcript."""

    label: str
    address: str


class DeskExtension:
    """The base class of an extension; every method is optional."""

    def panels(self, request: HttpRequest, conversation: Conversation) -> list[Panel]:
        """Return boxes for the side of the page, with a fixed number of queries."""
        return []

    def links(self, message: Message, turn_id: int | None, *, may_act: bool) -> list[BubbleLink]:
        """Return links under one message; without a query, because it is called for each message."""
        return []

    def suggest_address(self, conversation: Conversation) -> str:
        """Return the address that suggests an answer (POST, returns JSON); "" when this extension suggests none."""
        return ""


@lru_cache(maxsize=1)
def extensions() -> tuple[DeskExtension, ...]:
    """Return DESK_EXTENSIONS, imported, in order."""
    return tuple(import_string(name)() for name in settings.DESK_EXTENSIONS)
