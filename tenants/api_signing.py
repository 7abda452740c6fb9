"""The API of a tenant's signing secret: when it was made, and making it anew."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from tenants import services as tenants
from tenants.access import TenantView
from tenants.api_descriptions import describe
from tenants.api_fields import MAX_ROTATION_HOURS
from tenants.fields import Hours, Text
from tenants.models import SigningSecret

MOMENTS: dict[str, Any] = {
    "is_own": True, "shown_at": "2026-11-20T15:00:00.000000Z", "previous_until": "2026-11-21T15:00:00.000000Z",
}  # fmt: skip


class SigningOut(serializers.Serializer):
    """How decisions and hand-offs of this tenant are signed."""

    is_own = serializers.BooleanField(help_text="False: by WEBHOOK_SIGNING_SECRET of the installation, if that is set.")
    shown_at = serializers.DateTimeField(allow_null=True, help_text="Null: nobody was shown it yet.")
    previous_until = serializers.DateTimeField(allow_null=True, help_text="Until then the one before signs too.")


class SigningSecretOut(SigningOut):
    """The secret, this once."""

    secret = serializers.CharField()


class SigningIn(serializers.Serializer):
    """A new secret: made here, or one that the receiver has already."""

    secret = Text(required=False, max_length=200, help_text="Base64 (Standard Webhooks) or hex; left out: made here.")
    hours = Hours(required=False, up_to=MAX_ROTATION_HOURS)


class Signing(TenantView):  # GET, POST /api/signing-secret
    """The secret that signs callbacks of approvals and hand-offs to n8n."""

    needs = {"GET": "signing.see", "POST": "signing.act"}

    @describe("Read how decisions are signed", gives=SigningOut, answer=MOMENTS)
    def get(self, request: Request) -> Response:
        return Response(SigningOut(_shown(SigningSecret.objects.of(self.tenant).first())).data)

    @describe(
        "Make a new signing secret", takes=SigningIn, gives=SigningSecretOut, example={"hours": 24},
        answer=MOMENTS | {"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        try:
            row = tenants.rotate_signing_secret(tenant=self.tenant, by=self.actor, **self.validated_body(SigningIn))
        except ValueError as error:
            raise ValidationError({"secret": [str(error)]}) from None
        return Response(SigningSecretOut(_shown(row) | {"secret": row.secret}).data)


def _shown(row: SigningSecret | None) -> dict[str, Any]:
    if row is None:
        return {"is_own": False, "shown_at": None, "previous_until": None}
    return {"is_own": True, "shown_at": row.shown_at, "previous_until": row.previous_until}
