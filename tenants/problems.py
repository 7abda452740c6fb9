"""Errors of the API as RFC 9457 `application/problem+json`: stable types, no internal details."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import DatabaseError
from django.http import Http404
from drf_standardized_errors.formatter import flatten_errors
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

logger = logging.getLogger("frontdesk.api")

CONTENT_TYPE = "application/problem+json"
# The last part of a problem's type, and its meaning, which /problems/<name> shows.
EXPLAINED = {
    400: ("bad-request", "The body or a header cannot be read, or a field is wrong: see errors."),
    401: ("unauthenticated", "There is no key, or it is unknown, revoked or expired."),
    403: ("forbidden", "The key or the role lacks the scope, or the CSRF token is missing."),
    404: ("not-found", "It is not there, or it is another tenant's, or there is no such address."),
    405: ("method-not-allowed", "The address does not know this method: see the header Allow."),
    406: ("not-acceptable", "Answers come as JSON alone."),
    409: ("conflict", "The state of the thing forbids it, or a call with the same Idempotency-Key is under way."),
    413: ("too-large", "The body is too large."),
    415: ("unsupported-media-type", "The body must be JSON, with Content-Type: application/json."),
    422: ("unprocessable", "It contradicts what came before: the Idempotency-Key was used for another call."),
    429: ("too-many-requests", "The key has no calls left: wait as long as Retry-After says."),
    500: ("internal-error", "A fault of ours; the log of the installation has the request's X-Request-ID."),
    503: ("unavailable", "Our own trouble: send the same call again after Retry-After."),
}
SECOND_FACTOR = ("second-factor-needed", "The password is right: send the code of the second factor as otp.")
INVALID = ("invalid", "A field is wrong: errors names each, with a pointer into the body.")
PROBLEMS = {name: (status, text) for status, (name, text) in EXPLAINED.items()} | {
    INVALID[0]: (400, INVALID[1]),
    SECOND_FACTOR[0]: (401, SECOND_FACTOR[1]),
}


class Conflict(exceptions.APIException):
    """The state of the resource forbids it."""

    status_code = 409
    default_code = "conflict"


class InFlight(Conflict):
    """A call with the same Idempotency-Key is still running."""

    default_detail = "A call with this Idempotency-Key is under way. Send it again."
    wait = 1


class RequestTooLarge(exceptions.APIException):
    """The body is larger than any that makes sense here."""

    status_code = 413
    default_code = "too_large"
    default_detail = "The body is too large."


class Unprocessable(exceptions.APIException):
    """Well formed, but it contradicts an earlier call."""

    status_code = 422
    default_code = "unprocessable"


class Unavailable(exceptions.APIException):
    """An error on our side: the same request may be sent again."""

    status_code = 503
    default_code = "unavailable"
    default_detail = "The service cannot answer now. Send the request again."


class InvalidQuery(exceptions.ValidationError):
    """The query or a header is wrong: there is no pointer into the body."""


def handle_exception(error: Exception, context: dict[str, Any]) -> Response:
    """Return the response to an exception of an API view; an unexpected one is logged and answered without details."""
    problem = _known(error)
    headers = {"Retry-After": "5"} if problem.status_code == 503 else {}
    if wait := getattr(problem, "wait", None):
        headers["Retry-After"] = str(max(1, int(wait + 0.999)))
    if challenge := getattr(problem, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if problem.status_code >= 500:
        logger.error("api_failed", extra={"error": type(error).__name__}, exc_info=error)
    set_rollback()
    return Response(_body(problem), status=problem.status_code, headers=headers, content_type=CONTENT_TYPE)


def problem_body(status: int, detail: str, name: str = "") -> dict[str, Any]:
    """Return the members that every problem has."""
    name = name or EXPLAINED.get(status, ("error", ""))[0]
    return {"type": f"/problems/{name}", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}


def _known(error: Exception) -> exceptions.APIException:
    match error:
        case exceptions.APIException():
            return error
        case Http404():
            return exceptions.NotFound()
        case PermissionDenied():
            return exceptions.PermissionDenied()
        case DjangoValidationError():
            return exceptions.ValidationError(error.messages)
        case RecursionError():
            return exceptions.ParseError("The body is nested too deeply.")
        case DatabaseError():
            return Unavailable()
        case _:
            return exceptions.APIException()


def _body(problem: exceptions.APIException) -> dict[str, Any]:
    if not isinstance(problem, exceptions.ValidationError):
        return problem_body(problem.status_code, str(problem.detail), getattr(problem, "problem_type", ""))
    found = [
        {"field": error.attr or "", "code": error.code, "detail": error.detail}
        for error in flatten_errors(problem.detail)
    ]
    if not isinstance(problem, InvalidQuery):
        found = [entry | {"pointer": _pointer(entry["field"])} for entry in found]
    named = {entry["field"]: entry for entry in found}
    detail = " ".join(f"{name}: {entry['detail']}" if name else entry["detail"] for name, entry in named.items())
    return problem_body(400, detail, INVALID[0]) | {"errors": found}


def _pointer(field: str) -> str:
    """Return a JSON pointer (RFC 6901) to a field named with dots."""
    return "#" + "".join(f"/{part}" for part in field.split(".") if part not in ("", "non_field_errors"))
