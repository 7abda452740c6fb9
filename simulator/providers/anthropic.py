"""Anthropic's Messages API (wire/llm.md sections 1 and 4)."""

import secrets
from typing import Any

from simulator.exchange import RefusedError, RequestNote, ServiceRequest, ServiceResponse
from simulator.model import FakeAnswer, FakeModelRequest, FakeTurn, answer, counted
from simulator.providers.anthropic_check import anthropic_error, blocks, check_messages
from simulator.providers.base import Service

FINISH = {"stop": "end_turn", "length": "max_tokens", "tools": "tool_use", "refusal": "refusal", "filter": "refusal"}
BAD_KEYS = ("wrong", "invalid")


class Anthropic(Service):
    """Bearer key or x-api-key; any key is good that does not contain "wrong" or "invalid"."""

    name = "anthropic"
    routes = (("POST", r"/v1/messages", "messages"),)

    def error(self, status: int, text: str = "") -> ServiceResponse:
        known = {
            400: ("invalid_request_error", "Invalid request"),
            401: ("authentication_error", "invalid x-api-key"),
            402: ("billing_error", "Your account has a billing problem."),
            403: ("permission_error", "Your API key does not have permission to use this model."),
            404: ("not_found_error", "Not found"),
            413: ("request_too_large", "Request exceeds the maximum size"),
            429: ("rate_limit_error", "This request would exceed your organization's rate limit."),
            504: ("timeout_error", "Request timed out"),
            529: ("overloaded_error", "Overloaded"),
        }
        kind, message = known.get(status, ("api_error", "Internal server error"))
        return anthropic_error(status, kind, text or message, {"retry-after": "1"} if status == 429 else {})

    def messages(self, call: ServiceRequest) -> ServiceResponse:
        """POST /v1/messages."""
        key = call.bearer or call.headers.get("x-api-key", "")
        if not key or any(word in key for word in BAD_KEYS):
            raise RefusedError(self.error(401))
        body = check_messages(call.json, call.headers.get("anthropic-version", ""))
        asked = _ask(body)
        said = answer("anthropic", asked)
        if isinstance(said, ServiceResponse):
            note = RequestNote(kind="chat", text=asked.last_text)
            return ServiceResponse(status=said.status, body=said.body, headers=said.headers, note=note)
        note = RequestNote(kind="chat", text=said.text, reference=str(body["model"]))
        headers = {"request-id": f"req_{secrets.token_hex(12)}"}
        for name in ("requests", "input-tokens", "output-tokens"):
            headers |= {f"anthropic-ratelimit-{name}-limit": "50000", f"anthropic-ratelimit-{name}-remaining": "49999"}
        return ServiceResponse(body=_message(said, asked, str(body["model"])), headers=headers, note=note)


def _ask(body: dict[str, Any]) -> FakeModelRequest:
    turns: list[FakeTurn] = []
    for message in body["messages"]:
        parts = blocks(message["content"])
        text = " ".join(str(part["text"]) for part in parts if part["type"] == "text")
        kinds = {part["type"] for part in parts}
        if "tool_result" in kinds:
            turns.append(FakeTurn("tool"))
        if text or "tool_result" not in kinds:
            turns.append(FakeTurn(message["role"], text, "tool_use" in kinds))
    choice = body.get("tool_choice") or {}
    must_call = choice.get("name", "any") if choice.get("type") in ("any", "tool") else ""
    tools = {tool["name"]: tool["input_schema"] for tool in body.get("tools") or []}
    system = " ".join(str(part.get("text", "")) for part in blocks(body.get("system") or ""))
    words = counted([system, *(turn.text for turn in turns)])
    return FakeModelRequest(turns=tuple(turns), tools=tools, must_call=must_call, words=words)


def _message(said: FakeAnswer, asked: FakeModelRequest, model: str) -> dict[str, Any]:
    content: list[dict[str, Any]] = [{"type": "text", "text": said.text}] if said.text else []
    for tool in said.tools:
        # Anthropic's input is always an object: a script's broken text becomes an unexpected property.
        given = tool.arguments if isinstance(tool.arguments, dict) else {"unexpected": tool.arguments}
        content.append({"type": "tool_use", "id": f"toolu_{tool.id}", "name": tool.name, "input": given})
    usage = {"input_tokens": asked.words, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}
    usage |= {"output_tokens": said.words}
    head = {"id": f"msg_{secrets.token_hex(12)}", "type": "message", "role": "assistant", "model": model}
    stop = {"stop_reason": FINISH.get(said.finish, said.finish), "stop_sequence": None}
    return head | {"content": content, **stop, "usage": usage | {"service_tier": "standard"}}


ANTHROPIC = Anthropic()
