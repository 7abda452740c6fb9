"""From a conversation to an answer: which model, how often, at what price, and what is said when none answers."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from assistant.bubbles import without_half_sentence
from assistant.models import AssistantProfile, Turn
from assistant.providers import errors
from assistant.providers.base import ModelError, OutOfBudget, Prompt, Thinker, Thought, ToolSpec
from assistant.providers.llm import LanguageModel
from assistant.providers.offline import Offline
from assistant.queries import profile_of
from assistant.services import breakers, budget, n8n
from assistant.services.answers import UNCHECKED, Answer, announcement, bubbles_of, fallback, in_one
from assistant.services.automata import Machine
from assistant.services.candidates import Candidate, candidates
from assistant.services.journal import Interrupted, TurnJournal, lease_for, refuse_if_fenced, run_tool
from assistant.services.knowing import TurnKnowledge
from assistant.services.prompt import Reading, read, shorter
from assistant.services.retrying import MAX_TRIES, Tries
from assistant.services.urgent import urgent_answer
from assistant.toolbox import ToolContext, offline_rules, tools_for
from common.db.compiled import CompiledQuery, Slot
from messaging.models import Conversation

logger = logging.getLogger("frontdesk.assistant")

TURN_SECONDS = 45.0
TAKEN_BACK = "nothing to answer: the message was taken back"
ANSWERED = "a person of the business has answered"
FRESH_SECONDS = 0.5  # so long after the claim what it read of the conversation need not be read again

_NOW: CompiledQuery[Conversation] = CompiledQuery(
    lambda: Conversation.objects.select_related("contact").filter(pk=Slot("pk"))
)


@dataclass
class Work:
    """One run of a turn: whose it is, what was read, what the tools noted."""

    turn: Turn
    profile: AssistantProfile
    reading: Reading
    context: ToolContext
    tries: Tries = field(default_factory=lambda: Tries(TURN_SECONDS))

    def call(self, name: str, arguments: Mapping[str, Any]) -> str:
        """Run a tool for the model."""
        return run_tool(self.context, name, arguments)

    def fallback(self, reason: str = "") -> Answer:
        """The fixed sentence; with a reason, or after the tool was used, a person takes over."""
        return fallback(self.turn, self.profile, hand_over=self.context.hand_over or reason)


def answer(turn: Turn) -> Answer | None:
    """Think about the conversation as it stands; None when n8n has it.

    Raises Interrupted when nothing waits for an answer or a person took over meanwhile, LeaseLost when the turn
    is no longer ours.
    """
    budget.release(turn=turn)
    profile = profile_of(turn.tenant)
    reading = read(turn, profile)
    if not reading.has_question:
        raise Interrupted(ANSWERED if reading.was_answered else TAKEN_BACK)
    if (urgent := urgent_answer(turn, profile, reading)) is not None:
        n8n.call_off(turn)
        return urgent
    work = Work(turn=turn, profile=profile, reading=reading, context=context_of(turn, reading))
    if reading.machine is not None:
        return _to_a_machine(work, reading.machine)
    if not n8n.is_on():
        return think(work)
    handed = n8n.hand(turn, profile, reading)
    if handed == n8n.WAITS:
        return None
    return handed if isinstance(handed, Answer) else _instead_of_n8n(work)


def context_of(turn: Turn, reading: Reading) -> ToolContext:
    """Whose conversation the tools of this run act in, with nothing noted yet."""
    conversation = turn.conversation
    return ToolContext(
        tenant=turn.tenant,
        contact=conversation.contact,
        conversation=conversation,
        turn=turn,
        written=reading.written,
    )


def think(work: Work) -> Answer:
    """Ask the models in order, within the budget; a fixed sentence, or a person, when none answers."""
    level = budget.level(work.profile)
    if level == budget.Level.EXHAUSTED:
        return _canned(work)
    order = candidates(work.profile, cheaper=level == budget.Level.CHEAPER)
    usable = [candidate for candidate in order if not candidate.missing]
    if not usable:
        _log_failure(work, order[0] if order else None, "no key", ms=0)
        return work.fallback("no model is set up")
    willing = [candidate for candidate in usable if not candidate.gate or not breakers.is_open(candidate.gate)]
    try:
        for number, candidate in enumerate(willing):
            thought = _ask(work, candidate, others=willing[number + 1 :])
            if thought is not None:
                return _made(work, thought)
            if work.tries.is_over:
                break
    except OutOfBudget:
        return _canned(work)
    except ModelError as error:
        return work.fallback("the model refused to answer" if error.decision.hand_over else "")
    return work.fallback()


def _ask(work: Work, candidate: Candidate, *, others: Sequence[Candidate]) -> Thought | None:
    """Ask one model, again where that is worth it; None: the next one may try. Raises ModelError when none should."""
    prompt = work.reading.prompt
    tools = [tool.spec for tool in tools_for(work.turn).values()]
    retried = 0
    while work.tries.begin():
        if time.monotonic() - work.turn.claimed_at > FRESH_SECONDS:
            refuse_if_fenced(work.turn, _NOW.get(pk=work.turn.conversation_id))
        started = time.monotonic()
        try:
            thought = _thought(work, candidate, prompt, tools)
        except ModelError as error:
            _note_failure(work, candidate, error, ms=round((time.monotonic() - started) * 1000))
            decision = error.decision
            if decision.shorten and prompt is work.reading.prompt:
                prompt = shorter(prompt)
                continue
            work.turn.renew(lease_for(errors.MAX_WAIT_SECONDS))
            if work.tries.may_repeat(decision, retried, has_others=bool(others)):
                retried += 1
                continue
            if decision.next_provider:
                return None
            raise
        else:
            if candidate.gate:
                breakers.succeeded(candidate.gate, provider=candidate.provider, model=candidate.model)
            return thought
    return None


def _thought(work: Work, candidate: Candidate, prompt: Prompt, tools: Sequence[ToolSpec]) -> Thought:
    thinker: Thinker = LanguageModel(candidate.access) if candidate.access else _offline(work)
    journal = TurnJournal(work.turn, work.profile, candidate.model)
    thought = thinker.think(prompt, tools, work.call, seconds=work.tries.seconds_left, journal=journal)
    context = work.context
    if thought.is_cut:
        thought = replace(thought, text=without_half_sentence(thought.text))
    if not (thought.text or context.is_silent or context.hand_over):
        raise errors.unusable("empty answer")
    return thought


def _offline(work: Work) -> Offline:
    return Offline(TurnKnowledge(work.context), offline_rules(), is_asking=lambda: bool(work.context.question))


def _made(work: Work, thought: Thought) -> Answer:
    turn, context = work.turn, work.context
    made = Answer(bubbles=[], provider=thought.provider, model=thought.model)
    if context.is_silent and not context.hand_over:
        return replace(made, is_silent=True, outcome="silent")
    shown = [] if thought.provider == Offline.name else work.reading.sources
    sources = [*shown, *(source for source in context.sources if source not in shown)]
    text = thought.text or announcement(turn)
    bubbles = bubbles_of(turn, work.profile, text)
    if bubbles is None:
        return replace(work.fallback(UNCHECKED), provider=thought.provider, model=thought.model)
    if context.hand_over:
        # One closing message where it fits: the person who takes over should not follow a row of them.
        bubbles = in_one(bubbles, turn.conversation)
    choices = [] if context.hand_over else [asdict(choice) for choice in thought.choices]
    made = replace(made, hand_over=context.hand_over, is_asked_for=context.is_asked_for)
    made = replace(made, buttons=context.buttons, question=context.question)
    return replace(made, bubbles=bubbles, sources=sources, choices=choices)


def _to_a_machine(work: Work, machine: Machine) -> Answer:
    """Hand over; the sentence that a person will come is for the customer whom we might have taken for a machine."""
    ids = {"tenant_id": work.turn.tenant_id, "conversation_id": work.turn.conversation_id, "turn_id": work.turn.pk}
    logger.warning("machine_found", extra=ids | {"reason": machine.reason})
    if not machine.may_be_told:
        return Answer(bubbles=[], hand_over=machine.reason, outcome="handed_over")
    return replace(work.fallback(machine.reason), outcome="handed_over")


def _canned(work: Work) -> Answer:
    """No money for a model: what is written down is said as it stands; else a person is asked."""
    found = _written_down(work)
    bubbles = bubbles_of(work.turn, work.profile, found) if found else None
    if bubbles is None:
        return replace(work.fallback("the month's budget is spent"), provider=Offline.name)
    return Answer(bubbles=bubbles, outcome="canned", provider=Offline.name, sources=work.context.sources)


def _instead_of_n8n(work: Work) -> Answer:
    """The built-in assistant where a model is set up, else one sentence: what is written down, or the fixed one."""
    order = candidates(work.profile)
    if any(candidate.access and not candidate.missing for candidate in order):
        return think(work)
    found = _written_down(work)
    bubbles = bubbles_of(work.turn, work.profile, found) if found else None
    if not bubbles:
        return work.fallback()
    bubbles = in_one(bubbles, work.turn.conversation)
    return Answer(bubbles=bubbles, outcome="canned", provider=Offline.name, sources=work.context.sources)


def _written_down(work: Work) -> str:
    """What is written down about the newest lines, where that is sure; "" else."""
    prompt = work.reading.prompt
    found = TurnKnowledge(work.context).look_up(work.reading.newest, language=prompt.language)
    return "" if found.is_choice else "\n\n".join(passage.content.strip() for passage in found.passages)


def _note_failure(work: Work, candidate: Candidate, error: ModelError, *, ms: int) -> None:
    _log_failure(work, candidate, error.reason, ms=ms, status=error.status)
    if candidate.gate:
        breakers.failed(
            candidate.gate,
            provider=candidate.provider,
            model=candidate.model,
            breaker=error.decision.breaker,
            reason=error.reason,
        )


def _log_failure(work: Work, candidate: Candidate | None, reason: str, *, ms: int, status: int = 0) -> None:
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
