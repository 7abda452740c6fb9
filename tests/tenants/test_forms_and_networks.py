"""No name service is asked while a form's transaction is open."""

import pytest
from django.db import connections

from alerts.models import WaitingRule
from common.http import client
from tenants.models import WebhookEndpoint
from tests.support.backoffice import browser

pytestmark = pytest.mark.django_db(transaction=True)

FORMS = {
    "/admin/alerts/waitingrule/add/": {
        "tell_after_minutes": "5", "emails": "", "webhook_url": "{url}", "give_back_after_minutes": "",
        "give_back_text": "",
    },
    "/admin/tenants/webhookendpoint/add/": {"url": "{url}", "event_types": "*", "description": ""},
}  # fmt: skip


@pytest.fixture
def asked(monkeypatch):
    """Each name that was looked up, and whether the transaction of this thread was open then."""
    found = []
    own = connections["default"]

    def resolve(host, port):
        found.append((host, own.in_atomic_block))
        return ["10.0.0.7"] if host.startswith("inside.") else ["93.184.216.34"]

    monkeypatch.setattr(client, "resolve", resolve)
    return found


@pytest.mark.parametrize("address", FORMS)
@pytest.mark.parametrize(("host", "is_kept"), [("hooks.example.com", True), ("inside.example.com", False)])
def test_an_address_is_looked_up_before_the_forms_transaction(clinic, asked, address, host, is_kept):
    body = {name: value.format(url=f"https://{host}/x") for name, value in FORMS[address].items()}

    answer = browser(clinic).post(address, {"tenant": clinic.pk, **body})

    assert (answer.status_code == 302) is is_kept, answer.content.decode()
    assert WaitingRule.objects.count() + WebhookEndpoint.objects.count() == int(is_kept)
    assert set(asked) == {(host, False)}
