"""People who log in, as a browser does it."""

from datetime import timedelta

from django.db import connection
from django.db.models import F
from django.test import Client

from tenants.models import LoginAttempt, Member, Role, User

PASSWORD = "a long enough password"


def person(name="maria", *, tenant=None, role=Role.OWNER, **fields):
    user = User.objects.create_user(name, password=PASSWORD, is_staff=True, **fields)
    if tenant is not None:
        Member.objects.create(tenant=tenant, user=user, role=role)
    return user


def log_in(name="maria", password=PASSWORD, *, client=None, address="198.51.100.7", path="/admin/login/"):
    client = client or Client()
    body = {"username": name, "password": password, "next": "/admin/"}
    return client.post(path, body, headers={"X-Forwarded-For": address})


def minutes_later(minutes):
    """The tries lie further back: the database's own clock counts, which no test can turn."""
    LoginAttempt.objects.update(at=F("at") - timedelta(minutes=minutes))


def in_own_connection(verb):
    """The same, closing the thread's connection."""

    def run(*args):
        try:
            return verb(*args)
        finally:
            connection.close()

    return run
