"""One page of the inbox: its filters, rows, counts, and whether any of it has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import CharField, Count, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Concat
from django.utils import timezone
from django.utils.formats import date_format

from common.db.counting import limited_counts
from common.text.durations import format_duration
from common.text.numbers import parse_whole_number
from common.text.plain import clean
from common.work.rows import STUCK, literals
from messaging.models import Conversation, ConversationLabel, Direction, Message
from messaging.models.conversations import Holder
from messaging.queries import ReplyWindow, WindowMode, reply_window
from messaging.queries.desk import name_of
from messaging.queries.inbox import VIEWS, after, inbox
from messaging.queries.search import MAX_FOUND, find_contacts, find_messages, search_words
from tenants.models import Member, Tenant

PAGE = 50
LIVE = 200  # rows that are checked for changes
COUNTED = ("wants_person", "mine", "unassigned", "failed")
COUNT_LIMIT = 100
MAX_QUERY = 100
MANY_MINUTES = (5, 30)  # a customer who waits longer is marked, and marked red
SNIPPET = 60


@dataclass(frozen=True, kw_only=True)
class InboxFilters:
    """The filters in the address; unknown values filter nothing."""

    view: str = "open"
    channel: int = 0
    label: int = 0
    words: str = ""

    @classmethod
    def parse(cls, given: Any) -> InboxFilters:
        words = clean(str(given.get("q", ""))).strip()[:MAX_QUERY]
        view = str(given.get("view", ""))
        return cls(
            view=view if view in VIEWS else "all" if words else "open",
            channel=parse_whole_number(given.get("channel")) or 0,
            label=parse_whole_number(given.get("label")) or 0,
            words=words,
        )

    def query(self, **changes: Any) -> dict[str, str]:
        """Return the filters as query parameters, with some changed."""
        values = {"view": self.view, "channel": self.channel, "label": self.label, "q": self.words, **changes}
        return {name: str(value) for name, value in values.items() if value}


@dataclass(frozen=True, kw_only=True)
class InboxRow:
    """A conversation as the list shows it."""

    row: Conversation
    holder: Holder
    holder_name: str
    is_mine: bool
    window: ReplyWindow
    window_left: timedelta | None
    waits: timedelta | None
    waits_level: str  # "", warn, bad
    is_stuck: bool
    snippet: str = ""
    sought: str = ""

    @property
    def initials(self) -> str:
        """Return two letters in place of a picture."""
        words = [word for word in self.row.contact.name.split() if word[0].isalnum()]
        return ("".join(word[0] for word in (words[:1] + words[1:][-1:])) or "#").upper()

    @property
    def hue(self) -> int:
        """Return the colour of a person."""
        return self.row.contact_id * 47 % 360

    @property
    def marked(self) -> tuple[str, str, str]:
        """Return the text around a search result: before it, itself, after it."""
        place = self.snippet.lower().find(self.sought)
        if place < 0:
            return self.snippet, "", ""
        end = place + len(self.sought)
        return self.snippet[:place], self.snippet[place:end], self.snippet[end:]

    @property
    def at_words(self) -> str:
        """Return when the last message came: the hour of today, the day of this week, else the date."""
        if self.row.last_message_at is None:
            return ""
        at, now = timezone.localtime(self.row.last_message_at), timezone.localtime()
        if at.date() == now.date():
            return f"{at:%H:%M}"
        return date_format(at, "D" if now - at < timedelta(days=6) else "j M" if at.year == now.year else "Y-m-d")

    @property
    def waits_words(self) -> str:
        """Return how long the customer has waited for an answer."""
        return format_duration(self.waits.total_seconds()) if self.waits is not None else ""

    @property
    def window_words(self) -> str:
        """Return how long free text can still be sent."""
        return format_duration(self.window_left.total_seconds()) if self.window_left is not None else ""

    @property
    def is_closing(self) -> bool:
        """Return whether little of the reply window is left."""
        return self.window_left is not None and self.window_left < timedelta(hours=2)

    @property
    def is_shut(self) -> bool:
        """Return whether free text can no longer be sent."""
        return self.window.mode is not WindowMode.FREE


@dataclass(frozen=True, kw_only=True)
class InboxPage:
    """The rows, where the next page begins, and the version of this one."""

    lines: list[InboxRow]
    more: str
    version: str


@dataclass
class InboxSearch:
    """The result of a search: where it was found, and the words around it."""

    rows: QuerySet
    snippets: dict[int, str] = field(default_factory=dict)
    sought: str = ""


def rows_of(tenant: Tenant, asked: InboxFilters, member: Member | None) -> InboxSearch:
    """Return the requested conversations, the latest first."""
    rows = inbox(tenant, view=asked.view, member=member)
    if asked.channel:
        rows = rows.filter(channel=asked.channel)
    if asked.label:
        rows = rows.filter(labellings__label=asked.label)
    if not asked.words:
        return InboxSearch(rows)
    said = find_messages(tenant, asked.words, limit=MAX_FOUND).values_list("conversation_id", "text")
    snippets: dict[int, str] = {}
    sought = _first_word(asked.words)
    for conversation, text in said:
        snippets.setdefault(conversation, _around(text, sought))
    people = find_contacts(tenant, asked.words, limit=MAX_FOUND).prefetch_related(None).values_list("pk", flat=True)
    return InboxSearch(rows.filter(Q(contact__in=list(people)) | Q(pk__in=list(snippets))), snippets, sought)


def page_of(found: InboxSearch, *, member: Member | None, limit: int = PAGE, before: str = "") -> InboxPage:
    """Return a page of rows after the place that `before` names."""
    rows = found.rows
    place = _place(before)
    if place is not None:
        rows = after(rows, *place)
    shown = list(_with_label_version(rows)[: limit + 1])
    more = _text_of(shown[limit - 1]) if len(shown) > limit else ""
    shown = shown[:limit]
    stuck = _stuck_among(shown)
    lines = [_line(row, found, member=member, is_stuck=row.pk in stuck) for row in shown]
    return InboxPage(lines=lines, more=more, version=_hash(map(_facts, shown)))


def version_of(found: InboxSearch, *, limit: int) -> str:
    """Return the version that `page_of` would give: one read along the list's index, without related rows."""
    plain = _with_label_version(found.rows.select_related(None).prefetch_related(None).only(*FACTS))
    return _hash(map(_facts, plain[:limit]))


