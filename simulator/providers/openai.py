"""OpenAI's chat completions and transcriptions, also in Azure's forms (wire/llm.md sections 2 to 4)."""

import json
import secrets
import time
from typing import Any

from simulator.exchange import RefusedError, RequestNote, ServiceRequest, ServiceResponse
from simulator.model import FakeAnswer, FakeModelRequest, FakeTurn, answer, counted
from simulator.providers.base import Service
from simulator.providers.forms import uploaded
from simulator.providers.openai_check import check_chat, openai_error
from simulator.world import world

FINISH = {"stop": "stop", "length": "length", "tools": "tool_calls", "refusal": "stop", "filter": "content_filter"}
# By the name alone: the same bytes are taken as .ogg and refused as .oga, .opus and .amr (chatwoot 14689,
# DevEmperor/DictateKeyboard 322; the formats are those of OpenAI's reference of the route).
AUDIO_FORMATS = ("flac", "mp3", "mp4", "mpeg", "mpga", "m4a", "ogg", "wav", "webm")
BAD_KEYS = ("wrong", "invalid")


class OpenAI(Service):
    """Bearer key; any key is good that does not contain "wrong" or "invalid"."""

    name = "openai"
    routes: tuple[tuple[str, str, str], ...] = (
        ("POST", r"/v1/chat/completions", "chat"),
        ("POST", r"/v1/audio/transcriptions", "transcribe"),
    )

    def error(self, status: int, text: str = "") -> ServiceResponse:
        known = {
            400: ("Invalid request.", "invalid_request_error", "invalid_value"),
            401: ("Incorrect API key provided.", "invalid_request_error", "invalid_api_key"),
            404: ("Unknown request URL.", "invalid_request_error", "unknown_url"),
            429: ("Rate limit reached for requests", "requests", "rate_limit_exceeded"),
            503: ("The server is currently overloaded.", "server_error", "server_is_overloaded"),
        }
        default = ("The server had an error while processing your request.", "server_error", None)
        message, kind, code = known.get(status, default)
        headers = {"retry-after": "1", "retry-after-ms": "1000"} if status == 429 else {}
        return openai_error(status, text or message, kind=kind, code=code, headers=headers)

    def chat(self, call: ServiceRequest, deployment: str = "") -> ServiceResponse:
        """POST /v1/chat/completions."""
        self.authorize(call)
        body = check_chat(call.json, model=deployment)
        asked = _ask(body)
        said = answer("openai", asked)
        if isinstance(said, ServiceResponse):
            note = RequestNote(kind="chat", text=asked.last_text)
            return ServiceResponse(status=said.status, body=said.body, headers=said.headers, note=note)
        note = RequestNote(kind="chat", text=said.text or said.refusal, reference=deployment or str(body["model"]))
        return ServiceResponse(body=_completion(said, asked, deployment or body["model"]), headers=_limits(), note=note)

    def transcribe(self, call: ServiceRequest) -> ServiceResponse:
        """POST /v1/audio/transcriptions, multipart file and model."""
        self.authorize(call)
        fields, medium = uploaded(call)
        if medium is None or not fields.get("model"):
            raise RefusedError(openai_error(400, "file and model are required", param="file"))
        if not medium.content:
            raise RefusedError(openai_error(400, "Audio file is too short.", param="file", code="audio_too_short"))
        ending = medium.name.rpartition(".")[2].lower() if "." in medium.name else ""
        if ending not in AUDIO_FORMATS:
            raise RefusedError(openai_error(400, f"Unsupported file format {ending}", param="file"))
        if not is_audio(ending, medium.content):
            raise RefusedError(openai_error(400, "Audio file might be corrupted or unsupported", param="file"))
        script = world.scripts.next("transcription") or {"text": "Hello, this is a voice note."}
        world.stopping.wait(float(script.get("delay") or 0))
        note = RequestNote(kind="transcription", text=str(script.get("text", "")), id=medium.id)
        if "status" in script:
            return ServiceResponse(status=script["status"], body=script.get("body", self.error(500).body), note=note)
        if fields.get("response_format") == "text":
            return ServiceResponse(body=f"{script.get('text', '')}\n", content_type="text/plain", note=note)
        return ServiceResponse(body={"text": script.get("text", "")}, note=note)

    def authorize(self, call: ServiceRequest) -> None:
        """Refuse a missing or wrong key."""
        if not call.bearer or any(word in call.bearer for word in BAD_KEYS):
            raise RefusedError(self.error(401))


