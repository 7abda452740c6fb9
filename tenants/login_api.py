"""Log-in for frontends of one's own: the session of the back office, with CSRF and the same lock."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.middleware.csrf import get_token
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from rest_framework import serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import APIException, PermissionDenied, Throttled
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tenants import api_examples, second_factor
from tenants.access import ApiView
from tenants.api_descriptions import describe
from tenants.callers import Caller, KeyAuthentication
from tenants.logins import TooManyLogins, check_password
from tenants.models import Member, Role, User
from tenants.problems import SECOND_FACTOR
from tenants.rights import needs_of, scopes_of


class WrongLogin(APIException):
    """Name, password or code is wrong; which of them is not said."""

    status_code = 401
    default_code = "wrong_login"
    default_detail = "The name or the password is wrong."


class CodeNeeded(APIException):
    """The password is right, and the code of the second factor is missing."""

    status_code = 401
    default_code = "second_factor_needed"
    default_detail = "Send the code of your second factor as otp."
    problem_type = SECOND_FACTOR[0]


class PersonSession(SessionAuthentication):
    """A browser session with CSRF, whichever tenants its person belongs to."""

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="frontdesk"'


class KnownCaller(BasePermission):
    """A person's session or a program's key."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.auth, Caller) or bool(request.user and request.user.is_authenticated)


class LoginIn(serializers.Serializer):
    """Who somebody says they are."""

    user = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=4096, trim_whitespace=False)
    otp = serializers.CharField(max_length=64, required=False, allow_blank=True, default="")


class UserOut(serializers.Serializer):
    """A person."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    full_name = serializers.CharField(allow_blank=True)
    email = serializers.CharField(allow_blank=True)
    is_superuser = serializers.BooleanField()
    has_second_factor = serializers.BooleanField(help_text="Whether this session was opened with one.")
    must_set_up_second_factor = serializers.BooleanField(help_text="Until then the API refuses this session.")


class OwnTenantOut(serializers.Serializer):
    """A tenant of the caller."""

    slug = serializers.CharField()
    name = serializers.CharField()
    timezone = serializers.CharField()
    language = serializers.CharField()


class MembershipOut(serializers.Serializer):
    """What the caller may do in one tenant; a key has no role."""

    tenant = OwnTenantOut()
    role = serializers.CharField(allow_null=True)
    scopes = serializers.ListField(
        child=serializers.CharField(), help_text="Of a role those of which it may do something: rights say what."
    )
    rights = serializers.ListField(
        child=serializers.CharField(), help_text='What a role may do at the API, such as "labels.add"; of a key empty.'
    )


class MeOut(serializers.Serializer):
    """Who calls; for a key `user` and `csrf_token` are null."""

    user = UserOut(allow_null=True)
    memberships = MembershipOut(many=True)
    csrf_token = serializers.CharField(allow_null=True, help_text="Goes into the header X-CSRFToken.")


@method_decorator([never_cache, sensitive_post_parameters()], name="dispatch")
class LogIn(ApiView):
    """`POST /api/login`: takes JSON alone and checks the page's origin, so that no foreign page logs somebody in."""

    authentication_classes: list[Any] = []
    permission_classes = [AllowAny]

    @describe("Log in", takes=LoginIn, gives=MeOut, example=api_examples.LOGIN, answer=api_examples.ME)
    def post(self, request: Request) -> Response:
        _refuse_foreign_pages(request)
        given = LoginIn(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            user = _prove(request, **given.validated_data)
        except TooManyLogins as lock:
            raise Throttled(wait=lock.seconds, detail="Too many wrong logins.") from None
        second_factor.log_in(request=request._request, user=user)
        return Response(_about(request, user))


class LogOut(ApiView):
    """`POST /api/logout`."""

    authentication_classes = [PersonSession]
    permission_classes = [IsAuthenticated]

    @describe("Log out", status=204)
    def post(self, request: Request) -> Response:
        logout(request._request)
        return Response(status=204)


@method_decorator(never_cache, name="dispatch")
class Me(ApiView):
    """`GET /api/me`: who calls, and what they may do where."""

    authentication_classes = [KeyAuthentication, PersonSession]
    permission_classes = [KnownCaller]

    @describe("Say who calls", gives=MeOut, answer=api_examples.ME)
    def get(self, request: Request) -> Response:
        if isinstance(request.auth, Caller):
            own = _membership(request.auth.tenant, None, request.auth.scopes, [])
            return Response({"user": None, "memberships": [own], "csrf_token": None})
        assert isinstance(request.user, User)
        return Response(_about(request, request.user))


def _prove(request: Request, *, user: str, password: str, otp: str) -> User:
    person = check_password(request=request._request, name=user, password=password)
    if person is None:
        raise WrongLogin
    if not second_factor.has_second_factor(person):
        return person
    if not otp.strip():
        raise CodeNeeded
    if not second_factor.check_code(request=request._request, user=person, code=otp):
        raise WrongLogin("The code is wrong, or was used before.")
    return person


def _refuse_foreign_pages(request: Request) -> None:
    origin = request.headers.get("Origin", "")
    own = f"{request.scheme}://{request.get_host()}"
    if origin and origin not in {own, *settings.CSRF_TRUSTED_ORIGINS}:
        raise PermissionDenied("Pages of this origin may not log in: name it in CORS_ORIGINS.")


def _about(request: Request, user: User) -> dict[str, Any]:
    members = list(Member.objects.filter(user=user, tenant__is_active=True).select_related("tenant").order_by("pk"))
    roles = [(Role(member.role), member.tenant.requires_second_factor) for member in members]
    has_factor = bool(request.session.get(second_factor.SESSION_KEY))
    return {
        "user": {
            "id": user.pk, "name": user.get_username(), "full_name": user.get_full_name(), "email": user.email,
            "is_superuser": user.is_superuser, "has_second_factor": has_factor,
            "must_set_up_second_factor": not has_factor and second_factor.is_required(user, roles),
        },
        "memberships": [
            _membership(member.tenant, role, scopes_of(role), needs_of(role))
            for member, role in ((member, Role(member.role)) for member in members)
        ],
        "csrf_token": get_token(request._request),
    }  # fmt: skip


def _membership(tenant: Any, role: str | None, scopes: Any, rights: list[str]) -> dict[str, Any]:
    facts = {"slug": tenant.slug, "name": tenant.name, "timezone": tenant.timezone, "language": tenant.language}
    return {"tenant": facts, "role": role, "scopes": list(scopes), "rights": rights}
