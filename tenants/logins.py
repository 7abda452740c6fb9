"""Failed log-ins are counted in the database, for all processes and all entry points.

Each attempt is stored before its password is checked, and deleted when it was right: so a hundred attempts at once
count like ten.
"""

from __future__ import annotations

import logging
import unicodedata
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import authenticate
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from common.db.locks import lock_names
from common.middleware import client_address
from tenants.models import LoginAttempt, User

logger = logging.getLogger("frontdesk.login")

WINDOW = timedelta(minutes=5)
LOCK = timedelta(minutes=15)
WRONG_PER_NAME = 10
WRONG_PER_ADDRESS = 30
FORGET_AFTER = timedelta(days=1)


class TooManyLogins(Exception):
    """Too many failed attempts by this name or from this address: no further one is checked."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"locked for {seconds} s")
        self.seconds = seconds


def check_password(*, request: HttpRequest, name: str, password: str) -> User | None:
    """Return the user of this name and password, or None; raises TooManyLogins."""
    name = unicodedata.normalize("NFKC", name)
    attempt = begin_attempt(request=request, name=name)
    user = authenticate(request, username=name, password=password)
    if not isinstance(user, User):
        logger.info("login_refused")
        return None
    attempt.delete()
    return user


@transaction.atomic
def begin_attempt(*, request: HttpRequest, name: str) -> LoginAttempt:
    """Store an attempt, to be deleted when it was right. Raises TooManyLogins, and then stores nothing."""
    # People sometimes type passwords into the name field, so it is stored as a hash.
    name_key = salted_hmac("frontdesk.login", name, algorithm="sha256").hexdigest()
    address = _network(request)
    lock_names(f"login name {name_key}", f"login address {address}")
    seconds = max(
        _locked_seconds(WRONG_PER_NAME, name_key=name_key), _locked_seconds(WRONG_PER_ADDRESS, address=address)
    )
    if seconds:
        logger.warning("login_locked", extra={"seconds": seconds})
        raise TooManyLogins(seconds)
    return LoginAttempt.objects.create(name_key=name_key, address=address)


def delete_old() -> int:
    """Delete attempts that no longer count, and sessions that have ended; returns how many rows."""
    tries, _ = LoginAttempt.objects.filter(at__lt=Now() - FORGET_AFTER).delete()
    sessions, _ = Session.objects.filter(expire_date__lt=Now()).delete()
    return tries + sessions


def _locked_seconds(limit: int, **key: str) -> int:
    """Return for how long the key stays locked: when its latest `limit` attempts came within WINDOW, recently."""
    tries = LoginAttempt.objects.filter(at__gt=Now() - LOCK - WINDOW, **key).order_by("-at", "-pk")
    moments: list[tuple[datetime, Any]] = list(tries.annotate(now=Now()).values_list("at", "now")[:limit])
    if len(moments) < limit:
        return 0
    (last, now), (first, _) = moments[0], moments[-1]
    left = last + LOCK - now
    if last - first > WINDOW or left <= timedelta(0):
        return 0
    return int(left.total_seconds()) + 1


def _network(request: HttpRequest) -> str:
    """Return where the attempt comes from.

    Of an IPv6 address the network, which belongs to one customer of a provider.
    """
    address = client_address(request)
    if address is None:
        return "unknown"
    if address.version == 6:
        return f"{address.exploded[:19]}::/64"
    return str(address)
