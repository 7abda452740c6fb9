"""Take what an approver writes, taps or puts on a message. What is unclear asks, and decides nothing."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models.functions import Now

from approvals import wording
from approvals.models import Candidate, Prompt, PromptKind, PromptState, StepKind, Verdict, Via
from approvals.queries import address_of, language_of, open_for
from approvals.reading import ALL, Act, Answer, Unclear, read
from approvals.services.asking import ending
from approvals.services.chat import Chat, Nothing, Target, Which, target_of
from approvals.services.deciding import Outcome, Result, vote
from approvals.services.revising import NotEditable, TooLong, ask_back, revise
from approvals.services.showing import MAX_LINES, say, show, show_several
from approvals.services.trail import note
from approvals.words import sign_of
from common.text.plain import fold
from messaging.models import Message
from messaging.providers.base import Kind
from messaging.services import note_answered

Phrase = Callable[..., str]


def answer(*, message: Message) -> bool:
    """Take an approver's message if it is about candidates; its conversation is locked by the caller."""
    is_heard = message.kind in (Kind.VOICE, Kind.AUDIO) and bool(message.text)
    if message.is_late or not (is_heard or message.kind in (Kind.TEXT, Kind.BUTTON, Kind.LIST, Kind.REACTION)):
        return False
    address = address_of(message.conversation)
    if address is None:
        return False
    # This message has opened the reply window, which the row at hand does not know yet.
    message.conversation.refresh_from_db(fields=["last_inbound_at"])
    taken = _Answering(Chat(message, address)).take()
    if taken:
        note_answered(conversation=message.conversation)
    return taken


