"""The secret that signs decisions and hand-offs: each tenant's own, changed without a gap, shown once."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from tenants import services as tenants
from tenants.models import AuditEntry, Role, SigningSecret, WebhookEndpoint, new_secret, signing_secrets
from tenants.services.deliveries import signature
from tests.support.api import ApiCaller
from tests.support.backoffice import browser, do

INSTALLATION = "6465736b2d6f6e6c792d7369676e696e672d7365637265742d30313233343536"
BODY = b'{"type":"approval.decided","data":{"tenant":"clinic"}}'


@pytest.fixture(autouse=True)
def _installation(settings):
    settings.WEBHOOK_SIGNING_SECRET = INSTALLATION


def verifies(secret, tenant):
    """Whether a receiver with this secret believes what is signed for a tenant's callback."""
    now = timezone.now()
    endpoint = WebhookEndpoint(tenant=tenant, is_callback=True)
    headers = {"webhook-id": "evt_1", "webhook-timestamp": str(int(now.timestamp()))}
    headers["webhook-signature"] = signature(endpoint.secrets(), "evt_1", now, BODY)
    try:
        Webhook(secret).verify(BODY, headers)
    except WebhookVerificationError:
        return False
    return True


def test_no_tenants_secret_verifies_what_another_signed(clinic, salon):
    third = tenants.set_up_tenant(slug="bakery", name="Example Bakery")
    everybody = [clinic, salon, third]
    known = {tenant.pk: signing_secrets(tenant.pk) for tenant in everybody}

    for tenant in everybody:
        for other in everybody:
            assert verifies(known[other.pk][0], tenant) == (tenant == other), (tenant.slug, other.slug)
    assert known[clinic.pk] == [INSTALLATION]  # the business that was set up first, as in the guides
    assert INSTALLATION not in known[salon.pk] + known[third.pk]
    assert known == {tenant.pk: signing_secrets(tenant.pk) for tenant in everybody}  # they stay
    assert SigningSecret.objects.count() == 2


def test_without_the_installations_secret_the_first_tenant_signs_nothing(clinic, salon, settings):
    settings.WEBHOOK_SIGNING_SECRET = ""

    assert signing_secrets(clinic.pk) == []
    assert len(signing_secrets(salon.pk)) == 1


def test_the_secret_of_the_guides_is_changed_without_a_gap(clinic):
    row = tenants.rotate_signing_secret(tenant=clinic, by="ana")

    assert verifies(row.secret, clinic)
    assert verifies(INSTALLATION, clinic)
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert verifies(row.secret, clinic)
        assert not verifies(INSTALLATION, clinic)


def test_two_secrets_sign_while_one_is_changed_and_never_three(salon):
    first = tenants.rotate_signing_secret(tenant=salon, by="ana").secret
    second = tenants.rotate_signing_secret(tenant=salon, by="ana", hours=1).secret
    assert (verifies(first, salon), verifies(second, salon)) == (True, True)
    third = tenants.rotate_signing_secret(tenant=salon, by="ana").secret

    assert [verifies(secret, salon) for secret in (first, second, third)] == [False, True, True]
    assert len(signing_secrets(salon.pk)) == 2


def test_a_secret_is_made_or_set_by_the_api_and_shown_once(clinic):
    api, own = ApiCaller(clinic), new_secret()

    assert api.get("signing-secret").json() == {"is_own": False, "shown_at": None, "previous_until": None}
    made = api.post("signing-secret", {"hours": 2}).json()
    assert verifies(made["secret"], clinic)
    told = api.get("signing-secret")
    assert (told.json()["is_own"], made["secret"] in told.content.decode()) == (True, False)
    assert api.post("signing-secret", {"secret": own}).json()["secret"] == own
    assert signing_secrets(clinic.pk) == [own, made["secret"]]
    entry = AuditEntry.objects.filter(action="signing_secret_rotated").latest("pk")
    assert (entry.actor, own in str(entry.details)) == ("key tests", False)


@pytest.mark.parametrize("wrong", ["short", "!" * 40, "whsec_", "a" * 31, "ção" * 20, "whsec_C2qr07vnDTrgOv"])
def test_what_is_no_secret_is_told(clinic, wrong):
    answer = ApiCaller(clinic).post("signing-secret", {"secret": wrong})

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "secret")
    assert not SigningSecret.objects.exists()
    with pytest.raises(CommandError):
        call_command("signing_secret", "--tenant", "clinic", "--set", wrong)


@pytest.mark.parametrize("role", list(Role))
def test_an_owner_alone_makes_and_sees_it_in_the_back_office(clinic, role):
    client, is_owner = browser(clinic, role), role == Role.OWNER
    page = reverse("admin:tenants_signingsecret_add")

    assert client.get(page).status_code == (200 if is_owner else 403)
    answer = client.post(page, {"tenant": clinic.pk, "given": ""}, follow=True)

    assert SigningSecret.objects.exists() == is_owner
    if not is_owner:
        return
    row = SigningSecret.objects.get()
    assert row.secret in str(next(iter(answer.context["messages"])))
    assert row.secret.encode() not in client.get(reverse("admin:tenants_signingsecret_change", args=[row.pk])).content
    told = do(client, row, "rotate")[1]
    row.refresh_from_db()
    assert any(row.secret in text for text in told)
    given = new_secret()
    assert client.post(page, {"tenant": clinic.pk, "given": given}).status_code == 302
    assert client.post(page, {"tenant": clinic.pk, "given": "no secret"}).status_code == 200
    assert SigningSecret.objects.get().secret == given


def test_a_key_opens_it_with_its_own_scope_which_an_owner_gives(clinic):
    assert ApiCaller(clinic, ("webhooks:write", "keys:write"), name="a").post("signing-secret").status_code == 403
    assert ApiCaller(clinic, ("signing:write",), name="b").post("signing-secret").status_code == 200
    manager = browser(clinic)
    body = {"tenant": clinic.pk, "name": "c", "scopes": "signing:write"}
    assert manager.post(reverse("admin:tenants_apikey_add"), body).status_code == 200


def test_the_command_prints_the_secret_as_its_last_word(clinic, capsys):
    call_command("signing_secret", "--tenant", "clinic", "--hours", "0")

    assert signing_secrets(clinic.pk) == [capsys.readouterr().out.split()[-1]]
    with pytest.raises(CommandError):
        call_command("signing_secret", "--tenant", "nobody")


def test_it_is_ciphertext_in_the_database(clinic):
    row = tenants.rotate_signing_secret(tenant=clinic, by="ana")
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT secret, previous_secret FROM tenants_signingsecret")
        (stored,) = cursor.fetchall()

    assert not {row.secret, INSTALLATION} & set(stored)
    assert all(text.startswith("gAAAA") for text in stored)
