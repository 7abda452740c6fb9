"""The fake language model: deterministic, and scripted when a test asks for trouble."""

import json
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.exchange import ServiceResponse
from simulator.world import world

TAG = re.compile(r"#\d+")
WANTS_PERSON = re.compile(r"\b(person|human)\b", re.IGNORECASE)
HAND_OVER = "hand_over"
HANDED = "Of course. A person from the team will write to you here shortly."


@dataclass(frozen=True)
class FakeTurn:
    """One message of the conversation, whichever format it came in."""

    role: str  # user, assistant, tool; system is left out
    text: str = ""
    calls: bool = False  # an assistant's turn that calls tools


@dataclass(frozen=True, kw_only=True)
class FakeModelRequest:
    """What the model is asked."""

    turns: tuple[FakeTurn, ...]
    tools: Mapping[str, Any] = field(default_factory=dict)  # name -> JSON schema of its arguments
    must_call: str = ""  # a tool's name, or "any"
    shape: Any = None  # the JSON schema the answer must have
    words: int = 0

    @property
    def last_text(self) -> str:
        """What the person wrote last."""
        return next((turn.text for turn in reversed(self.turns) if turn.role == "user"), "")

    @property
    def tags(self) -> list[str]:
        """The numbers people wrote since the assistant's last word of its own, each once, in order."""
        since: list[str] = []
        for turn in reversed(self.turns):
            if turn.role == "assistant" and not turn.calls:
                break
            since[:0] = TAG.findall(turn.text) if turn.role == "user" else []
        return list(dict.fromkeys(since))


@dataclass(frozen=True, kw_only=True)
class FakeToolCall:
    """A tool call; arguments are an object, or a text that is none."""

    name: str
    arguments: Any
    id: str = field(default_factory=lambda: secrets.token_hex(12))


@dataclass(frozen=True, kw_only=True)
class FakeAnswer:
    """What the model says, before a vendor's format is put around it."""

    text: str = ""
    tools: tuple[FakeToolCall, ...] = ()
    finish: str = "stop"  # stop, length, tools, refusal, filter
    refusal: str = ""

    @property
    def words(self) -> int:
        """The size of the answer, counted simply."""
        return len(self.text.split()) + sum(len(str(tool.arguments).split()) + 1 for tool in self.tools)


def answer(provider: str, ask: FakeModelRequest) -> FakeAnswer | ServiceResponse:
    """The next scripted answer, else the default one; a Reply is to be sent as it is."""
    script = world.scripts.next(provider)
    if script is None:
        return default(ask)
    world.stopping.wait(float(script.get("delay") or 0))
    if "raw" in script:
        return ServiceResponse(
            status=script.get("status", 200), body=str(script["raw"]), headers=script.get("headers", {})
        )
    if "status" in script:
        body = script.get("body", {"error": {"message": "scripted"}})
        return ServiceResponse(status=script["status"], body=body, headers=script.get("headers", {}))
    return scripted(script, ask)


def scripted(script: Mapping[str, Any], ask: FakeModelRequest) -> FakeAnswer:
    """An answer put together from a script."""
    if script.get("empty"):
        return FakeAnswer(finish=script.get("finish", "stop"))
    if refusal := script.get("refusal"):
        return FakeAnswer(finish="refusal", refusal=refusal if isinstance(refusal, str) else "I can't help with that.")
    kinds = [kind for kind in ("tool", "loop", "invalid_arguments") if isinstance(script.get(kind), str)]
    named = [{"name": script[kind], "arguments": _arguments(kind, script, ask)} for kind in kinds]
    calls = [*(script.get("tools") or []), *named]
    if calls:
        tools = tuple(FakeToolCall(name=call["name"], arguments=call.get("arguments", {})) for call in calls)
        return FakeAnswer(text=script.get("text", ""), tools=tools, finish="tools")
    if set(script) <= {"delay", "loop"}:
        return default(ask)
    return FakeAnswer(text=str(script.get("text", "")), finish=script.get("finish", "stop"))


def default(ask: FakeModelRequest) -> FakeAnswer:
    """Say back what was said, with every number; hand over when asked for a person."""
    fresh = not (ask.turns and ask.turns[-1].role == "tool")
    if fresh and HAND_OVER in ask.tools and WANTS_PERSON.search(ask.last_text):
        return _call(ask, HAND_OVER, reason="The customer asked for a person.")
    if ask.must_call:
        name = ask.must_call if ask.must_call in ask.tools else next(iter(ask.tools), "")
        if name:
            return _call(ask, name)
    if ask.shape is not None:
        return FakeAnswer(text=json.dumps(example(ask.shape)))
    words = " ".join(ask.last_text.split())
    # No number is cut in two.
    said = words if len(words) <= 200 else f"{words[:200].rpartition(' ')[0] or words[:200]}…"
    text = HANDED if not fresh and WANTS_PERSON.search(words) else f"You said: {said}" if said else "How can I help?"
    missing = [tag for tag in ask.tags if tag not in TAG.findall(text)]
    return FakeAnswer(text=" ".join([text, *missing]))


def example(schema: Any, defs: Mapping[str, Any] | None = None) -> Any:
    """A small value that fits a JSON schema: required properties only."""
    schema = schema if isinstance(schema, Mapping) else {}
    defs = defs or schema.get("$defs") or {}
    if "$ref" in schema:
        return example(defs.get(str(schema["$ref"]).rpartition("/")[2]), defs)
    for name in ("const", "default"):
        if name in schema:
            return schema[name]
    for name in ("enum", "examples"):
        if schema.get(name):
            return schema[name][0]
    for name in ("anyOf", "oneOf", "allOf"):
        if schema.get(name):
            return example(schema[name][0], defs)
    if schema.get("type") == "object" or "properties" in schema:
        properties = schema.get("properties") or {}
        return {name: example(properties.get(name), defs) for name in schema.get("required") or []}
    plain: dict[str, Any] = {"integer": schema.get("minimum", 1), "number": schema.get("minimum", 1.0)}
    plain |= {"boolean": True, "array": [], "null": None}
    return plain.get(str(schema.get("type")), "example")


def counted(texts: Iterable[str]) -> int:
    """Tokens, counted as words."""
    return sum(len(text.split()) for text in texts)


def _call(ask: FakeModelRequest, name: str, **known: Any) -> FakeAnswer:
    schema = ask.tools[name]
    arguments = example(schema)
    arguments = arguments if isinstance(arguments, dict) else {}
    properties = schema.get("properties", {}) if isinstance(schema, Mapping) else {}
    arguments |= {key: value for key, value in known.items() if key in properties}
    return FakeAnswer(finish="tools", tools=(FakeToolCall(name=name, arguments=arguments),))


def _arguments(kind: str, script: Mapping[str, Any], ask: FakeModelRequest) -> Any:
    if "arguments" in script:
        return script["arguments"]
    if kind == "invalid_arguments":
        return '{"reason": "cut o'
    arguments = example(ask.tools.get(str(script[kind])))
    return arguments if isinstance(arguments, dict) else {}
