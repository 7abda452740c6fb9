"""Handle what an approver writes, taps or puts on a message.

An unclear message is answered with a question and decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models.functions import Now

from approvals import texts
from approvals.answer_parser import ALL, ApproverAct, ParsedAnswer, UnclearAnswer, parse_answers
from approvals.answer_words import emoji_meaning
from approvals.models import Candidate, Question, QuestionKind, QuestionState, TrailKind, Verdict, Via
from approvals.queries import address_of, open_candidates
from approvals.services.answered_candidate import (
    Ambiguous,
    AnsweredCandidate,
    ApproverMessage,
    NoMatch,
    answered_candidate,
)
from approvals.services.deciding import VoteOutcome, VoteResult, vote
from approvals.services.question_queue import ending_text
from approvals.services.revising import NotEditable, TextTooLong, ask_back, revise
from approvals.services.showing import MAX_LINES, add_message, show_candidate, show_several
from approvals.services.trail import record_trail
from common.text.plain import fold
from messaging.models import Message
from messaging.providers.base import Kind
from messaging.services import clear_waiting

Phrase = Callable[..., str]


def handle_answer(*, message: Message) -> bool:
    """Handle an approver's message if it is about candidates; the caller has locked its conversation."""
    is_heard = message.kind in (Kind.VOICE, Kind.AUDIO) and bool(message.text)
    if message.is_late or not (is_heard or message.kind in (Kind.TEXT, Kind.BUTTON, Kind.LIST, Kind.REACTION)):
        return False
    address = address_of(message.conversation)
    if address is None:
        return False
    # This message has opened the reply window, which the loaded row does not know yet.
    message.conversation.refresh_from_db(fields=["last_inbound_at"])
    taken = _AnswerHandler(ApproverMessage(message, address)).handle()
    if taken:
        clear_waiting(conversation=message.conversation)
    return taken