class _Answering:
    """One message on its way to what it does."""

    def __init__(self, chat: Chat) -> None:
        self.chat = chat
        self.message = chat.message
        self.language = language_of(chat.approver)
        self.results: list[str] = []
        self.to_show: list[tuple[Target, str]] = []

    def take(self) -> bool:
        if self.message.kind == Kind.REACTION:
            return self._reaction()
        tap = wording.tapped(str(self.message.data.get("payload", "")))
        if self.message.kind in (Kind.BUTTON, Kind.LIST) and tap is not None:
            return self._tap(*tap)
        return self._text(self.message.text)

    def _reaction(self) -> bool:
        if not self.chat.quoted:
            return False
        sign = sign_of(self.message.text)
        if not sign:
            return True  # taken back, or one that says nothing: the message it is on stays as it is
        try:
            target = self.chat.in_question()
        except Which:
            return self._ask_which()
        return self._finish([(Answer(Act[sign]), target)], via=Via.REACTION)

    def _tap(self, pk: int, revision: int, choice: str) -> bool:
        candidate = Candidate.objects.of(self.chat.approver.tenant).select_related("tenant").filter(pk=pk).first()
        if candidate is None:
            return self._tell(self._say("not_you"))
        under = [target_of(row) for row in self.chat.quoted if row.candidate_id == candidate.pk]
        if candidate.is_open and any(not target.is_whole for target in under):
            # The quick replies of a template that carried a part of the text.
            self._show(under[0], before=self._say("read_first", id=_id(under[0])))
            return self._send()
        try:
            self._vote(Target(candidate, revision), choice, Via.BUTTON)
        except ValueError:
            return self._unclear()
        return self._send()

    def _text(self, text: str) -> bool:
        if (picked := self._picked(text)) is not None:
            target, choice = picked
            return self._finish_choice(target, choice)
        try:
            answers = read(text, self.language)
        except Unclear:
            return self._unclear() if self._is_about_us() else False
        if not answers:
            return self._not_understood()
        if answers[0].act == Act.PENDING:
            return self._pending()
        try:
            return self._finish(self._resolve(answers), via=Via.TEXT)
        except Which:
            return self._ask_which()
        except Nothing:
            named = any(one.ref for one in answers)
            return self._unclear() if named and self.chat.knows() else False

    def _picked(self, text: str) -> tuple[Target, str] | None:
        """A choice of the one in question, by its number or its words."""
        try:
            target = self.chat.in_question()
        except (Which, Nothing):
            return None
        choices = target.candidate.choices()
        word = text.strip().rstrip(".)")
        if word.isascii() and word.isdigit() and len(word) < 3 and 0 < int(word) <= len(choices):
            return target, choices[int(word) - 1]["id"]
        labels = {fold(wording.label(choice, self.language)): choice["id"] for choice in choices}
        found = labels.get(fold(text))
        return (target, found) if found and target.candidate.options else None

    def _resolve(self, answers: list[Answer]) -> list[tuple[Answer, Target]]:
        found: list[tuple[Answer, Target]] = []
        for one in answers:
            if one.ref == ALL:
                lines = [target for _, target in self.chat.answered_lines()]
                if not lines or one.act in (Act.EDIT, Act.ASK):
                    raise Nothing
                # When all of them have ended, the approver hears so of each.
                found += [(one, target) for target in lines if target.candidate.is_open] or [
                    (one, target) for target in lines
                ]
            else:
                found.append((one, self.chat.named(one.ref) if one.ref else self.chat.in_question()))
        ids = [target.candidate.pk for _, target in found]
        if len(set(ids)) < len(ids):
            raise Which  # one candidate named twice
        return found

    def _finish(self, pairs: list[tuple[Answer, Target]], *, via: Via) -> bool:
        # In one order everywhere: two who answer the same candidates must not wait for each other.
        for one, target in sorted(pairs, key=lambda pair: pair[1].candidate.pk):
            self._act(one, target, via)
        return self._send()

    def _finish_choice(self, target: Target, choice: str) -> bool:
        if not target.is_whole:
            self._show(target, before=self._say("read_first", id=_id(target)))
        else:
            self._vote(target, choice, Via.TEXT)
        return self._send()

    def _act(self, one: Answer, target: Target, via: Via) -> None:
        candidate = target.candidate
        if not candidate.is_open and one.act in (Act.SHOW, Act.EDIT, Act.SKIP, Act.ASK):
            self.results.append(ending(candidate, self.language, "over"))
        elif one.act == Act.SHOW:
            self._show(target)
        elif one.act == Act.SKIP:
            note(candidate, StepKind.SKIPPED, actor=self.chat.approver.name)
            self.results.append(self._say("skipped", id=_id(target)))
        elif one.act == Act.ASK:
            ask_back(candidate=candidate, approver=self.chat.approver, text=one.text)
            self.results.append(self._say("question", id=_id(target)))
        elif not target.is_whole and candidate.is_open:
            self._show(target, before=self._say("read_first", id=_id(target)))
        elif one.act == Act.EDIT:
            self._edit(target, one.text)
        else:
            self._word(target, Verdict.APPROVE if one.act == Act.YES else Verdict.REJECT, via)

    def _word(self, target: Target, verdict: Verdict, via: Via) -> None:
        fitting = [choice["id"] for choice in target.candidate.choices() if choice["means"] == verdict]
        if len(fitting) == 1:
            self._vote(target, fitting[0], via)
        else:
            self._show(target, before=self._say("which"))

    def _edit(self, target: Target, text: str) -> None:
        try:
            revision = revise(candidate=target.candidate, approver=self.chat.approver, text=text)
        except NotEditable:
            self.results.append(self._say("no_edit", id=_id(target)))
        except TooLong as error:
            self.results.append(self._say("too_long", count=error.limit))
        else:
            self._show(Target(target.candidate, revision.number))

    def _vote(self, target: Target, choice: str, via: Via) -> None:
        outcome = vote(
            candidate=target.candidate, approver=self.chat.approver, choice=choice, via=via, revision=target.revision,
            cast_by=f"contact:{self.message.conversation.contact_id}",
        )  # fmt: skip
        self.results.append(self._told(outcome))

    def _told(self, outcome: Outcome) -> str:
        row = outcome.candidate
        facts = {"id": f"#{row.short_id.upper()}", "title": row.title}
        if outcome.result == Result.DECIDED:
            if row.decided_option:
                option = next(one for one in row.options if one["id"] == row.decided_option)
                return self._say("chosen", option=option["title"], **facts)
            return self._say(row.status, **facts)
        if outcome.result in (Result.OVER, Result.EXPIRED):
            name = "expired" if outcome.result == Result.EXPIRED else "over"
            return self._say("expired", **facts) if name == "expired" else ending(row, self.language, "over")
        if outcome.result == Result.COUNTED:
            return self._say("counted", left=outcome.left, **facts)
        return self._say("again" if outcome.result in (Result.AGAIN, Result.SEATED) else "not_you", **facts)

    def _pending(self) -> bool:
        rows = list(open_for(self.chat.approver)[: MAX_LINES + 1])
        if not rows:
            return self._tell(self._say("nothing"))
        self._show_some(rows)
        return True

    def _not_understood(self) -> bool:
        """Words that are no answer: after a question we ask once what is meant; further ones are the assistant's."""
        if not self._is_about_us():
            return False
        last = self.chat.last_out
        asked_before = last is not None and (last.dedupe_key or "").startswith("approval:unclear")
        return False if asked_before and not self.chat.quoted else self._unclear()

    def _is_about_us(self) -> bool:
        if self.chat.quoted:
            return True
        return bool(self.chat.open) and self.chat.asks_last()

    def _unclear(self) -> bool:
        try:
            rows = [self.chat.in_question().candidate]
        except (Which, Nothing):
            rows = [target.candidate for _, target in self.chat.lines()] or self.chat.open
        rows = [row for row in rows if row.is_open][: MAX_LINES + 1]
        for row in rows:
            note(row, StepKind.UNCLEAR, actor=self.chat.approver.name, message_id=self.message.pk)
        if not rows:
            return self._tell(self._say("unclear"))
        self._show_some(rows, before=self._say("unclear"), key="unclear")
        return True

    def _ask_which(self) -> bool:
        lines = [target.candidate for _, target in self.chat.lines()] if self.chat.quoted else []
        rows = [row for row in lines if row.is_open] or self.chat.open
        if not rows:
            return self._tell("\n".join(ending(row, self.language, "over") for row in lines))
        self._show_some(rows[: MAX_LINES + 1], before=self._say("which"), key="unclear")
        return True

    def _show_some(self, rows: list[Candidate], *, before: str = "", key: str = "answer") -> None:
        """One whole, several as a list; what is shown now need not be asked later."""
        place = {"conversation": self.message.conversation, "address": self.chat.address}
        key = f"{key}:{self.message.pk}"
        if len(rows) == 1:
            show(candidate=rows[0], key=key, on_request=True, before=before, **place)  # type: ignore[arg-type]  # both are named
        else:
            left = len(rows) - MAX_LINES
            show_several(candidates=rows[:MAX_LINES], key=key, before=before, left=max(0, left), **place)  # type: ignore[arg-type]  # both are named
        self._need_not_ask(rows[:MAX_LINES])

    def _show(self, target: Target, *, before: str = "") -> None:
        """One whole, after what was done: the question comes last, so that a bare "yes" is about it."""
        self.to_show.append((target, before))

    def _need_not_ask(self, rows: list[Candidate]) -> None:
        waiting = Prompt.objects.filter(address=self.chat.address, kind=PromptKind.ASK, state=PromptState.WAITING)
        waiting.filter(candidate__in=rows).update(state=PromptState.SHOWN, shown_at=Now(), reason="shown on request")

    def _send(self) -> bool:
        if self.results:
            self._tell("\n".join(self.results))
        for number, (target, before) in enumerate(self.to_show, start=1):
            show(
                conversation=self.message.conversation, address=self.chat.address, candidate=target.candidate,
                key=f"answer:{self.message.pk}:s{number}", revision=target.revision, on_request=True, before=before,
            )  # fmt: skip
        self._need_not_ask([target.candidate for target, _ in self.to_show])
        return True

    def _tell(self, text: str) -> bool:
        say(conversation=self.message.conversation, text=text, key=f"told:{self.message.pk}")
        return True

    def _say(self, name: str, **values: object) -> str:
        return wording.say(self.language, name, **values)


def _id(target: Target) -> str:
    return f"#{target.candidate.short_id.upper()}"
