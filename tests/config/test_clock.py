"""The schedule reaches its table once, keeps what operators chose, and survives what its jobs do."""

import time

import pytest
from celery.schedules import schedule
from django_celery_beat.models import IntervalSchedule, PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler

from common.models import Heartbeat
from common.work.heartbeat import last_seen
from config import tasks
from config.beat_thread import BeatThread
from config.celery import app
from tenants.declarations import JOBS, ScheduledJob
from tests.support.backoffice import do, see

# Beat closes connections as it likes, so that no test's transaction can stand around it.
pytestmark = pytest.mark.django_db(transaction=True)


def start_beat():
    return DatabaseScheduler(app=app, lazy=False)


@pytest.fixture
def _eager():
    was = app.conf.task_always_eager
    app.conf.update(task_always_eager=True)
    yield
    app.conf.update(task_always_eager=was)


def test_every_job_has_one_entry_however_often_beat_starts():
    for _ in range(2):
        start_beat()

    entries = PeriodicTask.objects.all()
    assert sorted(entry.name for entry in entries) == sorted([*JOBS, "tick"])
    assert {entry.queue for entry in entries} == {"clock"}
    assert all(entry.expire_seconds for entry in entries)


def test_an_entry_that_was_switched_off_stays_off():
    start_beat()
    PeriodicTask.objects.filter(name="auto-resume").update(enabled=False)

    start_beat()

    assert not PeriodicTask.objects.get(name="auto-resume").enabled


def test_a_job_is_switched_by_a_button_that_says_what_it_does(root):
    pace = IntervalSchedule.objects.create(every=5, period="minutes")
    job = PeriodicTask.objects.create(name="auto-resume", task="x", interval=pace)

    assert do(root, job, "switch_off") == (200, ["Switched off: 1"])
    assert not PeriodicTask.objects.get().enabled
    page = see(root, job).content.decode()
    assert "formaction" in page
    assert "every 300 seconds" in page
    assert do(root, job, "switch_off")[1] == ["Left as they were: 1"]
    do(root, job, "switch_on")
    assert PeriodicTask.objects.get().enabled


def test_the_tick_is_seen_by_health():
    tasks.tick()

    assert last_seen("beat") is not None


def test_a_job_that_breaks_is_logged_and_the_next_one_runs(monkeypatch, caplog):
    def breaks():
        raise RuntimeError("no luck")

    monkeypatch.setitem(JOBS, "broken", ScheduledJob(service=breaks, every_seconds=1))

    tasks.run_job("broken")
    tasks.run_job("gone-from-the-code")
    tasks.run_job("auto-resume")

    assert [record.msg for record in caplog.records if record.name == "frontdesk.beat"] == [
        "job_failed",
        "job_unknown",
    ]


@pytest.mark.usefixtures("_eager")
def test_the_embedded_clock_beats_survives_trouble_and_stops(monkeypatch):
    fails = iter([True])
    monkeypatch.setattr("config.beat_thread.RESTART_SECONDS", 0.1)
    monkeypatch.setitem(app.conf.beat_schedule["tick"], "schedule", schedule(1))
    real = DatabaseScheduler.setup_schedule

    def fails_once(self):
        if next(fails, False):
            raise RuntimeError("the database was away")
        real(self)

    monkeypatch.setattr(DatabaseScheduler, "setup_schedule", fails_once)
    clock = BeatThread().start()
    try:
        deadline = time.monotonic() + 60
        while not Heartbeat.objects.filter(role="beat").exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        assert Heartbeat.objects.filter(role="beat").exists()
    finally:
        clock.stop()
    assert not clock._thread.is_alive()
