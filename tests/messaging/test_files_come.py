"""Files of customers: tried as long as the provider keeps them, stored under a name with an ending, fetched again."""

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
def _room(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)


WIRES = ("meta", "dialog360", "twilio", "evolution")


@pytest.fixture
def arrive(clinic, wire, sim, inbound):
    """A customer sends a file on a wire; the row of the file is returned, nothing is fetched yet."""

    def come(provider="meta", kind="image", *, file_name="", **more):
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

    return come


@pytest.fixture
def away(sim):
    """The provider hands out no files; returns what ends that."""

    def begin(provider, status=503):
        rule = sim.fail(provider, "status", status=status, times=-1)
        return lambda: sim.post("unfail", id=rule)

    return begin


@pytest.fixture
def pass_by(drain):
    """So many seconds go by, step by step, and what is due is worked."""

    def go_on(seconds, step=5):
        for _ in range(0, int(seconds), step):
            back = timedelta(seconds=step)
            MediaFile.objects.filter(state=State.QUEUED).update(due_at=F("due_at") - back)
            Message.objects.update(created_at=F("created_at") - back)
            drain()

    return go_on


@pytest.mark.parametrize("provider", WIRES)
@pytest.mark.parametrize("status", [503, 429, 404, 401])
def test_f85_a_file_outlives_a_minute_without_its_provider(provider, status, arrive, away, pass_by, drain):
    media = arrive(provider)
    come_back = away(provider, status)
    drain()
    pass_by(60)
    media.refresh_from_db()
    if media.state == State.DEAD:  # what the wire's own page calls final
        assert (provider, status) in FINAL
        return
    assert (media.state, bool(media.last_error)) == (State.QUEUED, True)

    come_back()
    pass_by(900, step=60)

    media.refresh_from_db()
    assert (media.state, media.last_error, media.size > 0) == (State.DONE, "", True)


FINAL = {("evolution", 404)}  # the instance is gone


@pytest.mark.parametrize("provider", WIRES)
def test_a_file_is_tried_for_days_and_not_too_often(provider, arrive, away, pass_by, drain, sim):
    media = arrive(provider)
    away(provider)
    drain()
    pass_by(3600, step=60)
    lookups = MediaFile.objects.get().attempts
    assert lookups <= (4 if provider == "dialog360" else 12)

    pass_by(6 * 86_400, step=3600)
    media.refresh_from_db()
    assert (media.state, media.attempts < 60) == (State.QUEUED, True)

    pass_by(2 * 86_400, step=3600)
    media.refresh_from_db()
    assert media.state == State.DEAD
    assert media.last_error.endswith("the provider keeps files for 7 days")


def test_what_is_gone_for_good_is_dead_at_once_with_its_reason(arrive, away, drain):
    media = arrive("twilio")
    away("twilio", 410)

    drain()

    media.refresh_from_db()
    assert (media.state, media.last_error) == (State.DEAD, "twilio: HTTP 410 instead of the file")


def test_a_file_that_was_given_up_is_fetched_again_by_hand(arrive, away, drain, clinic):
    media = arrive("twilio")
    come_back = away("twilio", 410)
    drain()
    come_back()
    path = f"sessions/{media.message.conversation_id}/messages/{media.message_id}/send-again"

    answer = ApiCaller(clinic).post(path)
    drain()

    media.refresh_from_db()
    assert (answer.status_code, media.state) == (200, State.DONE)
    assert AuditEntry.objects.filter(action="fetched_again").count() == 1
    assert ApiCaller(clinic).post(path).status_code == 409


def test_the_desk_fetches_it_again(arrive, away, drain, manager):
    media = arrive("twilio")
    away("twilio", 410)
    drain()
    page = f"/admin/messaging/conversation/{media.message.conversation_id}"

    shown = manager.get(f"{page}/change/").content.decode()
    manager.post(f"{page}/act/fetch_again/", {"message": media.message_id})

    media.refresh_from_db()
    assert 'data-act="fetch_again"' in shown
    assert media.state == State.QUEUED


def test_a_full_disk_is_waited_for(arrive, drain, pass_by, monkeypatch):
    media = arrive()
    with monkeypatch.context() as patch:
        patch.setattr(FileSystemStorage, "_save", _no_room)
        drain()
        media.refresh_from_db()
        assert (media.state, media.last_error) == (State.QUEUED, "storage: No space left on device")

    pass_by(10)

    media.refresh_from_db()
    assert media.state == State.DONE


def _no_room(*given):
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
@pytest.mark.parametrize("provider", WIRES)
def test_files_are_stored_and_downloaded_with_an_ending(provider, kind, mime_type, ending, arrive, drain, clinic):
    media = arrive(provider, kind, mime_type=mime_type)

    drain()

    media.refresh_from_db()
    assert media.file.name.endswith(f"{media.pk}{ending}")
    path = f"sessions/{media.message.conversation_id}/messages/{media.message_id}/file"
    assert f'filename="{media.pk}{ending}"' in ApiCaller(clinic).get(path)["Content-Disposition"]


def test_a_name_without_an_ending_gets_one_when_it_is_downloaded(arrive, drain, clinic):
    media = arrive("meta", "document", file_name="exame")
    drain()
    path = f"sessions/{media.message.conversation_id}/messages/{media.message_id}/file"

    assert 'filename="exame.pdf"' in ApiCaller(clinic).get(path)["Content-Disposition"]
