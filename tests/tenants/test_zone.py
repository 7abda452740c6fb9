"""One clock in the back office: lists, forms and the desk show the time of the viewer's wall."""

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from messaging.models import Conversation, Message

AT = datetime(2026, 11, 20, 21, 45, tzinfo=UTC)
PAGES = ("/admin/messaging/message/", "/admin/messaging/conversation/", "/admin/inbox/?view=all", "session")


@pytest.fixture
def talked(session):
    Message.objects.create(
        tenant=session.tenant, channel=session.channel, conversation=session, direction="in", text="Hello",
        external_id="a", state="done", purpose="customer",
    )  # fmt: skip
    Message.objects.update(sent_at=AT, created_at=AT)
    Conversation.objects.update(last_message_at=AT, last_inbound_at=AT)
    return session


def shown(client, session, page):
    address = f"/admin/messaging/conversation/{session.pk}/change/" if page == "session" else page
    return client.get(address).content.decode()


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(("zone", "clock"), [("Asia/Tokyo", "06:45"), ("Europe/Bucharest", "23:45"), ("", "18:45")])
def test_every_page_shows_the_viewers_time(manager, talked, page, zone, clock, monkeypatch):
    if zone:
        manager.cookies["fd_zone"] = zone
    # The inbox writes the hour of today alone.
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 11, 20, 21, 50, tzinfo=UTC))

    assert clock in shown(manager, talked, page)  # without a cookie: the clinic in Sao Paulo


def test_a_zone_that_there_is_not_counts_as_none(manager, talked):
    manager.cookies["fd_zone"] = "Nowhere/Else"

    assert "21:45" in shown(manager, talked, "/admin/messaging/message/")


def test_the_zone_of_one_request_does_not_reach_the_next(manager, talked):
    manager.cookies["fd_zone"] = "Asia/Tokyo"
    shown(manager, talked, "session")

    assert timezone.get_current_timezone_name() == "UTC"
