"""The API against its own description: calls made up from it, right ones and wrong ones, and every check on."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
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
    "propose_knowledge",
]  # fmt: skip
CONFIG = SchemathesisConfig.from_dict(
    {
        # NUL is in no text of ours: databases do not take it, and the API says so with a 400.
        "generation": {"allow-x00": False, "max-examples": 5, "deterministic": True},
        "operations": [
            {
                "include-operation-id": MORE_RULES,
                "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", "400", "403", "404", "409"]}},
            }
        ],
    }
)
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
    key = ADMIN_KEY if case.path.startswith("/api/tenants") else world.api.key

    case.call_and_validate(headers={"Authorization": f"Bearer {key}"})


def _find_rows(case: schemathesis.Case, world: World) -> None:
    """Let the address name rows that are there."""
    for name in case.path_parameters or {}:
        case.path_parameters[name] = world.id_of(name, case.path)
