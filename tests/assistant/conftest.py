"""A business with a line, a customer who writes, and a model that answers over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest

from assistant.services import answering
from messaging import services as messaging
from messaging.models import Channel, Message
from messaging.providers.base import Address, AddressKind, InboundMessage, Kind, Person
from tests.support.fake_llm import Fake, running_fake

CUSTOMER = "+15550100111"


@pytest.fixture
def channel(clinic, make_channel) -> Channel:
    return make_channel(clinic, "evolution")


@pytest.fixture
def say(channel) -> Callable[..., Message]:
    """The customer writes; nothing is worked yet."""
    numbers = iter(range(1, 10_000))

    def write(text: str = "", *, to: Channel | None = None, person: str = CUSTOMER, **fields: Any) -> Message:
        address = Address(kind=AddressKind.PHONE, value=person, external_id=person)
        fields = {"kind": Kind.TEXT, "sent_at": None, **fields}
        inbound = InboundMessage(
            external_id=f"in-{next(numbers)}",
            channel=(to or channel).external_id,
            sender=Person(addresses=(address,), name="Ana"),
            text=text,
            **fields,
        )
        message = messaging.receive(channel=to or channel, inbound=inbound)
        assert message is not None
        return message

    return write


@pytest.fixture
def inbound() -> Callable[..., InboundMessage]:
    """A message of the customer's chat, as a provider would have parsed it."""
    numbers = iter(range(1, 10_000))

    def make(channel: Channel, text: str, **fields: Any) -> InboundMessage:
        address = Address(kind=AddressKind.PHONE, value=CUSTOMER, external_id=CUSTOMER)
        person = Person(addresses=(address,), name="Ana")
        return InboundMessage(
            external_id=f"wire-{next(numbers)}", channel=channel.external_id, sender=person, text=text, **fields
        )

    return make


@pytest.fixture
def fake() -> Iterator[Fake]:
    with running_fake() as server:
        yield server


@pytest.fixture(scope="session")
def _clients_are_loaded() -> None:
    """What the first call of a model loads takes a slow machine longer than the turns of some tests may last."""
    import_module("pydantic_ai.models.openai")
    import_module("pydantic_ai.direct")


@pytest.fixture
def openai(_clients_are_loaded, fake, settings, monkeypatch) -> Fake:
    """OpenAI is the installation's model, and is played by the fake."""
    settings.LLM_PROVIDER = "openai"
    settings.LLM_MODEL = ""
    settings.LLM_FALLBACK = []
    settings.OPENAI_API_KEY = "sk-test-0123456789abcdef"
    settings.OPENAI_BASE_URL = f"{fake.url}/v1"
    settings.ANTHROPIC_BASE_URL = fake.url
    settings.LLM_TIMEOUT = 5
    monkeypatch.setattr(answering, "PAUSE_SECONDS", 0.01)
    return fake


@pytest.fixture
def outbox() -> Callable[[], list[str]]:
    return lambda: [message.text for message in Message.objects.filter(direction="out").order_by("pk")]


@pytest.fixture
def workflow(fake, settings) -> Fake:
    """n8n has the turns; no model is set up behind it."""
    settings.N8N_ENABLED, settings.N8N_API_KEY = True, "n8n-key"
    settings.N8N_WEBHOOK_URL = f"{fake.url}/webhook/desk"
    settings.N8N_RETRY_SECONDS, settings.N8N_TIMEOUT = 0, 5
    settings.LLM_PROVIDER, settings.LLM_FALLBACK, settings.OPENAI_API_KEY = "openai", [], ""
    return fake


@pytest.fixture
def call_back(client, workflow) -> Callable[..., tuple[int, Any]]:
    """The workflow posts to the reply address of its (last) request."""

    def post(body, *, number=-1):
        path = workflow.asked[number].body["reply"]["url"].partition("example.test")[2]
        response = client.post(path, json.dumps(body), content_type="application/json")
        return response.status_code, response.json()

    return post
