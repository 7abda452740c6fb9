"""What Evolution refuses in a body, and its error envelope (wire/evolution.md section 7)."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from simulator.exchange import RefusedError, ServiceResponse
from simulator.people import digits, is_phone


@dataclass(frozen=True)
class Field:
    """A required property of a body."""

    name: str
    type: type = str
    empty: bool = False


TEXT = (Field("number"), Field("text"))
MEDIA = (Field("number"), Field("mediatype"), Field("media"))


def problem(status: int, message: Any) -> ServiceResponse:
    """Evolution's error envelope; `message` has many shapes."""
    words = HTTPStatus(status).phrase
    return ServiceResponse(status=status, body={"status": status, "error": words, "response": {"message": message}})


def checked(body: Any, fields: tuple[Field, ...]) -> dict[str, Any]:
    """Check the required properties of a body."""
    given: dict[str, Any] = body if isinstance(body, dict) else {}
    missing = [f'instance requires property "{field.name}"' for field in fields if field.name not in given]
    if missing:
        raise RefusedError(problem(400, [missing]))
    for field in fields:
        value = given[field.name]
        if not isinstance(value, field.type):
            words = {str: "string", int: "integer", dict: "object", list: "array"}[field.type]
            raise RefusedError(problem(400, [[f"instance.{field.name} is not of a type(s) {words}"]]))
        if not value and field.type is str and not field.empty:
            raise RefusedError(problem(400, [[f'The "{field.name}" cannot be empty']]))
    return given


def jid(person: str) -> str:
    """The JID of a person: phones get WhatsApp's domain, LIDs and groups keep their own."""
    return f"{digits(person)}@s.whatsapp.net" if is_phone(person) else person
