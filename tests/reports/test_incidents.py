"""Incidents: rows of every kind that wait for an operator, with their reasons and the two buttons."""

import re
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.db.models import Q
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assistant.models import Turn
from common.backoffice.base import WorkAdmin
from common.work.rows import STUCK, State, work_models
from messaging.models import Conversation, MediaFile, Message, WebhookEvent, WebhookItem
from reports.admin.badges import badge_counts
from tenants.models import Member, Role, User
from tests.support.backoffice import browser, make_session, state, write

pytestmark = pytest.mark.django_db


def get(client, **query):
    return client.get(reverse("incidents"), query)


def rows_of(answer):
    shown = [incident.row for incident in answer.context["incidents"]]
    return [apps.get_model(row.kind).objects.get(pk=row.pk) for row in shown]


def act(client, action, *rows, query="", **more):
    body = {"action": action, "rows": [f"{row._meta.label_lower}:{row.pk}" for row in rows], **more}
    return client.post(reverse("incidents") + query, body, follow=True)


@pytest.fixture
def stuck(session, channel):
    """One stuck row of each of several kinds, and one that is not stuck."""
    message = write(session, "never arrived", state=State.DEAD, last_error="not on WhatsApp")
    write(session, "went well", state=State.DONE)
    event = WebhookEvent.objects.create(channel=channel, provider="evolution", body=b"{}", state=State.DEAD)
    return {
        "message": message,
        "held": write(session, "later", state=State.HELD, held_by="switch", last_error="switched off: for the tenant"),
        "webhook": event,
        "item": WebhookItem.objects.create(event=event, external_id="x", state=State.DEAD, last_error="KeyError: key"),
        "turn": Turn.objects.create(
            tenant=session.tenant, conversation=session, wanted=message, state=State.DEAD, last_error="no model"
        ),
        "media": MediaFile.objects.create(tenant=session.tenant, message=message, state=State.DEAD),
    }


def test_every_kind_of_work_has_a_page_and_an_index_for_its_incidents():
    for model in work_models():
        assert isinstance(admin.site._registry[model], WorkAdmin), model
        indexes = [index for index in model._meta.indexes if index.condition == Q(state__in=STUCK)]
        assert indexes, f"{model} wants common.work.rows.stuck_index in its Meta, with a migration"


def test_rows_of_every_kind_are_listed_with_their_reasons(manager, stuck):
    answer = get(manager)

    assert {type(row) for row in rows_of(answer)} == {Message, WebhookEvent, WebhookItem, Turn, MediaFile}
    assert len(rows_of(answer)) == len(stuck)
    text = answer.content.decode()
    for words in ("not on WhatsApp", "KeyError", "no model", "switched off", "Ana 01"):
        assert words in text
    assert "went well" not in text
    assert re.search(r">0\xa0minutes ago</time>", text)


def test_filters_narrow_by_kind_state_and_sort_of_reason(manager, stuck):
    assert rows_of(get(manager, kind="messaging.message", state="held")) == [stuck["held"]]
    assert rows_of(get(manager, kind="messaging.message", reason="switched off")) == [stuck["held"]]
    assert rows_of(get(manager, reason="KeyError")) == [stuck["item"]]
    assert rows_of(get(manager, kind="assistant.turn")) == [stuck["turn"]]
    assert "Nothing of this sort waits" in get(manager, kind="assistant.turn", state="held").content.decode()


@pytest.mark.parametrize(
    "query", [{"state": "done"}, {"tenant": "x"}, {"tenant": "9" * 30}, {"before": "nonsense"}, {"before": "|||"},
              {"kind": "auth.user"}, {"reason": "%" * 500}, {"before": "2026-01-01|a|1"}]
)  # fmt: skip
@pytest.mark.both
def test_words_in_the_address_that_mean_nothing_do_no_harm(manager, stuck, query):
    assert get(manager, **query).status_code == 200


def test_a_stranger_sees_and_moves_nothing(salon, stuck):
    stranger = browser(salon, Role.OWNER)

    assert rows_of(get(stranger)) == []
    act(stranger, "retry", *stuck.values())
    act(stranger, "drop", all="1")

    assert {state(row) for row in stuck.values()} <= set(STUCK)


def test_a_viewer_sees_but_does_not_act(clinic, stuck):
    viewer = browser(clinic, Role.VIEWER)

    assert len(rows_of(get(viewer))) == len(stuck)
    act(viewer, "drop", *stuck.values())

    assert {state(row) for row in stuck.values()} <= set(STUCK)


def test_chosen_rows_of_several_kinds_are_tried_again(manager, stuck):
    answer = act(manager, "retry", stuck["message"], stuck["held"], stuck["webhook"], stuck["media"])

    assert {state(stuck[name]) for name in ("message", "held", "webhook", "media")} == {State.QUEUED}
    assert state(stuck["turn"]) == State.DEAD
    assert "4 rows go on" in answer.content.decode()


