"""Text search over messages and contacts, where the database has it. Their expressions are those of queries/search.py.

Built beside the traffic: a table of millions takes longer than a write may wait.
"""

from django.db import migrations

INDEXES = {
    "message_search": "messaging_message USING gin (to_tsvector('simple'::regconfig, COALESCE(text, '')))",
    "contact_search": "messaging_contact USING gin (to_tsvector('simple'::regconfig, COALESCE(name, '')))",
}


def create(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for name, what in INDEXES.items():
            # One that was broken off is there and of no use.
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            schema_editor.execute("SET statement_timeout = 0")
            schema_editor.execute(f"CREATE INDEX CONCURRENTLY {name} ON {what}")
            schema_editor.execute("RESET statement_timeout")


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for name in INDEXES:
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")


class Migration(migrations.Migration):

    atomic = False

    dependencies = [("messaging", "0003_desk")]

    operations = [migrations.RunPython(create, drop)]
