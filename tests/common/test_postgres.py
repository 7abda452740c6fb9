"""Kept connections to PostgreSQL: looked at without a question, replaced when the server has ended them."""

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError, close_old_connections, connection

from common.db.compiled import CompiledQuery
from tenants.models import Tenant

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

EVERYBODY = CompiledQuery(lambda: Tenant.objects.order_by("pk"))


@pytest.fixture
def beside():
    """Another connection to the same database."""
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}) as link:
        link.autocommit = True
        yield link


def pid():
    return connection.connection.info.backend_pid


def last_statement_of(beside, number):
    return beside.execute("SELECT query FROM pg_stat_activity WHERE pid = %s", [number]).fetchone()[0]


def test_a_kept_connection_is_not_asked_whether_it_stands(clinic, beside):
    connection.close()  # the one of the tests before may be older than CONN_MAX_AGE, and is then replaced
    EVERYBODY.all()
    before = pid()

    close_old_connections()
    connection.cursor().close()  # this is where Django would ask

    assert settings.DATABASES["default"]["CONN_HEALTH_CHECKS"]
    assert pid() == before
    assert "tenants_tenant" in last_statement_of(beside, before)


@pytest.mark.parametrize("ask", [EVERYBODY.all, lambda: list(Tenant.objects.all())], ids=["prepared", "ordinary"])
def test_what_the_server_ended_is_replaced_before_the_next_statement(clinic, beside, ask):
    ask()
    before = pid()
    beside.execute("SELECT pg_terminate_backend(%s, 5000)", [before])

    close_old_connections()

    assert [tenant.slug for tenant in ask()] == ["clinic"]
    assert pid() != before


def test_in_the_middle_of_work_an_ended_connection_is_an_error_and_the_next_work_has_a_new_one(clinic, beside):
    EVERYBODY.all()
    beside.execute("SELECT pg_terminate_backend(%s, 5000)", [pid()])

    with pytest.raises(OperationalError):
        EVERYBODY.all()

    close_old_connections()
    assert [tenant.slug for tenant in EVERYBODY.all()] == ["clinic"]
