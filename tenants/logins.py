"""Who may try to log in: wrong tries are counted in the database, for every process and every door alike.

Each try is written down before its password is looked at, and taken back when it was right: so a hundred tries at once
are no more than ten.
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
    """So many wrong tries by this name or from this address that no further one is looked at."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"locked for {seconds} s")
        self.seconds = seconds


def check_password(*, request: HttpRequest, name: str, password: str) -> User | None:
    """The user of this name and password, or None; raises TooManyLogins."""
    name = unicodedata.normalize("NFKC", name)
    attempt = begin(request=request, name=name)
    user = authenticate(request, username=name, password=password)
    if not isinstance(user, User):
        logger.info("login_refused")
        return None
    attempt.delete()
    return user


@transaction.atomic
def begin(*, request: HttpRequest, name: str) -> LoginAttempt:
    """Write down a try, to be deleted when it was right. Raises TooManyLogins, and then writes nothing."""
    # People type passwords into the field of the name: it is kept as a hash.
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


def forget_old() -> int:
    """Delete tries that count no more, and sessions that have ended; returns how many rows went."""
    tries, _ = LoginAttempt.objects.filter(at__lt=Now() - FORGET_AFTER).delete()
    sessions, _ = Session.objects.filter(expire_date__lt=Now()).delete()
    return tries + sessions


def _locked_seconds(limit: int, **key: str) -> int:
    """For how long the key stays locked: its latest `limit` tries came within WINDOW, and the last one not long ago."""
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
    """Where the try comes from; of an IPv6 address the network, which belongs to one customer of a provider."""
    address = client_address(request)
    if address is None:
        return "unknown"
    if address.version == 6:
        return f"{address.exploded[:19]}::/64"
    return str(address)