class Azure(OpenAI):
    """The same behind `{endpoint}/openai`; also with `api-key` and the dated form."""

    name = "azure"
    routes = (
        ("POST", r"/openai/v1/chat/completions", "chat"),
        ("POST", r"/openai/v1/audio/transcriptions", "transcribe"),
        ("POST", r"/openai/deployments/(?P<deployment>[^/]+)/chat/completions", "dated"),
    )

    def error(self, status: int, text: str = "") -> ServiceResponse:
        known = {
            401: ("401", "Access denied due to invalid subscription key or wrong API endpoint."),
            404: ("DeploymentNotFound", "The API deployment for this resource does not exist."),
            429: ("429", "Requests have exceeded the call rate limit. Please retry after 9 seconds."),
        }
        if status not in known:
            return super().error(status, text)
        code, message = known[status]
        headers = {"retry-after": "9"} if status == 429 else {}
        return ServiceResponse(
            status=status, body={"error": {"code": code, "message": text or message}}, headers=headers
        )

    def dated(self, call: ServiceRequest, deployment: str) -> ServiceResponse:
        """POST /openai/deployments/{deployment}/chat/completions?api-version=."""
        if not call.query.get("api-version"):
            raise RefusedError(self.error(404, "Resource not found"))
        if not call.headers.get("api-key"):
            raise RefusedError(self.error(401))
        return self.chat(call, deployment)

    def authorize(self, call: ServiceRequest) -> None:
        key = call.headers.get("api-key") or call.bearer
        if not key or any(word in key for word in BAD_KEYS):
            raise RefusedError(self.error(401))


def _ask(body: dict[str, Any]) -> FakeModelRequest:
    turns = []
    for message in body["messages"]:
        role, text = message["role"], _text(message.get("content"))
        if role not in ("system", "developer"):
            turns.append(FakeTurn(role, text, bool(message.get("tool_calls"))))
    tools = {tool["function"]["name"]: tool["function"].get("parameters") or {} for tool in body.get("tools") or []}
    choice = body.get("tool_choice")
    must_call = "any" if choice == "required" else ""
    if isinstance(choice, dict):
        must_call = choice.get("function", {}).get("name", "")
    shape = ((body.get("response_format") or {}).get("json_schema") or {}).get("schema")
    words = counted(_text(message.get("content")) for message in body["messages"])
    return FakeModelRequest(turns=tuple(turns), tools=tools, must_call=must_call, shape=shape, words=words)


def _text(content: Any) -> str:
    if isinstance(content, list):
        return " ".join(str(part.get("text", "")) for part in content)
    return str(content or "")


def _completion(said: FakeAnswer, asked: FakeModelRequest, model: str) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": said.text or None, "refusal": said.refusal or None}
    message["annotations"] = []
    if not said.text and not said.tools and not said.refusal:
        message["content"] = ""
    if said.tools:
        message["tool_calls"] = [
            {"id": f"call_{tool.id}", "type": "function", "function": {"name": tool.name, "arguments": _dumped(tool)}}
            for tool in said.tools
        ]
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": FINISH.get(said.finish, said.finish)}
    usage: dict[str, Any] = {"prompt_tokens": asked.words, "completion_tokens": said.words}
    usage |= {
        "total_tokens": asked.words + said.words,
        "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
    }
    usage["completion_tokens_details"] = {"reasoning_tokens": 0, "audio_tokens": 0}
    head = {"id": f"chatcmpl-{secrets.token_hex(14)}", "object": "chat.completion", "created": int(time.time())}
    return head | {"model": model, "choices": [choice], "usage": usage, "service_tier": "default"}


def _dumped(tool: Any) -> str:
    return tool.arguments if isinstance(tool.arguments, str) else json.dumps(tool.arguments)


def _limits() -> dict[str, str]:
    headers = {"x-request-id": f"req_{secrets.token_hex(16)}", "openai-processing-ms": "12"}
    for name in ("requests", "tokens"):
        headers |= {f"x-ratelimit-limit-{name}": "500000", f"x-ratelimit-remaining-{name}": "499999"}
    return headers


def is_audio(ending: str, content: bytes) -> bool:
    """Whether a file begins as its name says; MPEG audio may begin with anything."""
    beginnings = {"flac": b"fLaC", "ogg": b"OggS", "wav": b"RIFF", "webm": b"\x1aE\xdf\xa3"}
    if ending in ("mp4", "m4a"):
        return content[4:8] == b"ftyp"
    return content.startswith(beginnings.get(ending, b""))


OPENAI, AZURE = OpenAI(), Azure()
