"""Anthropic, OpenAI and Azure OpenAI: the only module that imports pydantic-ai and the vendors' clients.

Importing them costs a second and 100 MB, so it happens with the first turn of a worker, never in a web process. The
loop of tool calls is ours: tools run on the worker's thread with its database connection, and each step is stored
before it is used.
"""

from __future__ import annotations

import asyncio
import json
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from assistant.bubbles import is_garbage
from assistant.model_text import clean_deep, reader_text
from assistant.providers import errors, loop
from assistant.providers.base import (
    MAX_ROUNDS,
    AnswerSource,
    CallTool,
    Journal,
    ModelError,
    ModelThought,
    Prompt,
    ToolSpec,
    Usage,
)
from common.http.client import tls_context

CONNECT_SECONDS = 3.0
MAX_CALLS_AT_ONCE = 5  # tool calls in one reply
MAX_RESULT_LENGTH = 6000
_LOADING = threading.Lock()
# The library removes reasoning too, but loses the tag of reasoning that was cut off, which reader_text needs.
AS_WRITTEN: Any = {"thinking_tags": ("\ue000", "\ue001")}


@dataclass(frozen=True, kw_only=True)
class Access:
    """How a model is reached."""

    provider: str  # anthropic | openai | azure
    model: str
    key: str
    base_url: str
    api_version: str = ""  # Azure's dated form
    timeout: float = 20.0

    def __repr__(self) -> str:
        return f"Access({self.provider} {self.model})"  # the key must not appear in tracebacks


class LanguageModel(AnswerSource):
    """Calls one model until it has an answer, running the tools it wants in between."""

    name = "llm"

    def __init__(self, access: Access) -> None:
        self.access = access

    def think(
        self, prompt: Prompt, tools: Sequence[ToolSpec], call: CallTool, *, seconds: float, journal: Journal
    ) -> ModelThought:
        """Answer within `seconds`; raises ModelError, or OutOfBudget from the journal."""
        history = _history(prompt)
        _model(self.access)  # the first call imports libraries for seconds, which must not count as a slow vendor
        until = time.monotonic() + seconds
        usage = Usage()
        for number in range(MAX_ROUNDS + 1):
            reply = _from_json(journal.recall(number))
            if reply is None:
                reply = self._ask(history, prompt, tools, until=until, journal=journal)
                usage = _sum(usage, reply)
            wanted = _tool_calls(reply)
            if not wanted:
                return self._thought(reply, usage)
            if number == MAX_ROUNDS:
                raise errors.endless_tools_error()
            journal.keep(number, _to_json(reply))
            history += [reply, _results(wanted, call)]
        raise AssertionError("unreachable")

    def _ask(
        self, history: list[Any], prompt: Prompt, tools: Sequence[ToolSpec], *, until: float, journal: Journal
    ) -> Any:
        seconds = min(self.access.timeout, until - time.monotonic())
        if seconds <= 0:
            raise errors.unreachable_error("no time left")
        journal.before(_estimate(history, tools), prompt.max_tokens)
        spent = Usage()
        try:
            work = _request(self.access, list(history), tools, prompt.max_tokens, seconds)
            reply = loop.run_on_loop(work, seconds=seconds + 1.0)
            spent = Usage(input_tokens=reply.usage.input_tokens, output_tokens=reply.usage.output_tokens, calls=1)
        except Exception as error:
            raise _translated(error) from error
        finally:
            journal.after(spent)
        if reply.finish_reason == "content_filter":
            raise errors.refusal_error()
        return _cleaned(reply)

    def _thought(self, reply: Any, usage: Usage) -> ModelThought:
        text = reader_text("".join(part.content for part in reply.parts if part.part_kind == "text"))
        if text and is_garbage(text):
            raise errors.unusable_error("the answer is no text for a person")
        is_cut = reply.finish_reason == "length"
        if not text and is_cut:
            raise errors.unusable_error("the tokens ran out before the answer")
        return ModelThought(
            text=text, is_cut=is_cut, usage=usage, provider=self.access.provider, model=self.access.model
        )


async def _request(
    access: Access, history: list[Any], tools: Sequence[ToolSpec], max_tokens: int, seconds: float
) -> Any:
    from pydantic_ai.models import ModelRequestParameters
    from pydantic_ai.settings import ModelSettings
    from pydantic_ai.tools import ToolDefinition

    definitions = [
        ToolDefinition(name=tool.name, description=tool.description, parameters_json_schema=dict(tool.parameters))
        for tool in tools
    ]
    parameters = ModelRequestParameters(function_tools=definitions)
    # No sampling parameters: Anthropic's current version refuses them (wire/llm.md section 1).
    settings = ModelSettings(max_tokens=max_tokens)
    from pydantic_ai.direct import model_request

    work = model_request(_model(access), history, model_settings=settings, model_request_parameters=parameters)
    return await asyncio.wait_for(work, seconds)


def _model(access: Access) -> Any:
    """Return a model with its client. The first call in a process loads libraries for seconds; other threads wait."""
    with _LOADING:
        return _built(os.getpid(), access)


@lru_cache(maxsize=64)
def _built(process: int, access: Access) -> Any:
    """Return a model with its client, on the event loop of this process."""
    from pydantic_ai.messages import ModelMessagesTypeAdapter

    ModelMessagesTypeAdapter.rebuild()  # otherwise each thread does it when it first writes a message
    return BUILDERS[access.provider](access)


def _anthropic(access: Access) -> Any:
    from anthropic import AsyncAnthropic
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    client = AsyncAnthropic(api_key=access.key, base_url=access.base_url, **_patience(access))
    return AnthropicModel(access.model, provider=AnthropicProvider(anthropic_client=client))


