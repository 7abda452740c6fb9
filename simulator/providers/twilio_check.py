"""What Twilio refuses in a message form (wire/twilio.md sections 4 and 5)."""

import json
import re
from dataclasses import dataclass
from email.utils import formatdate

from simulator.exchange import RefusedError, ServiceResponse
from simulator.people import person_key

BODY_LIMIT = 1600


@dataclass(frozen=True, kw_only=True)
class Form:
    """A message form that passed."""

    to: str
    sender: str
    service: str
    text: str
    media: tuple[str, ...]
    content_sid: str
    callback: str


def twilio_error(code: int, message: str, status: int = 400) -> ServiceResponse:
    """Twilio's error body."""
    more = f"https://www.twilio.com/docs/errors/{code}"
    return ServiceResponse(status=status, body={"code": code, "message": message, "more_info": more, "status": status})


def rfc2822() -> str:
    """Now, as Twilio writes it."""
    return formatdate().replace("-0000", "+0000")


def checked(form: dict[str, list[str]], senders: set[str]) -> Form:
    """Check a whole form; `senders` are the numbers this account owns."""

    def one(name: str) -> str:
        return (form.get(name) or [""])[0]

    message = Form(
        to=one("To"),
        sender=one("From"),
        service=one("MessagingServiceSid"),
        text=one("Body"),
        media=tuple(filter(None, form.get("MediaUrl") or [])),
        content_sid=one("ContentSid"),
        callback=one("StatusCallback"),
    )
    _check_addresses(message, senders)
    _check_content(message, one("ContentVariables"))
    return message


def _refuse(code: int, text: str) -> RefusedError:
    return RefusedError(twilio_error(code, text))


def _check_addresses(message: Form, senders: set[str]) -> None:
    if not message.to:
        raise _refuse(21604, "A 'To' phone number is required.")
    if not message.sender and not message.service:
        raise _refuse(21603, "A 'From' phone number is required.")
    if not re.fullmatch(r"(whatsapp:)?(\+\d{7,15}|[A-Z]{2}\.\w+)", message.to):
        raise _refuse(21211, f"The 'To' number {message.to} is not a valid phone number.")
    if message.service:
        if not re.fullmatch(r"MG[0-9a-f]{32}", message.service):
            raise _refuse(21701, "The Messaging Service does not exist")
        return
    if message.to.startswith("whatsapp:") != message.sender.startswith("whatsapp:"):
        raise _refuse(21910, "Invalid From and To pair. From and To should be of the same channel")
    if person_key(message.sender) not in map(person_key, senders):
        raise _refuse(63007, "Twilio could not find a Channel with the specified From address")
    if person_key(message.to) == person_key(message.sender):
        raise _refuse(63031, "Message cannot have the same To and From")


def _check_content(message: Form, variables: str) -> None:
    if not (message.text or message.media or message.content_sid):
        raise _refuse(21602, "Message body is required.")
    if len(message.text) > BODY_LIMIT:
        raise _refuse(21617, "The concatenated message body exceeds the 1600 character limit")
    limit = 1 if message.to.startswith("whatsapp:") else 10
    if len(message.media) > limit:
        raise _refuse(21623, "Number of media files exceeds allowed limit")
    if not all(re.match(r"https?://", address) for address in message.media):
        raise _refuse(21620, "Invalid media URL(s)")
    if message.content_sid and not re.fullmatch(r"HX[0-9a-f]{32}", message.content_sid):
        raise _refuse(21655, "The ContentSid is Invalid")
    if variables and not _is_object(variables):
        raise _refuse(21656, "The ContentVariables Parameter is invalid")
    if message.callback and not re.match(r"https?://", message.callback):
        raise _refuse(21609, "The 'StatusCallback' URL is not a valid URL")


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False
