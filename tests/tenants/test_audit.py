"""The audit: written once, sealed in order, and whoever touches it is found out."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from common.db import append_only
from common.db.locks import try_lock_name
from tenants import audit, proofs
from tenants.declarations import JOBS
from tenants.models import AuditEntry, AuditSeal, Tenant
from tenants.services import record
from tests.support.people import in_own_connection

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


def tamper(sql, *values):
    """What somebody with the database's own password does, past the product and its triggers."""
    for table in TABLES:
        append_only.release(connection, table)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
    for table in TABLES:
        append_only.protect(connection, table)


@pytest.fixture
def chain(clinic):
    entries = [act(clinic, f"act{n}", number=n) for n in range(5)]
    audit.seal()
    return entries


def test_entries_are_sealed_in_order_each_tenant_in_its_own_chain(clinic, salon):
    for tenant in (clinic, salon, clinic, None):
        record(tenant=tenant, actor="maria", action="act")

    assert JOBS["seal-audit"].run() == 4
    assert JOBS["seal-audit"].run() == 0

    seals = list(AuditSeal.objects.order_by("chain", "position").values_list("chain", "position", "previous", "digest"))
    assert [(one, position) for one, position, _, _ in seals] == [
        (0, 1), (clinic.pk, 1), (clinic.pk, 2), (salon.pk, 1),
    ]  # fmt: skip
    assert [previous for _, _, previous, _ in seals] == ["", "", seals[1][3], ""]
    assert check()[0] == 0


def test_a_whole_audit_is_told_with_its_heads(chain, clinic):
    code, lines = check()

    digest = AuditSeal.objects.get(position=5).digest
    assert (code, lines) == (
        0,
        [f"tenant {clinic.pk}: 5 entries, head {clinic.pk}:5:{digest}", "0 entries wait for their seal", "unbroken"],
    )


@pytest.mark.parametrize(
    ("column", "value"),
    [("actor", "somebody else"), ("action", "resumed"), ("details", '{"number": 99}'), ("at", "2020-01-01 00:00:00"),
     ("subject_id", "77"), ("tenant_id", None)],
)  # fmt: skip
def test_a_changed_row_is_found(chain, column, value):
    tamper(f"UPDATE tenants_auditentry SET {column} = %s WHERE id = %s", value, chain[2].pk)

    code, lines = check()

    assert code == 1
    assert any(f"entry {chain[2].pk} at place 3 was changed" in line for line in lines)
    assert lines[-1] == "broken"


def test_a_deleted_row_is_found(chain):
    tamper("DELETE FROM tenants_auditentry WHERE id = %s", chain[1].pk)

    code, lines = check()

    assert (code, [line for line in lines if "deleted" in line]) == (
        1, [f"tenant {chain[0].tenant_id}: entry {chain[1].pk} at place 2 was deleted"],
    )  # fmt: skip


def test_a_row_deleted_with_its_seal_is_found(chain):
    tamper("DELETE FROM tenants_auditentry WHERE id = %s", chain[1].pk)
    tamper("DELETE FROM tenants_auditseal WHERE entry_id = %s", chain[1].pk)

    code, lines = check()

    assert code == 1
    assert any("places 2 to 2 are missing" in line for line in lines)


def test_a_row_put_in_past_the_product_is_found_and_never_sealed(chain, clinic):
    AuditEntry.objects.create(tenant=clinic, actor="maria", action="forged", proof="")
    AuditEntry.objects.create(tenant=clinic, actor="maria", action="forged", proof=chain[0].proof)

    assert audit.seal() == 0
    code, lines = check()

    assert code == 1
    assert sum("was not written by this installation" in line for line in lines) == 2


def test_a_row_put_in_with_a_forged_seal_is_found(chain, clinic):
    forged = AuditEntry.objects.create(tenant=clinic, actor="maria", action="forged", proof=chain[0].proof)
    forged.refresh_from_db()
    last = AuditSeal.objects.get(position=5)
    digest = proofs.seal_digest(
        chain=clinic.pk, position=6, previous=last.digest, text=proofs.canonical_text(vars(forged)), proof=forged.proof
    )
    AuditSeal.objects.create(chain=clinic.pk, position=6, entry_id=forged.pk, previous=last.digest, digest=digest)

    code, lines = check()

    assert code == 1
    assert any(f"entry {forged.pk} at place 6 was not written by this installation" in line for line in lines)


def test_a_forged_link_is_found(chain):
    tamper("UPDATE tenants_auditseal SET previous = %s WHERE position = 3", "0" * 64)

    assert check()[0] == 1