def _openai(access: Access) -> Any:
    from openai import AsyncOpenAI
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    client = AsyncOpenAI(api_key=access.key, base_url=access.base_url, **_patience(access))
    return OpenAIChatModel(access.model, provider=OpenAIProvider(openai_client=client), profile=AS_WRITTEN)


def _azure(access: Access) -> Any:
    """Return the client of the v1 form, or with an API version of the dated one."""
    from openai import AsyncAzureOpenAI
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.azure import AzureProvider

    if not access.api_version:
        endpoint = access.base_url.removesuffix("/openai/v1")
        return _openai(replace(access, base_url=f"{endpoint}/openai/v1"))
    client = AsyncAzureOpenAI(
        api_key=access.key, azure_endpoint=access.base_url, api_version=access.api_version, **_patience(access)
    )
    return OpenAIChatModel(access.model, provider=AzureProvider(openai_client=client), profile=AS_WRITTEN)


BUILDERS: dict[str, Callable[[Access], Any]] = {"anthropic": _anthropic, "openai": _openai, "azure": _azure}


def _patience(access: Access) -> dict[str, Any]:
    """Return our own time limits and retries; by default the clients sleep as long as a server asks."""
    import httpx2

    from assistant.providers.capped import CappedTransport

    timeout = httpx2.Timeout(access.timeout, connect=min(CONNECT_SECONDS, access.timeout))
    # No proxy from the environment, no redirect with our key in it.
    transport = CappedTransport(verify=tls_context(), trust_env=False)
    client = httpx2.AsyncClient(transport=transport, trust_env=False, follow_redirects=False, timeout=timeout)
    return {"max_retries": 0, "timeout": timeout, "http_client": client}


def _history(prompt: Prompt) -> list[Any]:
    """Return the prompt as messages: instructions first, then alternating roles, beginning with the customer's."""
    from pydantic_ai.messages import ModelRequest, ModelResponse, SystemPromptPart, TextPart, UserPromptPart

    history: list[Any] = []
    request: list[Any] = [SystemPromptPart(prompt.system)]
    for is_customer, text in prompt.alternating():
        if is_customer:
            history.append(ModelRequest(parts=[*request, UserPromptPart(text)]))
            request = []
        else:
            history.append(ModelResponse(parts=[TextPart(text)]))
    return history


def _tool_calls(reply: Any) -> list[Any]:
    return [part for part in reply.parts if part.part_kind == "tool-call"]


def _results(wanted: Sequence[Any], call: CallTool) -> Any:
    """Run each tool call on this thread and return its result; an error in a call is reported to the model."""
    from pydantic_ai.messages import ModelRequest, ToolReturnPart

    parts = []
    for number, part in enumerate(wanted):
        text = _run(part, call) if number < MAX_CALLS_AT_ONCE else "Too many tools at once; call it again."
        parts.append(
            ToolReturnPart(tool_name=part.tool_name, content=text[:MAX_RESULT_LENGTH], tool_call_id=part.tool_call_id)
        )
    return ModelRequest(parts=parts)


def _run(part: Any, call: CallTool) -> str:
    try:
        arguments = json.loads(part.args) if isinstance(part.args, str) else part.args or {}
        if not isinstance(arguments, Mapping):
            raise ValueError("arguments must be an object")
        return call(part.tool_name, arguments)
    except (ValueError, TypeError, RecursionError) as error:
        return f"Error: {str(error)[:300]}"
    except KeyError:
        return f"Error: there is no tool called {part.tool_name[:60]}"


def _estimate(history: Sequence[Any], tools: Sequence[ToolSpec]) -> int:
    length = len(_dumped(history)) + sum(
        len(json.dumps(dict(tool.parameters))) + len(tool.description) for tool in tools
    )
    return length // 4


def _dumped(history: Sequence[Any]) -> bytes:
    from pydantic_ai.messages import ModelMessagesTypeAdapter

    return bytes(ModelMessagesTypeAdapter.dump_json(list(history)))


def _cleaned(reply: Any) -> Any:
    """Return the reply with texts that a database accepts: it is stored before it is used."""
    parts = []
    for part in reply.parts:
        texts = {name: clean_deep(getattr(part, name)) for name in ("content", "args") if hasattr(part, name)}
        parts.append(replace(part, **texts))
    return replace(reply, parts=parts)


def _to_json(reply: Any) -> Any:
    return clean_deep(json.loads(_dumped([reply])))


def _from_json(stored: Any) -> Any:
    if stored is None:
        return None
    from pydantic_ai.messages import ModelMessagesTypeAdapter

    return ModelMessagesTypeAdapter.validate_python(stored)[0]


def _sum(usage: Usage, reply: Any) -> Usage:
    return Usage(
        input_tokens=usage.input_tokens + reply.usage.input_tokens,
        output_tokens=usage.output_tokens + reply.usage.output_tokens,
        calls=usage.calls + 1,
    )


def _translated(error: Exception) -> ModelError:
    """Return our error for an exception of the libraries; its text contains nothing of the answer."""
    from pydantic_ai import exceptions

    if isinstance(error, ModelError):
        return error
    if isinstance(error, exceptions.ModelHTTPError):
        return errors.error_from_response(error.status_code, error.body, _retry_after(error))
    if isinstance(error, exceptions.ContentFilterError):
        return errors.refusal_error()
    if isinstance(error, exceptions.ModelAPIError | TimeoutError):
        return errors.unreachable_error(type(error).__name__)
    return errors.unusable_error(type(error).__name__)


def _retry_after(error: Any) -> float | None:
    headers = getattr(getattr(error.__cause__, "response", None), "headers", {})
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            return float(headers[name]) / unit
        except (KeyError, ValueError):
            continue
    return None
