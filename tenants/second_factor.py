"""The second factor: a code from an authenticator app (TOTP, RFC 6238), or a recovery code.

The algorithm is django-otp's; the rows are ours, because its tables store the secret and the recovery codes
unencrypted.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from time import time
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

import qrcode
from django.conf import settings
from django.contrib.auth import login, update_session_auth_hash
from django.db import transaction
from django.db.models.functions import Now
from django.http import HttpRequest
from django_otp.oath import hotp
from qrcode.image.svg import SvgPathImage

from tenants.logins import begin_attempt
from tenants.models import RecoveryCode, Role, SecondFactor, Tenant, User
from tenants.services import record

if TYPE_CHECKING:
    from collections.abc import Iterable

STEP_SECONDS = 30
TOLERANCE = 1  # time steps by which a phone's clock may be wrong
RECOVERY_CODES = 10
SESSION_KEY = "second_factor"
LEADERS = (Role.OWNER, Role.MANAGER)


def has_second_factor(user: User) -> bool:
    """Return whether this user must enter a code when logging in."""
    return SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).exists()


def is_required(user: User, roles: Iterable[tuple[Role, bool]]) -> bool:
    """Return whether this user must have a second factor; `roles` are (role, whether the tenant requires it)."""
    leads = [demands for role, demands in roles if role in LEADERS]
    if settings.REQUIRE_SECOND_FACTOR:
        return user.is_superuser or bool(leads)
    return any(leads)


def create_factor(*, user: User) -> SecondFactor:
    """Create the secret to be scanned; it counts from the first right code on."""
    secret = base64.b32encode(secrets.token_bytes(20)).decode()
    factor, _ = SecondFactor.objects.get_or_create(user=user, defaults={"secret": secret})
    return factor


def otp_address(factor: SecondFactor) -> str:
    """Return the address in the QR code for an authenticator app."""
    issuer = "Frontdesk"
    query = urlencode({"secret": factor.secret, "issuer": issuer, "digits": 6, "period": STEP_SECONDS})
    return f"otpauth://totp/{issuer}:{quote(factor.user.get_username())}?{query}"


def qr_code(factor: SecondFactor) -> str:
    """Return the QR code as an SVG element."""
    image = qrcode.make(otp_address(factor), image_factory=SvgPathImage, border=2)
    return str(image.to_string(encoding="unicode"))


@transaction.atomic
def confirm(*, user: User, code: str) -> list[str] | None:
    """Activate the factor and end all other sessions; returns recovery codes, or None when the code is wrong."""
    factor = SecondFactor.objects.select_for_update().filter(user=user, confirmed_at=None).first()
    if factor is None or not _use_code(factor, _plain(code)):
        return None
    SecondFactor.objects.filter(pk=factor.pk).update(confirmed_at=Now())
    end_sessions(user=user)
    _record(user, by=user.get_username(), action="second_factor_added")
    return _write_recovery_codes(user)


@transaction.atomic
def renew_recovery_codes(*, user: User) -> list[str]:
    """Replace the recovery codes; returns the new ones, shown once."""
    _record(user, by=user.get_username(), action="recovery_codes_renewed")
    return _write_recovery_codes(user)


@transaction.atomic
def remove_factor(*, user: User, by: str) -> bool:
    """Delete the second factor of somebody who lost it, and end their sessions; returns False when there is none."""
    RecoveryCode.objects.filter(user=user).delete()
    count, _ = SecondFactor.objects.filter(user=user).delete()
    if not count:
        return False
    end_sessions(user=user)
    _record(user, by=by, action="second_factor_removed")
    return True


def check_code(*, request: HttpRequest, user: User, code: str) -> bool:
    """Return whether the code is right and unused; raises TooManyLogins. Wrong codes count as failed log-ins."""
    attempt = begin_attempt(request=request, name=user.get_username())
    plain = _plain(code)
    factor = SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).first()
    if factor is None or not (_use_code(factor, plain) or _use_recovery_code(user, plain)):
        return False
    attempt.delete()
    return True


def log_in(*, request: HttpRequest, user: User) -> None:
    """Begin a new session for a user whose code, if needed, was right."""
    request.session.flush()
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    request.session[SESSION_KEY] = has_second_factor(user)


def continue_session(*, request: HttpRequest, user: User, has_factor: bool) -> None:
    """Keep the session in which the factor was changed, while the others end."""
    user.refresh_from_db()
    update_session_auth_hash(request, user)
    request.session[SESSION_KEY] = has_factor


def end_sessions(*, user: User) -> None:
    """End all sessions of this user, and their links to choose a password."""
    user.session_mark = secrets.token_hex(8)
    user.save(update_fields=["session_mark"])


def _use_code(factor: SecondFactor, code: str) -> bool:
    if len(code) != 6 or not (code.isascii() and code.isdigit()):
        return False
    key, now = base64.b32decode(factor.secret), int(time()) // STEP_SECONDS
    for step in range(now - TOLERANCE, now + TOLERANCE + 1):
        if secrets.compare_digest(f"{hotp(key, step):06d}", code):
            # A code works once, so that somebody who has seen it cannot use it again.
            unused = SecondFactor.objects.filter(pk=factor.pk, last_step__lt=step)
            return bool(unused.update(last_step=step))
    return False


def _use_recovery_code(user: User, code: str) -> bool:
    unused = RecoveryCode.objects.filter(user=user, code_hash=_hash(user, code), used_at=None)
    if not unused.update(used_at=Now()):
        return False
    _record(user, by=user.get_username(), action="recovery_code_used")
    return True


def _write_recovery_codes(user: User) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    codes = [base64.b32encode(secrets.token_bytes(10)).decode() for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, code_hash=_hash(user, code)) for code in codes)
    return ["-".join(code[at : at + 4] for at in range(0, len(code), 4)) for code in codes]


def _hash(user: User, code: str) -> str:
    # 80 random bits: a slow hash would add nothing.
    return hashlib.sha256(f"{user.pk}:{code}".encode()).hexdigest()


def _plain(code: str) -> str:
    return "".join(code.split()).replace("-", "").upper()[:64]


def _record(user: User, *, by: str, action: str) -> None:
    tenants: list[Tenant | None] = list(Tenant.objects.filter(member__user=user))
    for tenant in tenants or [None]:
        record(tenant=tenant, actor=by, action=action, subject=user)
