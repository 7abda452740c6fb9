"""Get an answer for a conversation: which model, how often, at what price, and what is said when none answers."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from assistant.bubbles import drop_half_sentence
from assistant.matching.emergencies import is_emergency
from assistant.matching.finding import ResultKind
from assistant.models import AssistantProfile, KnowledgeEntry, Turn
from assistant.providers import errors
from assistant.providers.base import (
    AnswerSource,
    ErrorDecision,
    LookupResult,
    ModelError,
    ModelThought,
    OutOfBudget,
    Passage,
    Prompt,
    ToolSpec,
)
from assistant.providers.errors import MAX_WAIT_SECONDS
from assistant.providers.llm import LanguageModel
from assistant.providers.offline import Offline
from assistant.providers.sentences import sentence_for
from assistant.queries import profile_of
from assistant.services import breakers, budget, n8n
from assistant.services.answers import (
    UNCHECKED,
    PreparedAnswer,
    announcement,
    bubbles_of,
    fallback_answer,
    join_bubbles,
)
from assistant.services.journal import Interrupted, TurnJournal, lease_for, refuse_if_fenced, run_tool
from assistant.services.machines import Machine
from assistant.services.model_options import ModelOption, model_options
from assistant.services.prompt import LoadedConversation, load_conversation, shorten_prompt
from assistant.toolbox import ToolContext, offline_rules, tools_for
from common.breakers import is_open
from common.db.compiled import CompiledQuery, Slot
from messaging.models import Conversation

logger = logging.getLogger("frontdesk.assistant")

TURN_SECONDS = 45.0
TAKEN_BACK = "nothing to answer: the message was taken back"
ANSWERED = "a person of the business has answered"
FRESH_SECONDS = 0.5  # for so long after the claim the conversation it loaded need not be loaded again

_NOW: CompiledQuery[Conversation] = CompiledQuery(
    lambda: Conversation.objects.select_related("contact").filter(pk=Slot("pk"))
)


@dataclass
class TurnRun:
    """One run of a turn: the tenant, the loaded conversation, the notes of the tools."""

    turn: Turn
    profile: AssistantProfile
    reading: LoadedConversation
    context: ToolContext
    tries: Tries = field(default_factory=lambda: Tries(TURN_SECONDS))

    def call(self, name: str, arguments: Mapping[str, Any]) -> str:
        """Run a tool for the model; returns its result."""
        return run_tool(self.context, name, arguments)

    def fallback(self, reason: str = "") -> PreparedAnswer:
        """Return the fallback sentence; with a reason, or after the hand-over tool was used, a person takes over."""
        return fallback_answer(self.turn, self.profile, hand_over=self.context.hand_over or reason)


def answer_turn(turn: Turn) -> PreparedAnswer | None:
    """Answer the conversation as it is now; returns None when n8n has the turn.

    Raises Interrupted when nothing waits for an answer or a person took over meanwhile, LeaseLost when the turn is no
    longer ours.
    """
    budget.release(turn=turn)
    profile = profile_of(turn.tenant)
    reading = load_conversation(turn, profile)
    if not reading.has_question:
        raise Interrupted(ANSWERED if reading.was_answered else TAKEN_BACK)
    if (urgent := urgent_answer(turn, profile, reading)) is not None:
        n8n.cancel_handoff(turn)
        return urgent
    work = TurnRun(turn=turn, profile=profile, reading=reading, context=tool_context(turn, reading))
    if reading.machine is not None:
        return _answer_machine(work, reading.machine)
    if not n8n.is_n8n_on():
        return ask_models(work)
    handed = n8n.hand_to_workflow(turn, profile, reading)
    if handed == n8n.WAITS:
        return None
    return handed if isinstance(handed, PreparedAnswer) else _instead_of_n8n(work)


def tool_context(turn: Turn, reading: LoadedConversation) -> ToolContext:
    """Return the context for the tools of this run, without notes yet."""
    conversation = turn.conversation
    return ToolContext(
        tenant=turn.tenant,
        contact=conversation.contact,
        conversation=conversation,
        turn=turn,
        written=reading.written,
    )


def ask_models(work: TurnRun) -> PreparedAnswer:
    """Call the models in order, within the budget; the fallback sentence, or a person, when none answers."""
    level = budget.budget_level(work.profile)
    if level == budget.BudgetLevel.EXHAUSTED:
        return _answer_without_budget(work)
    order = model_options(work.profile, cheaper=level == budget.BudgetLevel.CHEAPER)
    usable = [candidate for candidate in order if not candidate.missing]
    if not usable:
        _log_failure(work, order[0] if order else None, "no key", ms=0)
        return work.fallback("no model is set up")
    willing = [candidate for candidate in usable if not candidate.breaker_key or not is_open(candidate.breaker_key)]
    try:
        for number, candidate in enumerate(willing):
            thought = _ask_model(work, candidate, others=willing[number + 1 :])
            if thought is not None:
                return _made(work, thought)
            if work.tries.is_over:
                break
    except OutOfBudget:
        return _answer_without_budget(work)
    except ModelError as error:
        return work.fallback("the model refused to answer" if error.decision.hand_over else "")
    return work.fallback()


def _ask_model(work: TurnRun, candidate: ModelOption, *, others: Sequence[ModelOption]) -> ModelThought | None:
    """Call one model, again where that is worth it; returns None when the next one may try.

    Raises ModelError when none should.
    """
    prompt = work.reading.prompt
    tools = [tool.spec for tool in tools_for(work.turn).values()]
    retried = 0
    while work.tries.begin_try():
        if time.monotonic() - work.turn.claimed_at > FRESH_SECONDS:
            refuse_if_fenced(work.turn, _NOW.get(pk=work.turn.conversation_id))
        started = time.monotonic()
        try:
            thought = _thought(work, candidate, prompt, tools)
        except ModelError as error:
            _record_failure(work, candidate, error, ms=round((time.monotonic() - started) * 1000))
            decision = error.decision
            if decision.shorten and prompt is work.reading.prompt:
                prompt = shorten_prompt(prompt)
                continue
            work.turn.renew(lease_for(errors.MAX_WAIT_SECONDS))
            if work.tries.can_repeat(decision, retried, has_others=bool(others)):
                retried += 1
                continue
            if decision.next_provider:
                return None
            raise
        else:
            if candidate.breaker_key:
                breakers.record_success(candidate.breaker_key, provider=candidate.provider, model=candidate.model)
            return thought
    return None


def _thought(work: TurnRun, candidate: ModelOption, prompt: Prompt, tools: Sequence[ToolSpec]) -> ModelThought:
    thinker: AnswerSource = LanguageModel(candidate.access) if candidate.access else _offline(work)
    journal = TurnJournal(work.turn, work.profile, candidate.model)
    thought = thinker.think(prompt, tools, work.call, seconds=work.tries.seconds_left, journal=journal)
    context = work.context
    if thought.is_cut:
        thought = replace(thought, text=drop_half_sentence(thought.text))
    if not (thought.text or context.is_silent or context.hand_over):
        raise errors.unusable_error("empty answer")
    return thought


def _offline(work: TurnRun) -> Offline:
    return Offline(TurnKnowledge(work.context), offline_rules(), is_asking=lambda: bool(work.context.question))


def _made(work: TurnRun, thought: ModelThought) -> PreparedAnswer:
    turn, context = work.turn, work.context
    made = PreparedAnswer(bubbles=[], provider=thought.provider, model=thought.model)
    if context.is_silent and not context.hand_over:
        return replace(made, is_silent=True, outcome="silent")
    shown = [] if thought.provider == Offline.name else work.reading.sources
    sources = [*shown, *(source for source in context.sources if source not in shown)]
    text = thought.text or announcement(turn)
    bubbles = bubbles_of(turn, work.profile, text)
    if bubbles is None:
        return replace(work.fallback(UNCHECKED), provider=thought.provider, model=thought.model)
    if context.hand_over:
        # One closing message where it fits: the person who takes over should not find a row of them.
        bubbles = join_bubbles(bubbles, turn.conversation)
    choices = [] if context.hand_over else [asdict(choice) for choice in thought.choices]
    made = replace(made, hand_over=context.hand_over, is_asked_for=context.is_asked_for)
    made = replace(made, buttons=context.buttons, question=context.question)
    return replace(made, bubbles=bubbles, sources=sources, choices=choices)


def _answer_machine(work: TurnRun, machine: Machine) -> PreparedAnswer:
    """Hand over because a machine writes; the announcement is sent where it might be a person."""
    ids = {"tenant_id": work.turn.tenant_id, "conversation_id": work.turn.conversation_id, "turn_id": work.turn.pk}
    logger.warning("machine_found", extra=ids | {"reason": machine.reason})
    if not machine.may_be_told:
        return PreparedAnswer(bubbles=[], hand_over=machine.reason, outcome="handed_over")
    return replace(work.fallback(machine.reason), outcome="handed_over")


def _answer_without_budget(work: TurnRun) -> PreparedAnswer:
    """Answer without budget: the knowledge entries as they are, else a person."""
    found = _sure_answer(work)
    bubbles = bubbles_of(work.turn, work.profile, found) if found else None
    if bubbles is None:
        return replace(work.fallback("the month's budget is spent"), provider=Offline.name)
    return PreparedAnswer(bubbles=bubbles, outcome="canned", provider=Offline.name, sources=work.context.sources)


def _instead_of_n8n(work: TurnRun) -> PreparedAnswer:
    """Answer in place of n8n: by the built-in assistant where a model is set up, else one sentence."""
    order = model_options(work.profile)
    if any(candidate.access and not candidate.missing for candidate in order):
        return ask_models(work)
    found = _sure_answer(work)
    bubbles = bubbles_of(work.turn, work.profile, found) if found else None
    if not bubbles:
        return work.fallback()
    bubbles = join_bubbles(bubbles, work.turn.conversation)
    return PreparedAnswer(bubbles=bubbles, outcome="canned", provider=Offline.name, sources=work.context.sources)


def _sure_answer(work: TurnRun) -> str:
    """Return what the entries say about the newest lines, where that is sure; "" otherwise."""
    prompt = work.reading.prompt
    found = TurnKnowledge(work.context).look_up(work.reading.newest, language=prompt.language)
    return "" if found.is_choice else "\n\n".join(passage.content.strip() for passage in found.passages)


def _record_failure(work: TurnRun, candidate: ModelOption, error: ModelError, *, ms: int) -> None:
    _log_failure(work, candidate, error.reason, ms=ms, status=error.status)
    if candidate.breaker_key:
        breakers.record_failure(
            candidate.breaker_key,
            provider=candidate.provider,
            model=candidate.model,
            breaker=error.decision.breaker,
            reason=error.reason,
        )


def _log_failure(work: TurnRun, candidate: ModelOption | None, reason: str, *, ms: int, status: int = 0) -> None:
    ids = {
        "tenant_id": work.turn.tenant_id,
        "conversation_id": work.turn.conversation_id,
        "turn_id": work.turn.pk,
        "provider": candidate.provider if candidate else "",
        "model": candidate.model if candidate else "",
        "status": status,
        "reason": reason,
        "tries": MAX_TRIES - work.tries.left,
        "ms": ms,
    }
    logger.warning("ai_failed", extra=ids)


MAX_TRIES = 3
PAUSE_SECONDS = 0.5  # before the same model is called again, when it names no time itself
LEAST_SECONDS = 1.0  # with less than this left no call is begun


class Tries:
    """The tries and the time of one run of a turn."""

    def __init__(self, seconds: float) -> None:
        self.left = MAX_TRIES
        self._until = time.monotonic() + seconds

    @property
    def seconds_left(self) -> float:
        """Return the seconds until the turn's deadline."""
        return self._until - time.monotonic()

    @property
    def is_over(self) -> bool:
        """Return whether nothing more may be tried."""
        return self.left <= 0 or self.seconds_left < LEAST_SECONDS

    def begin_try(self) -> bool:
        """Use one try; returns False when there is none left."""
        if self.is_over:
            return False
        self.left -= 1
        return True

    def can_repeat(self, decision: ErrorDecision, retried: int, *, has_others: bool) -> bool:
        """Return whether to call the same model once more; waits as long as needed.

        When another model is available, the same one is called again once, without a long wait.
        """
        most = min(1, decision.retries) if has_others else decision.retries
        pause = PAUSE_SECONDS * (retried + 1) if decision.wait is None else decision.wait
        longest = 3.0 if has_others else min(MAX_WAIT_SECONDS, self.seconds_left - LEAST_SECONDS)
        if retried >= most or self.left <= 0 or pause > longest:
            return False
        time.sleep(pause)
        return True


