"""The API of keys, and of tenants for whoever runs the installation."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.shortcuts import get_object_or_404
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from tenants import api_examples
from tenants import services as tenants
from tenants.access import InstallationView, TenantView
from tenants.api_descriptions import describe
from tenants.api_fields import KeyIn, KeyOut, KeySecretOut, TenantChange, TenantIn, TenantOut
from tenants.models import ApiKey, Tenant
from tenants.problems import Conflict

NEEDS = {"GET": "keys.see", "POST": "keys.add", "DELETE": "keys.act"}


class Keys(TenantView):  # GET, POST /api/keys
    """The keys of programs; what a key opens, but never the key itself."""

    needs = NEEDS

    @describe("List API keys", gives=KeyOut, is_page=True, answer=api_examples.KEY)
    def get(self, request: Request) -> Response:
        return self.paginated(ApiKey.objects.filter(tenant=self.tenant), ("-created", "prefix"), KeyOut)

    @describe(
        "Make an API key",
        takes=KeyIn,
        gives=KeySecretOut,
        status=201,
        creates=True,
        example=api_examples.NEW_KEY,
        answer=api_examples.KEY_WITH_SECRET,
    )
    def post(self, request: Request) -> Response:
        wanted = self.validated_body(KeyIn)
        return self.create_once(lambda: self._make(wanted), shown_once=("key",))

    def _make(self, wanted: dict[str, Any]) -> Response:
        try:
            row, key = tenants.create_api_key(
                tenant=self.tenant, name=wanted["name"], scopes=wanted["scopes"], replaces=False, by=self.actor,
                approvers=wanted.get("approvers", []), reach=self.caller.reach, expires_at=wanted.get("expires_at"),
            )  # fmt: skip
        except tenants.BeyondReach as error:
            raise PermissionDenied(str(error)) from None
        except tenants.NameTaken as error:
            raise Conflict(str(error)) from None
        except ValueError as error:
            raise ValidationError({"approvers": [str(error)]}) from None
        return Response(KeySecretOut(row).data | {"key": key}, status=201)


class Key(TenantView):  # GET, DELETE /api/keys/<prefix>
    """One key, by its beginning."""

    needs = NEEDS

    @describe("Read an API key", gives=KeyOut, answer=api_examples.KEY)
    def get(self, request: Request, prefix: str) -> Response:
        return Response(KeyOut(self._key(prefix)).data)

    @describe("Revoke an API key", status=204)
    def delete(self, request: Request, prefix: str) -> Response:
        key = self._key(prefix)
        try:
            tenants.revoke_api_key(key=key, by=self.actor, reach=self.caller.reach)
        except tenants.BeyondReach as error:
            raise PermissionDenied(str(error)) from None
        return Response(status=204)

    def _key(self, prefix: str) -> ApiKey:
        rows = ApiKey.objects.filter(tenant=self.tenant).select_related("tenant")
        row: ApiKey = get_object_or_404(rows, prefix=prefix)
        return row


class Tenants(InstallationView):  # GET, POST /api/tenants
    """The businesses of this installation, for its own key."""

    @describe("List tenants", gives=TenantOut, is_page=True, answer=api_examples.TENANT)
    def get(self, request: Request) -> Response:
        return self.paginated(Tenant.objects.all(), ("id",), TenantOut)

    @describe(
        "Set up a tenant", takes=TenantIn, gives=TenantOut, status=201, creates=True, example=api_examples.NEW_TENANT,
        answer=api_examples.TENANT,
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        wanted = self.validated_body(TenantIn)
        return self.create_once(lambda: self._make(wanted))

    def _make(self, wanted: dict[str, Any]) -> Response:
        if Tenant.objects.filter(slug=wanted["slug"]).exists():
            raise Conflict("There is a tenant with this slug already.")
        first = {name: wanted[name] for name in ("slug", "name", "timezone", "language") if name in wanted}
        rest = {name: value for name, value in wanted.items() if name not in first}
        row = tenants.set_up_tenant(**first)
        row = tenants.change_tenant(tenant=row, by=self.actor, **rest) if rest else row
        return Response(TenantOut(row).data, status=201)


class OneTenant(InstallationView):  # GET, PATCH /api/tenants/<pk>
    """One business."""

    @describe("Read a tenant", gives=TenantOut, answer=api_examples.TENANT)
    def get(self, request: Request, pk: int) -> Response:
        return Response(TenantOut(get_object_or_404(Tenant, pk=pk)).data)

    @describe(
        "Change a tenant", takes=TenantChange, gives=TenantOut, example={"outbound_enabled": False},
        answer=api_examples.TENANT | {"outbound_enabled": False},
    )  # fmt: skip
    def patch(self, request: Request, pk: int) -> Response:
        tenant, wanted = get_object_or_404(Tenant, pk=pk), self.validated_body(TenantChange, partial=True)
        try:
            return Response(TenantOut(tenants.change_tenant(tenant=tenant, by=self.actor, **wanted)).data)
        except DjangoValidationError as error:
            raise ValidationError(error.message_dict) from None
