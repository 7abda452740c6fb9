"""The second factor for frontends of one's own: enrol, confirm, renew the recovery codes, remove it."""

from __future__ import annotations

from typing import Any

from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from rest_framework import serializers
from rest_framework.exceptions import NotAuthenticated, PermissionDenied, Throttled
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from tenants import api_examples, second_factor
from tenants.access import ApiView
from tenants.api_descriptions import describe
from tenants.backoffice import needs_second_factor
from tenants.login_api import PersonSession, WrongLogin
from tenants.logins import TooManyLogins
from tenants.models import RecoveryCode, User
from tenants.problems import Conflict


class CodeIn(serializers.Serializer):
    """A code of the authenticator app; where the factor counts already a recovery code does as well."""

    otp = serializers.CharField(max_length=64)


class FactorOut(serializers.Serializer):
    """Whether the person has a second factor."""

    is_set_up = serializers.BooleanField()
    is_demanded = serializers.BooleanField(help_text="By a tenant or the installation: it cannot be taken away.")
    recovery_codes_left = serializers.IntegerField()


class EnrolmentOut(serializers.Serializer):
    """What an authenticator app must know; it counts from the first right code on."""

    secret = serializers.CharField(help_text="To be typed where no camera is.")
    address = serializers.CharField(help_text="What the picture says: otpauth://totp/...")
    picture = serializers.CharField(help_text="The QR code, an SVG element.")


class RecoveryCodesOut(serializers.Serializer):
    """Each opens once, instead of a code; they are shown this once."""

    recovery_codes = serializers.ListField(child=serializers.CharField())


@method_decorator([never_cache, sensitive_post_parameters()], name="dispatch")
class FactorView(ApiView):
    """Concerns the person of the session, whichever tenants they belong to; a key has no second factor."""

    authentication_classes = [PersonSession]
    permission_classes = [IsAuthenticated]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        assert isinstance(request.user, User)
        self.user: User = request.user
        self.is_set_up = second_factor.has_second_factor(self.user)
        if self.is_set_up and not request.session.get(second_factor.SESSION_KEY):
            raise NotAuthenticated("This session was opened before the second factor: log in again.")

    def prove(self, request: Request) -> None:
        """Raise unless the code is right; wrong codes count as failed log-ins."""
        given = CodeIn(data=request.data)
        given.is_valid(raise_exception=True)
        if not self.is_set_up:
            raise Conflict("There is no second factor yet.")
        try:
            right = second_factor.check_code(request=request._request, user=self.user, code=given.validated_data["otp"])
        except TooManyLogins as lock:
            raise Throttled(wait=lock.seconds, detail="Too many wrong codes.") from None
        if not right:
            raise WrongLogin("The code is wrong, or was used before.")


class Factor(FactorView):
    """`/api/second-factor`."""

    @describe("Say whether there is a second factor", gives=FactorOut, answer=api_examples.FACTOR)
    def get(self, request: Request) -> Response:
        unused = RecoveryCode.objects.filter(user=self.user, used_at=None)
        return Response({
            "is_set_up": self.is_set_up, "is_demanded": needs_second_factor(request._request),
            "recovery_codes_left": unused.count(),
        })  # fmt: skip

    @describe("Begin to set up a second factor", gives=EnrolmentOut, answer=api_examples.ENROLMENT, problems=(409,))
    def post(self, request: Request) -> Response:
        if self.is_set_up:
            raise Conflict("There is a second factor already: take it away first.")
        factor = second_factor.create_factor(user=self.user)
        address, picture = second_factor.otp_address(factor), second_factor.qr_code(factor)
        return Response({"secret": factor.secret, "address": address, "picture": picture})


class ConfirmFactor(FactorView):
    """`/api/second-factor/confirm`: the first right code; ends all other sessions of the person."""

    @describe(
        "Confirm the second factor", takes=CodeIn, gives=RecoveryCodesOut, example=api_examples.CODE,
        answer=api_examples.RECOVERY_CODES, problems=(409,),
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        given = CodeIn(data=request.data)
        given.is_valid(raise_exception=True)
        if self.is_set_up:
            raise Conflict("There is a second factor already.")
        codes = second_factor.confirm(user=self.user, code=given.validated_data["otp"])
        if codes is None:
            raise WrongLogin("The code is wrong, was used before, or nothing was begun.")
        second_factor.continue_session(request=request._request, user=self.user, has_factor=True)
        return Response({"recovery_codes": codes})


class RenewRecoveryCodes(FactorView):
    """`/api/second-factor/recovery-codes`: the former ones open nothing any more."""

    @describe(
        "Make new recovery codes", takes=CodeIn, gives=RecoveryCodesOut, example=api_examples.CODE,
        answer=api_examples.RECOVERY_CODES, problems=(409,),
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        self.prove(request)
        return Response({"recovery_codes": second_factor.renew_recovery_codes(user=self.user)})


class RemoveFactor(FactorView):
    """`/api/second-factor/remove`: ends all other sessions of the person."""

    @describe("Take the second factor away", takes=CodeIn, example=api_examples.CODE, status=204, problems=(409,))
    def post(self, request: Request) -> Response:
        if needs_second_factor(request._request):
            raise PermissionDenied("A second factor is demanded of you.")
        self.prove(request)
        second_factor.remove_factor(user=self.user, by=self.user.get_username())
        second_factor.continue_session(request=request._request, user=self.user, has_factor=False)
        return Response(status=204)
