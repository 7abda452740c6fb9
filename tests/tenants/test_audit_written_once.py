"""The audit cannot be changed: by the product, nor by the database under it."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from tenants import audit
from tenants.models import AuditEntry, AuditSeal, Tenant
from tenants.services import record

pytestmark = pytest.mark.both

TABLES = ("tenants_auditentry", "tenants_auditseal")


def act(tenant, action="paused", **details):
    return record(tenant=tenant, actor="maria", action=action, subject=tenant, **details)


def check(*heads):
    """What the command says: (exit code, its lines)."""
    out = StringIO()
    try:
        call_command("verify_audit", *(word for head in heads for word in ("--head", head)), stdout=out)
    except SystemExit as end:
        return end.code, out.getvalue().splitlines()
    return 0, out.getvalue().splitlines()


@pytest.fixture
def chain(clinic):
    entries = [act(clinic, f"act{n}", number=n) for n in range(5)]
    audit.seal()
    return entries


@pytest.mark.parametrize(
    "sql",
    ["UPDATE tenants_auditentry SET actor = 'x'", "DELETE FROM tenants_auditentry",
     "UPDATE tenants_auditseal SET digest = 'x'", "DELETE FROM tenants_auditseal"],
)  # fmt: skip
def test_the_database_refuses_to_change_or_delete(chain, sql):
    with pytest.raises(DatabaseError, match="written once"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)

    assert check()[0] == 0


def test_the_product_refuses_before_the_database_does(chain):
    rows = AuditEntry.objects.all()
    refused = [
        chain[0].save, chain[0].delete, rows.delete, lambda: rows.update(actor="x"),
        lambda: AuditEntry.objects.bulk_update(chain, ["actor"]), AuditSeal.objects.all().delete,
    ]  # fmt: skip

    for attempt in refused:
        with pytest.raises(ValueError, match="never"):
            attempt()


def test_the_audit_of_a_deleted_tenant_stays(chain, clinic, root):
    pk = clinic.pk
    Tenant.objects.filter(pk=pk).delete()

    assert AuditEntry.objects.filter(tenant_id=pk).count() == 5
    assert check()[0] == 0
    assert root.get("/admin/tenants/auditentry/").status_code == 200
    assert root.get(f"/admin/tenants/auditentry/{chain[0].pk}/change/").status_code == 200
