"""Build the OpenAPI 3.1 description of the API from the descriptions beside each method."""

from __future__ import annotations

import re
from typing import Any, cast

from drf_spectacular.drainage import warn
from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from tenants.api_descriptions import FILE_TYPE, MethodDescription, PageQuery, ProblemOut, description_of, page_of
from tenants.problems import CONTENT_TYPE, EXPLAINED, problem_body
from tenants.rights import scope_of

RATE_HEADERS = {
    "RateLimit-Limit": "How many calls fit into the window.",
    "RateLimit-Remaining": "How many of them are left.",
    "RateLimit-Reset": "Seconds until all of them are left again.",
}
FORM_TYPE = "multipart/form-data"
NUMBER = {"type": "integer", "minimum": 0}
ALWAYS = (400, 401, 403, 429, 503)  # 400: for example a member of several tenants who names none


class Schema(AutoSchema):
    """Builds the schema from what `describe` recorded about a method."""

    @property
    def described(self) -> MethodDescription:
        """Return the description; a method without one is a warning, which fails the tests."""
        found = description_of(self.view, self.method)
        if found is None:
            warn(f"{self.method} {self.path} lacks its @describe")
        return found or MethodDescription(summary=f"{self.method} {self.path}")

    def get_operation_id(self) -> str:
        return re.sub(r"[^a-z0-9]+", "_", self.described.summary.lower()).strip("_")

    def get_summary(self) -> str:
        return self.described.summary

    def get_request_serializer(self) -> Any:
        described = self.described
        if described.takes_form:
            return {"application/json": described.takes, FORM_TYPE: described.takes_form}
        return described.takes

    def get_response_serializers(self) -> Any:
        described = self.described
        gives = page_of(cast("Any", described.gives)) if described.is_page and described.gives else described.gives
        words = "Nothing." if described.status == 204 else "As asked."
        good = {described.status: OpenApiResponse(gives, words if described.status != 201 else "Created.")}
        if described.creates and described.status != 200:
            good[200] = OpenApiResponse(gives, "Created before, under the same Idempotency-Key; nothing was done now.")
        if described.is_file:
            return {(200, FILE_TYPE): OpenApiResponse(OpenApiTypes.BINARY, "The file.")}
        if self.method == "GET":
            good[304] = OpenApiResponse(None, "Nothing changed since the answer with the given ETag.")
        return good

    def get_override_parameters(self) -> list[Any]:
        described = self.described
        found: list[Any] = [described.asks] if described.asks else []
        found += [PageQuery] if described.is_page else []
        found += [_header(name, NUMBER, text, answers=True) for name, text in RATE_HEADERS.items()]
        found.append(_header("Retry-After", NUMBER, "Seconds to wait before the next try.", [429, 503]))
        if self.method == "GET":
            found.append(_header("If-None-Match", str, "The ETag of an answer that the caller has."))
            found.append(_header("ETag", str, "Names this answer; weak.", [200, 304]))
        if described.creates:
            text = "Makes it safe to send the call again: the same key and body do nothing the second time."
            found.append(_header("Idempotency-Key", {"type": "string", "minLength": 1, "maxLength": 255}, text))
        return [one for one in found if not _is_limit(one) or self.view.throttle_classes]

    def get_examples(self) -> list[OpenApiExample]:
        described = self.described
        found = []
        if described.example is not None:
            found.append(OpenApiExample("Call", value=described.example, request_only=True))
        if described.answer is not None:
            value = described.answer
            if described.is_page:
                value = {"results": [value], "next": None, "previous": None}
            codes = [str(described.status), "200"]
            found.append(OpenApiExample("Answer", value=value, response_only=True, status_codes=codes))
        return found

    def get_auth(self) -> list[Any]:
        scope = scope_of(getattr(self.view, "needs", {}).get(self.method, ""))
        return [{name: [scope] if scope else own for name, own in way.items()} for way in super().get_auth()]

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        bodies = super()._get_response_bodies(direction)
        for status in sorted(self._problems() - {int(code) for code in bodies}):
            example = OpenApiExample("Problem", value=problem_body(status, EXPLAINED[status][1]))
            shown = OpenApiResponse(ProblemOut, EXPLAINED[status][1], examples=[example])
            bodies[str(status)] = self._get_response_for_code(  # type: ignore[no-untyped-call]  # the library's own
                shown, str(status), [CONTENT_TYPE], direction
            )
        return dict(sorted(bodies.items()))

    def _problems(self) -> set[int]:
        described = self.described
        found = {*ALWAYS, *described.problems} if self.view.permission_classes else set(described.problems)
        if "{" in self.path or described.is_page:
            found.add(404)
        if described.takes:
            found |= {400, 413, 415}
        if described.creates:
            found |= {409, 422}
        return found


def _header(name: str, kind: Any, text: str, answers: list[Any] | bool = False) -> OpenApiParameter:
    """Return a header of the request, or of responses with these codes (True: of all)."""
    return OpenApiParameter(name, kind, OpenApiParameter.HEADER, description=text, response=answers)


def _is_limit(parameter: Any) -> bool:
    return isinstance(parameter, OpenApiParameter) and parameter.name in RATE_HEADERS


class KeyScheme(OpenApiAuthenticationExtension):
    """A program's key."""

    target_class = "tenants.callers.KeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "A key of one tenant."}


class SessionScheme(OpenApiAuthenticationExtension):
    """A member's browser session."""

    target_class = "tenants.callers.MemberSession"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        text = (
            "A member's browser session; what changes something needs the header X-CSRFToken. Whoever belongs to "
            "several tenants names one in the header X-Tenant."
        )
        return {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": text}


class PersonScheme(SessionScheme):
    """A person's browser session, whichever tenants they belong to."""

    target_class = "tenants.login_api.PersonSession"
    name = "person"


class TextExtension(OpenApiSerializerFieldExtension):
    """Text that must have at least one character that is not a space."""

    target_class = "tenants.fields.Text"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Any:
        found = auto_schema._map_serializer_field(self.target, direction, bypass_extensions=True)
        if not self.target.allow_blank and direction == "request":
            found |= {"minLength": 1}
            if self.target.trim_whitespace:
                found |= {"pattern": r"\S"}
        return found


class WordExtension(OpenApiSerializerFieldExtension):
    """Text of a certain form."""

    target_class = "tenants.fields.PatternText"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Any:
        found = auto_schema._map_serializer_field(self.target, direction, bypass_extensions=True)
        return found | {"pattern": self.target.pattern.replace(r"\Z", "$")}


class ChoiceExtension(OpenApiSerializerFieldExtension):
    """One of some words, listed where they are used."""

    target_class = "tenants.fields.WordChoice"

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Any:
        return {"type": "string", "enum": list(self.target.words)}


class HoursExtension(OpenApiSerializerFieldExtension):
    """A length in hours."""

    target_class = "tenants.fields.Hours"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> Any:
        return {"type": "number", "exclusiveMinimum": 0, "maximum": self.target.up_to}
