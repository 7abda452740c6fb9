"""Commands say what is wrong and how to mend it, and can be run twice."""

import io
import json

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection

from common.work.heartbeat import beat
from messaging import services as messaging
from messaging.models import Channel, Message, WebhookEvent, WebhookItem

COMMANDS = (
    "auto_resume",
    "doctor",
    "release_held",
    "replay_events",
    "rotate_keys",
    "send_test_message",
    "up",
)
NEW = Fernet.generate_key().decode()


@pytest.fixture(autouse=True)
def _own_health(settings):
    settings.HEALTH_CHECKS = [name for name in settings.HEALTH_CHECKS if name.startswith("config.")]
    settings.REDIS_URL = ""


def run(*arguments, **options):
    out = io.StringIO()
    call_command(*arguments, stdout=out, **options)
    return out.getvalue()


def stored_secrets():
    with connection.cursor() as cursor:
        cursor.execute("SELECT credentials_store FROM messaging_channel ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_explains_itself(name, capsys):
    with pytest.raises(SystemExit) as end:
        call_command(name, "--help")

    assert end.value.code == 0
    assert len(capsys.readouterr().out) > 200


def test_keys_are_rotated_once_and_the_old_one_may_go(clinic, make_channel, settings):
    make_channel(clinic, "evolution")
    make_channel(clinic, "imessage")
    settings.FIELD_ENCRYPTION_KEYS = [NEW, *settings.FIELD_ENCRYPTION_KEYS]

    assert run("rotate_keys").startswith("2 secrets")
    assert run("rotate_keys").startswith("0 secrets")

    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    assert all(Fernet(NEW).decrypt(token.encode()) for token in stored_secrets())
    assert Channel.objects.get(provider="evolution").credentials["api_key"] == "evolution-key"


def test_secrets_without_their_key_are_named_and_left_alone(clinic, make_channel, settings):
    channel = make_channel(clinic, "evolution")
    before = stored_secrets()
    settings.FIELD_ENCRYPTION_KEYS = [NEW]

    with pytest.raises(CommandError, match=rf"messaging.channel.credentials_store {channel.pk}"):
        run("rotate_keys")

    assert stored_secrets() == before


def test_a_dead_webhook_is_replayed(clinic, make_channel, post_webhook, payload, drain):
    post_webhook(make_channel(clinic, "evolution"), payload("evolution/upsert_text.json"))
    WebhookEvent.objects.update(state="dead", last_error="broken once")

    assert run("replay_events", "--dead") == "1 webhooks queued again (1 rows)\n"
    drain()

    assert Message.objects.filter(direction="in").count() == 1
    assert run("replay_events", "--dead").startswith("0 webhooks")


def test_replaying_what_was_taken_changes_nothing(clinic, make_channel, post_webhook, payload, drain):
    post_webhook(make_channel(clinic, "evolution"), payload("evolution/upsert_text.json"))
    drain()
    count = Message.objects.count()

    run("replay_events", "--provider", "evolution", "--since", "2020-01-01")
    drain()

    assert Message.objects.count() == count
    assert not WebhookItem.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--event", "99"], "there is no webhook 99"),
        (["--provider", "evolution"], "--provider needs --since"),
        (["--provider", "evolution", "--since", "yesterday"], "--since must be a moment"),
        ([], "one of the arguments --event --dead --provider is required"),
    ],
)
def test_a_wrong_replay_is_explained(db, arguments, complaint):
    with pytest.raises(CommandError, match=complaint):
        run("replay_events", *arguments)


def test_auto_resume_says_how_many(clinic, make_channel, post_webhook, payload, drain):
    post_webhook(make_channel(clinic, "evolution"), payload("evolution/upsert_text.json"))
    drain()
    conversation = Message.objects.first().conversation
    messaging.pause(conversation=conversation, by="operator")
    type(conversation).objects.update(last_human_at="2020-01-01T00:00Z")

    assert run("auto_resume") == "Auto-resumed 1 sessions\n"
    assert run("auto_resume") == "Auto-resumed 0 sessions\n"


