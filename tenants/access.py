"""Who may come in through the API and the back office, and as whom: the bases of every door to a tenant's rows."""

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
from tenants.describing import PageQuery, description_of
from tenants.idempotency import Call
from tenants.models import Tenant
from tenants.problems import InvalidQuery, TooLarge

__all__ = [
    "ApiView", "Caller", "HasRight", "KeyAuthentication", "KeyThrottle", "MemberSession", "Pages", "ScopedFilter",
    "TenantAdmin", "TenantInline", "TenantView",
]  # fmt: skip

MAX_BODY_BYTES = 256 * 1024


class Pages(CursorPagination):
    """Lists page by cursor: `{"results": [...], "next": address or null, "previous": address or null}`."""

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
    """The call was answered before it was worked."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


class ApiView(APIView):
    """What all calls of the API share: limits on bodies, strict reading, ETags, headers."""

    needs: dict[str, str] = {}  # of each method the right that it takes: see tenants.rights
    max_body_bytes = MAX_BODY_BYTES

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if int(request.META.get("CONTENT_LENGTH") or 0) > self.max_body_bytes:
            raise TooLarge
        super().initial(request, *args, **kwargs)
        described = description_of(self, request.method)
        if described is not None and described.creates:
            self._call = Call(getattr(request.auth, "tenant", None), request)
            if answer := self._call.recall():
                raise _Answered(answer)

    def once(self, make: Callable[[], Response], *, shown_once: Iterable[str] = ()) -> Response:
        """Do what creates something, in one transaction, at most once per `Idempotency-Key`."""
        return self._call.once(make, shown_once=shown_once)

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

    def asked(self, serializer: type[serializers.Serializer]) -> dict[str, Any]:
        """What the query asks for; raises InvalidQuery."""
        found = serializer(data=self.request.query_params.dict())
        if not found.is_valid():
            raise InvalidQuery(found.errors)
        return dict(found.validated_data)

    def given(self, serializer: type[serializers.Serializer], *, partial: bool = False) -> dict[str, Any]:
        """What the body says; raises ValidationError. What it has no field for is left aside."""
        found = serializer(data=self.request.data, partial=partial)
        found.is_valid(raise_exception=True)
        return dict(found.validated_data)

    def page(self, rows: QuerySet, ordering: tuple[str, ...], serializer: Any) -> Response:
        """Answer one page of `rows`, newest or first as `ordering` says."""
        self.asked(PageQuery)
        pages = Pages()
        pages.ordering = ordering
        found = pages.paginate_queryset(rows, self.request, self)
        return pages.get_paginated_response(serializer(found, many=True).data)


class TenantView(ApiView):
    """An API view of one tenant's rows; the tenant comes from the credential and from nowhere else."""

    @property
    def caller(self) -> Caller:
        """Who calls."""
        assert isinstance(self.request.auth, Caller)
        return self.request.auth

    @property
    def tenant(self) -> Tenant:
        """Whose rows these are."""
        return self.caller.tenant

    @property
    def actor(self) -> str:
        """The name under which the audit knows the caller."""
        return self.caller.actor


class InstallationView(ApiView):
    """An API view for whoever runs the installation, by its own key."""

    permission_classes = [IsInstallation]

    @property
    def actor(self) -> str:
        """The name under which the audit knows the caller."""
        assert isinstance(self.request.auth, Installation)
        return self.request.auth.actor


def _unless_known(request: Request, answer: Response) -> Response:
    """Name the answer by its ETag, and leave its body out when the caller has it already."""
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
