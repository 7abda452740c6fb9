"""seed_candidate against a running installation, and the endpoints that callbacks have."""

from __future__ import annotations

import threading
import time

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from approvals import services as approvals
from approvals.models import Approver, Candidate, Via
from tenants.declarations import JOBS
from tenants.models import Role, WebhookEndpoint
from tests.approvals.conftest import status
from tests.support.api import ApiCaller
from tests.support.backoffice import browser


def approve_all(owner, count):
    """The owner approves so many, as soon as they are there."""

    def run():
        until = time.monotonic() + 120
        done = 0
        while done < count and time.monotonic() < until:
            for row in Candidate.objects.filter(status="pending"):
                approvals.vote(candidate=row, approver=owner, choice="approve", via=Via.TEXT, cast_by="contact:1")
                done += 1
            time.sleep(0.05)
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.django_db(transaction=True)
def test_seed_candidate_posts_and_follows(clinic, owner, live_server, capsys):
    key = ApiCaller(clinic, ("candidates:read", "candidates:write"), name="core").key
    thread = approve_all(owner, 2)

    call_command("seed_candidate", "--url", live_server.url, "--key", key, "--count", "2", "--wait", "120")

    thread.join(120)
    told = capsys.readouterr().out
    assert told.count(" approved by owner via text; callback: nobody is told") == 2
    assert told.endswith("all are decided\n")
    with pytest.raises(CommandError, match="1 of 1 are not decided yet"):
        call_command("seed_candidate", "--url", live_server.url, "--key", key, "--wait", "0")
    with pytest.raises(CommandError, match="401: The key is unknown"):
        call_command("seed_candidate", "--url", live_server.url, "--key", "wrong.key")
    with pytest.raises(CommandError, match="does not answer"):
        call_command("seed_candidate", "--url", "http://127.0.0.1:9", "--key", key)


def test_callbacks_have_endpoints_of_their_own(clinic, submit, owner):
    approvals.cancel(candidate=submit(callback_url="https://8.8.8.8/x"), by="core")
    endpoint = WebhookEndpoint.objects.get()
    caller = ApiCaller(clinic)

    assert endpoint.is_callback
    clinic.refresh_from_db()
    assert not clinic.emits_events
    (shown,) = caller.get("webhooks").json()["results"]
    assert (shown["url"], shown["is_callback"]) == ("https://8.8.8.8/x", True)
    assert caller.post(f"webhooks/{endpoint.pk}/rotate").status_code == 409
    assert caller.patch(f"webhooks/{endpoint.pk}", {"url": "https://8.8.4.4/"}).status_code == 409
    assert caller.patch(f"webhooks/{endpoint.pk}", {"is_enabled": False}).status_code == 200
    (delivery,) = caller.get(f"webhooks/{endpoint.pk}/deliveries").json()["results"]
    assert delivery["event_type"] == "approval.decided"


def test_the_clock_rings_deadlines_also_by_its_address(client, submit, owner, settings):
    from tests.approvals.test_deciding import past

    candidate = submit()
    past(candidate)

    answer = client.post("/cron/approval-deadlines", headers={"X-Cron-Secret": settings.CRON_SECRET})

    assert (answer.status_code, status(candidate)) == (200, "expired")
    assert JOBS["approval-deadlines"].every_seconds == 10


def test_quiet_hours_with_one_end_are_refused_in_the_form(clinic, owner):
    page = reverse("admin:approvals_approver_change", args=[owner.pk])
    fields = {"name": "owner", "language": "en", "is_active": "on", "quiet_from": "22:00", "quiet_until": ""}

    answer = browser(clinic, Role.OWNER).post(
        page, {**fields, "addresses-TOTAL_FORMS": 0, "addresses-INITIAL_FORMS": 0}
    )

    assert b"Quiet hours need both times, or neither." in answer.content
    assert Approver.objects.get(pk=owner.pk).quiet_from is None
