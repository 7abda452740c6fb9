"""Templates follow what the provider has approved."""

import pytest

from messaging import services as messaging
from messaging.models import MessageTemplate
from messaging.providers import PROVIDERS
from messaging.providers.base import Outcome, ProviderError
from messaging.queries import account_of
from tests.simulator.process import Sim

pytestmark = pytest.mark.both

NAMES = {"twilio": (f"HX{1:032x}", f"HX{7:032x}")}
CLOUD_NAMES = ("appointment_reminder", "welcome_back")


def names(channel):
    return NAMES.get(channel.provider, CLOUD_NAMES)


def approved(channel):
    reminder, welcome = names(channel)
    return {
        (reminder, "en"): "Hello {{1}}, we see you at {{2}}.",
        (welcome, "pt_BR"): "Podemos continuar a nossa conversa?",
    }


def active(channel):
    rows = MessageTemplate.objects.filter(channel=channel, is_active=True)
    return {(row.name, row.language): row.text for row in rows}


@pytest.fixture(params=["meta", "dialog360", "twilio"])
def channel(request, clinic, wire):
    channel = wire(clinic, request.param)
    if request.param == "meta":
        channel.credentials_store = {**channel.credentials_store, "waba_id": {"value": "102290129340398"}}
        channel.save()
    return channel


def test_what_is_approved_and_can_be_filled_in_is_taken_over(channel):
    assert messaging.sync_templates() == 2
    assert active(channel) == approved(channel)
    assert messaging.sync_templates() == 0


def test_what_is_no_longer_approved_is_switched_off_and_what_changed_is_renewed(channel):
    fields = {"tenant": channel.tenant, "channel": channel, "language": "en"}
    MessageTemplate.objects.create(name="gone", text="x", **fields)
    MessageTemplate.objects.create(name=names(channel)[0], text="old", is_active=False, **fields)

    assert messaging.sync_templates() == 3
    assert active(channel) == approved(channel)
    assert not MessageTemplate.objects.get(name="gone").is_active


def test_a_provider_that_is_away_switches_nothing_off(channel, sim: Sim):
    messaging.sync_templates()
    sim.fail(channel.provider, mode="status", status=500)

    assert messaging.sync_templates() == 0
    assert active(channel) == approved(channel)


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
    channel = wire(clinic, "evolution")
    MessageTemplate.objects.create(tenant=clinic, channel=channel, name="hello", text="Hello")

    assert messaging.sync_templates() == 0
    assert active(channel) == {("hello", "en"): "Hello"}


def test_members_see_twilios_friendly_name(clinic, wire):
    channel = wire(clinic, "twilio")

    messaging.sync_templates()

    assert [str(row) for row in MessageTemplate.objects.filter(channel=channel)] == [
        "Appointment reminder (en)",
        "Welcome back (pt_BR)",
    ]


def test_twilios_credentials_go_to_no_other_host(clinic, wire):
    channel = wire(clinic, "twilio")
    asked = []

    class Elsewhere:
        status, headers, content = 200, {}, b"{}"

        def json(self):
            return {"contents": [], "meta": {"next_page_url": "https://elsewhere.example/v1/ContentAndApprovals"}}

        def request(self, _method, url, **_more):
            asked.append(url)
            return self

    PROVIDERS["twilio"].list_templates(account=account_of(channel), http=Elsewhere())

    assert len(asked) == 1