def test_held_messages_are_released(clinic, make_channel, post_webhook, payload, drain, settings):
    settings.OUTBOUND_REPLY_ENABLED = False
    post_webhook(make_channel(clinic, "evolution"), payload("evolution/upsert_text.json"))
    drain()
    held = Message.objects.filter(state="held").count()

    assert run("release_held", "--tenant", "clinic") == f"{held} messages queued\n"
    assert Message.objects.filter(state="queued", direction="out").count() == held > 0
    with pytest.raises(CommandError, match="there is no tenant salon"):
        run("release_held", "--tenant", "salon")


def test_a_test_message_goes_through_the_outbox(clinic, wire, sim):
    channel = wire(clinic, "evolution")

    out = run("send_test_message", "--channel", channel.name, "--to", "+1 555 010 0200", "--text", "Is this on?")

    message = Message.objects.get()
    assert out.startswith(f"message {message.pk}: ")
    assert message.purpose == "notice"
    assert message.tries.get().outcome == "accepted"


def test_a_test_message_that_is_not_sent_says_why(clinic, make_channel, settings):
    channel = make_channel(clinic, "evolution")
    settings.OUTBOUND_REPLY_ENABLED = False

    with pytest.raises(CommandError, match="is held: sending is switched off for this installation"):
        run("send_test_message", "--channel", str(channel.pk), "--to", "+15550100200", "--text", "hello")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--channel", "none", "--to", "+15550100200"], "no channel is called none; channels: "),
        (["--channel", "clinic evolution", "--to", "12"], "--to must be a whole number"),
    ],
)
def test_a_wrong_test_message_is_explained(clinic, make_channel, arguments, complaint):
    make_channel(clinic, "evolution")

    with pytest.raises(CommandError, match=complaint):
        run("send_test_message", *arguments, "--text", "hello")
    assert not Message.objects.exists()


def examine(*arguments):
    out = io.StringIO()
    try:
        call_command("doctor", "--json", *arguments, stdout=out)
        code = 0
    except SystemExit as end:
        code = end.code
    page = json.loads(out.getvalue())
    return code, page["ok"], {finding["check"]: finding for finding in page["findings"]}


def test_doctor_finds_a_desk_that_works_well(clinic, wire, settings):
    beat("worker")
    beat("beat")
    channel = wire(clinic, "evolution")

    code, ok, found = examine()

    assert (code, ok) == (0, True), found
    assert found["database"]["status"] == found["migrations"]["status"] == found["workers"]["status"] == "ok"
    assert found["encryption"]["message"] == "1 stored secrets can be read"
    assert found[f"channel {channel.pk} ({channel.name}) provider"]["status"] == "ok"
    assert found[f"channel {channel.pk} ({channel.name}) webhook signature"]["status"] == "ok"
    assert not Message.objects.exists()


def test_doctor_says_what_is_broken_and_how_to_mend_it(clinic, make_channel):
    channel = make_channel(clinic, "evolution", credentials={"server_url": "http://127.0.0.1:9", "api_key": "k"})

    code, ok, found = examine()

    assert (code, ok) == (1, False)
    assert found["workers"]["status"] == "error"
    assert "Start a worker" in found["workers"]["mend"]
    assert found[f"channel {channel.pk} ({channel.name}) provider"]["status"] == "error"


def test_doctor_names_secrets_that_cannot_be_read(clinic, make_channel, settings):
    make_channel(clinic, "evolution")
    settings.FIELD_ENCRYPTION_KEYS = [NEW]

    code, _, found = examine("--no-network")

    assert code == 1
    assert found["encryption"]["status"] == "error"
    assert "FIELD_ENCRYPTION_KEYS" in found["encryption"]["mend"]


def test_doctor_speaks_to_people_too(db):
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("doctor", "--no-network", stdout=out)

    assert "warning  channels: There is no channel" in out.getvalue()
    assert "-> manage.py setup_tenant" in out.getvalue()
