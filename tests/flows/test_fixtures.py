"""Every captured webhook body goes through its real route and is taken, kept or ignored with a reason."""

import json
from pathlib import Path

import pytest

from common.work.rows import State
from messaging.models import Channel, Message, WebhookEvent, WebhookItem
from tests.support.wires import proof

PAYLOADS = Path(__file__).parents[1] / "payloads"
FOLDERS = {"meta": "meta", "dialog360": "dialog360", "evolution": "evolution", "twilio": "twilio", "imessage": "photon"}
# Requests to the providers' own APIs and descriptions of headers: nobody posts them to us.
# The batch that names two numbers belongs to the shared address: see below.
NOT_WEBHOOKS = ("api_", "verify_request_query", "webhook_request_headers", "batch_mixed_entries")


def bodies():
    for provider, folder in FOLDERS.items():
        for path in sorted((PAYLOADS / folder).glob("*.json")):
            if not path.name.startswith(NOT_WEBHOOKS):
                yield pytest.param(provider, path, id=f"{folder}/{path.stem}")


def number_named(provider, body):
    """The channel that a captured body names, as the tenant would have set it up."""
    if provider == "twilio":
        is_status = "MessageStatus" in body or body.get("SmsStatus") not in (None, "received")
        return body.get("From" if is_status and "Body" not in body else "To", "+15550100100").removeprefix("whatsapp:")
    if provider == "evolution":
        return body.get("instance", "clinic-demo")
    if provider in ("meta", "dialog360"):
        for entry in body.get("entry", []):
            for change in entry.get("changes", []):
                if "metadata" in change.get("value", {}):
                    return change["value"]["metadata"]["phone_number_id"]
        return "106540352242922"
    return "owner-mac"


@pytest.mark.django_db
@pytest.mark.parametrize(("provider", "path"), list(bodies()))
def test_a_captured_body_is_used_through_its_real_route(provider, path, clinic, wire, post_webhook, drain, sim):
    body = json.loads(path.read_text(encoding="utf-8"))
    channel = wire(clinic, provider, external_id=number_named(provider, body))

    response = post_webhook(channel, body)
    drain()
    drain()

    event = WebhookEvent.objects.get()
    assert response.status_code == 200, response.content
    assert event.state in (State.DONE, State.IGNORED)
    assert event.state == State.DONE or event.last_error
    waiting = WebhookItem.objects.exclude(state=State.DONE)
    # Only an edit or deletion of a message that we never saw may wait for it.
    assert all("TargetMissing" in item.last_error for item in waiting), [item.last_error for item in waiting]
    assert [row.last_error for row in Message.objects.filter(state=State.DEAD)] == []


def test_no_folder_of_captured_bodies_is_empty():
    counts = {provider: sum(1 for case in bodies() if case.values[0] == provider) for provider in FOLDERS}

    assert all(count >= 7 for count in counts.values()), counts


@pytest.mark.django_db
def test_a_batch_for_two_numbers_is_shared_out_by_the_installations_app(clinic, salon, wire, client, payload, drain):
    body = payload("meta/batch_mixed_entries.json")
    numbers = {change["value"]["metadata"]["phone_number_id"] for entry in body["entry"] for change in entry["changes"]}
    for tenant, number in zip((clinic, salon), sorted(numbers), strict=True):
        wire(tenant, "meta", external_id=number)
    Channel.objects.update(credentials_store={"access_token": {"value": "meta-access-token"}})
    data = json.dumps(body).encode()
    headers = proof("meta", data, {"app_secret": "installation-app-secret"})

    response = client.generic("POST", "/webhook", data, content_type="application/json", headers=headers)
    drain()

    assert response.status_code == 200
    named = [
        (change["value"]["metadata"]["phone_number_id"], message["id"])
        for entry in body["entry"]
        for change in entry["changes"]
        for message in change["value"].get("messages", [])
    ]
    taken = Message.objects.filter(direction="in").values_list("channel__external_id", "external_id")
    assert sorted(taken) == sorted(named)