def test_a_cut_off_end_is_found_by_a_head_noted_before(chain, clinic):
    head = f"{clinic.pk}:5:{AuditSeal.objects.get(position=5).digest}"
    assert check(head)[0] == 0
    for table, column in (("tenants_auditentry", "id"), ("tenants_auditseal", "entry_id")):
        tamper(f"DELETE FROM {table} WHERE {column} = %s", chain[4].pk)

    assert check()[0] == 0
    code, lines = check(head)
    assert code == 1
    assert any("place 5 is not what was noted" in line for line in lines)


def test_heads_are_noted_each_day_in_the_installations_chain(chain, clinic):
    assert JOBS["note-audit"].run() == 1
    audit.seal()
    assert check()[0] == 0
    for table, column in (("tenants_auditentry", "id"), ("tenants_auditseal", "entry_id")):
        tamper(f"DELETE FROM {table} WHERE {column} = %s", chain[4].pk)

    assert check()[0] == 1


def test_entries_that_wait_too_long_for_their_seal_are_told(clinic):
    entry = act(clinic)
    assert check()[0] == 0
    entry = AuditEntry(tenant=clinic, actor="maria", action="old", at=timezone.now() - timedelta(minutes=2))
    entry.proof = proofs.make_proof(proofs.canonical_text(vars(entry)))
    entry.save()

    code, lines = check()

    assert (code, lines[-2:]) == (3, ["2 entries wait for their seal for too long", "unbroken"])
    audit.seal()
    assert check()[0] == 0


def test_the_command_speaks_json_and_refuses_nonsense(chain, clinic):
    out = StringIO()
    call_command("verify_audit", "--json", stdout=out)
    told = json.loads(out.getvalue())

    assert (told["findings"], told["unsealed"]) == ([], 0)
    assert told["heads"][f"tenant {clinic.pk}"].startswith(f"{clinic.pk}:5:")
    with pytest.raises(CommandError, match="looks like"):
        call_command("verify_audit", "--head", "5")


def test_an_entry_committed_late_is_sealed_after_those_that_overtook_it(clinic):
    act(clinic, "first")
    audit.seal()
    late = act(clinic, "second")
    later = act(clinic, "third")
    AuditSeal.objects.create(
        chain=clinic.pk, position=2, entry_id=later.pk, previous=AuditSeal.objects.get().digest,
        digest=proofs.seal_digest(
            chain=clinic.pk, position=2, previous=AuditSeal.objects.get().digest,
            text=proofs.canonical_text(vars(later)), proof=later.proof,
        ),
    )  # fmt: skip

    assert audit.seal() == 1
    assert AuditSeal.objects.get(entry_id=late.pk).position == 3
    assert check()[0] == 0


@pytest.mark.parametrize("value", [1, 1.0, 1e16, 1.5, "é\u2028", None, True, [1, [2.0]], {"b": 1, "a": {"c": 2.50}}])
def test_details_of_every_kind_keep_their_digest_through_the_database(clinic, value):
    act(clinic, value=value, tenant_named=Tenant.objects.get().name)
    audit.seal()

    assert check()[0] == 0


def test_a_changed_encryption_key_leaves_the_chain_whole(chain, settings):
    old = settings.FIELD_ENCRYPTION_KEYS
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *old]
    assert check()[0] == 0
    settings.FIELD_ENCRYPTION_KEYS = settings.FIELD_ENCRYPTION_KEYS[:1]

    code, lines = check()
    assert (code, "5 entries were proven with a key that is gone: chain checked alone" in lines) == (0, True)


def test_eight_sealers_at_once_make_one_chain(clinic):
    for number in range(60):
        act(clinic, number=number)

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(in_own_connection(lambda _: audit.seal(limit=10)), range(24)))

    while count := audit.seal():
        done.append(count)
    assert sum(done) == 60
    assert list(AuditSeal.objects.order_by("position").values_list("position", flat=True)) == list(range(1, 61))
    assert check()[0] == 0


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_writing_waits_for_nobody_who_seals(clinic):
    """The sealer's lock is its own; on SQLite there is one writer at a time anyway."""
    act(clinic)
    with transaction.atomic():
        assert try_lock_name("audit seal")
        AuditSeal.objects.create(chain=99, position=1, entry_id=10**9, previous="", digest="x")
        with ThreadPoolExecutor(1) as pool:
            pool.submit(in_own_connection(lambda: act(clinic, "meanwhile"))).result(timeout=60)
            assert pool.submit(in_own_connection(audit.seal)).result(timeout=60) == 0

    assert AuditEntry.objects.filter(action="meanwhile").exists()
