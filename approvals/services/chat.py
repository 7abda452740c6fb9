"""What an approver's message is about: the prompt it quotes, the line or short id it names, or the one in question."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import QuerySet

from approvals.models import ApproverAddress, Candidate, Prompt, PromptKind, Shown, Status
from approvals.queries import asked_at
from approvals.reading import is_short_id
from common.work.rows import State
from messaging.models import Direction, Message, Purpose
from messaging.services.templates import one_line

READING = timedelta(seconds=3)  # nobody has read a list and answered it sooner
PROVIDERS_SECOND = timedelta(seconds=1)
UNSENT = (State.QUEUED, State.IGNORED, State.DEAD)


class Which(Exception):
    """Several candidates could be meant."""


class Nothing(Exception):
    """Nothing that is known is meant."""


@dataclass(frozen=True)
class Target:
    """A candidate as it was shown to this approver."""

    candidate: Candidate
    revision: int = 0
    is_whole: bool = True  # False: it was not shown whole, so nobody can have decided on it


class Chat:
    """One message of an approver, and what was shown before it."""

    def __init__(self, message: Message, address: ApproverAddress) -> None:
        self.message = message
        self.address = address
        self.approver = address.approver
        self.last_out = self._out().order_by("-pk").first()
        self.quoted = self._quoted()
        self.open = list(asked_at(address)[:20])

    def in_question(self) -> Target:
        """The one that a bare "yes" is about; raises Which or Nothing.

        It is the one quoted, or that this approver has just asked for; else the one that was asked last, as long as no
        other is open: "ok" to a confirmation is no answer to the question before it, and neither is a word that was
        written before the question came.
        """
        if self.quoted:
            return self._single(self.quoted)
        if self.message.reply_to:
            # A reply to a confirmation, or to something we do not know: not to the question that happens to be open.
            raise Which if self.open and not self._quotes_chatter() else Nothing
        if self.last_out is None or self.last_out.purpose != Purpose.APPROVAL:
            raise Nothing
        last = list(self.last_out.shown.select_related("candidate__tenant", "message"))
        if not last:
            return self._settled()
        if len(last) > 1 or (not last[0].on_request and self._came_before(self.last_out)):
            raise Which if self.open else Nothing
        others = any(row.pk != last[0].candidate_id for row in self.open)
        if others and last[0].candidate.is_open and not last[0].on_request:
            raise Which
        return target_of(last[0])

    def named(self, ref: str) -> Target:
        """The one that a line's number or a short id names; raises Nothing."""
        if is_short_id(ref):
            return self._by_short_id(ref)
        for line, target in self.answered_lines():
            if str(line) == ref:
                return target
        raise Nothing

    def lines(self) -> list[tuple[int, Target]]:
        """The numbered lines of the list that is quoted, or was shown last."""
        rows = [row for row in self.quoted if row.line] or self._last_list()
        return [(row.line, target_of(row)) for row in rows]

    def answered_lines(self) -> list[tuple[int, Target]]:
        """The lines that an answer means; raises Which when a new list crossed the answer to the one before it."""
        if not self.quoted and self._crossed():
            raise Which
        return self.lines()

    def knows(self) -> bool:
        """Whether there is anything that a message could be about."""
        return bool(self.open or self.quoted)

    def asks_last(self) -> bool:
        """Whether a question of ours is what was said last."""
        return self.last_out is not None and self.last_out.shown.exists()

    def _settled(self) -> Target:
        """What we said last asks nothing: an answer crosses the news that its candidate is settled, or is unclear."""
        told = Prompt.objects.filter(message=self.last_out, kind=PromptKind.CLOSING).select_related("candidate__tenant")
        prompts = list(told[:2])
        if len(prompts) == 1 and not self.open:
            return Target(prompts[0].candidate)
        raise Which if self.open else Nothing

    def _came_before(self, question: Message) -> bool:
        """Whether this was written before the question: providers count whole seconds.

        One shown on request is spared: a clock that is wrong on either side costs one more answer and no more.
        """
        sent_at = self.message.sent_at
        return sent_at is not None and sent_at + PROVIDERS_SECOND < question.created_at

    def _quotes_chatter(self) -> bool:
        rows = Message.objects.called(self.message.reply_to, channel=self.message.channel_id)
        return bool(rows.exclude(purpose=Purpose.APPROVAL).exists())

    def _single(self, rows: list[Shown]) -> Target:
        if len(rows) > 1:
            raise Which
        return target_of(rows[0])

    def _by_short_id(self, ref: str) -> Target:
        rows = Candidate.objects.of(self.approver.tenant).select_related("tenant")
        mine = rows.filter(short_id=ref, seats__approver=self.approver)
        candidate: Candidate | None = mine.filter(status=Status.PENDING).first() or mine.order_by("-pk").first()
        if candidate is None:
            raise Nothing
        shown = self._latest_of(candidate)
        # Read on another channel, or in the back office: shown here first.
        return target_of(shown) if shown is not None else Target(candidate, 0, is_whole=False)

    def _latest_of(self, candidate: Candidate) -> Shown | None:
        rows = Shown.objects.filter(address=self.address, candidate=candidate).exclude(message__state__in=UNSENT)
        found: Shown | None = rows.select_related("candidate__tenant", "message").order_by("-message_id").first()
        return found

    def _last_list(self) -> list[Shown]:
        lists = Shown.objects.filter(address=self.address, line__gt=0).exclude(message__state__in=UNSENT)
        last = lists.order_by("-message_id").values_list("message_id", flat=True).first()
        if last is None:
            return []
        rows = Shown.objects.filter(message_id=last).select_related("candidate__tenant", "message")
        return list(rows.order_by("line"))

    def _crossed(self) -> bool:
        lists = Shown.objects.filter(address=self.address, line__gt=0).exclude(message__state__in=UNSENT)
        last = lists.order_by("-message_id").select_related("message").first()
        if last is None or self.message.sent_at is None:
            return False
        if self.message.sent_at > last.message.created_at + READING:
            return False
        older = lists.filter(message_id__lt=last.message_id, candidate__status=Status.PENDING)
        here = lists.filter(message_id=last.message_id).values("candidate")
        return bool(older.exclude(candidate__in=here).exclude(candidate__votes__approver=self.approver).exists())

    def _out(self) -> QuerySet:
        rows = Message.objects.filter(conversation_id=self.message.conversation_id, direction=Direction.OUT)
        return rows.exclude(state__in=UNSENT)

    def _quoted(self) -> list[Shown]:
        """What the quoted message showed; one of the parts before a question stands for the question."""
        if not self.message.reply_to:
            return []
        rows = Message.objects.filter(channel_id=self.message.channel_id, dedupe_key__startswith="approval:")
        message = rows.called(self.message.reply_to, channel=self.message.channel_id).first()
        if message is None:
            return []
        question = rows.filter(dedupe_key=(message.dedupe_key or "").rpartition(":")[0]).first()
        ids = [message.pk] + ([question.pk] if question is not None else [])
        shown = Shown.objects.filter(address=self.address, message_id__in=ids)
        return list(shown.select_related("candidate__tenant", "message").order_by("line"))


def target_of(shown: Shown) -> Target:
    """What was shown, as it arrived: a template may have carried less of it than was written."""
    message = shown.message
    is_whole = shown.is_whole
    if message.kind == "template":
        text = one_line(message.text)
        variables = message.data.get("template", {}).get("variables", [])
        is_whole = is_whole and any(text in str(value) for value in variables)
        # A part or a picture before it became a template as well, when the window closed on the way.
        parts = Message.objects.filter(channel_id=message.channel_id, dedupe_key__startswith=f"{message.dedupe_key}:")
        is_whole = is_whole and not parts.exists()
    return Target(shown.candidate, shown.revision, is_whole)
