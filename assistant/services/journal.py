"""What is stored around each step of a turn, before the step is used."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction

from assistant.models import AssistantProfile, Turn, TurnStep
from assistant.prices import cost_of
from assistant.providers.base import OutOfBudget, Usage
from assistant.services import budget
from assistant.toolbox import ToolContext, tools_for
from common.db.inserts import insert_once
from common.work.rows import LeaseLost
from messaging.models import Conversation
from messaging.services.takeover import lock_conversation


class Interrupted(Exception):
    """A person took over, or the contact opted out, while the model was running: the turn ends without a message."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TurnJournal:
    """The journal of one model's calls in one turn."""

    def __init__(self, turn: Turn, profile: AssistantProfile, model: str) -> None:
        self.turn = turn
        self.profile = profile
        self.model = model

    def recall(self, number: int) -> Any:
        """Return a reply that asked for tools, of a run whose worker died or whose next call failed."""
        step = TurnStep.objects.filter(turn=self.turn, key=self._key(number)).first()
        return step.result if step is not None else None

    def before(self, tokens: int, max_tokens: int) -> None:
        """Extend the claim and reserve the cost; raises LeaseLost or OutOfBudget."""
        self.turn.renew(lease_for(settings.LLM_TIMEOUT))
        amount = cost_of(self.model, input_tokens=tokens, output_tokens=max_tokens)
        if not budget.reserve(turn=self.turn, profile=self.profile, amount=amount):
            raise OutOfBudget

    def after(self, usage: Usage) -> None:
        """Count the cost of the call. It is counted even when the turn belongs to another worker by now."""
        cost = cost_of(self.model, input_tokens=usage.input_tokens, output_tokens=usage.output_tokens)
        try:
            budget.count_cost(
                turn=self.turn, cost=cost, input_tokens=usage.input_tokens, output_tokens=usage.output_tokens
            )
        except LeaseLost:
            budget.add_cost(tenant=self.turn.tenant, cost=cost)
            raise

    def keep(self, number: int, reply: Any) -> None:
        """Store a reply before its tools run."""
        TurnStep.objects.update_or_create(
            turn=self.turn, key=self._key(number), defaults={"kind": "model", "name": self.model, "result": reply}
        )

    def _key(self, number: int) -> str:
        return f"{self.turn.seen_id}:model:{number}"


def refuse_if_fenced(turn: Turn, conversation: Conversation) -> None:
    """Raise Interrupted when a person took over since the answer was requested, or the contact opted out.

    A suggestion is not affected: it is for the person who took over.
    """
    if turn.is_suggestion:
        return
    if conversation.is_paused or turn.fence != conversation.fence:
        raise Interrupted("paused")
    if conversation.contact.opted_out_at is not None:
        raise Interrupted("opted out")


def lease_for(seconds: float) -> float:
    """Return the lease for a step of up to `seconds`: no longer than a crash may stay unnoticed."""
    return float(max(settings.LEASE_SECONDS, seconds + 5))


def run_tool(context: ToolContext, name: str, arguments: Mapping[str, Any]) -> str:
    """Run a tool once per turn and arguments: its effect and its result are committed together.

    A turn that runs again because somebody wrote again repeats no effect; read-only tools run again. Raises Interrupted
    when a person took over meanwhile, LeaseLost when the turn is no longer ours, KeyError for an unknown tool and
    ValueError for wrong arguments.
    """
    tool = tools_for(context.turn)[name]
    key = f"{name}:{_hash(arguments)}"
    if tool.is_read_only:
        text = tool(context, arguments)
        # It can be read again.
        insert_once(_step(context, f"{context.turn.seen_id}:{key}", name, text), may_be_lost=True)
        return text
    with transaction.atomic():
        refuse_if_fenced(context.turn, lock_conversation(context.conversation))
        context.turn.renew(settings.LEASE_SECONDS)
        step = TurnStep.objects.filter(turn=context.turn, key=key).first()
        if step is not None:
            context.restore(step.result)
            return str(step.result["text"])
        text = tool(context, arguments)
        _step(context, key, name, text).save()
        return text


def _step(context: ToolContext, key: str, name: str, text: str) -> TurnStep:
    return TurnStep(turn=context.turn, key=key, kind="tool", name=name, result={"text": text, **context.recorded()})


def _hash(arguments: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(arguments, sort_keys=True, default=str).encode()).hexdigest()[:32]
