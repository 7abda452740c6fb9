"""The transcript of a conversation: messages and notes in the order of time, and whether anything has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import CharField, Count, Max, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Concat, Length
from django.utils.translation import gettext_lazy as _

from common.text.reasons import translate_reason
from common.work.rows import State
from messaging.models import Conversation, ConversationLabel, Direction, Message, Note, Purpose
from messaging.providers.base import DeliveryStatus, Kind
from messaging.queries.desk import others_writing

PAGE = 40
LIVE = 200  # how many of the newest are checked for changes
AUTHORS = {
    Purpose.CUSTOMER: "customer",
    Purpose.ASSISTANT: "assistant",
    Purpose.OPERATOR: "operator",
    Purpose.OWNER: "owner",
}
TICKS = {
    "scheduled": _("for later"), "waiting": _("on its way"), "accepted": _("sent"), "sent": _("sent"),
    "delivered": _("delivered"), "read": _("read"), "played": _("played"), "unsent": _("not sent"),
    "held": _("held"), "uncertain": _("unclear"), "failed": _("failed"),
}  # fmt: skip
TROUBLE = (State.HELD, State.DEAD, State.UNCERTAIN, State.IGNORED)


@dataclass
class TranscriptBubble:
    """One row of the transcript: a message with what belongs to it, or a note."""

    at: Any
    author: str  # customer | assistant | operator | owner | system | note
    message: Message | None = None
    note: Note | None = None
    media: Any = None
    quoted: Message | None = None
    reactions: list[str] = field(default_factory=list)
    tick: str = ""
    trouble: str = ""
    turn_id: int | None = None

    @property
    def key(self) -> str:
        """Return the id of the row on the page."""
        return f"m{self.message.pk}" if self.message is not None else f"n{self.note.pk if self.note else 0}"

    @property
    def tick_words(self) -> str:
        """Return its delivery as text."""
        return str(TICKS.get(self.tick, self.tick))

    @property
    def fingerprint(self) -> str:
        """Return a value that changes when the row must be rendered again."""
        said = [self.tick, self.trouble, self.reactions, self.quoted.pk if self.quoted else 0]
        if self.message is not None:
            row = self.message
            said += [row.text, row.edited_at, row.deleted_at, row.state, row.due_at if row.scheduled_at else ""]
        if self.media is not None:
            said += [self.media.state, bool(self.media.file), self.media.transcript]
        return _hash(said)


@dataclass
class Transcript:
    """A part of the transcript, oldest first; `first` is the id where an earlier part ends (0: there is none)."""

    bubbles: list[TranscriptBubble]
    first: int
    has_more: bool


def whole_text(conversation: Conversation, part: str, of: int) -> str | None:
    """Return one whole text of a message or note of this conversation; None when there is none."""
    if part == "note":
        return Note.objects.filter(conversation=conversation, pk=of).values_list("text", flat=True).first()
    field = {"text": "text", "first": "data__first_text", "transcript": "media__transcript"}.get(part)
    rows = Message.objects.filter(conversation=conversation, pk=of)
    return rows.values_list(field, flat=True).first() if field else None


def transcript(conversation: Conversation, *, before: int | None = None, since: int | None = None) -> Transcript:
    """Return a page of the newest messages; the one `before` an id; or all from `since` on (at most LIVE)."""
    rows = Message.objects.filter(conversation=conversation).select_related("media").order_by("-pk")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    limit = PAGE if since is None else LIVE
    found = list(rows.filter(pk__gte=since)[:limit] if since is not None else rows[: limit + 1])
    has_more = len(found) > limit
    if since is not None:
        has_more = Message.objects.filter(conversation=conversation, pk__lt=since).exists()
    shown = found[:limit][::-1]
    first = shown[0].pk if shown else 0
    bubbles = [*_messages(conversation, shown), *_notes(conversation, shown, before=before, is_first=not has_more)]
    bubbles.sort(key=lambda bubble: (bubble.at, bubble.note is not None))
    return Transcript(bubbles=bubbles, first=first, has_more=has_more)


def version(conversation_id: int, *, since: int, user_id: int | None) -> str:
    """Return a value that stays the same while the page need not change, by two small reads along indexes."""
    messages = Message.objects.filter(conversation=conversation_id, pk__gte=since).order_by("-pk")
    drawn = messages.annotate(heard=Length("media__transcript")).values_list(
        "pk", "state", "delivery", "edited_at", "deleted_at", "media__state", "heard", "due_at"
    )
    labellings = ConversationLabel.objects.filter(conversation=OuterRef("pk")).order_by().values("conversation")
    labels = labellings.annotate(mark=Concat(Count("pk"), Value("-"), Max("pk"), output_field=CharField())).values(
        "mark"
    )
    note = Note.objects.filter(conversation=OuterRef("pk")).order_by().values("conversation")
    writers = others_writing(OuterRef("pk"), user_id).order_by().select_related(None).values("conversation")
    writing = writers.annotate(mark=Concat(Count("pk"), Value("-"), Sum("member_id"), output_field=CharField()))
    beside = Conversation.objects.filter(pk=conversation_id).values_list(
        "fence", "paused_at", "paused_by", "pause_reason", "resume_at", "status", "snoozed_until", "assignee",
        "contact__name", "contact__opted_out_at", "last_inbound_at",
        Subquery(note.annotate(last=Max("pk")).values("last")), Subquery(labels), Subquery(writing.values("mark")),
    )  # fmt: skip
    return _hash([*drawn[:LIVE], *beside])


def _messages(conversation: Conversation, rows: Sequence[Message]) -> list[TranscriptBubble]:
    by_id = {row.external_id: row for row in rows if row.external_id}
    wanted = {row.reply_to for row in rows if row.reply_to} - by_id.keys()
    if wanted:
        quoted = Message.objects.filter(conversation=conversation, external_id__in=wanted)
        by_id |= {row.external_id: row for row in quoted}
    bubbles = {row.pk: _bubble(row, by_id.get(row.reply_to)) for row in rows}
    for row in rows:
        target = by_id.get(row.reply_to) if row.kind == Kind.REACTION else None
        if target is not None and target.pk in bubbles:
            # A later reaction of the same side replaces the earlier one; an empty one removes it.
            bubbles[target.pk].reactions = [row.text] if row.text else []
            del bubbles[row.pk]
    return list(bubbles.values())


def _bubble(row: Message, quoted: Message | None) -> TranscriptBubble:
    is_out = row.direction == Direction.OUT
    author = "system" if row.kind == Kind.SYSTEM else AUTHORS.get(Purpose(row.purpose), row.author or "system")
    if author not in {*AUTHORS.values(), "system"}:  # the author of a notice says whether the assistant sent it
        author = "system"
    return TranscriptBubble(
        at=row.created_at,
        author=author,
        message=row,
        media=getattr(row, "media", None),
        quoted=quoted,
        tick=_tick(row) if is_out else "",
        trouble=translate_reason(row.last_error) if is_out and row.state in TROUBLE else "",
        turn_id=row.data.get("turn") if is_out else None,
    )


def _tick(row: Message) -> str:
    """Return its delivery in one word."""
    if row.state in (State.HELD, State.UNCERTAIN):
        return str(row.state)
    if row.state == State.IGNORED:
        return "unsent"
    if row.state == State.DEAD or row.delivery == DeliveryStatus.FAILED:
        return "failed"
    if row.state in (State.QUEUED, State.WORKING):
        return "scheduled" if row.scheduled_at is not None and row.attempts == 0 else "waiting"
    return row.delivery or "accepted"


def _notes(
    conversation: Conversation, rows: Sequence[Message], *, before: int | None, is_first: bool
) -> Iterable[TranscriptBubble]:
    """Return the notes of the same period as these messages."""
    notes = Note.objects.filter(conversation=conversation)
    if rows and not is_first:
        notes = notes.filter(created_at__gte=rows[0].created_at)
    if before is not None:
        later = Message.objects.filter(pk=before, conversation=conversation).values("created_at")
        notes = notes.filter(created_at__lt=Subquery(later))
    return [TranscriptBubble(at=note.created_at, author="note", note=note) for note in notes.order_by("-pk")[:LIVE]]


def _hash(values: Iterable[Any]) -> str:
    return hashlib.sha256(repr([str(value) for value in values]).encode()).hexdigest()[:16]
