"""A receiver of webhooks out, played by the simulator, and a clock that stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import time
from typing import Any

import pytest
import time_machine

from tenants import services as tenants
from tenants.models import Tenant, WebhookEndpoint
from tests.simulator.process import Sim


@pytest.fixture
def endpoint(sim: Sim, settings: Any) -> Callable[..., WebhookEndpoint]:
    """Add an endpoint of a tenant at the simulated receiver."""
    settings.OUTBOUND_ALLOWED_HOSTS = ["127.0.0.1"]

    def make(tenant: Tenant, path: str = "a", *types: str) -> WebhookEndpoint:
        url = f"{sim.url}/receiver/{path}"
        return tenants.create_endpoint(tenant=tenant, url=url, event_types=types or ("*",), by="tests")

    return make


@pytest.fixture
def still_clock() -> Iterator[None]:
    """A code is of one half minute: no test may begin in one and end in the next."""
    with time_machine.travel(time(), tick=False):
        yield
