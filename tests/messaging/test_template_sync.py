"""Templates follow what the provider has approved."""

import pytest

from messaging import verbs as messaging
from messaging.models import MessageTemplate
from messaging.providers import PROVIDERS
from messaging.providers.base import Outcome, ProviderError
from messaging.queries import account_of
from tests.simulator.process import Sim

APPROVED = {
    ("appointment_reminder", "en"): "Hello {{1}}, we see you at {{2}}.",
    ("welcome_back", "pt_BR"): "Podemos continuar a nossa conversa?",
}


def active(channel):
    rows = MessageTemplate.objects.filter(channel=channel, is_active=True)
    return {(row.name, row.language): row.text for row in rows}


@pytest.fixture(params=["meta", "dialog360"])
def channel(request, clinic, wire):
    channel = wire(clinic, request.param)
    if request.param == "meta":
        channel.credentials_store = {**channel.credentials_store, "waba_id": {"value": "102290129340398"}}
        channel.save()
    return channel


def test_what_is_approved_and_can_be_filled_in_is_taken_over(channel):
    assert messaging.sync_templates() == 2
    assert active(channel) == APPROVED
    assert messaging.sync_templates() == 0


def test_what_is_no_longer_approved_is_switched_off_and_what_changed_is_renewed(channel):
    fields = {"tenant": channel.tenant, "channel": channel, "language": "en"}
    MessageTemplate.objects.create(name="gone", text="x", **fields)
    MessageTemplate.objects.create(name="appointment_reminder", text="old", is_active=False, **fields)

    assert messaging.sync_templates() == 3
    assert active(channel) == APPROVED
    assert not MessageTemplate.objects.get(name="gone").is_active


def test_a_provider_that_is_away_switches_nothing_off(channel, sim: Sim):
    messaging.sync_templates()
    sim.fail(channel.provider, mode="status", status=500)

    assert messaging.sync_templates() == 0
    assert active(channel) == APPROVED


def test_an_answer_without_a_list_is_no_answer(channel):
    class Empty:
        status, headers, content = 200, {}, b"{}"

        def json(self):
            return {}

        def request(self, *_args, **_more):
            return self

    with pytest.raises(ProviderError) as refused:
        PROVIDERS[channel.provider].list_templates(account=account_of(channel), http=Empty())
    assert refused.value.outcome is Outcome.RETRY


def test_wires_without_a_list_are_left_alone(clinic, wire):
    channel = wire(clinic, "twilio")
    MessageTemplate.objects.create(tenant=clinic, channel=channel, name="HX1", text="Hello")

    assert messaging.sync_templates() == 0
    assert active(channel) == {("HX1", "en"): "Hello"}