URGENT = "urgent: it reads like an emergency"


def is_urgent(profile: AssistantProfile, text: str) -> bool:
    """Return whether the tenant watches for emergencies and a text reads like one."""
    return profile.watches_emergencies and is_emergency(text)


def urgent_answer(turn: Turn, profile: AssistantProfile, reading: LoadedConversation) -> PreparedAnswer | None:
    """Return a hand-over with the entry for emergencies.

    None when there is no emergency, or the tenant does not watch for them.

    A suggestion hands nothing over.
    """
    if turn.is_suggestion or not profile.watches_emergencies:
        return None
    if not any(is_emergency(text) for text in (reading.newest, *reading.waiting)):
        return None
    language = reading.prompt.language[:2].lower()
    entry = reading.written.for_emergency(language)
    sentence = sentence_for("urgent", language)
    said = bubbles_of(turn, profile, entry.content) if entry is not None else None
    sources = [{"id": entry.pk, "title": entry.title}] if entry is not None else []
    bubbles = join_bubbles([*(said or []), sentence], turn.conversation)
    return PreparedAnswer(bubbles=bubbles, hand_over=URGENT, provider="offline", model="rules", sources=sources)


class TurnKnowledge:
    """The tenant's entries, for the offline assistant."""

    def __init__(self, context: ToolContext) -> None:
        self.context = context

    def look_up(self, text: str, *, language: str, before: str = "") -> LookupResult:
        """Return what answers a question surely enough; entries that are said become sources of the turn."""
        written = self.context.written
        found = written.find(text, language=language, before=before)
        rows = written.entries(found.entries)
        is_choice = found.kind == ResultKind.CHOICE
        if not is_choice:
            self._record_sources(rows)
        return LookupResult(passages=_passages(rows), is_choice=is_choice, is_partial=found.is_partial)

    def passage(self, id_: int) -> Passage | None:
        """Return one entry.

        None when it was deleted, switched off or another tenant's when the conversation was loaded.
        """
        rows = self.context.written.entries([id_])
        self._record_sources(rows)
        return next(iter(_passages(rows)), None)

    def _record_sources(self, rows: Sequence[KnowledgeEntry]) -> None:
        for row in rows:
            source = {"id": row.pk, "title": row.title}
            if source not in self.context.sources:
                self.context.sources.append(source)


def _passages(rows: Sequence[KnowledgeEntry]) -> list[Passage]:
    return [Passage(id=row.pk, title=row.title, content=row.content) for row in rows]
