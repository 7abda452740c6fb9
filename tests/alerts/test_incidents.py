"""What is wrong is told once, and once more when it is over."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from alerts import services as alerts
from alerts.conditions import AlertCondition
from alerts.models import Alert, LastCheck, Notice, NoticeMedium
from assistant.models import AssistantProfile, Spend
from assistant.services.budget import this_month
from common.models import Heartbeat
from common.work.rows import State, rows_of
from config.alert_thread import AlertThread
from messaging.models import Message
from tenants.declarations import JOBS
from tenants.models import ApiKey, WebhookEndpoint
from tenants.services import change_endpoint, create_api_key, create_endpoint
from tests.support.backoffice import browser, write
from tests.support.mail import running_mail_server
from tests.support.people import in_own_connection


@pytest.fixture
def room(sim, settings):
    """The operators' chat room, which the simulator plays; what was said in it."""
    settings.ALERT_WEBHOOK_URL = f"{sim.url}/alerts/desk"
    return lambda: [record["text"] for record in sim.record("alerts") if record["accepted"]]


@pytest.fixture
def broken(channel):
    channel.problem = "the token was revoked"
    channel.save()
    return channel


def look(drain):
    """One look, and the telling of what it found."""
    changed = alerts.update_alerts()
    drain()
    return changed


def mend(channel):
    type(channel).objects.update(problem="")


def test_an_incident_is_told_once_and_once_when_it_ends(broken, room, drain):
    opened = f"[Example Dental] Channel {broken.name} is down: the token was revoked"

    assert [look(drain) for _ in range(3)] == [1, 0, 0]
    assert room() == [opened]
    mend(broken)
    assert [look(drain) for _ in range(3)] == [1, 0, 0]

    assert room() == [opened, f"[Example Dental] Over: Channel {broken.name} is down: the token was revoked"]
    alert = Alert.objects.get()
    assert (alert.tenant, alert.kind, alert.ended_at is None) == (broken.tenant, "channel", False)


@pytest.mark.parametrize(("language", "said"), [
    ("pt", "[Example Dental] O canal clinic evolution está fora do ar: the token was revoked"),
    ("ro-RO", "[Example Dental] Canalul clinic evolution nu funcționează: the token was revoked"),
    ("xx", "[Example Dental] Channel clinic evolution is down: the token was revoked"),
])  # fmt: skip
def test_it_is_told_in_the_language_of_the_tenant(broken, room, drain, language, said):
    type(broken.tenant).objects.update(language=language)

    look(drain)

    assert room() == [said]
    assert Alert.objects.get().text == "Channel clinic evolution is down: the token was revoked"


def test_the_rooms_own_language_comes_first_and_the_list_speaks_the_viewers(session, room, drain, settings, manager):
    settings.ALERT_LANGUAGE = "es"
    type(session.tenant).objects.update(language="pt-br")
    Message.objects.filter(pk=write(session, "one").pk).update(state=State.DEAD)

    look(drain)
    Message.objects.update(state=State.DONE)
    look(drain)

    told = "1 mensajes se abandonaron y esperan a una persona"
    assert room() == [f"[Example Dental] {told}", f"[Example Dental] Terminado: {told}"]
    page = manager.get("/admin/alerts/alert/", headers={"Accept-Language": "ro"}).content.decode()
    assert "1 mesaje au fost abandonate" in page


def test_the_same_trouble_again_is_a_new_incident(broken, room, drain):
    for _ in range(2):
        type(broken).objects.update(problem="gone")
        look(drain)
        mend(broken)
        look(drain)

    assert len(room()) == 4
    assert Alert.objects.count() == 2


def test_work_that_was_given_up_is_told_under_its_tenant(session, room, drain):
    for text in ("one", "two"):
        Message.objects.filter(pk=write(session, text).pk).update(state=State.DEAD)

    look(drain)

    assert room() == ["[Example Dental] 2 messages were given up and wait for a person"]


