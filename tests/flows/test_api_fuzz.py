"""The API against its own description: calls made up from it, right ones and wrong ones, and every check on."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, settings
from schemathesis.config import SchemathesisConfig

from config.wsgi import application
from tenants.callers import KeyThrottle
from tests.support.api_world import World

ADMIN_KEY = "admin-key-of-the-tests"
# Their bodies have rules that a JSON schema cannot say: a moment to come, a public address, an id that is there.
MORE_RULES = [
    "pause_the_assistant", "snooze_a_session", "assign_a_session", "put_a_label_on_a_session", "write_a_message",
    "add_an_address", "merge_two_contacts", "add_a_webhook_endpoint", "change_a_webhook_endpoint",
    "replay_a_time_range", "create_a_reminder", "change_a_reminder", "create_a_task", "change_a_task",
    "set_the_time_zone_of_a_contact", "ask_for_a_decision", "decide_a_candidate", "withdraw_a_candidate",
    "answer_a_question",
    "propose_knowledge", "make_an_api_key", "make_a_new_signing_secret",
]  # fmt: skip
# NUL is in no text of ours: databases do not take it, and the API says so with a 400.
GENERATION = {"allow-x00": False, "max-examples": 5, "deterministic": True}
REFUSED_TOO = {"positive_data_acceptance": {"expected-statuses": ["2xx", "400", "403", "404", "409"]}}
CONFIG = SchemathesisConfig.from_dict(
    {"generation": GENERATION, "operations": [{"include-operation-id": MORE_RULES, "checks": REFUSED_TOO}]}
)
KINDS = (
    "sessions", "contacts", "labels", "knowledge", "replies", "keys", "webhooks", "reminders", "tasks", "candidates",
    "tenants",
)  # fmt: skip
# Few, and the same ones each time.
STORIES = settings(
    max_examples=4, stateful_step_count=8, deadline=None, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck), phases=[Phase.generate],
)  # fmt: skip
schema = schemathesis.openapi.from_wsgi("/api/schema", application, config=CONFIG)


@pytest.fixture(autouse=True)
def _keep_connection() -> Iterator[None]:
    """The calls are made in the test's own transaction, as Django's test client makes them."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def world(api_world, settings, monkeypatch) -> World:
    settings.ADMIN_API_KEY = ADMIN_KEY
    monkeypatch.setattr(KeyThrottle, "THROTTLE_RATES", {"key": "100000/min"})
    return api_world


@schema.parametrize()
@settings(deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate])
def test_every_call_keeps_to_the_description(case, world):
    if case.meta is None or case.meta.generation.mode.is_positive:
        _find_rows(case, world)
        if "Idempotency-Key" in (case.headers or {}):
            case.headers["Idempotency-Key"] = uuid.uuid4().hex  # else two calls made up might share one
    case.call_and_validate(headers={"Authorization": f"Bearer {key_for(case, world)}"})


@pytest.mark.parametrize("kind", KINDS)
def test_calls_that_follow_each_other_keep_to_the_description(world, kind):
    """Stories along the links of the description: what one call answers names what the next is about."""
    described = schemathesis.openapi.from_wsgi("/api/schema", application, config=config_of_stories(kind))
    described.auth(refresh_interval=None)(keys_of(world))
    followed: set[str] = set()

    class Story(described.include(path_regex=f"^/api/{kind}").as_state_machine()):
        def setup(self):
            self.start = transaction.savepoint()  # each story begins with the same rows

        def teardown(self):
            transaction.savepoint_rollback(self.start)

        def step(self, asked):
            if not asked.is_applied:
                _find_rows(asked.case, world)  # a story begins with a row that is there
            done = super().step(asked)
            if asked.is_applied and done.response.status_code < 300:
                followed.add(asked.transition.id)
            if further := next_page(done.response, asked.case):
                further.call_and_validate()
                followed.add("next page")
            return done

        def before_call(self, case):
            if "Idempotency-Key" in (case.headers or {}):
                case.headers["Idempotency-Key"] = uuid.uuid4().hex
            if any(parameter.name == "cursor" for parameter in case.operation.query):
                case.query = {name: value for name, value in (case.query or {}).items() if name != "cursor"}
                case.query["limit"] = 1

    Story.run(settings=STORIES)
    assert followed


def config_of_stories(kind: str) -> SchemathesisConfig:
    """Right calls alone, which lead somewhere. A story may know the answer (304), or have revoked its own key (401)."""
    expected = {"expected-statuses": ["2xx", "304", "400", "401", "403", "404", "409"]}
    checks: dict[str, Any] = {"positive_data_acceptance": expected}
    if kind == "keys":
        checks["use_after_free"] = {"enabled": False}  # a revoked key stays in the list, as one that is revoked
    return SchemathesisConfig.from_dict({"generation": GENERATION | {"mode": "positive"}, "checks": checks})


def keys_of(world: World) -> type:
    """How schemathesis is told which key a call is made with."""

    class Keys:
        def get(self, case: schemathesis.Case, context: Any) -> str:
            return key_for(case, world)

        def set(self, case: schemathesis.Case, data: str, context: Any) -> None:
            case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}

    return Keys


def key_for(case: schemathesis.Case, world: World) -> str:
    """The installation's own key for its own calls, a tenant's for the others."""
    return ADMIN_KEY if case.path.startswith("/api/tenants") else world.api.key


def next_page(response: Any, case: schemathesis.Case) -> schemathesis.Case | None:
    """The call for the page that follows the one in an answer."""
    if response.status_code != 200 or "application/json" not in response.headers["content-type"]:
        return None
    body = response.json()
    address = body.get("next") if isinstance(body, dict) else None
    if not address:
        return None
    query = {**case.query, **dict(parse_qsl(urlsplit(address).query))}
    return case.operation.Case(path_parameters=case.path_parameters, query=query)


def _find_rows(case: schemathesis.Case, world: World) -> None:
    """Let the address name rows that are there."""
    for name in case.path_parameters or {}:
        case.path_parameters[name] = world.id_of(name, case.path)
