"""Use the product with the small app, in a process of its own: prints a JSON object of what was seen."""

# ruff: noqa: E402 - Django is set up first, with the settings of the small app

import json
import os
from datetime import datetime
from unittest import mock
from zoneinfo import ZoneInfo

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.support.small_settings"

import django

django.setup()

from django.core.management import call_command
from django.test import Client, override_settings
from django.utils import timezone

from config.schedule import beat_schedule, run_job
from messaging.models import Contact
from privacy import services as privacy
from tenants import services as tenants
from tenants.declarations import WEBHOOK_EVENTS
from tenants.models import Member, Role, Tenant, TenantJobRun, User
from tenants.rights import may, scope_of
from tests.support.small_app.models import Parcel


def work_all():
    from common.work.run import work_on

    for pk in TenantJobRun.objects.values_list("pk", flat=True):
        work_on(TenantJobRun, pk, tenants.run_tenant_job)


def at(*moment, zone):
    return mock.patch.object(timezone, "now", return_value=datetime(*moment, tzinfo=ZoneInfo(zone)))


call_command("migrate", run_syncdb=True, verbosity=0)
lisbon = Tenant.objects.create(slug="lisbon", name="Lisbon", timezone="Europe/Lisbon")
tokyo = Tenant.objects.create(slug="tokyo", name="Tokyo", timezone="Asia/Tokyo")
for tenant in (lisbon, tokyo):
    Parcel.objects.create(tenant=tenant, contact=Contact.objects.create(tenant=tenant))
seen = {}
# Monday 30 November 2026, 08:30 in Tokyo: Sunday in Lisbon.
planned = []
for moment in ((2026, 11, 30, 7, 59), (2026, 11, 30, 8, 30), (2026, 11, 30, 23, 0), (2026, 12, 1, 9, 0)):
    with at(*moment, zone="Asia/Tokyo"):
        planned.append(tenants.plan_tenant_jobs())
        planned.append(tenants.plan_tenant_jobs())
work_all()
work_all()
seen["planned"] = planned
seen["recalls"] = list(Parcel.objects.order_by("pk").values_list("recalls", flat=True))
seen["runs"] = sorted(f"{run.tenant.slug} {run.day} {run.state}" for run in TenantJobRun.objects.all())
seen["count"] = run_job("count-parcels")
seen["for_all_now"] = run_job("recall-parcels")
seen["beat"] = sorted(name for name in beat_schedule() if name.endswith("parcels"))
seen["scope"] = scope_of("parcels.add")
seen["may"] = [may(role, "parcels.delete") for role in (Role.AGENT, Role.MANAGER)]
seen["event"] = WEBHOOK_EVENTS["parcel.arrived"]
user = User.objects.create_user("agent", is_staff=True)
Member.objects.create(tenant=lisbon, user=user, role=Role.AGENT)
client = Client(HTTP_HOST="testserver")
client.force_login(user)
with override_settings(ALLOWED_HOSTS=["*"]):
    page = client.get("/admin/small_app/parcel/")
shown = page.content.decode()
seen["page"] = page.status_code
seen["in_sidebar"] = shown.index("/admin/messaging/contact/") < shown.index("/admin/small_app/parcel/")
seen["rows"] = [f"/admin/small_app/parcel/{pk}/change/" in shown for pk in (1, 2)]
seen["exported"] = privacy.export(contact=Contact.objects.get(tenant=lisbon))["tests"]
print(json.dumps(seen))
