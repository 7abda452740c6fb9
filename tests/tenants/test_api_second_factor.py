"""The second factor set up by a frontend of one's own."""

import base64
from time import time

import pytest
from django.test import Client
from django_otp.oath import hotp

from tenants.models import AuditEntry, RecoveryCode, SecondFactor
from tests.support.api import ApiCaller
from tests.support.people import person
from tests.tenants.test_api_login import login, post, with_factor

pytestmark = pytest.mark.usefixtures("still_clock")


class Frontend:
    """A logged-in page that sends its token along."""

    def __init__(self, **login_with):
        self.client = Client(enforce_csrf_checks=True)
        self.token = login(self.client, **login_with).json()["csrf_token"]

    def ask(self):
        return self.client.get("/api/second-factor")

    def do(self, act="", **body):
        path = f"second-factor/{act}" if act else "second-factor"
        return post(self.client, path, body, **{"X-CSRFToken": self.token})


def codes_of(secret):
    """The codes of the step before, of now and of the next step: each is good once, and in this order."""
    key, now = base64.b32decode(secret), int(time()) // 30
    return [f"{hotp(key, step):06d}" for step in (now - 1, now, now + 1)]


def test_it_is_enrolled_confirmed_used_and_taken_away(clinic):
    person(tenant=clinic)
    page, other = Frontend(), Frontend()

    begun = page.do().json()
    first, second, third = codes_of(begun["secret"])
    assert f"secret={begun['secret']}&" in begun["address"]
    assert begun["picture"].startswith("<svg")
    assert page.ask().json() == {"is_set_up": False, "is_demanded": False, "recovery_codes_left": 0}

    recovery = page.do("confirm", otp=first).json()["recovery_codes"]
    assert len(set(recovery)) == 10
    assert page.ask().json() == {"is_set_up": True, "is_demanded": False, "recovery_codes_left": 10}
    assert page.client.get("/api/me").json()["user"]["has_second_factor"] is True
    assert other.ask().status_code == 401
    assert login(Client(), otp=recovery[0]).status_code == 200

    renewed = page.do("recovery-codes", otp=second).json()["recovery_codes"]
    assert not set(renewed) & set(recovery)
    assert login(Client(), otp=recovery[1]).status_code == 401
    assert page.do("remove", otp=third).status_code == 204
    assert page.ask().json()["is_set_up"] is False
    assert not RecoveryCode.objects.exists()
    acts = list(AuditEntry.objects.filter(subject_type="tenants.user").order_by("pk").values_list("action", flat=True))
    assert acts == ["second_factor_added", "recovery_code_used", "recovery_codes_renewed", "second_factor_removed"]


def test_a_wrong_code_changes_nothing(clinic):
    person(tenant=clinic)
    page = Frontend()

    assert page.do("confirm", otp="000000").status_code == 401  # nothing was begun
    page.do()
    refused = page.do("confirm", otp="000000")
    assert (refused.status_code, refused["Content-Type"]) == (401, "application/problem+json")
    for act in ("recovery-codes", "remove"):
        assert page.do(act, otp="000000").status_code == 409, act
    assert page.do("confirm").status_code == 400
    assert SecondFactor.objects.get().confirmed_at is None


def test_wrong_codes_of_one_that_is_set_up_lock_as_wrong_logins_do(clinic):
    code = with_factor(person(tenant=clinic))
    page = Frontend(otp=code())

    assert page.do().status_code == 409
    assert page.do("confirm", otp="000000").status_code == 409
    statuses = [page.do("remove", otp="000000").status_code for _ in range(11)]

    assert statuses == [401] * 10 + [429]
    assert SecondFactor.objects.exists()


def test_one_that_is_demanded_is_set_up_here_and_stays(clinic):
    clinic.requires_second_factor = True
    clinic.save()
    person(tenant=clinic)
    page = Frontend()
    assert page.client.get("/api/sessions").status_code == 403

    first, second, _ = codes_of(page.do().json()["secret"])
    assert page.do("confirm", otp=first).status_code == 200

    assert page.client.get("/api/sessions").status_code == 200
    assert page.ask().json()["is_demanded"] is True
    assert page.do("remove", otp=second).status_code == 403


def test_it_needs_a_persons_session_and_the_token(clinic):
    person(tenant=clinic)
    page = Frontend()
    page.token = ""

    assert page.do().status_code == 403
    assert Client().get("/api/second-factor").status_code == 401
    assert ApiCaller(clinic).get("second-factor").status_code == 401
    assert not SecondFactor.objects.exists()
