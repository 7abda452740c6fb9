"""The back office shows no tenant's rows to another: forms and actions. Pages: `test_roles`; API: `test_api_matrix`."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.db import models
from django.test import Client

from tenants.access import TenantAdmin
from tenants.models import Member, Role, TenantModel, User
from tests.support.rows import MODELS, TENANT_PAGES, make_row, name_of, page

pytestmark = pytest.mark.once


@pytest.fixture
def stranger(salon):
    """An owner of the other tenant, in the browser."""
    user = User.objects.create_user("stranger", is_staff=True)
    Member.objects.create(tenant=salon, user=user, role=Role.OWNER)
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def insider(clinic):
    user = User.objects.create_user("insider", is_staff=True)
    Member.objects.create(tenant=clinic, user=user, role=Role.OWNER)
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("model", MODELS, ids=name_of)
def test_every_model_has_a_page(model):
    assert admin.site.is_registered(model)


def test_every_tenants_model_is_guarded_by_its_tenant():
    for model in MODELS:
        has_tenant = issubclass(model, TenantModel) or any(field.name == "tenant" for field in model._meta.fields)
        if has_tenant or model in TENANT_PAGES:
            assert isinstance(admin.site._registry[model], TenantAdmin), model


@pytest.mark.parametrize("model", TENANT_PAGES, ids=name_of)
def test_a_forged_action_leaves_another_tenants_row_alone(model, clinic, stranger):
    row = make_row(model, clinic, {})
    before = model._default_manager.filter(pk=row.pk).values().get()

    for action in [*(admin.site._registry[model].actions or []), "delete_selected"]:
        body = {"action": action, "_selected_action": [row.pk], "post": "yes"}
        assert stranger.post(page(model, "changelist"), body).status_code in {200, 302, 403}

    assert model._default_manager.filter(pk=row.pk).values().get() == before


@pytest.mark.parametrize("model", sorted(set(MODELS) - set(TENANT_PAGES), key=name_of), ids=name_of)
def test_pages_of_the_installation_are_closed_to_members(model, clinic, insider):
    row = make_row(model, clinic, {})

    assert insider.get(page(model, "changelist")).status_code == 403
    assert insider.get(page(model, "change", row.pk)).status_code == 403


def test_forms_offer_only_what_is_the_members_own(clinic, stranger):
    made: dict[Any, models.Model] = {}
    for model in TENANT_PAGES:
        make_row(model, clinic, made)
        answer = stranger.get(page(model, "add"))
        assert answer.status_code in {200, 403}
        assert clinic.name.encode() not in answer.content, model
