"""Scheduled jobs in the tenants' own time: each once a day and tenant, whatever dies or runs twice."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from common.work.rows import State
from common.work.run import work_on
from tenants import services as tenants
from tenants.declarations import JOBS, ScheduledJob
from tenants.models import TenantJobRun

pytestmark = [pytest.mark.django_db, pytest.mark.both]


@pytest.fixture
def ran(monkeypatch):
    """For which tenants the job has run."""
    found = []
    service = lambda *, tenant: found.append(tenant.slug) or 1  # noqa: E731 - what it does is in one word
    monkeypatch.setitem(JOBS, "greet", ScheduledJob(service=service, at=(8, 0), in_tenant_zone=True))
    return found


@pytest.fixture
def monday(monkeypatch, clinic):
    """Monday, 09:00 in UTC and for the business."""
    clinic.timezone = "UTC"
    clinic.save()
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 11, 30, 9, tzinfo=UTC))


def work(row):
    work_on(TenantJobRun, row.pk, tenants.run_tenant_job)
    row.refresh_from_db()
    return row


@pytest.mark.usefixtures("monday")
def test_it_is_planned_once_and_run_once(clinic, ran):
    assert (tenants.plan_tenant_jobs(), tenants.plan_tenant_jobs()) == (1, 0)
    row = TenantJobRun.objects.get()

    assert [work(row).state, work(row).state] == [State.DONE] * 2
    assert ran == [clinic.slug]


@pytest.mark.usefixtures("monday")
def test_a_run_whose_worker_died_is_run_again(ran):
    tenants.plan_tenant_jobs()
    row = TenantJobRun.objects.get()
    assert TenantJobRun.objects.claim(row.pk) is not None  # and nothing more is heard of the worker
    assert work(row).state == State.WORKING

    TenantJobRun.objects.update(lease_until=F("lease_until") - timedelta(hours=1))
    assert TenantJobRun.objects.sweep() == 1

    assert work(row).state == State.DONE
    assert len(ran) == 1


@pytest.mark.usefixtures("monday")
def test_a_run_that_fails_is_retried_and_then_given_up_where_operators_see_it(monkeypatch):
    def fails(*, tenant):
        raise ValueError("no")

    monkeypatch.setitem(JOBS, "greet", ScheduledJob(service=fails, at=(8, 0), in_tenant_zone=True))
    tenants.plan_tenant_jobs()
    row = TenantJobRun.objects.get()
    for _ in range(row.max_attempts):
        TenantJobRun.objects.update(due_at=F("due_at") - timedelta(days=1))
        work(row)

    assert (row.state, row.last_error) == (State.DEAD, "ValueError: no")


@pytest.mark.usefixtures("monday", "ran")
def test_a_tenant_that_is_switched_off_has_no_runs_and_a_job_that_is_gone_is_ignored(clinic, monkeypatch):
    tenants.plan_tenant_jobs()
    row = TenantJobRun.objects.get()
    monkeypatch.delitem(JOBS, "greet")
    assert work(row).state == State.IGNORED

    TenantJobRun.objects.all().delete()
    clinic.is_active = False
    clinic.save()
    monkeypatch.setitem(JOBS, "greet", ScheduledJob(service=len, at=(8, 0), in_tenant_zone=True))
    assert tenants.plan_tenant_jobs() == 0


@pytest.mark.usefixtures("ran")
def test_old_runs_are_deleted_and_those_that_failed_stay(clinic):
    old = (timezone.now() - timedelta(days=40)).date()
    for number, state in enumerate((State.DONE, State.DEAD)):
        TenantJobRun.objects.create(tenant=clinic, job=f"job {number}", day=old, state=state)
    TenantJobRun.objects.create(tenant=clinic, job="new", day=timezone.now().date(), state=State.DONE)

    assert tenants.delete_old_job_runs() == 1
    assert sorted(TenantJobRun.objects.values_list("job", flat=True)) == ["job 1", "new"]
