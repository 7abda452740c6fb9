"""Keys and tenants in the back office."""

import pytest
from django.test import Client
from django.urls import reverse

from tenants.models import ApiKey, Member, Role, Tenant
from tests.support.backoffice import do


def test_a_new_key_is_shown_once(manager, clinic):
    body = {"tenant": clinic.pk, "name": "core", "scopes": "sessions:read, sessions:write"}

    answer = manager.post(reverse("admin:tenants_apikey_add"), body, follow=True)

    told = str(next(iter(answer.context["messages"])))
    key = told.rsplit(maxsplit=1)[-1]
    assert Client().get("/api/sessions", headers={"Authorization": f"Bearer {key}"}).status_code == 200
    assert ApiKey.objects.get().scopes == ["sessions:read", "sessions:write"]
    assert key.encode() not in manager.get(reverse("admin:tenants_apikey_changelist")).content
    do(manager, ApiKey.objects.get(), "revoke")
    assert Client().get("/api/sessions", headers={"Authorization": f"Bearer {key}"}).status_code == 401


def test_a_second_key_of_a_live_name_is_an_error_of_the_form(manager, clinic):
    page, body = reverse("admin:tenants_apikey_add"), {"tenant": clinic.pk, "name": "core", "scopes": "sessions:read"}
    manager.post(page, body)
    other = body | {"name": "other"}
    manager.post(page, other)

    again = manager.post(page, body)

    assert (again.status_code, b"There is a live key of this name" in again.content) == (200, True)
    renamed = reverse("admin:tenants_apikey_change", args=[ApiKey.objects.get(name="other").pk])
    assert b"There is a live key of this name" in manager.post(renamed, body).content
    assert sorted(ApiKey.objects.values_list("name", "revoked")) == [("core", False), ("other", False)]
    ApiKey.objects.filter(name="core").update(revoked=True)
    assert manager.post(page, body).status_code == 302


def test_a_key_of_the_past_can_be_named_like_a_live_one(manager, clinic):
    page, body = reverse("admin:tenants_apikey_add"), {"tenant": clinic.pk, "name": "core", "scopes": "sessions:read"}
    manager.post(page, body)
    old = ApiKey.objects.get()
    do(manager, old, "revoke")
    manager.post(page, body)

    answer = manager.post(reverse("admin:tenants_apikey_change", args=[old.pk]), body | {"scopes": "contacts:read"})

    assert answer.status_code == 302
    assert ApiKey.objects.get(pk=old.pk).scopes == ["contacts:read"]


def test_a_key_for_another_tenant_cannot_be_made(manager, salon):
    body = {"tenant": salon.pk, "name": "core", "scopes": "*"}

    assert manager.post(reverse("admin:tenants_apikey_add"), body).status_code == 200
    assert not ApiKey.objects.exists()


def test_a_tenant_cannot_change_what_is_the_operators(manager, clinic):
    body = {"slug": "taken", "name": "New name", "timezone": "UTC", "language": "en", "outbound_enabled": ""}

    manager.post(reverse("admin:tenants_tenant_change", args=[clinic.pk]), body)

    tenant = Tenant.objects.get()
    assert (tenant.slug, tenant.name, tenant.is_active, tenant.outbound_enabled) == ("clinic", "New name", True, True)


@pytest.mark.parametrize("works_there", [True, False])
def test_the_first_business_leads_to_the_steps_that_are_left(root, works_there):
    body = {"name": "Clinic", "slug": "clinic", "timezone": "Europe/Lisbon", "language": "pt-br", "_save": "1"}

    answer = root.post(reverse("admin:tenants_tenant_add"), body | ({"makes_me_owner": "on"} if works_there else {}))

    tenant = Tenant.objects.get()
    assert answer.url == reverse("admin:index")
    assert (tenant.language, tenant.is_active, tenant.outbound_enabled) == ("pt-br", True, True)
    owners = Member.objects.filter(tenant=tenant, role=Role.OWNER, user__username="root")
    assert owners.exists() == works_there


def test_where_there_is_one_tenant_it_is_chosen_already(root, manager, clinic):
    def chosen():
        return root.get(reverse("admin:messaging_channel_add")).context["adminform"].form.initial.get("tenant")

    assert chosen() == clinic.pk
    Tenant.objects.create(slug="salon", name="Salon")
    assert chosen() is None
