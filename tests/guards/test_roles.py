"""Every page and action of the back office, by every role, for own and foreign rows: built from the registry."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import models
from django.test import Client, RequestFactory
from django.urls import URLPattern

from common.backoffice.base import ReadOnlyAdmin
from tenants.access import TenantAdmin
from tenants.backoffice import tenant_id
from tenants.declarations import RESOURCES
from tenants.models import Member, Role, User
from tenants.rights import has_rank, may, rights_on
from tests.support.rows import MODELS, TENANT_PAGES, make_row, name_of, page

pytestmark = pytest.mark.once

ORDINARY = ("changelist", "add", "change", "delete", "history", "do")
CLOSED, HIDDEN = {403}, {403, 404}
ENDS = (Role.VIEWER, Role.OWNER)  # who sees least, and most
INSTALLATION = [model for model in admin.site._registry if model not in TENANT_PAGES]


@pytest.fixture
def people(clinic):
    """A browser of each role in the clinic, and what the server knows of each."""
    found = {}
    for role in Role:
        user = User.objects.create_user(f"a {role}", is_staff=True)
        Member.objects.create(tenant=clinic, user=user, role=role)
        found[role] = (Client(), user)
        found[role][0].force_login(user)
    return found


def asked_by(user):
    request = RequestFactory().get("/")
    request.user = user
    return request


def expected(model, row, role, user):
    """The answers that the table of rights promises a role: (page, method) -> statuses, for an own row."""
    rights, shown = rights_on(model._meta.label), admin.site._registry[model]
    sees = has_rank(role, rights.see)
    is_written = not isinstance(shown, ReadOnlyAdmin)
    answers: dict[tuple[str, str], set[int]] = {
        ("changelist", "get"): {200} if sees else CLOSED,
        ("add", "get"): {200} if is_written and has_rank(role, rights.add) else CLOSED,
        ("add", "post"): {200, 302} if is_written and has_rank(role, rights.add) else CLOSED,
        ("change", "get"): {200} if sees else HIDDEN,
        ("history", "get"): {200} if sees else HIDDEN,
        ("change", "post"): {200, 302} if is_written and has_rank(role, rights.edit) else HIDDEN,
        ("delete", "get"): {200} if is_written and has_rank(role, rights.delete) else HIDDEN,
    }
    if isinstance(row, Member) and not has_rank(role, row.role):
        answers[("change", "post")] = answers[("delete", "get")] = HIDDEN
    return answers


@pytest.mark.parametrize("model", TENANT_PAGES, ids=name_of)
def test_each_role_opens_what_the_table_says_and_no_more(model, clinic, people):
    """Of those who may, the lowest and the highest are asked: all between them are let in by rank."""
    row = make_row(model, clinic, {})
    answers = {role: expected(model, row, role, user) for role, (_, user) in people.items()}

    for role, (client, _) in people.items():
        for (name, method), statuses in answers[role].items():
            lets_in = [one for one in people if 200 in answers[one][name, method]]
            if role in lets_in[1:-1]:
                continue
            where = page(model, name, *([] if name in {"changelist", "add"} else [row.pk]))
            answer = getattr(client, method)(where)
            assert answer.status_code in statuses, (role, name, method, answer.status_code)
            if (name, answer.status_code) == ("changelist", 200):
                assert row in list(answer.context["cl"].result_list), role


@pytest.mark.parametrize("model", TENANT_PAGES, ids=name_of)
def test_each_role_uses_the_actions_that_the_table_says(model, clinic, people):
    row, shown = make_row(model, clinic, {}), admin.site._registry[model]
    before = model._default_manager.filter(pk=row.pk).values().get()

    for role, (client, user) in people.items():
        offered = set(shown.get_actions(asked_by(user)))
        for action in shown.actions or []:
            may_act = has_rank(role, shown.role_for(action))
            assert (action in offered) == may_act, (role, action)
            if not may_act:
                assert client.post(page(model, "do", row.pk, action)).status_code in HIDDEN, (role, action)
                body = {"action": action, "_selected_action": [row.pk]}
                assert client.post(page(model, "changelist"), body).status_code in {200, 302, 403}
    assert model._default_manager.filter(pk=row.pk).values().get() == before


@pytest.mark.parametrize("model", TENANT_PAGES, ids=name_of)
def test_no_role_reaches_another_tenants_row_by_any_address(model, salon, people):
    """Also by those that a page adds to the ordinary ones. All try to write; the ends of the table to read, too."""
    row, shown = make_row(model, salon, {}), admin.site._registry[model]
    assert tenant_id(row, shown.tenant_path) == salon.pk
    before = model._default_manager.filter(pk=row.pk).values().get()

    for role, (client, _) in people.items():
        for where in [
            *addresses_of(shown, row),
            *(page(model, "do", row.pk, action) for action in shown.actions or ["x"]),
        ]:
            assert client.post(where, {"post": "yes"}).status_code in HIDDEN, (role, where)
            if role in ENDS:
                assert client.get(where).status_code in HIDDEN, (role, where)
        if role in ENDS:
            listed = client.get(page(model, "changelist"))
            assert listed.status_code == 403 or row not in list(listed.context["cl"].result_list)
            assert b"of salon" not in listed.content
            assert salon.name.encode() not in listed.content
    assert people[Role.OWNER][0].get(page(model, "change", row.pk)).status_code == 404
    assert model._default_manager.filter(pk=row.pk).values().get() == before


def addresses_of(shown: Any, row: models.Model) -> list[str]:
    """Every address of a page that names one row."""
    home = page(type(row), "changelist")
    found = []
    for pattern in shown.get_urls():
        route = str(pattern.pattern) if isinstance(pattern, URLPattern) else ""
        if route.count("<") == 1 and not route.endswith("<path:object_id>/"):  # the last one only redirects
            found.append(home + route[: route.index("<")] + str(row.pk) + route[route.index(">") + 1 :])
    assert len(found) >= 3
    return found


@pytest.mark.parametrize("model", TENANT_PAGES, ids=name_of)
def test_search_for_a_choice_offers_own_rows_alone(model, clinic, salon, people):
    """The list that a field with a search asks for, and the windows that open for a choice, for who sees most."""
    row, (client, _) = make_row(model, salon, {}), people[Role.OWNER]

    for query in ({"_popup": "1"}, {"_to_field": "id", "_popup": "1"}, {"q": str(row.pk)}):
        answer = client.get(page(model, "changelist"), query)
        assert answer.status_code in {200, 302, 400, 403}
        assert salon.name.encode() not in answer.content


@pytest.mark.parametrize("model", INSTALLATION, ids=name_of)
def test_the_installations_pages_are_closed_to_every_role_and_open_to_its_operator(model, people, root):
    for name in ("changelist", "add"):
        for role, (client, _) in people.items():
            assert client.get(page(model, name)).status_code == 403, (role, name)
        assert root.get(page(model, name), follow=True).status_code in {200, 403}


@pytest.mark.parametrize("model", list(admin.site._registry), ids=name_of)
def test_who_is_not_logged_in_or_no_operator_sees_the_login(model, db):
    plain = Client()
    plain.force_login(User.objects.create_user("customer"))

    for client in (Client(), plain):
        for name in ("changelist", "add"):
            answer = client.get(page(model, name))
            assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/admin/login/")


def test_every_tenants_model_stands_in_the_table_of_rights_once():
    named = [model for rights in RESOURCES.values() for model in rights.models]

    assert len(named) == len(set(named))
    assert [model for model in named if not apps.get_model(model)] == []
    missing = [model._meta.label for model in TENANT_PAGES if model._meta.label not in named]
    assert missing == [], "say in tenants/rights.py who may do what with them"


def test_every_page_asks_the_table():
    for model, shown in admin.site._registry.items():
        if isinstance(shown, TenantAdmin):
            assert model._meta.label in {name for rights in RESOURCES.values() for name in rights.models}
            for name in ("has_view_permission", "has_add_permission"):
                is_ours = getattr(type(shown), name).__qualname__.split(".")[0]
                assert is_ours in {"TenantAdmin", "ReadOnlyAdmin"}, (model, name)


def test_what_the_table_does_not_name_is_nobodys():
    assert not any(may(role, need) for role in Role for need in ("everything.see", "sessions.models", "*", "", "see"))
    assert rights_on("auth.Permission").see is None
    assert MODELS
