"""A new app touches two places: its own folder, and the list of installed apps. What it declares is in force."""

import json
import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from tenants.declarations import DeclaredApp, Rights, ScheduledJob, declare
from tests.support.tree import ROOT

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    """What a process with one more app installed does."""
    database = tmp_path_factory.mktemp("small") / "desk.sqlite3"
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{database}", "APP_ENV": "test", "REDIS_URL": ""}
    ran = subprocess.run(
        [sys.executable, "-m", "tests.support.use_small_app"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr[-3000:]
    return json.loads(ran.stdout.splitlines()[-1])


def test_its_job_runs_once_a_day_and_tenant_at_the_tenants_own_time(seen):
    # At 07:59 in Tokyo it is too early, at 08:30 it is Sunday in Lisbon, and at 23:00 it is Monday afternoon there. On
    # Tuesday in Tokyo it is past midnight in Lisbon.
    assert seen["planned"] == [0, 0, 1, 0, 1, 0, 0, 0]
    assert seen["recalls"] == [1, 1]
    assert seen["runs"] == ["lisbon 2026-11-30 done", "tokyo 2026-11-30 done"]


def test_its_other_job_is_in_the_schedule_and_both_can_be_run_by_hand(seen):
    assert seen["beat"] == ["count-parcels"]
    assert (seen["count"], seen["for_all_now"]) == (2, 2)


def test_its_rights_scopes_and_events_are_in_force(seen):
    assert seen["scope"] == "parcels:write"
    assert seen["may"] == [False, True]
    assert seen["event"] == "A parcel arrived."


def test_its_page_stands_in_the_sidebar_and_shows_a_members_own_tenant(seen):
    assert (seen["page"], seen["in_sidebar"], seen["rows"]) == (200, True, [True, False])


def test_what_it_stores_of_a_person_is_exported(seen):
    assert seen["exported"] == {"parcels": [{"id": 1, "recalls": 2}]}


def test_a_name_that_another_app_has_declared_is_refused():
    app = DeclaredApp.__new__(DeclaredApp)
    app.name, app.label, app.rights = "another", "another", {"sessions": Rights()}

    with pytest.raises(ImproperlyConfigured, match="another declares sessions"):
        declare(app)


@pytest.mark.parametrize(
    "wrong", [{"weekday": "monday"}, {"weekday": "someday", "at": (8, 0)}, {"in_tenant_zone": True}]
)
def test_a_job_without_a_time_of_the_day_has_no_weekday_and_no_zone(wrong):
    with pytest.raises(ImproperlyConfigured):
        ScheduledJob(service=len, **wrong)
