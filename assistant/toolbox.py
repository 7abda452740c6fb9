"""The assistant's tools: registration and context."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from assistant.models import Turn
from assistant.providers.base import ToolSpec
from assistant.queries import TenantKnowledge
from common.text.plain import clean
from messaging.models import Contact, Conversation
from tenants.models import Tenant


@dataclass
class ToolContext:
    """The conversation a tool acts on, given by the turn, never by the model. Tools record here how the turn ends."""

    tenant: Tenant
    contact: Contact
    conversation: Conversation
    turn: Turn
    written: TenantKnowledge  # the tenant's entries when the conversation was loaded
    hand_over: str = ""
    is_asked_for: bool = False  # the customer asked for the hand-over
    is_silent: bool = False
    sources: list[dict[str, Any]] = field(default_factory=list)
    buttons: list[dict[str, str]] = field(default_factory=list)  # answers to offer under the message
    question: str = ""  # the question that a tool has asked: one at a time

    def recorded(self) -> dict[str, Any]:
        """Return what the tools have recorded so far, to be stored with a step."""
        noted: dict[str, Any] = {
            "hand_over": self.hand_over,
            "is_asked_for": self.is_asked_for,
            "is_silent": self.is_silent,
            "sources": list(self.sources),
        }
        if self.question:
            noted["question"] = self.question
        return noted | ({"buttons": list(self.buttons)} if self.buttons else {})

    def restore(self, noted: Mapping[str, Any]) -> None:
        """Load what was recorded with a step that ran before."""
        self.hand_over = self.hand_over or str(noted.get("hand_over", ""))
        self.is_asked_for = self.is_asked_for or bool(noted.get("is_asked_for"))
        self.is_silent = self.is_silent or bool(noted.get("is_silent"))
        self.buttons = list(noted.get("buttons", self.buttons))
        self.question = str(noted.get("question", self.question))
        self.sources += [source for source in noted.get("sources", []) if source not in self.sources]


@dataclass(frozen=True, kw_only=True)
class ReplyContext:
    """What a check of REPLY_CHECKS gets besides the text. A check returns the text, a changed one, or None."""

    tenant: Tenant
    conversation: Conversation
    system: str = ""  # the tenant's own instructions, which are not for customers


@dataclass(frozen=True, kw_only=True)
class AssistantTool:
    """A tool: its description for the model, and its function."""

    spec: ToolSpec
    run: Callable[..., str]
    is_read_only: bool = False  # has no effect, so it may run twice and needs no lock

    def __call__(self, context: ToolContext, arguments: Mapping[str, Any]) -> str:
        """Run with the arguments that the schema names; others are ignored. Raises ValueError when one is missing."""
        properties = self.spec.parameters.get("properties", {})
        missing = [name for name in self.spec.parameters.get("required", []) if not arguments.get(name)]
        if missing:
            raise ValueError(f"missing: {', '.join(missing)}")
        wrong = [
            name for name in properties if name in arguments and not isinstance(arguments[name], str | int | float)
        ]
        if wrong:
            raise ValueError(f"must be a text: {', '.join(wrong)}")
        return self.run(context, **{name: clean(str(arguments[name])) for name in properties if name in arguments})


def register_tool(
    *, description: str, is_read_only: bool = False, optional: Sequence[str] = (), **parameters: str
) -> Callable[[Callable[..., str]], AssistantTool]:
    """Register a function of (context, text arguments) as a tool; `parameters` describes each argument.

    The `optional` ones may be left out: the function has a default for them.
    """

    def wrap(function: Callable[..., str]) -> AssistantTool:
        schema = {
            "type": "object",
            "properties": {name: {"type": "string", "description": text} for name, text in parameters.items()},
            "required": [name for name in parameters if name not in optional],
            "additionalProperties": False,
        }
        spec = ToolSpec(name=function.__name__, description=description, parameters=schema)
        return AssistantTool(spec=spec, run=function, is_read_only=is_read_only)

    return wrap


ReplyCheck = Callable[[str, ReplyContext], str | None]


@lru_cache(maxsize=1)
def reply_checks() -> tuple[ReplyCheck, ...]:
    """Return REPLY_CHECKS, imported, in order."""
    return tuple(import_string(name) for name in settings.REPLY_CHECKS)


OfflineRule = Callable[[str, str], "tuple[str, dict[str, Any]] | None"]


@lru_cache(maxsize=1)
def offline_rules() -> tuple[OfflineRule, ...]:
    """Return OFFLINE_RULES, imported, in order: (text, language) -> (tool, arguments), or None."""
    return tuple(import_string(name) for name in settings.OFFLINE_RULES)


@lru_cache(maxsize=1)
def toolbox() -> dict[str, AssistantTool]:
    """Return ASSISTANT_TOOLS by name."""
    tools = [import_string(name) for name in settings.ASSISTANT_TOOLS]
    return {tool.spec.name: tool for tool in tools}


def tools_for(turn: Turn) -> dict[str, AssistantTool]:
    """Return the tools of a turn: a suggestion, which may never be sent, gets only read-only ones."""
    return {name: tool for name, tool in toolbox().items() if tool.is_read_only or not turn.is_suggestion}
