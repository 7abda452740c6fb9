"""What the Cloud API refuses in a message object (wire/meta-cloud.md sections 8 and 9)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.exchange import RefusedError, ServiceResponse

MEDIA = ("image", "video", "audio", "document", "sticker")
REFERENCE_LIMIT = 512


@dataclass(frozen=True, kw_only=True)
class CloudMessage:
    """A message object that passed."""

    kind: str
    to: str = ""
    text: str = ""
    reply_to: str = ""
    reference: str = ""
    typing: bool = False
    choices: tuple[Mapping[str, str], ...] = ()


def cloud_error(status: int, code: int, title: str, details: str = "") -> ServiceResponse:
    """The Graph API's error body."""
    error: dict[str, Any] = {"message": f"(#{code}) {title}", "type": "OAuthException", "code": code}
    if details:
        error["error_data"] = {"messaging_product": "whatsapp", "details": details}
    if status >= 500:
        error["is_transient"] = True
    return ServiceResponse(status=status, body={"error": error | {"fbtrace_id": "Az8or2yhqkZfEZ-_4Qn_Bam"}})


def _missing(name: str) -> RefusedError:
    return RefusedError(cloud_error(400, 131008, "Required parameter is missing", f"Parameter {name} is missing"))


def _invalid(details: str) -> RefusedError:
    return RefusedError(cloud_error(400, 131009, "Parameter value is not valid", details))


def _too_long(name: str, limit: int) -> RefusedError:
    title = f"Param {name} must be at most {limit} characters long."
    return RefusedError(cloud_error(400, 100, title, title))


def checked(body: Any) -> CloudMessage:
    """Check a whole message object."""
    if not isinstance(body, dict):
        raise RefusedError(cloud_error(400, 100, "Invalid parameter", "The body is not a JSON object"))
    if body.get("messaging_product") != "whatsapp":
        raise RefusedError(cloud_error(400, 100, "The parameter messaging_product is required.", "must be whatsapp"))
    if body.get("status") == "read":
        return _receipt(body)
    to = body.get("to") or body.get("recipient")
    if not isinstance(to, str) or not to:
        raise _missing("to")
    if "to" in body and "recipient" in body:
        raise _invalid("Use either to or recipient")
    if "to" in body and not any(letter.isdigit() for letter in to):
        raise _invalid("to is not a phone number")
    if body.get("recipient_type", "individual") not in ("individual", "group"):
        raise _invalid("recipient_type must be individual or group")
    kind = body.get("type", "text")
    text, choices = _content(kind, body)
    context = body.get("context") or {}
    reference = _text(body, "biz_opaque_callback_data", REFERENCE_LIMIT, required=False)
    reply_to = str(context.get("message_id") or "")
    if kind == "reaction":
        reply_to = _text(body["reaction"], "message_id", 512)
    return CloudMessage(kind=kind, to=to, text=text, reply_to=reply_to, reference=reference, choices=choices)


def _receipt(body: dict[str, Any]) -> CloudMessage:
    typing = body.get("typing_indicator")
    if typing is not None and (not isinstance(typing, dict) or typing.get("type") != "text"):
        raise _invalid("typing_indicator.type must be text")
    return CloudMessage(kind="read", reply_to=_text(body, "message_id", 512), typing=typing is not None)


def _content(kind: Any, body: dict[str, Any]) -> tuple[str, tuple[Mapping[str, str], ...]]:
    if kind not in ("text", "template", "interactive", "reaction", "location", "contacts", *MEDIA):
        raise _invalid(f"type {kind} is not supported")
    part: Any = body.get(kind)
    shape: Any = list if kind == "contacts" else dict
    if not part or not isinstance(part, shape):
        raise _missing(kind)
    if kind == "contacts":
        return "", ()
    if kind == "interactive":
        return _interactive(part)
    text = _media(kind, part) if kind in MEDIA else READERS[kind](part)
    return text, _quick_replies(part) if kind == "template" else ()


def _text(part: Mapping[str, Any], name: str, limit: int, *, required: bool = True) -> str:
    value = part.get(name)
    if value in (None, ""):
        if required:
            raise _missing(name)
        return ""
    if not isinstance(value, str):
        raise _invalid(f"{name} must be a string")
    if len(value) > limit:
        raise _too_long(name, limit)
    return value


def _media(kind: str, part: dict[str, Any]) -> str:
    if bool(part.get("id")) == bool(part.get("link")):
        raise _invalid(f"{kind} needs either id or link")
    if part.get("caption") and kind in ("audio", "sticker"):
        raise _invalid(f"caption is not allowed for {kind}")
    if part.get("filename") and kind != "document":
        raise _invalid("filename is only allowed for document")
    return _text(part, "caption", 1024, required=False)


def _location(part: dict[str, Any]) -> str:
    if not all(isinstance(part.get(name), int | float | str) for name in ("latitude", "longitude")):
        raise _missing("location.latitude and location.longitude")
    return str(part.get("name") or "")


