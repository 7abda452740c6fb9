"""setup_tenant, setup_channel and create_api_key: idempotent, with clear errors."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from messaging.models import Channel
from tenants.models import ApiKey, Tenant

pytestmark = pytest.mark.django_db
SECRETS = ("access_token=token-1", "app_secret=app-secret-1", "verify_token=v", "waba_id=102")


def run(*arguments):
    output = StringIO()
    call_command(*arguments, stdout=output)
    return output.getvalue().strip().splitlines()


def tenant(**more):
    options = [part for name, value in more.items() for part in (f"--{name.replace('_', '-')}", value)]
    return run("setup_tenant", "--slug", "clinic", "--name", "Example Dental", *options)


def channel(*credentials, provider="meta", external_id="1065", name="Main line", slug="clinic", more=()):
    given = [part for credential in credentials for part in ("--credential", credential)]
    return run(
        *("setup_channel", "--tenant", slug, "--provider", provider, "--name", name),
        *("--external-id", external_id, *given, *more),
    )


def test_a_tenant_is_made_once_and_keeps_what_is_not_given():
    tenant(timezone="America/Sao_Paulo", language="pt", system_prompt="Be kind.", llm_provider="openai")
    tenant(llm_model="gpt-5.4-mini")

    made = Tenant.objects.get()
    assert (made.timezone, made.language) == ("America/Sao_Paulo", "pt")
    assert (made.assistant.system_prompt, made.assistant.provider, made.assistant.model) == (
        "Be kind.",
        "openai",
        "gpt-5.4-mini",
    )


@pytest.mark.parametrize(
    ("more", "said"),
    [({"timezone": "Sao Paulo"}, "is not a time zone"), ({"llm_provider": "hal"}, "invalid choice")],
)
def test_a_wrong_tenant_is_refused_with_a_reason(more, said):
    with pytest.raises(CommandError, match=said):
        tenant(**more)
    assert not Tenant.objects.exists()


def test_a_copied_secret_is_kept_without_what_stands_around_it():
    tenant()

    channel("access_token= token\n", "app_secret=sec\n", "verify_token=\xa0v\u200b", "waba_id=102")

    assert Channel.objects.get().credentials == {
        "access_token": "token", "app_secret": "sec", "verify_token": "v", "waba_id": "102",
    }  # fmt: skip


def test_a_channel_ends_with_one_line_of_json():
    tenant()

    facts = json.loads(channel(*SECRETS, more=("--owner", "+15550100200", "--owner", "boss@example.test"))[-1])

    made = Channel.objects.get()
    assert facts == {
        "id": made.pk,
        "token": made.token,
        "webhook_url": f"https://frontdesk.example.test/webhooks/meta/{made.token}",
    }
    assert made.owner_addresses == ["+15550100200", "boss@example.test"]


def test_a_channel_again_keeps_its_token_and_what_is_not_given():
    tenant()
    first, again = json.loads(channel(*SECRETS)[-1]), json.loads(channel("access_token=token-2")[-1])

    made = Channel.objects.get()
    assert first == again
    assert made.credentials.every("access_token") == ["token-2", "token-1"]
    assert made.credentials["app_secret"] == "app-secret-1"


def test_secrets_are_ciphertext_in_the_database_and_never_printed():
    tenant()
    output = "\n".join(channel(*SECRETS))
    with connection.cursor() as cursor:
        cursor.execute("SELECT credentials_store FROM messaging_channel")
        stored = cursor.fetchone()[0]

    assert "app-secret-1" not in stored
    assert "app-secret-1" not in output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"slug": "nobody"}, "there is no tenant nobody: run setup_tenant first"),
        ({"provider": "pigeon"}, "unknown provider pigeon; use one of meta"),
        ({"provider": "twilio", "external_id": "+1555"}, "twilio needs --credential account_sid"),
        ({"external_id": " "}, "needs a name and an external id"),
        ({"external_id": ""}, "needs a name and an external id"),
    ],
)
def test_a_wrong_channel_is_refused_with_a_reason(arguments, said):
    tenant()

    with pytest.raises(CommandError, match=said):
        channel(**arguments)
    assert not Channel.objects.exists()


@pytest.mark.parametrize(
    ("credential", "said"),
    [("colour=red", "unknown credential colour; meta has"), ("access_token", "write it as name=value")],
)
def test_a_wrong_credential_is_refused_with_a_reason(credential, said):
    tenant()

    with pytest.raises(CommandError, match=said):
        channel(credential)


def test_a_number_belongs_to_one_tenant():
    tenant()
    channel(*SECRETS)
    run("setup_tenant", "--slug", "salon", "--name", "Example Salon")

    with pytest.raises(CommandError, match="belongs to another tenant"):
        channel(*SECRETS, slug="salon")


def test_the_last_word_of_create_api_key_is_the_key(client):
    tenant()

    key = run("create_api_key", "--tenant", "clinic", "--name", "crm", "--scopes", "sessions:read")[-1].split()[-1]

    headers = {"Authorization": f"Bearer {key}"}
    assert client.get("/api/sessions", headers=headers).status_code == 200
    assert key not in str(list(ApiKey.objects.values()))


def test_a_key_of_the_same_name_replaces_the_old_one(client):
    tenant()
    arguments = ("create_api_key", "--tenant", "clinic", "--name", "crm", "--scopes", "*")
    old, new = (run(*arguments)[-1].split()[-1] for _ in range(2))

    answers = [client.get("/api/sessions", headers={"Authorization": f"Bearer {key}"}) for key in (old, new)]

    assert [answer.status_code for answer in answers] == [401, 200]


@pytest.mark.parametrize("scopes", ["sessions:fly", "", ","])
def test_an_unknown_scope_is_refused(scopes):
    tenant()

    with pytest.raises(CommandError, match="unknown scope"):
        run("create_api_key", "--tenant", "clinic", "--name", "crm", "--scopes", scopes)


def test_the_environment_names_the_installations_own_line(settings, client):
    settings.WHATSAPP_PHONE_NUMBER_ID, settings.WHATSAPP_ACCESS_TOKEN = "1065", "token"
    settings.TWILIO_WA_NUMBER, settings.OWNER_WA_NUMBER = "whatsapp:+14155551234", "whatsapp:+15555551234"
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN = "AC1", "f" * 32
    tenant()

    for provider in ("meta", "twilio"):
        run("setup_channel", "--tenant", "clinic", "--provider", provider, "--name", provider)

    lines = Channel.objects.order_by("provider").values_list("provider", "external_id", "owner_addresses")
    assert list(lines) == [("meta", "1065", []), ("twilio", "+14155551234", ["+15555551234"])]