class _AnswerHandler:
    """Handles one message of an approver."""

    def __init__(self, chat: ApproverMessage) -> None:
        self.chat = chat
        self.message = chat.message
        self.language = chat.approver.language
        self.results: list[str] = []
        self.to_show: list[tuple[AnsweredCandidate, str]] = []

    def handle(self) -> bool:
        if self.message.kind == Kind.REACTION:
            return self._reaction()
        tap = texts.parse_tap(str(self.message.data.get("payload", "")))
        if self.message.kind in (Kind.BUTTON, Kind.LIST) and tap is not None:
            return self._tap(*tap)
        return self._text(self.message.text)

    def _reaction(self) -> bool:
        if not self.chat.quoted:
            return False
        sign = emoji_meaning(self.message.text)
        if not sign:
            return True  # a removed reaction, or one without a meaning: nothing changes
        try:
            target = self.chat.current_question()
        except Ambiguous:
            return self._ask_which()
        return self._finish([(ParsedAnswer(ApproverAct[sign]), target)], via=Via.REACTION)

    def _tap(self, pk: int, revision: int, choice: str) -> bool:
        candidate = Candidate.objects.of(self.chat.approver.tenant).select_related("tenant").filter(pk=pk).first()
        if candidate is None:
            return self._add_text(self._sentence("not_you"))
        under = [answered_candidate(row) for row in self.chat.quoted if row.candidate_id == candidate.pk]
        if candidate.is_open and any(not target.is_whole for target in under):
            # Quick replies of a template that carried a part of the text.
            self._show(under[0], before=self._sentence("read_first", id=_id(under[0])))
            return self._send()
        try:
            self._vote(AnsweredCandidate(candidate, revision), choice, Via.BUTTON)
        except ValueError:
            return self._unclear()
        return self._send()

    def _text(self, text: str) -> bool:
        if (picked := self._picked(text)) is not None:
            target, choice = picked
            return self._finish_choice(target, choice)
        try:
            answers = parse_answers(text, self.language)
        except UnclearAnswer:
            return self._unclear() if self._is_about_us() else False
        if not answers:
            return self._not_understood()
        if answers[0].act == ApproverAct.PENDING:
            return self._pending()
        try:
            return self._finish(self._resolve(answers), via=Via.TEXT)
        except Ambiguous:
            return self._ask_which()
        except NoMatch:
            named = any(one.ref for one in answers)
            return self._unclear() if named and self.chat.has_candidates() else False

    def _picked(self, text: str) -> tuple[AnsweredCandidate, str] | None:
        """Return the choice of the current question that is named by its number or its words."""
        try:
            target = self.chat.current_question()
        except (Ambiguous, NoMatch):
            return None
        choices = target.candidate.choices()
        word = text.strip().rstrip(".)")
        if word.isascii() and word.isdigit() and len(word) < 3 and 0 < int(word) <= len(choices):
            return target, choices[int(word) - 1]["id"]
        labels = {fold(texts.button_label(choice, self.language)): choice["id"] for choice in choices}
        found = labels.get(fold(text))
        return (target, found) if found and target.candidate.options else None

    def _resolve(self, answers: list[ParsedAnswer]) -> list[tuple[ParsedAnswer, AnsweredCandidate]]:
        found: list[tuple[ParsedAnswer, AnsweredCandidate]] = []
        for one in answers:
            if one.ref == ALL:
                lines = [target for _, target in self.chat.answered_lines()]
                if not lines or one.act in (ApproverAct.EDIT, ApproverAct.ASK):
                    raise NoMatch
                # When all of them have ended, the approver is told so for each.
                found += [(one, target) for target in lines if target.candidate.is_open] or [
                    (one, target) for target in lines
                ]
            else:
                found.append((one, self.chat.find_named(one.ref) if one.ref else self.chat.current_question()))
        ids = [target.candidate.pk for _, target in found]
        if len(set(ids)) < len(ids):
            raise Ambiguous  # one candidate named twice
        return found

    def _finish(self, pairs: list[tuple[ParsedAnswer, AnsweredCandidate]], *, via: Via) -> bool:
        # Always in one order: two approvers who answer the same candidates must not wait for each other.
        for one, target in sorted(pairs, key=lambda pair: pair[1].candidate.pk):
            self._act(one, target, via)
        return self._send()

    def _finish_choice(self, target: AnsweredCandidate, choice: str) -> bool:
        if not target.is_whole:
            self._show(target, before=self._sentence("read_first", id=_id(target)))
        else:
            self._vote(target, choice, Via.TEXT)
        return self._send()

    def _act(self, one: ParsedAnswer, target: AnsweredCandidate, via: Via) -> None:
        candidate = target.candidate
        if not candidate.is_open and one.act in (ApproverAct.SHOW, ApproverAct.EDIT, ApproverAct.SKIP, ApproverAct.ASK):
            self.results.append(ending_text(candidate, self.language, "over"))
        elif one.act == ApproverAct.SHOW:
            self._show(target)
        elif one.act == ApproverAct.SKIP:
            record_trail(candidate, TrailKind.SKIPPED, actor=self.chat.approver.name)
            self.results.append(self._sentence("skipped", id=_id(target)))
        elif one.act == ApproverAct.ASK:
            ask_back(candidate=candidate, approver=self.chat.approver, text=one.text)
            self.results.append(self._sentence("question", id=_id(target)))
        elif not target.is_whole and candidate.is_open:
            self._show(target, before=self._sentence("read_first", id=_id(target)))
        elif one.act == ApproverAct.EDIT:
            self._edit(target, one.text)
        else:
            self._word(target, Verdict.APPROVE if one.act == ApproverAct.YES else Verdict.REJECT, via)

    def _word(self, target: AnsweredCandidate, verdict: Verdict, via: Via) -> None:
        fitting = [choice["id"] for choice in target.candidate.choices() if choice["means"] == verdict]
        if len(fitting) == 1:
            self._vote(target, fitting[0], via)
        else:
            self._show(target, before=self._sentence("which"))

    def _edit(self, target: AnsweredCandidate, text: str) -> None:
        try:
            revision = revise(candidate=target.candidate, approver=self.chat.approver, text=text)
        except NotEditable:
            self.results.append(self._sentence("no_edit", id=_id(target)))
        except TextTooLong as error:
            self.results.append(self._sentence("too_long", count=error.limit))
        else:
            self._show(AnsweredCandidate(target.candidate, revision.number))

    def _vote(self, target: AnsweredCandidate, choice: str, via: Via) -> None:
        outcome = vote(
            candidate=target.candidate, approver=self.chat.approver, choice=choice, via=via, revision=target.revision,
            cast_by=f"contact:{self.message.conversation.contact_id}",
        )  # fmt: skip
        self.results.append(self._describe_result(outcome))

    def _describe_result(self, outcome: VoteOutcome) -> str:
        row = outcome.candidate
        facts = {"id": f"#{row.short_id.upper()}", "title": row.title}
        if outcome.result == VoteResult.DECIDED:
            if row.decided_option:
                option = next(one for one in row.options if one["id"] == row.decided_option)
                return self._sentence("chosen", option=option["title"], **facts)
            return self._sentence(row.status, **facts)
        if outcome.result in (VoteResult.OVER, VoteResult.EXPIRED):
            name = "expired" if outcome.result == VoteResult.EXPIRED else "over"
            return self._sentence("expired", **facts) if name == "expired" else ending_text(row, self.language, "over")
        if outcome.result == VoteResult.COUNTED:
            return self._sentence("counted", left=outcome.left, **facts)
        return self._sentence(
            "again" if outcome.result in (VoteResult.AGAIN, VoteResult.SEATED) else "not_you", **facts
        )

    def _pending(self) -> bool:
        rows = list(open_candidates(self.chat.approver)[: MAX_LINES + 1])
        if not rows:
            return self._add_text(self._sentence("nothing"))
        self._show_some(rows)
        return True

    def _not_understood(self) -> bool:
        """Ask once what is meant when words after a question are no answer; further words go to the assistant."""
        if not self._is_about_us():
            return False
        last = self.chat.last_out
        asked_before = last is not None and bool(last.data.get("asks_back"))
        return False if asked_before and not self.chat.quoted else self._unclear()

    def _is_about_us(self) -> bool:
        if self.chat.quoted:
            return True
        return bool(self.chat.open) and self.chat.last_message_is_question()

    def _unclear(self) -> bool:
        try:
            rows = [self.chat.current_question().candidate]
        except (Ambiguous, NoMatch):
            rows = [target.candidate for _, target in self.chat.lines()] or self.chat.open
        rows = [row for row in rows if row.is_open][: MAX_LINES + 1]
        for row in rows:
            record_trail(row, TrailKind.UNCLEAR, actor=self.chat.approver.name, message_id=self.message.pk)
        if not rows:
            return self._add_text(self._sentence("unclear"))
        self._show_some(rows, before=self._sentence("unclear"), asks_back=True)
        return True

    def _ask_which(self) -> bool:
        lines = [target.candidate for _, target in self.chat.lines()] if self.chat.quoted else []
        rows = [row for row in lines if row.is_open] or self.chat.open
        if not rows:
            return self._add_text("\n".join(ending_text(row, self.language, "over") for row in lines))
        self._show_some(rows[: MAX_LINES + 1], before=self._sentence("which"), asks_back=True)
        return True

    def _show_some(self, rows: list[Candidate], *, before: str = "", asks_back: bool = False) -> None:
        """Show one candidate whole, several as a list; what is shown now need not be asked later."""
        more: dict[str, Any] = {
            "conversation": self.message.conversation,
            "address": self.chat.address,
            "key": f"{'unclear' if asks_back else 'answer'}:{self.message.pk}",
            "before": before,
            "asks_back": asks_back,
        }
        if len(rows) == 1:
            show_candidate(candidate=rows[0], on_request=True, **more)
        else:
            show_several(candidates=rows[:MAX_LINES], left=max(0, len(rows) - MAX_LINES), **more)
        self._need_not_ask(rows[:MAX_LINES])

    def _show(self, target: AnsweredCandidate, *, before: str = "") -> None:
        """Show one candidate whole, after what was done: the question comes last, so that a bare "yes" is about it."""
        self.to_show.append((target, before))

    def _need_not_ask(self, rows: list[Candidate]) -> None:
        waiting = Question.objects.filter(address=self.chat.address, kind=QuestionKind.ASK, state=QuestionState.WAITING)
        waiting.filter(candidate__in=rows).update(state=QuestionState.SHOWN, shown_at=Now(), reason="shown on request")

    def _send(self) -> bool:
        if self.results:
            self._add_text("\n".join(self.results))
        for number, (target, before) in enumerate(self.to_show, start=1):
            show_candidate(
                conversation=self.message.conversation, address=self.chat.address, candidate=target.candidate,
                key=f"answer:{self.message.pk}:s{number}", revision=target.revision, on_request=True, before=before,
            )  # fmt: skip
        self._need_not_ask([target.candidate for target, _ in self.to_show])
        return True

    def _add_text(self, text: str) -> bool:
        add_message(conversation=self.message.conversation, text=text, key=f"told:{self.message.pk}")
        return True

    def _sentence(self, name: str, **values: object) -> str:
        return texts.sentence(self.language, name, **values)


def _id(target: AnsweredCandidate) -> str:
    return f"#{target.candidate.short_id.upper()}"
