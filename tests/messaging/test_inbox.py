"""The inbox: views, filters, search, what changed, one's own views; only of one's own business, at a fixed price."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from common.work.rows import State
from messaging.models import Conversation, Label, SavedView
from messaging.models.conversations import PausedBy
from messaging.services import inbox_state
from messaging.services.takeover import pause
from tenants.models import Member, Role, User
from tests.support.backoffice import browser, make_session, write

pytestmark = pytest.mark.django_db
QUERIES = 12


def get(client, name="inbox", **query):
    return client.get(reverse(name), query)


def shown(answer):
    return [line.row.pk for line in answer.context["lines"]]


def look(client, answer, **query):
    return get(client, "inbox_live", version=answer.context["version"], shown=answer.context["shown"], **query)


@pytest.fixture
def sessions(channel):
    """Five sessions, the latest first."""
    now = timezone.now()
    rows = [make_session(channel, f"+155501000{number:02}") for number in range(5)]
    for number, row in enumerate(rows):
        Conversation.objects.filter(pk=row.pk).update(
            last_message_at=now - timedelta(minutes=number), last_text=f"words {number}"
        )
    return rows


def member_of(tenant):
    return Member.objects.get(tenant=tenant)


def test_the_latest_stands_first_with_what_one_needs_to_know(manager, sessions):
    answer = get(manager)

    assert shown(answer) == [row.pk for row in sessions]
    text = answer.content.decode()
    for words in ("words 0", "Ana 00", "clinic evolution", "Assistant", reverse("inbox_look")):
        assert words in text


def test_views_hold_what_they_say_and_are_counted(manager, sessions, clinic):
    waits, mine, held, closed, _quiet = sessions
    pause(conversation=waits, by=PausedBy.CUSTOMER)
    Conversation.objects.filter(pk=waits.pk).update(waiting_since=timezone.now() - timedelta(minutes=7))
    inbox_state.take_over(conversation=mine, by="me", member=member_of(clinic))
    write(held, state=State.HELD)
    inbox_state.close(conversation=closed, by="me")

    views = {
        view: shown(get(manager, view=view)) for view in ("wants_person", "mine", "unassigned", "paused", "failed")
    }
    assert views == {
        "wants_person": [waits.pk], "mine": [mine.pk], "unassigned": [waits.pk], "paused": [waits.pk, mine.pk],
        "failed": [held.pk],
    }  # fmt: skip
    counted = {name: count for name, _label, count, _address, _chosen in get(manager).context["views"] if count}
    assert counted == {"wants_person": "1", "mine": "1", "unassigned": "1", "failed": "1"}
    assert closed.pk not in shown(get(manager))
    text = get(manager, view="all").content.decode()
    for words in ("7 min", "not sent", ">You<", "Nobody", "closed"):
        assert words in text, words


def test_a_person_who_waits_long_is_marked(manager, sessions):
    for row, minutes in zip(sessions, (1, 10, 40), strict=False):
        pause(conversation=row, by=PausedBy.CUSTOMER)
        Conversation.objects.filter(pk=row.pk).update(waiting_since=timezone.now() - timedelta(minutes=minutes))

    levels = {line.row.pk: line.waits_level for line in get(manager, view="wants_person").context["lines"]}
    assert levels == {row.pk: level for row, level in zip(sessions, ("", "warn", "bad"), strict=False)}


def test_it_is_narrowed_by_channel_and_label(manager, sessions, clinic, make_channel):
    other = make_session(make_channel(clinic, "meta"), "+15550100099")
    label = Label.objects.create(tenant=clinic, name="urgent", colour="red")
    inbox_state.add_label(conversation=sessions[2], label=label, by="me")

    assert shown(get(manager, channel=other.channel_id)) == [other.pk]
    assert shown(get(manager, label=label.pk)) == [sessions[2].pk]
    assert "urgent" in get(manager, "inbox_choices").content.decode()


@pytest.mark.parametrize("words", ["moonlight", "moonl", "MOONLIGHT tango", "+15550100002", "0100002", "Ana 02"])
def test_a_session_is_found_by_a_word_in_it_a_number_or_a_name(words, manager, sessions):
    write(sessions[2], "Do you know the moonlight tango?", direction="in", purpose="customer")
    inbox_state.close(conversation=sessions[2], by="me")

    answer = get(manager, q=words)

    assert shown(answer) == [sessions[2].pk]
    if "moon" in words.lower():
        assert "moonlight tango" in answer.context["lines"][0].snippet


@pytest.mark.parametrize("words", ["'", "a & b | !", "%", "_", "\0", ":*", "x" * 5000, "💃"])
@pytest.mark.both
def test_odd_words_find_nothing_and_break_nothing(words, manager, sessions):
    assert get(manager, q=words).status_code == 200


@pytest.mark.parametrize(
    "query", [{"view": "x"}, {"channel": "x"}, {"label": "9" * 40}, {"before": "x"}, {"before": "2026-01-01_5"},
              {"before": "2026-01-01T00:00:00+00:00_x"}, {"channel": "-1"}]
)  # fmt: skip
@pytest.mark.both
def test_an_address_that_means_nothing_shows_the_open_ones(query, manager, sessions):
    assert get(manager, **query).status_code == 200
    assert get(manager, "inbox_live", shown="x", version="?", **query).status_code == 200


def test_nothing_new_is_answered_with_nothing(manager, sessions):
    answer = get(manager)

    assert look(manager, answer).status_code == 204
    assert look(manager, answer, view="closed").status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        lambda row: Conversation.objects.filter(pk=row.pk).update(last_text="news", last_message_at=timezone.now()),
        lambda row: Conversation.objects.filter(pk=row.pk).update(unread=7),
        lambda row: pause(conversation=row, by=PausedBy.OPERATOR),
        lambda row: inbox_state.assign(conversation=row, member=member_of(row.tenant), by="me"),
        lambda row: inbox_state.close(conversation=row, by="me"),
        lambda row: write(row, state=State.DEAD),
        lambda row: make_session(row.channel, "+15550100077"),
    ],
    ids=["message", "unread", "paused", "assigned", "closed", "failed", "new"],
)
def test_whatever_changes_a_line_is_shown_by_the_next_look(change, manager, sessions):
    answer = get(manager)
    change(sessions[3])

    fresh = look(manager, answer)

    assert fresh.status_code == 200
    assert look(manager, fresh).status_code == 204


def test_a_look_costs_little_and_always_the_same(manager, channel, sessions):
    def price():
        answer = get(manager)
        with CaptureQueriesContext(connection) as asked:
            assert look(manager, answer).status_code == 204
        return len(asked)

    before = price()
    for number in range(40):
        make_session(channel, f"+1555020{number:04}")

    assert price() == before <= 6


def test_the_page_costs_the_same_however_many_sessions(manager, channel, sessions, clinic):
    label = Label.objects.create(tenant=clinic, name="urgent")
    with CaptureQueriesContext(connection) as few:
        get(manager)
    for number in range(60):
        row = make_session(channel, f"+1555020{number:04}")
        inbox_state.add_label(conversation=row, label=label, by="me")
        inbox_state.assign(conversation=row, member=member_of(clinic), by="me")
    with CaptureQueriesContext(connection) as many:
        get(manager)

    with CaptureQueriesContext(connection) as sought:
        assert len(shown(get(manager, q="Ana"))) == 50

    assert len(few) == len(many) <= QUERIES
    assert len(sought) <= QUERIES


def test_pages_follow_each_other_without_losing_or_repeating(manager, channel):
    now = timezone.now()
    rows = [make_session(channel, f"+1555020{number:04}") for number in range(120)]
    for number, row in enumerate(rows):  # three at a time are equally late
        Conversation.objects.filter(pk=row.pk).update(last_message_at=now - timedelta(minutes=number // 3))
    answer = get(manager)
    seen = shown(answer)
    while answer.context["next"]:
        answer = manager.get(f"{reverse('inbox_more')}?{answer.context['next'].urlencode()}")
        seen += shown(answer)

    assert len(seen) == len(set(seen)) == 120
    assert seen[:3] == sorted((row.pk for row in rows[:3]), reverse=True)


def test_all_lines_that_were_loaded_are_looked_at(manager, channel):
    for number in range(70):
        make_session(channel, f"+1555020{number:04}")

    assert len(shown(get(manager, "inbox_live", shown="70", version="?"))) == 70
    assert len(shown(get(manager, "inbox_live", shown="99999", version="?"))) == 70
    assert len(shown(get(manager, "inbox_live", version="?"))) == 50


def test_another_business_sees_nothing_of_it(salon, sessions, clinic):
    stranger = browser(salon, Role.OWNER)

    assert shown(get(stranger)) == []
    assert shown(get(stranger, q="words")) == shown(get(stranger, channel=sessions[0].channel_id)) == []
    for name in ("inbox", "inbox_live", "inbox_more", "inbox_choices"):
        assert get(stranger, name, tenant=clinic.pk).status_code == 404, name
    assert "clinic evolution" not in get(stranger, "inbox_choices").content.decode()


def test_who_belongs_to_two_businesses_looks_at_one_and_comes_back_to_it(sessions, clinic, salon, make_channel):
    client = browser(clinic, Role.AGENT)
    Member.objects.create(tenant=salon, user=User.objects.get(), role=Role.AGENT)
    theirs = make_session(make_channel(salon, "meta"), "+15550100009")

    assert shown(get(client, tenant=salon.pk)) == [theirs.pk]
    assert shown(get(client)) == [theirs.pk]
    assert shown(get(client, tenant=clinic.pk)) == [row.pk for row in sessions]


def test_who_belongs_to_none_is_told_so_and_a_guest_must_log_in(client, db):
    assert get(client).status_code == 302
    client.force_login(User.objects.create_user("new", is_staff=True))

    assert "You belong to no business yet" in get(client).content.decode()
    assert get(client, "inbox_live").status_code == 404


def test_filters_are_kept_under_a_name_by_each_user_for_themselves(manager, sessions, clinic):
    body = {"view": "closed", "label": "7", "name": " Closed  moons "}
    manager.post(reverse("inbox_save"), body)
    manager.post(reverse("inbox_save"), {"view": "closed", "name": "  "})
    view = SavedView.objects.get()
    colleague = browser(clinic, Role.AGENT)

    assert (view.name, view.query) == ("Closed moons", {"view": "closed", "label": "7"})
    assert [
        (saved.name, chosen) for saved, _address, chosen in get(manager, view="closed", label="7").context["saved"]
    ] == [("Closed moons", True)]
    assert get(colleague).context["saved"] == []
    assert colleague.post(reverse("inbox_remove", args=[view.pk])).status_code == 404
    assert manager.post(reverse("inbox_remove", args=[view.pk])).status_code == 302
    assert not SavedView.objects.exists()


def test_views_are_not_kept_without_end(manager, clinic):
    for number in range(25):
        manager.post(reverse("inbox_save"), {"view": "all", "name": f"view {number}"})

    assert SavedView.objects.count() == 20


@pytest.mark.parametrize(
    ("view", "words"),
    [("open", "Connect a channel"), ("wants_person", "Nobody waits"), ("mine", "Take over a session"),
     ("failed", "Everything went out"), ("snoozed", "Nothing is snoozed"), ("closed", "Nothing is closed"),
     ("paused", "The assistant answers everywhere"), ("unassigned", "Everything has somebody")],
)  # fmt: skip
def test_an_empty_view_says_what_to_do_next(view, words, manager, clinic):
    assert words in get(manager, view=view).content.decode()


def test_who_waits_is_told_to_the_browser(manager, sessions):
    pause(conversation=sessions[1], by=PausedBy.CUSTOMER)
    Conversation.objects.filter(pk=sessions[1].pk).update(waiting_since=timezone.now())

    assert f'[[{sessions[1].pk}, "Ana 01"]]' in get(manager).context["waiting"]
