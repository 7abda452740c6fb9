from django.db import migrations

from common.db.append_only import protect, release

TABLES = ("tenants_auditentry", "tenants_auditseal")


def forward(apps, schema_editor):
    for table in TABLES:
        protect(schema_editor.connection, table)


def backward(apps, schema_editor):
    for table in TABLES:
        release(schema_editor.connection, table)


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_initial")]

    operations = [migrations.RunPython(forward, backward)]
