"""What chat completions refuse: OpenAI's own JSON schema, and the rules a schema cannot say (wire/llm.md)."""

import json
from functools import cache, lru_cache
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # the library has no types  # no stubs are installed
from jsonschema.exceptions import best_match  # type: ignore[import-untyped]  # the library has no types

from simulator.exchange import RefusedError, ServiceResponse
from simulator.providers.base import payload

HELLO = {"role": "user", "content": "hello"}


def openai_error(
    status: int,
    message: str,
    *,
    kind: str = "invalid_request_error",
    param: str | None = None,
    code: str | None = None,
    headers: dict[str, str] | None = None,
) -> ServiceResponse:
    """OpenAI's error body."""
    error = {"message": message, "type": kind, "param": param, "code": code}
    return ServiceResponse(
        status=status, body={"error": error}, headers={"x-request-id": "req_simulated"} | (headers or {})
    )


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(payload("openai_chat_request_schema"))


def check_chat(body: Any, model: str = "") -> dict[str, Any]:
    """Check a whole request; in Azure's dated form the address names the model."""
    if not isinstance(body, dict):
        raise RefusedError(openai_error(400, "We could not parse the JSON body of your request."))
    request: dict[str, Any] = ({"model": model} if model else {}) | body
    if "max_tokens" in request:
        text = (
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
        )
        raise RefusedError(openai_error(400, text, param="max_tokens", code="unsupported_parameter"))
    if request.get("stream"):
        raise RefusedError(openai_error(400, "The simulator does not stream.", param="stream"))
    if not isinstance(request.get("model"), str) or not request["model"]:
        raise RefusedError(openai_error(400, "you must provide a model parameter", param="model"))
    _check_schema(request)
    _check_tool_answers(request["messages"])
    _check_strict(request.get("tools") or [])
    return request


def _check_schema(request: dict[str, Any]) -> None:
    """Check message by message: what an earlier request had too (history, tools) is known already."""
    given = request.get("messages")
    messages: list[Any] = given if isinstance(given, list) else []
    parts = [request | {"messages": [HELLO]}] if messages else [request]
    parts += [{"model": "any", "messages": [message]} for message in messages]
    for number, part in enumerate(parts):
        problem = _problem(json.dumps(part, sort_keys=True))
        if problem:
            text, param = problem
            param = param.replace("messages.0", f"messages.{number - 1}") if number else param
            raise RefusedError(openai_error(400, text, param=param or None, code="invalid_type"))


@lru_cache(maxsize=1024)
def _problem(text: str) -> tuple[str, str] | None:
    wrong = best_match(_validator().iter_errors(json.loads(text)))
    return (wrong.message[:500], ".".join(map(str, wrong.absolute_path))) if wrong else None


def _check_tool_answers(messages: list[dict[str, Any]]) -> None:
    open_calls: set[str] = set()
    for number, message in enumerate(messages):
        if message["role"] == "tool":
            if message["tool_call_id"] not in open_calls:
                text = "messages with role 'tool' must be a response to a preceding message with 'tool_calls'."
                raise RefusedError(openai_error(400, text, param=f"messages.[{number}].role"))
            open_calls.discard(message["tool_call_id"])
            continue
        _nothing_open(open_calls, number)
        open_calls = {call["id"] for call in message.get("tool_calls") or []}
    _nothing_open(open_calls, len(messages))


def _nothing_open(open_calls: set[str], number: int) -> None:
    if open_calls:
        text = "An assistant message with 'tool_calls' must be followed by tool messages responding to each call."
        raise RefusedError(openai_error(400, text, param=f"messages.[{number}].role"))


def _check_strict(tools: list[dict[str, Any]]) -> None:
    for tool in tools:
        function = tool.get("function") or {}
        schema = function.get("parameters") or {}
        names = set(schema.get("properties") or {})
        complete = names == set(schema.get("required") or []) and schema.get("additionalProperties") is False
        if function.get("strict") and names and not complete:
            text = f"Invalid schema for function '{function.get('name')}': strict needs every property in 'required'"
            text += " and 'additionalProperties' to be false."
            raise RefusedError(openai_error(400, text, param="tools", code="invalid_function_parameters"))
