"""The dashboard: today's numbers of one's own tenants, at a fixed price."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assistant.models import Spend, Turn
from assistant.services.knowledge import set_up_profile
from common.work.rows import State
from messaging.models import Message
from messaging.models.conversations import PausedBy
from messaging.services.takeover import pause
from reports import charts, services
from tenants.models import Role
from tests.support.backoffice import browser, make_session, write

pytestmark = [pytest.mark.django_db, pytest.mark.both]
QUERIES = 12


def test_a_day_without_an_answer_says_so(manager, session):
    write(session, "?", direction="in", purpose="customer", state=State.DONE)

    text = manager.get("/admin/").content.decode()

    assert text.count("no answer today yet") == 2
    assert "nine of ten" not in text


def dashboard(client):
    return client.get("/admin/").context


@pytest.fixture(autouse=True)
def _midday(clinic, salon):
    """A zone in which it is about midday now, so that "today" holds the last hours."""
    zone = f"Etc/GMT{timezone.now().hour - 12:+d}"
    for tenant in (clinic, salon):
        tenant.timezone = zone
        tenant.save()


def ago(message, **back):
    Message.objects.filter(pk=message.pk).update(created_at=timezone.now() - timedelta(**back))


@pytest.fixture
def busy(session):
    """A question, its answer by the assistant, one by a person, a hand-over, a dead row, money spent."""
    ago(write(session, "?", direction="in", purpose="customer", state=State.DONE), seconds=600)
    ago(write(session, "!", state=State.DONE), seconds=592)
    ago(write(session, "?", direction="in", purpose="customer", state=State.DONE), seconds=500)
    ago(write(session, "!", purpose="operator", state=State.DONE), seconds=300)
    ago(write(session, "yesterday", direction="in", purpose="customer", state=State.DONE), hours=25)
    pause(conversation=session, by=PausedBy.CUSTOMER)
    wanted = write(session, "never", state=State.DEAD)
    ago(wanted, seconds=100)
    Turn.objects.create(
        tenant=session.tenant, conversation=session, wanted=wanted, state=State.DONE, outcome="replied", cost_usd="0.25"
    )
    Spend.objects.create(tenant=session.tenant, month=f"{timezone.now():%Y-%m}", spent_usd=Decimal(9))
    set_up_profile(tenant=session.tenant)
    type(session.tenant.assistant).objects.update(monthly_budget_usd=10)
    services.roll_up()
    return session


def test_today_is_counted_and_yesterday_stands_beside_it(manager, busy):
    shown = dashboard(manager)

    assert (shown["today"].received, shown["yesterday"].received) == (2, 1)
    assert (shown["today"].by_assistant, shown["today"].by_people) == (2, 1)
    assert shown["incidents"] == 1
    assert shown["hand_overs"] == {"total": 1, "causes": [(PausedBy.CUSTOMER.label, 1, 100)]}
    assert (shown["turns"].outcomes, shown["turns"].cost_usd) == ({"replied": 1}, Decimal("0.25"))
    assert [(row["spent"], row["share"], row["level"]) for row in shown["businesses"]] == [(9, 90, "warn")]


def test_answer_times_of_the_assistant_and_of_people_stand_apart(manager, busy):
    shown = dashboard(manager)

    assert shown["assistant_times"]["count"] == shown["people_times"]["count"] == 1
    assert shown["assistant_times"]["p90"].endswith(" s")
    assert shown["people_times"]["p90"].endswith(" min")


def test_a_stranger_sees_nothing_of_it(salon, busy):
    answer = browser(salon, Role.OWNER).get("/admin/")
    shown = answer.context

    assert (shown["today"].received, shown["incidents"], shown["hand_overs"]["total"]) == (0, 0, 0)
    assert shown["spent"] == 0
    assert shown["turns"].outcomes == {}
    assert "Example Dental" not in answer.content.decode()


def test_the_operator_sees_all_tenants_together(root, busy, salon, make_channel):
    other = make_session(make_channel(salon, "meta"), "+15550100009")
    ago(write(other, "?", direction="in", purpose="customer", state=State.DONE), seconds=60)
    services.roll_up()

    hours = dashboard(root)["by_day"].columns
    assert sum(column.group.received for column in hours) == 4


def test_an_installation_without_messages_says_what_to_do_next(manager, clinic):
    text = manager.get("/admin/").content.decode()

    for words in ("Nothing was said yet", "Connect a channel", "There is no channel yet"):
        assert words in text


def test_the_page_costs_the_same_however_much_was_said(manager, busy, clinic, make_channel):
    with CaptureQueriesContext(connection) as few:
        dashboard(manager)
    for number in range(12):
        line = make_channel(clinic, "evolution", name=f"line {number}", external_id=f"line-{number}")
        ago(write(make_session(line, f"+1555020{number:04}"), "?", direction="in", purpose="customer"), hours=number)
    services.roll_up()
    with CaptureQueriesContext(connection) as many:
        dashboard(manager)

    assert len(few) == len(many) <= QUERIES


@pytest.mark.parametrize("zone", ["Asia/Kolkata", "Pacific/Chatham", "America/St_Johns", "Europe/Lisbon"])
def test_a_day_that_begins_at_half_past_is_drawn_all_the_same(zone, manager, busy, clinic):
    clinic.timezone = zone
    clinic.save()
    shown = dashboard(manager)

    assert sum(column.group.received for column in shown["by_hour"].columns) == shown["today"].received


def test_bars_fill_the_picture_and_stack_by_who_wrote():
    picture = charts.build_chart([charts.Group(label="9:00", received=4, sent=(3, 1, 0)), charts.Group(label="10:00")])
    first, second = picture.columns

    assert [(bar.kind, bar.y, bar.height) for bar in first.bars] == [
        ("in", 0.0, 100.0), ("assistant", 25.0, 75.0), ("people", 0.0, 25.0),
    ]  # fmt: skip
    assert second.bars == []
    assert picture.marks == [("4", 0), ("2", 50.0)]
