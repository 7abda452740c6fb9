"""Authentication and permissions of the API: a program's key or a member's session, and what each may do.

They are apart from the views, because the framework's own views import these classes by name from the settings.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied, ValidationError
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from common.rate_limits import Rate, Standing, use_token
from tenants.models import ApiKey, Member, Role, Tenant
from tenants.reach import Reach, reach_of
from tenants.rights import least_role, may, scope_of
from tenants.second_factor import SESSION_KEY, is_required

if TYPE_CHECKING:
    from rest_framework.views import APIView

KEY = re.compile(r"^[A-Za-z0-9]{1,16}\.[A-Za-z0-9]{1,64}$")
USED_AGAIN = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who calls: the tenant and a name; a member with their role, or a key with its scopes."""

    tenant: Tenant
    actor: str
    throttle_key: str
    member: Member | None = None
    scopes: tuple[str, ...] = ()  # of a key
    approvers: tuple[str, ...] = ()  # of a key: the approvers it may decide as

    @property
    def is_key(self) -> bool:
        """Return whether a program calls."""
        return self.member is None

    @property
    def name(self) -> str:
        """Return which credential it is, such as "key:Ab3dE6gH"; it can be one approver of a candidate."""
        return self.throttle_key

    @property
    def reach(self) -> Reach:
        """Return what the caller can put on a key, and which keys they can revoke."""
        if self.member is not None:
            return reach_of(Role(self.member.role))
        return Reach(scopes=frozenset(self.scopes), approvers=frozenset(self.approvers))

    def may(self, need: str) -> bool:
        """Return whether the caller has a right of the table, such as "labels.add".

        False for a right that is not in it.
        """
        if self.member is not None:
            return may(Role(self.member.role), need)
        scope = scope_of(need)
        return bool(scope) and self.reach.opens(scope)


@dataclass(frozen=True)
class Installation:
    """The operator's program with `ADMIN_API_KEY`: it creates tenants and sees none of their rows."""

    actor: str = "installation"
    throttle_key: str = "installation"


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer <key>`: a program of one tenant, or the operator's."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Caller | Installation] | None:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        if _is_admin_key(key.strip()):
            return AnonymousUser(), Installation()
        found = _live_key(key.strip())
        if found is None:
            raise AuthenticationFailed("The key is unknown, revoked or expired.")
        caller = Caller(
            tenant=found.tenant, actor=f"key {found.name}", throttle_key=f"key:{found.prefix}",
            scopes=_words(found.scopes), approvers=_words(found.approvers),
        )  # fmt: skip
        return AnonymousUser(), caller

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="frontdesk"'


class MemberSession(SessionAuthentication):
    """A member's browser session, with CSRF; `X-Tenant: <slug>` chooses among the member's own tenants."""

    def authenticate(self, request: Request) -> tuple[Any, Caller] | None:
        found = super().authenticate(request)
        if found is None:
            return None
        user = found[0]
        members = list(Member.objects.filter(user=user, tenant__is_active=True).select_related("tenant"))
        if wanted := request.headers.get("X-Tenant", ""):
            members = [member for member in members if member.tenant.slug == wanted]
        if not members:
            raise PermissionDenied("You are not a member of this tenant.")
        if len(members) > 1:
            raise ValidationError({"X-Tenant": "You belong to several tenants: name one in the header X-Tenant."})
        member = members[0]
        role = (Role(member.role), member.tenant.requires_second_factor)
        if not request.session.get(SESSION_KEY) and is_required(user, [role]):
            raise PermissionDenied("Your role needs a second factor: set it up in the back office.")
        name, throttle_key = user.get_username(), f"member:{member.pk}"
        return user, Caller(tenant=member.tenant, actor=name, throttle_key=throttle_key, member=member)


class HasRight(BasePermission):
    """Allows a method when the caller has the right that the view's `needs` names for it; others are forbidden."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        caller = request.auth
        if not isinstance(caller, Caller):
            self.message = "The installation's key opens /api/tenants alone."
            return False
        method = (request.method or "").replace("HEAD", "GET")
        if method == "OPTIONS" or request.method not in view.allowed_methods:
            return True  # answered with 405, or with the allowed methods
        needed = getattr(view, "needs", {}).get(method, "")
        if caller.may(needed):
            return True
        self.message = _refusal(caller, needed)
        return False


class IsInstallation(BasePermission):
    """Allows only the operator's key."""

    message = "This needs the installation's ADMIN_API_KEY."

    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.auth, Installation)


class KeyThrottle(SimpleRateThrottle):
    """`API_RATE` requests per key or member, counted over all processes; beyond it 429 with Retry-After."""

    scope = "key"
    num_requests: int | None  # the base class sets it from the rate
    duration: int | None
    standing: Standing | None = None

    def allow_request(self, request: Request, view: APIView) -> bool:
        caller = request.auth
        if not isinstance(caller, Caller | Installation) or not self.num_requests or not self.duration:
            return True
        self.standing = use_token(caller.throttle_key, Rate.of(self.num_requests, seconds=self.duration))
        request.standing = self.standing  # type: ignore[attr-defined]  # the answer's headers tell it
        return self.standing.is_allowed

    def wait(self) -> float | None:
        return self.standing.wait if self.standing else None


def _refusal(caller: Caller, needed: str) -> str:
    scope, least = scope_of(needed), least_role(needed)
    if caller.member is None:
        return f"This needs the scope {scope}." if scope else "This is closed."
    return f"This needs the role {least}, or one above it." if least else "This is closed."


def _words(given: Any) -> tuple[str, ...]:
    return tuple(word for word in given if isinstance(word, str)) if isinstance(given, list) else ()


def _is_admin_key(key: str) -> bool:
    known = settings.ADMIN_API_KEY
    return bool(known) and hmac.compare_digest(key.encode(), known.encode())


def _live_key(key: str) -> ApiKey | None:
    if not KEY.match(key):
        return None
    prefix = key.partition(".")[0]
    found: ApiKey | None = ApiKey.objects.get_usable_keys().select_related("tenant").filter(prefix=prefix).first()
    if found is None or not found.is_valid(key) or found.has_expired or not found.tenant.is_active:
        return None
    now = timezone.now()
    if found.last_used_at is None or found.last_used_at < now - USED_AGAIN:
        ApiKey.objects.filter(pk=found.pk).update(last_used_at=now)
    return found
