"""Every call of the API, found in the map of addresses, with every scope and role, of the own and of another tenant."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.request import Request

from tenants.access import InstallationView, TenantView
from tenants.callers import KeyThrottle, MemberSession
from tenants.describing import description_of
from tenants.models import ApiKey, Member, Role, User
from tenants.verbs import SCOPES
from tests.support.api import ApiCaller

pytestmark = pytest.mark.once

METHODS = ("get", "post", "put", "patch", "delete")
ADMIN_KEY = "admin-key-of-the-tests"
PUBLIC = {
    "api/schema",
    "api/docs",
    "api/login",
    "api/logout",
    "api/me",
    "api/second-factor",
    "api/second-factor/confirm",
    "api/second-factor/recovery-codes",
    "api/second-factor/remove",
}  # who may call is their own story
# What the examples in the description name, where it is of the world that the tests make.
NAMED = ("member", "label", "contact", "merge")


def calls(base, patterns=None, prefix=""):
    """(address, method, view) of every call whose view has this base."""
    for entry in patterns if patterns is not None else get_resolver().url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            if not route.startswith("admin/"):
                yield from calls(base, entry.url_patterns, route)
        elif isinstance(entry, URLPattern) and route.startswith("api/"):
            view = getattr(entry.callback, "view_class", None) or getattr(entry.callback, "cls", None)
            if view is not None and issubclass(view, base):
                names = [name for name in METHODS if hasattr(view, name)]
                yield from (pytest.param(route, name, view, id=f"{name} {route}") for name in names)


def all_routes(patterns=None, prefix=""):
    for entry in patterns if patterns is not None else get_resolver().url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver) and not route.startswith("admin/"):
            yield from all_routes(entry.url_patterns, route)
        elif isinstance(entry, URLPattern) and route.startswith("api/"):
            yield route


TENANT_CALLS = list(calls(TenantView))
INSTALLATION_CALLS = list(calls(InstallationView))


@pytest.fixture(autouse=True)
def _no_limit(settings, monkeypatch):
    settings.ADMIN_API_KEY = ADMIN_KEY
    monkeypatch.setattr(KeyThrottle, "THROTTLE_RATES", {"key": "100000/min"})


def path_of(route, world):
    return "/" + re.sub(r"<\w+:(\w+)>", lambda place: str(world.id_of(place[1], f"/{route}")), route)


def body_of(view, method, world):
    described = description_of(view, method)
    example: dict[str, Any] = dict((described.example if described else None) or {})
    if "url" in example:
        example["url"] = "https://8.8.8.8/hook"  # the name in the example is in no name service
    return example | {name: world.named[name] for name in NAMED if name in example}


def call(method, path, key="", body=None, client=None, **headers):
    given = headers | ({"Authorization": f"Bearer {key}"} if key else {})
    caller = client or Client(raise_request_exception=False)
    return caller.generic(method.upper(), path, json.dumps(body or {}), content_type="application/json", headers=given)


def test_no_address_is_left_out():
    guarded = {str(param.values[0]) for param in [*TENANT_CALLS, *INSTALLATION_CALLS]}

    assert set(all_routes()) - guarded - {"api/^api/", "^api/"} <= PUBLIC
    assert len(TENANT_CALLS) > 50


@pytest.mark.parametrize(("route", "method", "view"), TENANT_CALLS)
def test_who_may_call_with_a_key(route, method, view, api_world, salon):
    path, body, needed = path_of(route, api_world), body_of(view, method, api_world), view.scopes[method.upper()]
    others = [scope for scope in SCOPES if scope != needed]
    clinic = _tenant_of(api_world)

    def key(tenant, scopes, name):
        return ApiCaller(tenant, tuple(scopes), name=name).key

    assert call(method, path, body=body).status_code == 401
    assert call(method, path, "wrong.key", body).status_code == 401
    refused = call(method, path, key(clinic, others, "all but one"), body)
    assert (refused.status_code, refused.json()["detail"]) == (403, f"This needs the scope {needed}.")
    assert call(method, path, ADMIN_KEY, body).status_code == 403
    foreign = call(method, path, key(salon, ["*"], "foreign"), body)
    if "<" in route:
        assert (foreign.status_code, foreign.json()["type"]) == (404, "/problems/not-found")
    else:
        assert foreign.status_code in {200, 201, 400}
        assert b"5550100" not in foreign.content
        assert b"Example Dental" not in foreign.content
    own = call(method, path, key(clinic, ["*"], "own"), body)
    assert own.status_code in {200, 201, 204, 409}, own.content


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(("route", "method", "view"), TENANT_CALLS)
def test_who_may_call_with_a_session(role, route, method, view, api_world, salon):
    path, body, needed = path_of(route, api_world), body_of(view, method, api_world), view.scopes[method.upper()]
    clinic = _tenant_of(api_world)
    user = User.objects.create_user(f"{role}")
    Member.objects.create(tenant=clinic, user=user, role=role)
    client = Client(raise_request_exception=False)
    client.force_login(user)

    status = call(method, path, body=body, client=client).status_code

    assert (status == 403) is not _may(user, needed), status
    assert status in {200, 201, 204, 403, 409}
    assert call(method, path, body=body, client=client, **{"X-Tenant": salon.slug}).status_code == 403


@pytest.mark.parametrize(("route", "method", "view"), INSTALLATION_CALLS)
def test_who_may_call_for_the_installation(route, method, view, api_world):
    path, body = path_of(route, api_world), body_of(view, method, api_world)

    assert call(method, path, body=body).status_code == 401
    assert call(method, path, "wrong.key", body).status_code == 401
    assert call(method, path, ADMIN_KEY[:-1], body).status_code == 401
    assert call(method, path, api_world.api.key, body).status_code == 403
    assert call(method, path, ADMIN_KEY, body).status_code in {200, 201, 409}


@pytest.mark.parametrize(("route", "method", "view"), INSTALLATION_CALLS)
def test_without_its_key_the_installation_is_closed(route, method, view, api_world, settings):
    settings.ADMIN_API_KEY = ""

    for key in ("", " ", "x"):
        assert call(method, path_of(route, api_world), key, body_of(view, method, api_world)).status_code == 401


def _tenant_of(world):
    return ApiKey.objects.select_related("tenant").get(prefix=world.named["prefix"]).tenant


def _may(user, scope):
    """What the role's own scopes say."""
    request = RequestFactory().get("/")
    request.user, request.session = user, {}
    _, caller = MemberSession().authenticate(Request(request))
    return caller.allows(scope)