def counts(tenant: Tenant, member: Member | None) -> dict[str, int]:
    """Return how many conversations of each view need attention, up to COUNT_LIMIT; one query."""
    return limited_counts(COUNT_LIMIT, **{view: inbox(tenant, view=view, member=member) for view in COUNTED})


def newest_waiting(tenant: Tenant, limit: int = 20) -> list[tuple[int, str]]:
    """Return (id, name) of who wants a person, for a notification."""
    rows = inbox(tenant, view="wants_person").prefetch_related(None).select_related(None).select_related("contact")
    return [(row.pk, row.person) for row in rows[:limit]]


# Fields whose change makes a row look different.
FACTS = (
    "last_message_at", "last_text", "unread", "paused_at", "paused_by", "status", "assignee_id", "waiting_since",
    "last_inbound_at",
)  # fmt: skip


def _facts(row: Any) -> list[Any]:
    return [row.pk, row.worn, *(getattr(row, name) for name in FACTS)]


def _with_label_version(rows: QuerySet) -> QuerySet:
    """Annotate each row with a value that changes with its labels."""
    worn = ConversationLabel.objects.filter(conversation=OuterRef("pk")).order_by().values("conversation")
    mark = Concat(Count("pk"), Value("-"), Max("pk"), output_field=CharField())
    marked: QuerySet = rows.annotate(worn=Subquery(worn.annotate(mark=mark).values("mark")))
    return marked


def _line(row: Conversation, found: InboxSearch, *, member: Member | None, is_stuck: bool) -> InboxRow:
    now = timezone.now()
    window = reply_window(row)
    waits = now - row.waiting_since if row.waiting_since is not None else None
    minutes = waits.total_seconds() / 60 if waits is not None and row.is_paused else 0
    return InboxRow(
        row=row,
        holder=row.holder,
        holder_name=name_of(row.assignee) if row.assignee is not None else "",
        is_mine=member is not None and row.assignee_id == member.pk,
        window=window,
        window_left=window.until - now if window.until is not None else None,
        waits=waits,
        waits_level="bad" if minutes >= MANY_MINUTES[1] else "warn" if minutes >= MANY_MINUTES[0] else "",
        is_stuck=is_stuck,
        snippet=found.snippets.get(row.pk, ""),
        sought=found.sought,
    )


def _stuck_among(rows: list[Conversation]) -> set[int]:
    [out] = literals([Direction.OUT])  # as the index has it, which begins with the tenant
    stuck = Message.objects.filter(
        tenant__in={row.tenant_id for row in rows},
        conversation__in=[row.pk for row in rows],
        direction=out,
        state__in=literals(STUCK),
    )
    return set(stuck.values_list("conversation_id", flat=True).distinct())


def _first_word(words: str) -> str:
    """Return the word to mark in a found text."""
    return next(iter(search_words(words)), "").lower()


def _around(text: str, sought: str) -> str:
    """Return the part of the text in which the word stands."""
    plain = " ".join(text.split())
    place = max(0, plain.lower().find(sought) - SNIPPET // 2)
    piece = plain[place : place + 2 * SNIPPET]
    return ("…" if place else "") + piece + ("…" if place + 2 * SNIPPET < len(plain) else "")


def _text_of(row: Conversation) -> str:
    return f"{row.last_message_at.isoformat()}_{row.pk}" if row.last_message_at is not None else ""


def _place(text: str) -> tuple[datetime, int] | None:
    moment, _dash, pk = text.rpartition("_")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    number = parse_whole_number(pk)
    return (at, number) if at.tzinfo is not None and number else None


def _hash(rows: Iterable[list[Any]]) -> str:
    return hashlib.sha256(repr([[str(value) for value in row] for row in rows]).encode()).hexdigest()[:16]
