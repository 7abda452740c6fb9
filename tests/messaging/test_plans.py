"""What PostgreSQL does for a statement that it plans once, for values that it does not know yet."""

import pytest
from django.db import connection

from messaging.models import Message

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]
MANY = 500


def plan_of(rows):
    """The plan for any values: Django's places for them become those of a prepared statement."""
    sql, given = rows.query.sql_with_params()
    for number in range(1, len(given) + 1):
        sql = sql.replace("%s", f"${number}", 1)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE messaging_message, messaging_contactaddress")
        cursor.execute(f"EXPLAIN (GENERIC_PLAN) {sql}")
        return "\n".join(row[0] for row in cursor.fetchall())


def test_a_message_is_found_by_the_providers_id_without_a_look_at_its_channel(session):
    shared = {"tenant": session.tenant, "conversation": session, "channel": session.channel, "direction": "in"}
    Message.objects.bulk_create(Message(external_id=f"id{number}", **shared) for number in range(MANY))

    plan = plan_of(Message.objects.called("id7", channel=session.channel_id))

    assert "one_message_per_external_id" in plan
    assert "Filter" not in plan
