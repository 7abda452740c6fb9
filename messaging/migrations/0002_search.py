"""Text search over messages and contacts, where the database has it. Their expressions are those of queries/search.py."""

from django.db import migrations

INDEXES = {
    "message_search": "messaging_message USING gin (to_tsvector('simple'::regconfig, COALESCE(text, '')))",
    "contact_search": "messaging_contact USING gin (to_tsvector('simple'::regconfig, COALESCE(name, '')))",
}


def create(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for name, what in INDEXES.items():
            schema_editor.execute(f"CREATE INDEX {name} ON {what}")


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for name in INDEXES:
            schema_editor.execute(f"DROP INDEX {name}")


class Migration(migrations.Migration):
    dependencies = [("messaging", "0001_initial")]

    operations = [migrations.RunPython(create, drop)]
