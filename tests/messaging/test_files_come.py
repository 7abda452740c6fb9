"""Files of customers: we try to fetch them as long as the provider has them, and store them with an extension."""

import errno
import os
from datetime import timedelta

import pytest
from django.core.files.storage import FileSystemStorage
from django.db.models import F

from common.work.rows import State
from messaging import services as messaging
from messaging.models import MediaFile, Message
from messaging.providers.base import Kind, Media
from tenants.models import AuditEntry
from tests.support.api import ApiCaller
from tests.support.wires import SECRETS

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media_root(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)


PROVIDERS = ("meta", "dialog360", "twilio", "evolution")


@pytest.fixture
def receive_file(clinic, wire, sim, inbound):
    """Return a function: a customer sends a file, and its row is returned before anything is fetched."""

    def send(provider="meta", kind="image", *, file_name="", **more):
        channel = wire(clinic, provider)
        said = sim.say(channel.external_id, kind=kind, filename=file_name, **more)
        name = sim.conversation(channel.external_id)[-1]["media"].rpartition("/")[2]
        account = SECRETS["twilio"]["account_sid"]
        where = {
            "twilio": {"url": f"{sim.url}/twilio/2010-04-01/Accounts/{account}/Messages/MM1/Media/ME{name}"},
            "evolution": {"reference": said["id"]},
        }.get(provider, {"reference": name})
        media = Media(mime_type=more.get("mime_type", ""), file_name=file_name, **where)
        message = messaging.receive(
            channel=channel, inbound=inbound(channel, external_id=said["id"], kind=Kind(kind), media=media)
        )
        return MediaFile.objects.get(message=message)

    return send


@pytest.fixture
def fail_files(sim):
    """Return a function that makes a provider refuse files, and returns a function that ends this."""

    def begin(provider, status=503):
        rule = sim.fail(provider, "status", status=status, times=-1)
        return lambda: sim.post("unfail", id=rule)

    return begin


@pytest.fixture
def advance_time(drain):
    """Return a function that moves the clock by some seconds, step by step, and runs the tasks that are due."""

    def advance(seconds, step=5):
        for _ in range(0, int(seconds), step):
            back = timedelta(seconds=step)
            MediaFile.objects.filter(state=State.QUEUED).update(due_at=F("due_at") - back)
            Message.objects.update(created_at=F("created_at") - back)
            drain()

    return advance


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("status", [503, 429, 404, 401])
def test_f85_a_file_is_fetched_after_a_minute_without_its_provider(
    provider, status, receive_file, fail_files, advance_time, drain
):
    media = receive_file(provider)
    end_failure = fail_files(provider, status)
    drain()
    advance_time(60)
    media.refresh_from_db()
    if media.state == State.DEAD:  # final by the provider's documentation
        assert (provider, status) in FINAL
        return
    assert (media.state, bool(media.last_error)) == (State.QUEUED, True)

    end_failure()
    advance_time(900, step=60)

    media.refresh_from_db()
    assert (media.state, media.last_error, media.size > 0) == (State.DONE, "", True)


FINAL = {("evolution", 404)}  # the instance is gone


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_file_is_tried_for_days_and_not_too_often(provider, receive_file, fail_files, advance_time, drain, sim):
    media = receive_file(provider)
    fail_files(provider)
    drain()
    advance_time(3600, step=60)
    lookups = MediaFile.objects.get().attempts
    assert lookups <= (4 if provider == "dialog360" else 12)

    advance_time(6 * 86_400, step=3600)
    media.refresh_from_db()
    assert (media.state, media.attempts < 60) == (State.QUEUED, True)

    advance_time(2 * 86_400, step=3600)
    media.refresh_from_db()
    assert media.state == State.DEAD
    assert media.last_error.endswith("the provider keeps files for 7 days")


def test_a_file_that_is_gone_is_given_up_at_once_with_its_reason(receive_file, fail_files, drain):
    media = receive_file("twilio")
    fail_files("twilio", 410)

    drain()

    media.refresh_from_db()
    assert (media.state, media.last_error) == (State.DEAD, "twilio: HTTP 410 instead of the file")


def test_a_file_that_was_given_up_is_fetched_again_by_hand(receive_file, fail_files, drain, clinic):
    media = receive_file("twilio")
    end_failure = fail_files("twilio", 410)
    drain()
    end_failure()
    path = f"sessions/{media.message.conversation_id}/messages/{media.message_id}/send-again"

    answer = ApiCaller(clinic).post(path)
    drain()

    media.refresh_from_db()
    assert (answer.status_code, media.state) == (200, State.DONE)
    assert AuditEntry.objects.filter(action="fetched_again").count() == 1
    assert ApiCaller(clinic).post(path).status_code == 409


def test_a_file_is_fetched_again_from_the_session_page(receive_file, fail_files, drain, manager):
    media = receive_file("twilio")
    fail_files("twilio", 410)
    drain()
    page = f"/admin/messaging/conversation/{media.message.conversation_id}"

    shown = manager.get(f"{page}/change/").content.decode()
    manager.post(f"{page}/act/fetch_again/", {"message": media.message_id})

    media.refresh_from_db()
    assert 'data-act="fetch_again"' in shown
    assert media.state == State.QUEUED


def test_with_a_full_disk_the_file_is_tried_again(receive_file, drain, advance_time, monkeypatch):
    media = receive_file()
    with monkeypatch.context() as patch:
        patch.setattr(FileSystemStorage, "_save", _raise_disk_full)
        drain()
        media.refresh_from_db()
        assert (media.state, media.last_error) == (State.QUEUED, "storage: No space left on device")

    advance_time(10)

    media.refresh_from_db()
    assert media.state == State.DONE


def _raise_disk_full(*given):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize(
    ("kind", "mime_type", "ending"),
    [
        ("sticker", "", ".webp"),
        ("voice", "", ".ogg"),
        ("voice", "audio/ogg; codecs=opus", ".ogg"),
        ("image", "", ".png"),
        ("video", "", ".mp4"),
        ("document", "", ".pdf"),
        ("document", "application/octet-stream", ".pdf"),
    ],
)
@pytest.mark.parametrize("provider", PROVIDERS)
def test_files_are_stored_and_downloaded_with_an_extension(
    provider, kind, mime_type, ending, receive_file, drain, clinic
):
    media = receive_file(provider, kind, mime_type=mime_type)

    drain()

    media.refresh_from_db()
    assert media.file.name.endswith(f"{media.pk}{ending}")
    path = f"sessions/{media.message.conversation_id}/messages/{media.message_id}/file"
    assert f'filename="{media.pk}{ending}"' in ApiCaller(clinic).get(path)["Content-Disposition"]


def test_a_name_without_an_extension_gets_one_when_it_is_downloaded(receive_file, drain, clinic):
    media = receive_file("meta", "document", file_name="exame")
    drain()
    path = f"sessions/{media.message.conversation_id}/messages/{media.message_id}/file"

    assert 'filename="exame.pdf"' in ApiCaller(clinic).get(path)["Content-Disposition"]
