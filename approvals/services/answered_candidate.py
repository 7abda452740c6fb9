"""Find which candidate an approver's message is about.

The quoted one, the named line or short id, or the current question.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import QuerySet

from approvals.answer_parser import is_short_id
from approvals.models import ApproverAddress, Candidate, CandidateStatus, Question, QuestionKind, ShownCandidate
from approvals.queries import candidates_asked_at
from common.work.rows import State
from messaging.models import Direction, Message, Purpose
from messaging.services.templates import one_line

READING = timedelta(seconds=3)  # nobody reads a list and answers it faster
PROVIDERS_SECOND = timedelta(seconds=1)
UNSENT = (State.QUEUED, State.IGNORED, State.DEAD)


class Ambiguous(Exception):
    """Several candidates could be meant."""


class NoMatch(Exception):
    """No known candidate is meant."""


@dataclass(frozen=True)
class AnsweredCandidate:
    """A candidate as it was shown to this approver."""

    candidate: Candidate
    revision: int = 0
    is_whole: bool = True  # False: it was not shown whole, so nobody can have decided on it


class ApproverMessage:
    """A message of an approver, with the questions that it may answer."""

    def __init__(self, message: Message, address: ApproverAddress) -> None:
        self.message = message
        self.address = address
        self.approver = address.approver
        self.last_out = self._out().order_by("-pk").first()
        self.quoted = self._quoted()
        self.open = list(candidates_asked_at(address)[:20])

    def current_question(self) -> AnsweredCandidate:
        """Return the candidate that a bare "yes" is about; raises Ambiguous or NoMatch.

        It is the quoted one, or the one that this approver has just asked for; else the one that was asked last, as
        long as no other is open. "ok" to a confirmation does not answer the question before it, and neither does a text
        that was written before the question arrived.
        """
        if self.quoted:
            return self._single(self.quoted)
        if self.message.reply_to:
            # A reply to a confirmation or to an unknown message is not about the question that happens to be open.
            raise Ambiguous if self.open and not self._quotes_other_message() else NoMatch
        if self.last_out is None or self.last_out.purpose != Purpose.APPROVAL:
            raise NoMatch
        last = list(self.last_out.shown.select_related("candidate__tenant", "message"))
        if not last:
            return self._from_closing_notice()
        if len(last) > 1 or (not last[0].on_request and self._sent_before(self.last_out)):
            raise Ambiguous if self.open else NoMatch
        others = any(row.pk != last[0].candidate_id for row in self.open)
        if others and last[0].candidate.is_open and not last[0].on_request:
            raise Ambiguous
        return answered_candidate(last[0])

    def find_named(self, ref: str) -> AnsweredCandidate:
        """Return the candidate that a line's number or a short id names; raises NoMatch."""
        if is_short_id(ref):
            return self._by_short_id(ref)
        for line, target in self.answered_lines():
            if str(line) == ref:
                return target
        raise NoMatch

    def lines(self) -> list[tuple[int, AnsweredCandidate]]:
        """Return the numbered lines of the list that is quoted, or was shown last."""
        rows = [row for row in self.quoted if row.line] or self._last_list()
        return [(row.line, answered_candidate(row)) for row in rows]

    def answered_lines(self) -> list[tuple[int, AnsweredCandidate]]:
        """Return the lines that an answer refers to.

        Raises Ambiguous when a new list was sent just before the answer.
        """
        if not self.quoted and self._answers_an_older_list():
            raise Ambiguous
        return self.lines()

    def has_candidates(self) -> bool:
        """Return whether there is a candidate that a message could be about."""
        return bool(self.open or self.quoted)

    def last_message_is_question(self) -> bool:
        """Return whether our last message is a question."""
        return self.last_out is not None and self.last_out.shown.exists()

    def _from_closing_notice(self) -> AnsweredCandidate:
        """Return the candidate of a closing notice, when that was our last message: the answer may have crossed it."""
        told = Question.objects.filter(message=self.last_out, kind=QuestionKind.CLOSING).select_related(
            "candidate__tenant"
        )
        questions = list(told[:2])
        if len(questions) == 1 and not self.open:
            return AnsweredCandidate(questions[0].candidate)
        raise Ambiguous if self.open else NoMatch

    def _sent_before(self, question: Message) -> bool:
        """Return whether this was written before the question; providers count whole seconds.

        A question shown on request is not checked: a wrong clock on either side then costs no more than one more
        answer.
        """
        sent_at = self.message.sent_at
        return sent_at is not None and sent_at + PROVIDERS_SECOND < question.created_at

    def _quotes_other_message(self) -> bool:
        rows = Message.objects.called(self.message.reply_to, channel=self.message.channel_id)
        return bool(rows.exclude(purpose=Purpose.APPROVAL).exists())

    def _single(self, rows: list[ShownCandidate]) -> AnsweredCandidate:
        if len(rows) > 1:
            raise Ambiguous
        return answered_candidate(rows[0])

    def _by_short_id(self, ref: str) -> AnsweredCandidate:
        rows = Candidate.objects.of(self.approver.tenant).select_related("tenant")
        mine = rows.filter(short_id=ref, named_approvers__approver=self.approver)
        candidate: Candidate | None = (
            mine.filter(status=CandidateStatus.PENDING).first() or mine.order_by("-pk").first()
        )
        if candidate is None:
            raise NoMatch
        shown = self._latest_of(candidate)
        # Found on another channel, or in the back office: it must be shown here first.
        return answered_candidate(shown) if shown is not None else AnsweredCandidate(candidate, 0, is_whole=False)

    def _latest_of(self, candidate: Candidate) -> ShownCandidate | None:
        rows = ShownCandidate.objects.filter(address=self.address, candidate=candidate).exclude(
            message__state__in=UNSENT
        )
        found: ShownCandidate | None = (
            rows.select_related("candidate__tenant", "message").order_by("-message_id").first()
        )
        return found

    def _last_list(self) -> list[ShownCandidate]:
        lists = ShownCandidate.objects.filter(address=self.address, line__gt=0).exclude(message__state__in=UNSENT)
        last = lists.order_by("-message_id").values_list("message_id", flat=True).first()
        if last is None:
            return []
        rows = ShownCandidate.objects.filter(message_id=last).select_related("candidate__tenant", "message")
        return list(rows.order_by("line"))

    def _answers_an_older_list(self) -> bool:
        lists = ShownCandidate.objects.filter(address=self.address, line__gt=0).exclude(message__state__in=UNSENT)
        last = lists.order_by("-message_id").select_related("message").first()
        if last is None or self.message.sent_at is None:
            return False
        if self.message.sent_at > last.message.created_at + READING:
            return False
        older = lists.filter(message_id__lt=last.message_id, candidate__status=CandidateStatus.PENDING)
        here = lists.filter(message_id=last.message_id).values("candidate")
        return bool(older.exclude(candidate__in=here).exclude(candidate__votes__approver=self.approver).exists())

    def _out(self) -> QuerySet:
        rows = Message.objects.filter(conversation_id=self.message.conversation_id, direction=Direction.OUT)
        return rows.exclude(state__in=UNSENT)

    def _quoted(self) -> list[ShownCandidate]:
        """Return what the quoted message showed; the parts before a question stand for the question."""
        if not self.message.reply_to:
            return []
        rows = Message.objects.filter(channel_id=self.message.channel_id, purpose=Purpose.APPROVAL)
        message = rows.called(self.message.reply_to, channel=self.message.channel_id).first()
        if message is None:
            return []
        part_of = message.data.get("part_of", "")
        question = rows.filter(dedupe_key=part_of).first() if part_of else None
        ids = [message.pk] + ([question.pk] if question is not None else [])
        shown = ShownCandidate.objects.filter(address=self.address, message_id__in=ids)
        return list(shown.select_related("candidate__tenant", "message").order_by("line"))


def answered_candidate(shown: ShownCandidate) -> AnsweredCandidate:
    """Return the shown candidate as it arrived: a template may have carried less than the whole text."""
    message = shown.message
    is_whole = shown.is_whole
    if message.kind == "template":
        text = one_line(message.text)
        variables = message.data.get("template", {}).get("variables", [])
        is_whole = is_whole and any(text in str(value) for value in variables)
        # A part or a picture before it became a template too, when the window closed on the way.
        rows = Message.objects.filter(conversation_id=message.conversation_id, purpose=Purpose.APPROVAL)
        is_whole = is_whole and not rows.filter(data__part_of=message.dedupe_key).exists()
    return AnsweredCandidate(shown.candidate, shown.revision, is_whole)
