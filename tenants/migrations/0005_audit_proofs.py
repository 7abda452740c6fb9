from django.db import migrations


def prove(apps, schema_editor):
    """Entries from before get their proof, so that they can be sealed."""
    from tenants import proofs

    AuditEntry = apps.get_model("tenants", "AuditEntry")
    for entry in AuditEntry.objects.filter(proof="").iterator(500):
        proof = proofs.prove(proofs.text_of(vars(entry)))
        AuditEntry.objects.filter(pk=entry.pk).update(proof=proof)


class Migration(migrations.Migration):
    dependencies = [("tenants", "0004_audit_seals")]

    operations = [migrations.RunPython(prove, migrations.RunPython.noop)]