def test_all_that_the_filters_show_is_discarded_and_nothing_else(manager, stuck):
    act(manager, "drop", query="?kind=messaging.message", all="1")

    assert state(stuck["message"]) == state(stuck["held"]) == State.IGNORED
    assert state(stuck["item"]) == State.DEAD
    assert "discarded by manager-of-clinic" in Message.objects.get(pk=stuck["held"].pk).last_error


def test_nothing_chosen_says_so(manager, stuck):
    assert "Nothing was chosen" in act(manager, "retry").content.decode()
    assert manager.post(reverse("incidents"), {"action": "delete"}).status_code == 404


def test_pages_follow_each_other_without_losing_or_repeating(manager, session, stuck):
    now = timezone.now()
    for number in range(120):
        write(session, str(number), state=State.DEAD, due_at=now - timedelta(seconds=number // 3))
    seen, query = [], ""
    for _page in range(4):
        answer = manager.get(reverse("incidents") + query)
        seen += [incident.key for incident in answer.context["incidents"]]
        if not answer.context["next"]:
            break
        query = "?" + answer.context["next"].partition("?")[2]

    assert len(seen) == len(set(seen)) == 120 + len(stuck)


def test_more_rows_cost_no_more(manager, session, stuck):
    manager.cookies["fd_zone"] = "UTC"  # as every browser tells it
    with CaptureQueriesContext(connection) as few:
        get(manager)
    for number in range(60):
        write(
            make_session(session.channel, f"+1555020{number:04}"), "x", state=State.DEAD, last_error=f"reason {number}"
        )

    with CaptureQueriesContext(connection) as many:
        get(manager)

    assert len(many) <= len(few) == 12


def test_more_kinds_cost_no_more(manager, session, stuck):
    with CaptureQueriesContext(connection) as all_kinds:
        get(manager)
    for row in stuck.values():
        row.discard("nobody wants it")
    write(session, "one", state=State.DEAD)

    with CaptureQueriesContext(connection) as one_kind:
        get(manager)

    assert len(one_kind) == len(all_kinds)


def test_a_row_of_each_kind_says_whom_and_what_it_is_about(manager, stuck):
    shown = {incident.key: incident for incident in get(manager).context["incidents"]}
    told = {name: shown[f"{row._meta.label_lower}:{row.pk}"].concerns for name, row in stuck.items()}

    assert told == {
        "message": "Ana 01: never arrived",
        "held": "Ana 01: later",
        "webhook": "clinic evolution",
        "item": "clinic evolution: x",
        "turn": "Ana 01",
        "media": "Ana 01",
    }


def test_the_sidebar_counts_what_waits_and_stops_counting_in_time(manager, session):
    assert "incidents/" in get(manager).content.decode()
    for number in range(101):
        write(session, str(number), state=State.DEAD)

    assert "99+" in get(manager).content.decode()


def test_each_badge_counts_what_the_viewer_may_see_now(clinic, salon, session, stuck):
    """Also where many have asked before: with other roles, of another tenant, and the same person a moment ago."""
    Conversation.objects.filter(pk=session.pk).update(paused_at=timezone.now(), waiting_since=timezone.now())
    people = {role: browser(clinic, role) for role in Role}
    stranger, operator = browser(salon, Role.OWNER), Client()
    operator.force_login(User.objects.create_superuser("root"))

    for _ in range(2):
        for role, person in people.items():
            assert badges(person) == (1, 0, len(rows_of(get(person)))), role
        assert badges(stranger) == (0, 0, 0)
        assert badges(operator) == (1, 0, len(stuck))
    assert badges(people[Role.VIEWER])[2] > 0

    Member.objects.filter(user__username="viewer-of-clinic").update(tenant=salon)
    User.objects.filter(username="root").update(is_superuser=False)

    assert badges(people[Role.VIEWER]) == (0, 0, 0)
    assert badges(operator) == (0, 0, 0)


def badges(client):
    """What waits for somebody, as the sidebar of a page says it."""
    found = badge_counts(get(client).wsgi_request)
    return found.customers, found.decisions, found.incidents


def test_lines_with_a_problem_come_first_and_can_let_go_what_they_hold(manager, clinic, channel, make_channel, session):
    broken = make_channel(clinic, "meta", name="broken line")
    type(broken).objects.filter(pk=broken.pk).update(problem="token revoked")
    held = write(session, "wait", state=State.HELD, held_by="channel")
    answer = get(manager)

    assert [line.channel.name for line in answer.context["lines"]] == ["broken line", channel.name]
    assert [line.held for line in answer.context["lines"]] == [0, 1]
    assert "token revoked" in answer.content.decode()
    manager.post(reverse("admin:messaging_channel_do", args=[channel.pk, "release"]))
    assert state(held) == State.QUEUED


def test_an_empty_page_says_what_would_stand_here(manager, clinic):
    text = get(manager).content.decode()

    assert "Nothing waits for you" in text
    assert "There is no channel yet" in text
