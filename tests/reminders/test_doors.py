"""Programs, calendars, operators, the privacy of people, and what is forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import icalendar
import pytest
from django.urls import reverse
from django.utils import timezone

from common.text.redaction import redact
from messaging.models import Message
from reminders import personal_data
from reminders import services as reminders
from reminders.fields import feed_url
from reminders.models import Occurrence, PersonalClock, Reminder, Task
from tests.support.api import ApiCaller
from tests.support.backoffice import browser, do

FIRST = "2030-01-05T09:00"


@pytest.fixture
def api(clinic):
    return ApiCaller(clinic)


def test_a_program_makes_changes_and_ends_a_reminder(api, ana):
    body = {
        "contact": ana.pk,
        "text": "Take the pill",
        "first": FIRST,
        "rule": "FREQ=WEEKLY;BYDAY=SA",
        "quiet": {"begin": "22:00", "end": "07:00"},
    }
    made = api.post("reminders", body)
    path = f"reminders/{made.json()['id']}"

    assert (made.status_code, made.json()["zone"], made.json()["next_at"]) == (
        201,
        "America/Sao_Paulo",
        "2030-01-05T12:00:00Z",
    )
    assert made.json()["quiet"] == {"begin": "22:00", "end": "07:00"}
    assert api.patch(path, {"first": "2030-01-05T10:00"}).json()["next_at"] == "2030-01-05T13:00:00Z"
    assert [row["outcome"] for row in api.get(f"{path}/occurrences").json()["results"]] == ["", "withdrawn"]
    assert api.post(f"{path}/pause").json()["state"] == "paused"
    assert api.post(f"{path}/pause").status_code == 409
    assert api.post(f"{path}/resume").json()["next_at"] == "2030-01-05T13:00:00Z"
    assert api.post(f"{path}/cancel").json()["state"] == "cancelled"
    assert api.patch(path, {"text": "x"}).status_code == 409


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"first": "2020-01-01T09:00"}, "first"), ({"first": "2030-02-30T09:00"}, "first"),
        ({"zone": "Mars/Base"}, "zone"), ({"rule": "FREQ=SECONDLY"}, "rule"), ({"way": "call"}, "way"),
        ({"contact": 99999}, "contact"), ({"text": ""}, "text"), ({"grace_minutes": 0}, "grace_minutes"),
        ({"quiet": {"begin": "25:00", "end": "07:00"}}, "quiet.begin"),
        ({"rule": "FREQ=DAILY", "last_on": "2029-01-01"}, "first"),
    ],
)  # fmt: skip
def test_a_wrong_body_says_which_field_and_makes_nothing(api, ana, change, field):
    answer = api.post("reminders", {"contact": ana.pk, "text": "x", "first": FIRST} | change)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
    assert not Reminder.objects.exists()


def test_the_same_call_twice_makes_one(api, ana):
    body = {"contact": ana.pk, "text": "Take the pill", "first": FIRST}
    answers = [api.post("reminders", body, **{"Idempotency-Key": "one"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 200]
    assert Reminder.objects.count() == Occurrence.objects.count() == 1


def test_tasks_by_program(api, ana, salon):
    made = api.post(
        "tasks", {"contact": ana.pk, "title": "Invoice", "priority": "high", "due_at": "2030-01-05T12:00:00Z"}
    )
    path = f"tasks/{made.json()['id']}"

    assert (made.status_code, made.json()["priority"], made.json()["state"]) == (201, "high", "open")
    assert api.patch(path, {"list_name": "office"}).json()["list_name"] == "office"
    assert [row["id"] for row in api.get("tasks?list_name=office&state=open").json()["results"]] == [made.json()["id"]]
    assert api.post(f"{path}/complete").json()["state"] == "done"
    assert api.post(f"{path}/complete").status_code == 409
    assert api.post(f"{path}/reopen").json()["done_at"] is None
    assert api.post(f"{path}/cancel").json()["state"] == "cancelled"
    assert ApiCaller(salon).get(path).status_code == 404
    assert api.post("tasks", {"title": "x", "assignee": 99999}).json()["errors"][0]["field"] == "assignee"


def test_the_calendar_of_a_person_has_rule_zone_and_alarm(api, client, ana, remind):
    remind(
        "take the pill",
        rule="FREQ=WEEKLY;BYDAY=SA",
        first=datetime(2030, 1, 5, 9),
        last_on=datetime(2030, 12, 31).date(),
    )
    reminders.create_task(
        tenant=ana.tenant, contact=ana, title="Invoice", by="tests", due_at=datetime(2030, 1, 5, tzinfo=UTC)
    )
    url = api.get(f"contacts/{ana.pk}/clock").json()["calendar_url"]
    answer = client.get(url.partition("example.test")[2])

    found = icalendar.Calendar.from_ical(answer.content)
    (event,), (todo,) = found.walk("VEVENT"), found.walk("VTODO")
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert [zone["TZID"] for zone in found.walk("VTIMEZONE")] == ["America/Sao_Paulo"]
    assert event.start.isoformat() == "2030-01-05T09:00:00-03:00"
    assert event["RRULE"].to_ical() == b"FREQ=WEEKLY;UNTIL=20310101T025959Z;BYDAY=SA"
    assert (str(event["SUMMARY"]), str(todo["SUMMARY"])) == ("take the pill", "Invoice")


def test_a_new_calendar_address_ends_the_old_one(api, client, ana, salon):
    old = api.get(f"contacts/{ana.pk}/clock").json()["calendar_url"]
    new = api.post(f"contacts/{ana.pk}/clock/renew").json()["calendar_url"]

    statuses = [client.get(url.partition("example.test")[2]).status_code for url in (old, new)]
    assert statuses == [404, 200]
    assert client.get("/calendar/x.ics").status_code == 404
    assert len(new.rpartition("/")[2]) > 40
    assert ApiCaller(salon).get(f"contacts/{ana.pk}/clock").status_code == 404


def test_the_secret_address_is_in_no_log(ana):
    url = feed_url(reminders.clock_of(contact=ana))

    assert redact(f"GET {url} failed") == "GET https://frontdesk.example.test/calendar/….ics failed"


def test_a_zone_set_by_program_moves_the_reminders(api, ana, remind):
    reminder = remind(rule="FREQ=DAILY")
    before = reminder.next_at

    answer = api.put(f"contacts/{ana.pk}/clock", {"zone": "America/Manaus"})

    reminder.refresh_from_db()
    assert (answer.json()["source"], reminder.next_at - before) == ("set", timedelta(hours=1))
    assert api.put(f"contacts/{ana.pk}/clock", {"zone": "Mars/Base"}).status_code == 400


def test_an_operator_makes_changes_and_pauses_a_reminder(clinic, ana):
    client = browser(clinic)
    add, form = reverse("admin:reminders_reminder_add"), {
        "contact": ana.pk, "text": "Take the pill", "first_on": "2030-01-05", "at_time": "09:00", "zone": "",
        "rule": "",
        "way": "message", "miss_policy": "drop", "grace_minutes": "60", "last_on": "", "quiet_from": "", "quiet_to": "",
    }  # fmt: skip
    for wrong in ({"rule": "FREQ=NEVER"}, {"first_on": "2020-01-01"}, {"way": "call"}, {"zone": "Mars/Base"}):
        answer = client.post(add, form | wrong)
        assert answer.status_code == 200, wrong
        assert answer.context["adminform"].form.errors, wrong
    assert client.post(add, form | {"rule": "FREQ=DAILY"}).status_code == 302

    reminder = Reminder.objects.get()
    change = reverse("admin:reminders_reminder_change", args=[reminder.pk])
    assert reminder.zone == "America/Sao_Paulo"
    assert (
        client.post(change, form | {"text": "Two pills", "zone": reminder.zone, "rule": "FREQ=DAILY"}).status_code
        == 302
    )
    reminder.refresh_from_db()
    assert (reminder.text, reminder.state) == ("Two pills", "active")
    ends = form | {"text": "Two pills", "zone": reminder.zone, "rule": "FREQ=DAILY;UNTIL=20300201"}
    assert client.post(change, ends).status_code == 302
    reminder.refresh_from_db()
    assert (reminder.rule, f"{reminder.last_on}") == ("FREQ=DAILY", "2030-02-01")
    assert b"To come" in client.get(change).content
    assert do(client, reminder, "pause") == (200, ["Paused: 1"])
    reminder.refresh_from_db()
    assert (reminder.state, reminder.next_at) == ("paused", None)


def test_the_month_shows_what_was_and_what_is_to_come(clinic, salon, ana, remind, come, drain):
    come(remind("said today"))
    drain()
    remind("every day", rule="FREQ=DAILY")
    page = reverse("reminders_month")

    shown = browser(clinic).get(page).content.decode()
    following = browser(clinic, "viewer").get(page, {"month": "2030-01"}).content.decode()

    assert "said today" in shown
    assert following.count("every day") >= 2 * 31
    assert "every day" not in browser(salon).get(page, {"month": "2030-01"}).content.decode()
    assert browser(salon, "agent").get(page, {"month": "garbage"}).status_code == 200


def test_a_person_gets_all_that_is_kept_and_it_can_be_erased(ana, remind):
    remind()
    reminders.create_task(tenant=ana.tenant, contact=ana, title="Invoice", by="tests")
    reminders.clock_of(contact=ana)

    found = personal_data.export(ana)
    assert {name: len(rows) for name, rows in found.items()} == {
        "clock": 1,
        "reminders": 1,
        "occurrences": 1,
        "tasks": 1,
    }
    assert "token" not in str(found)
    assert personal_data.erase(ana) >= 4
    assert not any(model.objects.exists() for model in personal_data.MODELS)


def test_what_ended_long_ago_is_forgotten_in_batches(ana, remind, client, settings):
    old, young, active = remind("old"), remind("young"), remind("active", rule="FREQ=DAILY")
    for row in (old, young):
        reminders.cancel_reminder(reminder=row, by="tests")
    long_ago = timezone.now() - timedelta(days=91)
    Reminder.objects.filter(pk__in=[old.pk, active.pk]).update(updated_at=long_ago)
    Occurrence.objects.filter(reminder=active).update(ended_at=long_ago, state="done", outcome="sent")
    task = reminders.create_task(tenant=ana.tenant, contact=ana, title="Invoice", by="tests")
    reminders.complete_task(task=task, by="tests")
    Task.objects.update(updated_at=long_ago)

    answer = client.post("/cron/cleanup-old-reminders", headers={"X-Cron-Secret": settings.CRON_SECRET})

    assert answer.json() == {"job": "cleanup-old-reminders", "count": 3}
    assert set(Reminder.objects.values_list("pk", flat=True)) == {young.pk, active.pk}
    assert reminders.cleanup(batch=1) == 0


def test_two_people_who_are_one_keep_their_reminders(ana, remind, say):
    from messaging import services as messaging

    other = say("Oi", person="+5511987650044").conversation.contact
    remind("of the other", contact=other)
    reminders.clock_of(contact=other)
    reminders.clock_of(contact=ana)

    messaging.merge_contacts(kept=ana, merged=other, by="tests")

    assert Reminder.objects.get().contact_id == ana.pk
    assert PersonalClock.objects.filter(contact=ana).count() == 1
    assert Message.objects.exists()


def test_what_was_put_off_stands_where_it_comes_in_both_calendars(api, clinic, client, ana, remind, come, drain):
    reminder = remind("put off")
    come(reminder)
    drain()
    until = datetime(2030, 1, 5, 12, tzinfo=UTC)
    reminders.snooze(occurrence=Occurrence.objects.get(), until=until, by="tests")

    url = api.get(f"contacts/{ana.pk}/clock").json()["calendar_url"]
    feed = icalendar.Calendar.from_ical(client.get(url.partition("example.test")[2]).content)
    month = browser(clinic).get(reverse("reminders_month"), {"month": "2030-01"}).content.decode()

    assert [event.start for event in feed.walk("VEVENT")] == [until]
    assert "put off" in month


def test_a_change_of_something_else_leaves_a_moment_where_it_is(api, ana, remind):
    reminder = remind("in a while", zone="America/New_York", first=datetime(2030, 11, 3, 1, 30))
    Reminder.objects.update(fold=1, is_moment=True)

    api.patch(f"reminders/{reminder.pk}", {"last_on": None, "text": "later"})

    reminder.refresh_from_db()
    assert (reminder.text, reminder.fold, reminder.is_moment) == ("later", 1, True)


def test_the_list_of_reminders_is_searched_by_number_in_any_spelling(clinic, remind, say):
    reminder = remind()
    remind("water the plants", contact=say("Hi", person="+15550100222").conversation.contact)
    page = browser(clinic)

    def found(text):
        listed = page.get(reverse("admin:reminders_reminder_changelist"), {"q": text}).context["cl"].queryset
        return list(listed)

    for text in ("+5511987650001", "+55 11 8765-0001", "551187650001", "pill", "Ana pill"):
        assert found(text) == [reminder], text
    assert found("+551187650002") == []
