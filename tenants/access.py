"""Base classes of all API views: authentication, tenant, request bodies, pages, ETags."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tenants.api_descriptions import PageQuery, description_of
from tenants.backoffice import ScopedFilter, TenantAdmin, TenantInline
from tenants.callers import (
    Caller,
    HasRight,
    Installation,
    IsInstallation,
    KeyAuthentication,
    KeyThrottle,
    MemberSession,
)
from tenants.idempotency import IdempotentCall
from tenants.models import Tenant
from tenants.problems import InvalidQuery, RequestTooLarge

__all__ = [
    "ApiView",
    "Caller",
    "CursorPages",
    "HasRight",
    "KeyAuthentication",
    "KeyThrottle",
    "MemberSession",
    "ScopedFilter",
    "TenantAdmin",
    "TenantInline",
    "TenantView",
]  # fmt: skip

MAX_BODY_BYTES = 256 * 1024


class CursorPages(CursorPagination):
    """Pagination by cursor: `{"results": [...], "next": address or null, "previous": address or null}`."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "limit"

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any] | None:
        try:
            page: list[Any] | None = super().paginate_queryset(queryset, request, view)
        except (ValueError, TypeError, OverflowError, ValidationError):
            raise NotFound("The cursor is not one of ours.") from None
        return page

    def get_paginated_response(self, data: Any) -> Response:
        pages = {"results": data, "next": self.get_next_link(), "previous": self.get_previous_link()}
        return Response(pages)


class _Answered(Exception):
    """The request was answered from a stored response before the view ran."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


class ApiView(APIView):
    """What all API views share: limits on bodies, strict parsing, ETags, headers."""

    needs: dict[str, str] = {}  # the right that each method needs: see tenants.rights
    max_body_bytes = MAX_BODY_BYTES

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if int(request.META.get("CONTENT_LENGTH") or 0) > self.max_body_bytes:
            raise RequestTooLarge
        super().initial(request, *args, **kwargs)
        described = description_of(self, request.method)
        if described is not None and described.creates:
            self._call = IdempotentCall(getattr(request.auth, "tenant", None), request)
            if answer := self._call.stored_response():
                raise _Answered(answer)

    def create_once(self, make: Callable[[], Response], *, shown_once: Iterable[str] = ()) -> Response:
        """Call `make`, which creates something, in one transaction, at most once per `Idempotency-Key`."""
        return self._call.make_once(make, shown_once=shown_once)

    def handle_exception(self, exc: Exception) -> Response:
        return exc.response if isinstance(exc, _Answered) else super().handle_exception(exc)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer.headers.setdefault("Cache-Control", "no-store")
        if standing := getattr(request, "standing", None):
            answer.headers["RateLimit-Limit"] = str(standing.limit)
            answer.headers["RateLimit-Remaining"] = str(standing.left)
            answer.headers["RateLimit-Reset"] = str(int(standing.full_in + 0.999))
        if request.method in {"GET", "HEAD"} and answer.status_code == 200 and isinstance(answer, Response):
            return _unless_known(request, answer)
        return answer

    def validated_query(self, serializer: type[serializers.Serializer]) -> dict[str, Any]:
        """Return the validated query; raises InvalidQuery."""
        found = serializer(data=self.request.query_params.dict())
        if not found.is_valid():
            raise InvalidQuery(found.errors)
        return dict(found.validated_data)

    def validated_body(self, serializer: type[serializers.Serializer], *, partial: bool = False) -> dict[str, Any]:
        """Return the validated body; raises ValidationError. Unknown members are ignored."""
        found = serializer(data=self.request.data, partial=partial)
        found.is_valid(raise_exception=True)
        return dict(found.validated_data)

    def paginated(self, rows: QuerySet, ordering: tuple[str, ...], serializer: Any) -> Response:
        """Return one page of `rows`, in the order of `ordering`."""
        self.validated_query(PageQuery)
        pages = CursorPages()
        pages.ordering = ordering
        found = pages.paginate_queryset(rows, self.request, self)
        return pages.get_paginated_response(serializer(found, many=True).data)


class TenantView(ApiView):
    """An API view of one tenant's rows; the tenant comes only from the credential."""

    @property
    def caller(self) -> Caller:
        """Return who calls."""
        assert isinstance(self.request.auth, Caller)
        return self.request.auth

    @property
    def tenant(self) -> Tenant:
        """Return the caller's tenant."""
        return self.caller.tenant

    @property
    def actor(self) -> str:
        """Return the name of the caller for the audit."""
        return self.caller.actor


class InstallationView(ApiView):
    """An API view for the operator of the installation, by its own key."""

    permission_classes = [IsInstallation]

    @property
    def actor(self) -> str:
        """Return the name of the caller for the audit."""
        assert isinstance(self.request.auth, Installation)
        return self.request.auth.actor


def _unless_known(request: Request, answer: Response) -> Response:
    """Add an ETag to the response, and leave out the body when the caller has it already."""
    answer.render()
    tag = f'W/"{hashlib.blake2b(answer.content, digest_size=12).hexdigest()}"'
    known = [one.removeprefix("W/") for one in parse_etags(request.headers.get("If-None-Match", ""))]
    if tag.removeprefix("W/") in known or "*" in known:
        answer.status_code, answer.content = 304, b""
        answer.headers.pop("Content-Type", None)
    answer.headers["ETag"] = tag
    answer.headers["Cache-Control"] = "private, no-cache"
    patch_vary_headers(answer, ["Authorization", "Cookie", "X-Tenant"])
    return answer