def test_a_silent_worker_and_a_silent_clock_are_told(db, room, drain):
    for role in ("worker", "beat"):
        Heartbeat.objects.create(name=f"{role}:1", role=role)
    assert look(drain) == 0
    Heartbeat.objects.update(seen_at=Now() - timedelta(seconds=41))

    look(drain)

    assert sorted(room()) == [
        "[installation] No beat has been heard of: pauses do not end by themselves",
        "[installation] No worker has been heard of: nothing is answered",
    ]


def test_a_spent_budget_and_a_key_about_to_end_are_told(clinic, salon, room, drain):
    AssistantProfile.objects.create(tenant=clinic, monthly_budget_usd=Decimal(5))
    AssistantProfile.objects.create(tenant=salon, monthly_budget_usd=Decimal(5))
    Spend.objects.create(tenant=clinic, month=this_month(), spent_usd=Decimal(4), reserved_usd=Decimal(1))
    Spend.objects.create(tenant=salon, month=this_month(), spent_usd=Decimal("4.99"))
    for name, days in (("soon", 6), ("later", 8), ("over", -1)):
        create_api_key(tenant=clinic, name=name, scopes=["*"])
        ApiKey.objects.filter(name=name).update(expiry_date=timezone.now() + timedelta(days=days))

    look(drain)

    said = sorted(room())
    assert said[1] == f"[Example Dental] The assistant's budget for {this_month()} is spent"
    assert said[0].startswith("[Example Dental] The API key soon ends on ")
    assert len(said) == 2


def test_an_endpoint_that_fails_or_was_switched_off_for_it_is_told_and_one_that_a_person_switched_off_is_not(
    clinic, salon, room, drain
):
    made = {"url": "https://8.8.8.8/hook", "event_types": ["*"], "by": "tests"}
    failing, gone, off, well = (create_endpoint(tenant=clinic, **made) for _ in range(4))
    change_endpoint(endpoint=off, by="marta", is_enabled=False)
    WebhookEndpoint.objects.filter(pk=failing.pk).update(failing_since=timezone.now())
    WebhookEndpoint.objects.filter(pk=gone.pk).update(
        is_enabled=False, disabled_reason="it failed for five days", is_given_up=True
    )

    look(drain)

    assert sorted(room()) == [
        f"[Example Dental] The webhook endpoint {failing.pk} fails",
        f"[Example Dental] The webhook endpoint {gone.pk} was switched off: it failed for five days",
    ]
    WebhookEndpoint.objects.update(failing_since=None)
    look(drain)
    assert room()[-1] == f"[Example Dental] Over: The webhook endpoint {failing.pk} fails"
    assert well.is_enabled


def test_a_check_that_breaks_ends_nothing_and_stops_no_other(broken, room, drain, settings, caplog):
    look(drain)
    settings.ALERT_CHECKS = ["alerts.checks.channels", f"{__name__}.breaks"]
    mend(broken)
    type(broken).objects.update(problem="again")

    assert look(drain) == 0
    settings.ALERT_CHECKS = [f"{__name__}.breaks"]
    assert look(drain) == 0
    assert Alert.objects.get().ended_at is None
    assert "alert_check_failed" in caplog.text


def breaks():
    raise RuntimeError("no such table")


def disabled_endpoint():
    yield AlertCondition(kind="webhook_out", key="endpoint:7", text="An endpoint was switched off")


def test_another_app_adds_a_check_by_its_name(db, room, drain, settings):
    settings.ALERT_CHECKS = [f"{__name__}.disabled_endpoint"]

    look(drain)

    assert room() == ["[installation] An endpoint was switched off"]


def test_without_a_door_the_alert_stands_in_the_back_office_alone(broken, settings, manager, salon):
    settings.ALERT_WEBHOOK_URL, settings.ALERT_EMAILS = "", ["ops@example.test"]

    assert alerts.update_alerts() == 1

    assert not Notice.objects.exists()
    page = "/admin/alerts/alert/"
    assert "the token was revoked" in manager.get(page).content.decode()
    assert "the token was revoked" not in browser(salon).get(page).content.decode()


