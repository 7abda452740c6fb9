"""How our connections to SQLite are set up."""

import pytest
from django.db import connection

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_what_is_committed_outlives_a_power_cut():
    """F47: with WAL and less than FULL (2), a commit may be on no disk yet, and its webhook has been answered."""
    with connection.cursor() as cursor:
        asked = {name: cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "foreign_keys")}

    assert asked == {"synchronous": 2, "foreign_keys": 1}