def _reaction(part: dict[str, Any]) -> str:
    if not isinstance(part.get("emoji"), str):
        raise _missing("reaction.emoji")
    return str(part["emoji"])


def _template(part: dict[str, Any]) -> str:
    name = _text(part, "name", 512)
    language = part.get("language")
    if not isinstance(language, dict) or not language.get("code"):
        raise _missing("template.language.code")
    words: list[str] = []
    for component in part.get("components") or []:
        if component.get("type") not in ("header", "body", "button"):
            raise _invalid("component type must be header, body or button")
        if component["type"] == "button" and not isinstance(component.get("index"), str):
            raise _invalid("button index must be a string")
        words += [_template_value(item) for item in component.get("parameters") or []]
    return f"[{name}] {' '.join(filter(None, words))}".strip()


def _template_value(parameter: Mapping[str, Any]) -> str:
    """Meta refuses white space that its templates do not have, and empty values (reports netflie/whatsapp-cloud-api
    201, dimagi/open-chat-studio 4277, shridarpatil/frappe_whatsapp 169)."""
    if parameter.get("type") != "text":
        return ""
    value = parameter.get("text")
    if not isinstance(value, str) or not value.strip():
        raise _missing("text")
    if re.search(r"[\n\r\t]| {5}", value):
        title = "Param text cannot have new-line/tab characters or more than 4 consecutive spaces"
        raise RefusedError(cloud_error(400, 100, title, title))
    return value


def _quick_replies(part: dict[str, Any]) -> tuple[Mapping[str, str], ...]:
    """What the quick replies of a template send back; what stands on them is Meta's and not in the call."""
    found = []
    for component in part.get("components") or []:
        if component["type"] == "button" and component.get("sub_type") == "quick_reply":
            payloads = [item for item in component.get("parameters") or [] if item.get("type") == "payload"]
            if len(payloads) != 1:
                raise _invalid("a quick_reply takes one payload")
            title = f"Quick reply {int(component['index']) + 1}"
            found.append({"kind": "template_button", "id": _text(payloads[0], "payload", 256), "title": title})
    return tuple(found)


def _interactive(part: dict[str, Any]) -> tuple[str, tuple[Mapping[str, str], ...]]:
    kind, action = part.get("type"), part.get("action")
    if not isinstance(action, dict):
        raise _missing("interactive.action")
    for name in ("header", "footer"):
        if isinstance(part.get(name), dict) and part[name].get("type", "text") == "text":
            _text(part[name], "text", 60)
    text = _text(part.get("body") or {}, "text", 1024, required=kind != "flow")
    readers = {"button": _buttons, "list": _rows, "cta_url": _link, "flow": _flow}
    if kind in readers:
        return text, readers[kind](action)
    if kind == "location_request_message":
        return text, ()
    raise _invalid(f"interactive type {kind} is not supported")


def _buttons(action: dict[str, Any]) -> tuple[Mapping[str, str], ...]:
    buttons = action.get("buttons") or []
    if not 1 <= len(buttons) <= 3:
        raise _invalid("Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: 3")
    return _choices([button.get("reply") or {} for button in buttons], "button", title=20, identifier=256)


def _rows(action: dict[str, Any]) -> tuple[Mapping[str, str], ...]:
    _text(action, "button", 20)
    sections = action.get("sections") or []
    if len(sections) > 1 and not all(section.get("title") for section in sections):
        raise _missing("section.title")
    rows = [row for section in sections for row in section.get("rows") or []]
    if not 1 <= len(rows) <= 10:
        raise _invalid("Total row count exceeds or is less than the limit: 1 to 10")
    for row in rows:
        _text(row, "description", 72, required=False)
    return _choices(rows, "list", title=24, identifier=200)


def _choices(items: list[Any], kind: str, *, title: int, identifier: int) -> tuple[Mapping[str, str], ...]:
    choices = [{"kind": kind, "id": _text(i, "id", identifier), "title": _text(i, "title", title)} for i in items]
    for name in ("id", "title") if kind == "button" else ("id",):
        if len({choice[name] for choice in choices}) != len(choices):
            raise _invalid(f"Duplicated {name} of a {kind}")
    return tuple(choices)


def _link(action: dict[str, Any]) -> tuple[Mapping[str, str], ...]:
    parameters = action.get("parameters") or {}
    title, url = _text(parameters, "display_text", 20), _text(parameters, "url", 2000)
    return ({"kind": "link", "id": url, "title": title},)


def _flow(action: dict[str, Any]) -> tuple[Mapping[str, str], ...]:
    parameters = action.get("parameters") or {}
    if str(parameters.get("flow_message_version")) != "3":
        raise _invalid("flow_message_version must be 3")
    return ({"kind": "flow", "id": _text(parameters, "flow_id", 200), "title": _text(parameters, "flow_cta", 30)},)


READERS: dict[str, Callable[[dict[str, Any]], str]] = {
    "text": lambda part: _text(part, "body", 4096),
    "template": _template,
    "location": _location,
    "reaction": _reaction,
}
