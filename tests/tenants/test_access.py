"""Who may come in through the API."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tenants.callers import KeyThrottle
from tenants.models import ApiKey, Member, Role, Tenant, User
from tests.support.api import ApiCaller


def member(tenant, role, name="maria"):
    user, _ = User.objects.get_or_create(username=name)
    return Member.objects.create(tenant=tenant, user=user, role=role)


def browser(user, **kwargs):
    client = Client(**kwargs)
    client.force_login(user)
    return client


@pytest.mark.parametrize(
    "header",
    [
        None, "Bearer", "Bearer ", "Bearer wrong", "Bearer aaaaaaaa.bbbb", "Bearer a\x00b.c", "Bearer \u00e9\u00e9.x",
        "Basic dTpw", "bearer " + "x" * 5000,
    ],
)  # fmt: skip
@pytest.mark.both
def test_without_a_right_key_nobody_comes_in(clinic, client, header):
    answer = client.get("/api/sessions", headers={"Authorization": header} if header else {})

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Bearer realm="frontdesk"'
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == "/problems/unauthenticated"


@pytest.mark.parametrize("change", [{"revoked": True}, {"expiry_date": timezone.now() - timedelta(days=1)}])
def test_a_key_that_is_over_opens_nothing(clinic, change):
    api = ApiCaller(clinic)
    assert api.get("sessions").status_code == 200

    ApiKey.objects.update(**change)

    assert api.get("sessions").status_code == 401


def test_the_key_of_a_closed_tenant_opens_nothing(clinic):
    api = ApiCaller(clinic)
    Tenant.objects.update(is_active=False)

    assert api.get("sessions").status_code == 401


def test_the_secret_half_of_a_key_counts(clinic):
    api = ApiCaller(clinic)
    api.key = api.key[:-1] + ("a" if api.key[-1] != "a" else "b")

    assert api.get("sessions").status_code == 401


def test_the_use_of_a_key_is_noted_at_most_once_a_minute(clinic):
    api = ApiCaller(clinic)
    api.get("sessions")
    first = ApiKey.objects.get().last_used_at
    with CaptureQueriesContext(connection) as queries:
        api.get("sessions")

    assert first is not None
    assert not [query for query in queries if query["sql"].startswith('UPDATE "tenants_apikey')]
    ApiKey.objects.update(last_used_at=timezone.now() - timedelta(minutes=2))
    api.get("sessions")
    assert ApiKey.objects.get().last_used_at >= first


def test_a_scope_opens_what_it_names(clinic):
    reader = ApiCaller(clinic, ("sessions:read",))

    assert reader.get("sessions").status_code == 200
    refused = reader.post("sessions/1/pause")
    assert (refused.status_code, refused.json()["detail"]) == (403, "This needs the scope sessions:write.")
    assert reader.post("sessions").status_code == 405


def test_a_key_is_held_to_its_pace(clinic, salon, monkeypatch):
    monkeypatch.setattr(KeyThrottle, "THROTTLE_RATES", {"key": "2/min"})
    api, other = ApiCaller(clinic), ApiCaller(salon)

    answers = [api.get("sessions") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[2]["Retry-After"]) <= 60
    assert other.get("sessions").status_code == 200


@pytest.mark.parametrize(
    ("role", "reading", "writing", "testing"),
    [("owner", 200, 404, 404), ("manager", 200, 404, 404), ("agent", 200, 404, 403), ("viewer", 200, 403, 403)],
)
def test_a_members_session_may_do_what_the_role_may(clinic, role, reading, writing, testing):
    client = browser(member(clinic, role).user)

    assert client.get("/api/sessions").status_code == reading
    assert client.post("/api/sessions/1/pause").status_code == writing
    assert client.post("/api/instances/x/test-webhook").status_code == testing


def test_a_members_session_needs_the_csrf_token(clinic):
    client = browser(member(clinic, Role.OWNER).user, enforce_csrf_checks=True)

    assert client.post("/api/sessions/1/pause").status_code == 403
    client.cookies["csrftoken"] = "a" * 32
    right = {"X-CSRFToken": "a" * 32}
    assert client.post("/api/sessions/1/pause", "{}", "application/json", headers=right).status_code == 404


def test_a_member_of_several_tenants_names_one_of_them(clinic, salon):
    stranger = Tenant.objects.create(slug="stranger", name="Stranger")
    user = member(clinic, Role.OWNER).user
    member(salon, Role.VIEWER)
    client = browser(user)

    def status(**headers):
        return client.post("/api/sessions/1/pause", headers=headers).status_code

    assert status() == 400
    assert status(**{"X-Tenant": "clinic"}) == 404
    assert status(**{"X-Tenant": "salon"}) == 403
    assert status(**{"X-Tenant": stranger.slug}) == 403
    assert status(**{"X-Tenant": "\x00"}) in {400, 403}


@pytest.mark.both
def test_somebody_without_a_tenant_sees_nothing(clinic):
    user = User.objects.create_superuser("root", "", "x")

    assert browser(user).get("/api/sessions").status_code == 403
