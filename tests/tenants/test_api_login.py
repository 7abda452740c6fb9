"""A frontend of one's own: log in, ask who one is, act with CSRF, log out."""

import base64
import json
from time import time

import pytest
from django.test import Client
from django_otp.oath import hotp

from tenants import second_factor
from tenants.models import LoginAttempt, Member, Role, SecondFactor
from tests.support.api import ApiCaller
from tests.support.people import PASSWORD, log_in, minutes_later, person

ADDRESS = {"X-Forwarded-For": "198.51.100.7"}


pytestmark = pytest.mark.usefixtures("still_clock")


@pytest.fixture
def frontend():
    return Client(enforce_csrf_checks=True)


def post(client, path, body=None, **headers):
    data = body if isinstance(body, str) else json.dumps(body or {})
    return client.post(f"/api/{path}", data, content_type="application/json", headers=ADDRESS | headers)


def login(client, user="maria", password=PASSWORD, **more):
    return post(client, "login", {"user": user, "password": password, **more})


def with_factor(user):
    """Give the user a second factor; what makes its codes."""
    factor = second_factor.create_factor(user=user)
    key, now = base64.b32decode(factor.secret), int(time()) // 30
    assert second_factor.confirm(user=user, code=f"{hotp(key, now - 1):06d}")
    return lambda: f"{hotp(key, now):06d}"


def test_logging_in_tells_who_one_is_and_what_one_may(clinic, frontend):
    user = person(tenant=clinic, role=Role.AGENT, first_name="Maria", last_name="Silva", email="maria@example.test")

    answer = login(frontend)

    assert answer.status_code == 200
    told = answer.json()
    assert told["user"] == {
        "id": user.pk, "name": "maria", "full_name": "Maria Silva", "email": "maria@example.test",
        "is_superuser": False, "has_second_factor": False, "must_set_up_second_factor": False,
    }  # fmt: skip
    assert [(own["tenant"]["slug"], own["role"]) for own in told["memberships"]] == [("clinic", "agent")]
    assert "channels:read" in told["memberships"][0]["scopes"]
    assert frontend.get("/api/me").json()["user"] == told["user"]


def test_the_token_from_the_login_opens_what_writes(clinic, frontend):
    person(tenant=clinic)
    token = login(frontend).json()["csrf_token"]

    assert post(frontend, "sessions/1/pause").status_code == 403
    assert post(frontend, "sessions/1/pause", **{"X-CSRFToken": token}).status_code == 404
    fresh = frontend.get("/api/me").json()["csrf_token"]
    assert post(frontend, "sessions/1/pause", **{"X-CSRFToken": fresh}).status_code == 404


def test_logging_out_needs_the_token_and_ends_the_session(clinic, frontend):
    person(tenant=clinic)
    token = login(frontend).json()["csrf_token"]

    assert post(frontend, "logout").status_code == 403
    assert frontend.get("/api/me").status_code == 200
    assert post(frontend, "logout", **{"X-CSRFToken": token}).status_code == 204
    assert frontend.get("/api/me").status_code == 401
    assert post(frontend, "logout").status_code == 401


@pytest.mark.parametrize(("user", "password"), [("maria", "wrong"), ("nobody", PASSWORD), ("maria ", PASSWORD + " ")])
def test_a_wrong_login_is_401_and_does_not_say_why(clinic, frontend, user, password):
    person(tenant=clinic)

    answer = login(frontend, user, password)

    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    assert answer.json() == {
        "type": "/problems/unauthenticated", "title": "Unauthorized", "status": 401,
        "detail": "The name or the password is wrong.",
    }  # fmt: skip
    assert frontend.get("/api/me").status_code == 401


NUL = '{"user": "a\\u0000", "password": "x"}'


@pytest.mark.parametrize("body", ["", "[]", "{", "{}", '{"user": 1}', '{"user": {}, "password": []}', NUL])
@pytest.mark.both
def test_nonsense_is_400(db, frontend, body):
    assert post(frontend, "login", body).status_code == 400
    assert not LoginAttempt.objects.exists()


def test_a_body_that_is_too_large_is_413(db, frontend):
    assert post(frontend, "login", '{"user": "' + "a" * 300_000 + '"}').status_code == 413


def test_the_lock_is_the_same_as_in_the_back_office(clinic, frontend):
    person(tenant=clinic)
    for _ in range(5):
        assert login(frontend, password="wrong").status_code == 401
        assert log_in("maria", "wrong").status_code == 200

    answer = login(frontend)

    assert (answer.status_code, answer.json()["type"]) == (429, "/problems/too-many-requests")
    assert 14 * 60 <= int(answer["Retry-After"]) <= 15 * 60 + 1
    assert log_in().status_code == 429
    assert login(frontend, "nobody").status_code == 401
    minutes_later(15.1)
    assert login(frontend).status_code == 200


