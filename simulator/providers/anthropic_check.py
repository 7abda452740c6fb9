"""What the Messages API refuses; no schema of it is published, so these are wire/llm.md's rules by hand."""

from typing import Any

from simulator.exchange import RefusedError, ServiceResponse

VERSIONS = ("2026-10-21", "2023-06-01")
SAMPLING = ("temperature", "top_p", "top_k")
USER_BLOCKS = ("text", "image", "document", "tool_result")
ASSISTANT_BLOCKS = ("text", "tool_use", "thinking", "redacted_thinking")


def anthropic_error(status: int, kind: str, message: str, headers: dict[str, str] | None = None) -> ServiceResponse:
    """Anthropic's error body."""
    request_id = "req_simulated"
    body = {"type": "error", "error": {"type": kind, "message": message}, "request_id": request_id}
    return ServiceResponse(status=status, body=body, headers={"request-id": request_id} | (headers or {}))


def _refuse(message: str) -> RefusedError:
    return RefusedError(anthropic_error(400, "invalid_request_error", message))


def blocks(content: Any) -> list[dict[str, Any]]:
    """Content as blocks: a string is one text block."""
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content)


def check_messages(body: Any, version: str) -> dict[str, Any]:
    """Check a whole request."""
    if version not in VERSIONS:
        raise _refuse("anthropic-version: header is required" if not version else f"anthropic-version: {version}")
    if not isinstance(body, dict):
        raise _refuse("The request body is not valid JSON")
    _check_fields(body)
    sampling = [name for name in SAMPLING if name in body]
    if version == VERSIONS[0] and sampling:
        raise _refuse(f"{sampling[0]}: Extra inputs are not permitted")
    if body.get("stream"):
        raise _refuse("stream: the simulator does not stream (set max_tokens below 21,333)")
    for tool in body.get("tools") or []:
        if not tool.get("name") or not isinstance(tool.get("input_schema"), dict):
            raise _refuse("tools.0.custom.input_schema: Field required")
    _check_conversation(body["messages"], version)
    return body


def _check_fields(body: dict[str, Any]) -> None:
    for name, kind in (("model", str), ("max_tokens", int), ("messages", list)):
        if name not in body:
            raise _refuse(f"{name}: Field required")
        if not isinstance(body[name], kind) or body[name] in ("", 0):
            raise _refuse(f"{name}: Input should be a valid {kind.__name__}")


def _check_conversation(messages: list[Any], version: str) -> None:
    if not messages:
        raise _refuse("messages: at least one message is required")
    expected = "user"
    open_calls: list[str] = []
    for number, message in enumerate(messages):
        place = f"messages.{number}"
        if not isinstance(message, dict) or message.get("role") != expected:
            text = 'roles must alternate between "user" and "assistant", and the first must be "user"'
            raise _refuse(f"{place}: {text}")
        parts = _parts(message, place)
        if expected == "user":
            _check_results(parts, open_calls, place)
        elif version == VERSIONS[0] and any(part["type"] == "document" for part in parts):
            raise _refuse(f"{place}.content: document blocks are not permitted in an assistant message")
        open_calls = [part["id"] for part in parts if part["type"] == "tool_use"]
        expected = "assistant" if expected == "user" else "user"
    if open_calls:
        raise _refuse(f"messages.{len(messages) - 1}: `tool_use` ids were found without `tool_result` blocks")


def _parts(message: dict[str, Any], place: str) -> list[dict[str, Any]]:
    content = message.get("content")
    if not isinstance(content, str | list):
        raise _refuse(f"{place}.content: Input should be a valid string or list")
    parts, allowed = blocks(content), USER_BLOCKS if message["role"] == "user" else ASSISTANT_BLOCKS
    if not parts or parts == [{"type": "text", "text": ""}]:
        raise _refuse(f"{place}: all messages must have non-empty content")
    for part in parts:
        if not isinstance(part, dict) or part.get("type") not in allowed:
            raise _refuse(f"{place}.content: Input tag does not match any of the expected tags: {', '.join(allowed)}")
        if part["type"] == "text" and not str(part.get("text") or "").strip():
            raise _refuse(f"{place}.content: text content blocks must contain non-whitespace text")
    return parts


def _check_results(parts: list[dict[str, Any]], open_calls: list[str], place: str) -> None:
    results = [part.get("tool_use_id") for part in parts if part["type"] == "tool_result"]
    kinds = [part["type"] == "tool_result" for part in parts]
    if kinds != sorted(kinds, reverse=True):
        raise _refuse(f"{place}: `tool_result` blocks must come before other content")
    if set(open_calls) - set(results):
        text = "`tool_use` ids were found without `tool_result` blocks immediately after"
        raise _refuse(f"{place}: {text}: {', '.join(sorted(set(open_calls) - set(results)))}")
    if len(set(results)) != len(results) or set(results) - set(open_calls):
        raise _refuse(f"{place}: unexpected `tool_use_id` found in `tool_result` blocks")