def test_letters_go_out_with_the_text_and_one_id_per_notice(broken, settings, drain):
    with running_mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_URL, settings.EMAIL_HOST, settings.EMAIL_PORT = "smtp://mail", "127.0.0.1", server.port
        settings.EMAIL_FROM, settings.ALERT_EMAILS = "desk@example.test", ["a@example.test", "b@example.test"]
        look(drain)

    (letter,) = server.letters
    assert (
        " ".join(letter["Subject"].split()) == f"[Example Dental] Channel {broken.name} is down: the token was revoked"
    )
    assert (letter["From"], letter["To"]) == ("desk@example.test", "a@example.test, b@example.test")
    assert letter["Message-ID"] == f"<notice-{Notice.objects.get().pk}@example.test>"
    assert "revoked" in letter.get_payload()


def test_a_mail_server_that_is_away_is_tried_again(broken, settings, drain):
    with running_mail_server() as server:
        port = server.port
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_URL, settings.EMAIL_HOST, settings.EMAIL_PORT = "smtp://mail", "127.0.0.1", port
    settings.ALERT_EMAILS = ["a@example.test"]

    look(drain)

    notice = Notice.objects.get()
    assert (notice.state, notice.attempts, notice.last_error) == ("queued", 1, "ConnectionRefusedError")


def test_a_room_that_is_busy_gets_it_later_and_one_that_is_gone_never(broken, sim, room, drain):
    rule = sim.fail("alerts", "status", status=429)
    look(drain)
    assert Notice.objects.get().state == State.QUEUED
    sim.reset()
    Notice.objects.update(due_at=Now())
    drain()
    assert len(room()) == 1

    assert rule
    sim.fail("alerts", "status", status=404)
    mend(broken)
    look(drain)
    ended = Notice.objects.get(event="ended")
    assert (ended.state, ended.last_error) == ("dead", "answered 404")
    assert look(drain) == 0  # a dead notice is no incident: it could not be told


def test_a_killed_teller_leaves_it_to_the_next_and_a_double_tells_nothing(broken, room, drain):
    alerts.update_alerts()
    notice = Notice.objects.get()
    killed = rows_of(Notice).claim(notice.pk)  # and its process dies here
    alerts.send_notice(notice.pk)
    assert room() == []

    Notice.objects.update(lease_until=Now() - timedelta(seconds=1))
    assert rows_of(Notice).sweep() == 1
    alerts.send_notice(notice.pk)
    alerts.send_notice(notice.pk)

    assert len(room()) == 1
    assert killed is not None


@pytest.mark.django_db(transaction=True)
def test_eight_lookers_and_tellers_at_once_tell_once(broken, room):
    def look_and_tell(_):
        alerts.update_alerts()
        for pk in Notice.objects.values_list("pk", flat=True):
            alerts.send_notice(pk)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(in_own_connection(look_and_tell), range(16)))

    assert Alert.objects.count() == 1
    assert len(room()) == 1


@pytest.mark.django_db(transaction=True)
def test_any_process_tells_when_no_worker_lives(broken, room, sim):
    """An alert thread alone: nobody else works the notices."""
    LastCheck.objects.create(pk=1, looked_at=timezone.now() - timedelta(minutes=1))
    thread = AlertThread(every_seconds=0.05).start()
    try:
        sim.wait(room)
    finally:
        thread.stop(patience=10)

    assert len(room()) == 1


def test_of_many_processes_one_looks_at_a_time(broken, room):
    assert JOBS["watch"].run() == 1
    mend(broken)
    assert JOBS["watch"].run() == 0
    LastCheck.objects.update(looked_at=F("looked_at") - timedelta(seconds=alerts.LOOK_SECONDS))
    assert JOBS["watch"].run() == 1

    assert len(room()) == 2


def test_a_look_costs_a_fixed_number_of_questions(session, django_assert_max_num_queries):
    for number in range(10):
        Message.objects.filter(pk=write(session, f"{number}").pk).update(state=State.DEAD)
    alerts.update_alerts()

    with django_assert_max_num_queries(60):
        alerts.update_alerts()
    assert connection.vendor in {"sqlite", "postgresql"}


def test_slack_reads_names_as_text(channel, room, drain):
    type(channel).objects.update(name="<!channel> & co", problem="x")

    look(drain)

    assert room() == ["[Example Dental] Channel &lt;!channel&gt; &amp; co is down: x"]
    assert Notice.objects.get().medium == NoticeMedium.WEBHOOK