def test_the_code_of_the_second_factor_comes_along(clinic, frontend):
    code = with_factor(person(tenant=clinic))

    missing, wrong = login(frontend), login(frontend, otp="000000")
    assert (missing.status_code, missing.json()["type"]) == (401, "/problems/second-factor-needed")
    assert (wrong.status_code, wrong.json()["type"]) == (401, "/problems/unauthenticated")
    assert frontend.get("/api/me").status_code == 401

    right = login(frontend, otp=code())
    assert (right.status_code, right.json()["user"]["has_second_factor"]) == (200, True)
    assert frontend.get("/api/sessions").status_code == 200
    assert login(Client(), otp=code()).status_code == 401


def test_wrong_codes_lock_too(clinic, frontend):
    code = with_factor(person(tenant=clinic))

    statuses = [login(frontend, otp="000000").status_code for _ in range(11)]

    assert statuses == [401] * 10 + [429]
    assert login(frontend, otp=code()).status_code == 429


def test_a_missing_factor_that_is_demanded_is_told(clinic, frontend):
    clinic.requires_second_factor = True
    clinic.save()
    person(tenant=clinic)

    assert login(frontend).json()["user"]["must_set_up_second_factor"] is True
    refused = frontend.get("/api/sessions")
    assert (refused.status_code, "second factor" in refused.json()["detail"]) == (403, True)


def test_a_new_session_begins_with_the_login(clinic, frontend):
    person(tenant=clinic)
    login(frontend)
    first = frontend.cookies["sessionid"].value

    login(frontend)

    assert frontend.cookies["sessionid"].value != first
    frontend.cookies["sessionid"] = first
    assert frontend.get("/api/me").status_code == 401


def test_foreign_pages_cannot_log_anybody_in(clinic, frontend, settings):
    settings.CSRF_TRUSTED_ORIGINS = ["https://app.example.test"]
    person(tenant=clinic)
    body = {"user": "maria", "password": PASSWORD}

    assert post(frontend, "login", body, Origin="https://evil.example").status_code == 403
    assert post(frontend, "login", body, Origin="null").status_code == 403
    assert frontend.post("/api/login", body).status_code == 415
    assert post(frontend, "login", body, Origin="https://app.example.test").status_code == 200
    assert post(frontend, "login", body, Origin="http://testserver").status_code == 200


def test_one_who_belongs_to_two_tenants_sees_both_and_a_closed_one_not(clinic, salon, frontend):
    user = person(tenant=clinic)
    Member.objects.create(tenant=salon, user=user, role=Role.VIEWER)

    assert [own["tenant"]["slug"] for own in login(frontend).json()["memberships"]] == ["clinic", "salon"]
    clinic.is_active = False
    clinic.save()
    assert [own["tenant"]["slug"] for own in frontend.get("/api/me").json()["memberships"]] == ["salon"]


def test_a_key_may_ask_too(clinic):
    told = ApiCaller(clinic, ("sessions:read",)).get("me").json()

    assert (told["user"], told["csrf_token"]) == (None, None)
    assert [(own["tenant"]["slug"], own["role"], own["scopes"]) for own in told["memberships"]] == [
        ("clinic", None, ["sessions:read"])
    ]


def test_nobody_is_401(db, client):
    for answer in (client.get("/api/me"), client.post("/api/logout")):
        assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")
    assert client.get("/api/login").status_code == 405


def test_the_secret_is_in_no_session(clinic, frontend):
    user = person(tenant=clinic)
    code = with_factor(user)
    login(frontend, otp=code())

    assert SecondFactor.objects.get().secret not in str(dict(frontend.session))


@pytest.mark.parametrize(
    "named",
    [
        "fe80::1%1",
        "fe80::1%eth0",
        "::ffff:198.51.100.7%1",
        "fe80::%",
        "%",
        "::1%",
        "1.2.3.4%x",
        "2001:db8::1%" + "x" * 9000,
        "x",
    ],
)
def test_an_address_with_a_zone_or_none_is_no_error(clinic, frontend, named):
    person(tenant=clinic)

    assert login(frontend, password="wrong").status_code == 401
    answer = frontend.post(
        "/api/login", '{"user": "maria", "password": "wrong"}', content_type="application/json",
        headers={"X-Forwarded-For": named},
    )  # fmt: skip

    assert answer.status_code == 401
    assert LoginAttempt.objects.count() == 2


def test_one_client_is_one_address_however_its_proxy_writes_it(clinic, frontend):
    person(tenant=clinic)
    for named in ("198.51.100.7", "::ffff:198.51.100.7", "::ffff:c633:6407", " 198.51.100.7"):
        frontend.post(
            "/api/login", '{"user": "maria", "password": "wrong"}', content_type="application/json",
            headers={"X-Forwarded-For": named},
        )  # fmt: skip

    assert set(LoginAttempt.objects.values_list("address", flat=True)) == {"198.51.100.7"}
