"""Every call of the API, found in the map of addresses, with every scope and role, of the own and of another tenant."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.db import transaction
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.generators import SchemaGenerator

from tenants.access import InstallationView, TenantView
from tenants.api_descriptions import description_of
from tenants.callers import KeyThrottle
from tenants.declarations import RESOURCES, SCOPES
from tenants.models import ApiKey, Member, Role, User
from tenants.rights import has_rank, scope_of
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
    path, body = path_of(route, api_world), body_of(view, method, api_world)
    needed = scope_of(view.needs[method.upper()])
    others = [scope for scope in SCOPES if scope != needed]
    clinic = _tenant_of(api_world)

    def key(tenant, scopes, name, *approvers):
        return ApiCaller(tenant, tuple(scopes), name=name, approvers=approvers).key

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
    just = call(method, path, key(clinic, [needed], "just this", "owner"), body)
    # A key with keys:write alone makes and revokes none but its like.
    assert just.status_code in ({403} if needed == "keys:write" else {200, 201, 204, 409})
    own = call(method, path, key(clinic, ["*"], "own", "owner"), body)
    assert own.status_code in {200, 201, 204, 404, 409}, own.content


@pytest.mark.parametrize(("route", "method", "view"), TENANT_CALLS)
def test_who_may_call_with_a_session(route, method, view, api_world, salon):
    """Each role finds the same world: what another has done to it is undone."""
    path, body, need = path_of(route, api_world), body_of(view, method, api_world), view.needs[method.upper()]
    clinic = _tenant_of(api_world)
    for role in Role:
        with transaction.atomic():
            user = User.objects.create_user(f"{role}")
            Member.objects.create(tenant=clinic, user=user, role=role)
            client = Client(raise_request_exception=False)
            client.force_login(user)

            status = call(method, path, body=body, client=client).status_code

            assert (status == 403) is not has_rank(role, least_in_the_table(need)), (role, status)
            assert status in {200, 201, 204, 403, 409}, (role, status)
            foreign = call(method, path, body=body, client=client, **{"X-Tenant": salon.slug})
            assert foreign.status_code == 403, role
            transaction.set_rollback(True)


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


def least_in_the_table(need):
    """What the table of rights says of a right, read without the functions that the doors use."""
    resource, _, action = need.partition(".")
    return getattr(RESOURCES[resource], action)


def test_the_description_and_the_table_name_the_same_calls():
    """Every operation of the OpenAPI description has its right, its scope and its place in the table, and no other."""
    described = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    used = set()
    for path, operations in described.items():
        for method, operation in operations.items():
            view = get_resolver().resolve(re.sub(r"{\w+}", "1", path)).func.view_class
            if path.strip("/") in PUBLIC or issubclass(view, InstallationView):
                continue
            need = view.needs.get(method.upper())
            assert need, f"{method} {path}: say in `needs` which right of tenants/rights.py it takes"
            assert least_in_the_table(need) is not None, need
            assert {"key": [scope_of(need)]} in operation["security"], (method, path)
            used.add(need)
    assert len(used) > 40
    assert used == {need for needs in SCOPES.values() for need in needs}, "a scope opens what no call needs"
    assert len([need for needs in SCOPES.values() for need in needs]) == len(used), "one scope for each right"


@pytest.mark.parametrize(
    "needs", [{}, {"GET": ""}, {"GET": "nothing.see"}, {"GET": "labels.models"}, {"POST": "labels.see"}]
)
def test_a_call_without_its_place_in_the_table_is_closed(needs, clinic, owner_caller):
    class Forgotten(TenantView):
        def get(self, request):
            raise AssertionError("it was opened")

    Forgotten.needs = needs
    key = ApiCaller(clinic).key
    asked = RequestFactory().get("/", headers={"Authorization": f"Bearer {key}"})

    for request in (asked, owner_caller):
        answer = Forgotten.as_view()(request)
        assert (answer.status_code, answer.data["detail"]) == (403, "This is closed.")


@pytest.fixture
def owner_caller(clinic):
    """A request in the browser session of an owner."""
    request = RequestFactory().get("/")
    request.user = User.objects.create_user("the owner")
    request.session = {}
    Member.objects.create(tenant=clinic, user=request.user, role=Role.OWNER)
    return request


# What the finder of S-4 did as an agent, by hand: the table is not asked.
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("post", "labels", {"name": "VIP", "colour": "green"}),
        ("patch", "labels/{label}", {"colour": "red"}),
        ("delete", "labels/{label}", {}),
        ("post", "contacts/{contact}/merge", {"contact": 1}),
        ("post", "contacts/{contact}/unmerge", {}),
        ("post", "contacts/{contact}/addresses", {"kind": "phone", "value": "+15550109999"}),
        ("delete", "knowledge/{entry}", {}),
        ("post", "knowledge/proposals/{proposal}/approve", {}),
        ("post", "keys", {"name": "mine", "scopes": ["sessions:read"]}),
        ("delete", "keys/{prefix}", {}),
        ("post", "webhooks/{webhook}/rotate", {}),
        ("post", "candidates", {"title": "Mine"}),
    ],
)
def test_an_agent_does_nothing_of_a_managers(method, path, body, api_world):
    clinic = _tenant_of(api_world)
    user = User.objects.create_user("agent")
    Member.objects.create(tenant=clinic, user=user, role=Role.AGENT)
    client = Client(raise_request_exception=False)
    client.force_login(user)
    names = api_world.named | {"entry": api_world.ids["knowledge"], "webhook": api_world.ids["webhooks"]}

    answer = call(method, f"/api/{path.format(**names)}", body=body, client=client)

    assert (answer.status_code, answer.json()["detail"]) == (403, "This needs the role manager, or one above it.")
