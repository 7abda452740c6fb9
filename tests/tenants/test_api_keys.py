"""Keys made by programs, and tenants made by the installation's own key."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tenants.models import ApiKey, AuditEntry, StoredAnswer, Tenant
from tests.support.api import ApiCaller

pytestmark = pytest.mark.both

ADMIN_KEY = "admin-key-of-the-tests"


@pytest.fixture
def api(clinic):
    return ApiCaller(clinic)


@pytest.fixture
def installation(settings, db):
    settings.ADMIN_API_KEY = ADMIN_KEY
    caller = object.__new__(ApiCaller)
    caller.client, caller.key = Client(raise_request_exception=False), ADMIN_KEY
    return caller


def test_a_key_is_shown_once_opens_what_it_names_and_ends(api, clinic):
    made = api.post("keys", {"name": "website", "scopes": ["sessions:read"]}).json()
    program = object.__new__(ApiCaller)
    program.client, program.key = Client(), made["key"]

    assert program.get("sessions").status_code == 200
    assert program.get("contacts").status_code == 403
    assert made["key"] not in api.get("keys").content.decode()
    assert "key" not in api.get(f"keys/{made['id']}").json()
    assert api.delete(f"keys/{made['id']}").status_code == 204
    assert program.get("sessions").status_code == 401
    assert api.get(f"keys/{made['id']}").json()["is_revoked"] is True
    actions = AuditEntry.objects.filter(actor="key tests").order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["api_key_created", "api_key_revoked"]


def test_a_repeated_creation_shows_no_key_again(api):
    body = {"name": "website", "scopes": ["sessions:read"]}
    first, again = [api.post("keys", body, **{"Idempotency-Key": "k"}) for _ in range(2)]

    assert (first.status_code, again.status_code) == (201, 200)
    assert (again.json()["id"], again.json()["key"]) == (first.json()["id"], None)
    assert first.json()["key"] not in StoredAnswer.objects.get().body


def test_a_live_name_is_not_taken_over(api):
    body = {"name": "website", "scopes": ["sessions:read"]}
    first = api.post("keys", body).json()

    assert api.post("keys", body).status_code == 409
    assert not ApiKey.objects.get(prefix=first["id"]).revoked


def test_a_key_can_give_no_more_than_it_has(clinic):
    maker = ApiCaller(clinic, ("keys:write", "sessions:read"), name="maker")

    assert maker.post("keys", {"name": "a", "scopes": ["sessions:read"]}).status_code == 201
    for scopes in (["sessions:write"], ["*"], ["sessions:read", "contacts:read"]):
        assert maker.post("keys", {"name": "b", "scopes": scopes}).status_code == 403


def test_a_key_ends_by_itself(api):
    soon = (timezone.now() + timedelta(days=1)).isoformat()
    made = api.post("keys", {"name": "short", "scopes": ["*"], "expires_at": soon}).json()

    assert ApiKey.objects.get(prefix=made["id"]).expiry_date is not None


@pytest.mark.parametrize("body", [{"scopes": []}, {"scopes": ["all"]}, {"scopes": "*"}, {"name": ""}, {"name": 5}])
def test_what_is_no_key_is_told(api, body):
    assert api.post("keys", {"name": "x", "scopes": ["*"]} | body).status_code == 400


def test_the_installation_sets_tenants_up(installation):
    body = {"slug": "bakery", "name": "Example Bakery", "timezone": "Europe/Bucharest", "resume_after_hours": 3}
    made = installation.post("tenants", body, **{"Idempotency-Key": "k"})
    again = installation.post("tenants", body, **{"Idempotency-Key": "k"})
    path = f"tenants/{made.json()['id']}"

    assert (made.status_code, again.status_code, again.json()) == (201, 200, made.json())
    assert made.json()["resume_after_hours"] == 3
    assert installation.post("tenants", body).status_code == 409
    assert installation.patch(path, {"outbound_enabled": False}).json()["outbound_enabled"] is False
    assert installation.get("tenants").json()["results"] == [installation.get(path).json()]
    assert Tenant.objects.get().slug == "bakery"
    assert AuditEntry.objects.filter(action="tenant_changed", actor="installation").count() == 2


@pytest.mark.parametrize("body", [{"timezone": "Mars/Base"}, {"slug": "A b"}, {"name": ""}, {"is_active": "no"}])
def test_what_is_no_tenant_is_told(installation, body):
    assert installation.post("tenants", {"slug": "bakery", "name": "Example Bakery"} | body).status_code == 400
    assert not Tenant.objects.exists()


def test_the_installations_key_sees_no_rows_of_a_tenant(installation, clinic, session):
    for path in ("sessions", f"sessions/{session.pk}", "contacts", "keys", "webhooks"):
        assert installation.get(path).status_code == 403
