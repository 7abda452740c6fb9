"""What a caller may call is counted once, however many processes and threads count."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db.models import F

from tenants import rate_limits
from tenants.models import CallRate
from tests.support.people import in_own_connection

pytestmark = pytest.mark.both


@pytest.mark.django_db
def test_all_may_come_at_once_and_no_more():
    found = [rate_limits.use_call("key:a", count=3, seconds=60) for _ in range(5)]

    assert [one.is_allowed for one in found] == [True, True, True, False, False]
    assert [one.left for one in found] == [2, 1, 0, 0, 0]
    assert 0 < found[4].wait <= 20
    assert 40 < found[4].full_in <= 60


@pytest.mark.django_db
def test_a_call_beyond_the_rate_writes_nothing():
    rate_limits.use_call("key:a", count=1, seconds=3600)
    before = CallRate.objects.values().get()

    assert not rate_limits.use_call("key:a", count=1, seconds=3600).is_allowed
    assert CallRate.objects.values().get() == before


@pytest.mark.django_db
def test_another_caller_is_not_held_up_and_time_gives_back():
    while rate_limits.use_call("key:a", count=2, seconds=3600).is_allowed:
        pass

    assert rate_limits.use_call("member:1", count=2, seconds=60).left == 1
    CallRate.objects.filter(caller="key:a").update(full_at=F("full_at") - timedelta(seconds=1900))  # half an hour later
    assert rate_limits.use_call("key:a", count=2, seconds=3600).is_allowed
    assert not rate_limits.use_call("key:a", count=2, seconds=3600).is_allowed


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_eight_at_once_take_what_is_there_and_no_more(is_postgres):
    assert is_postgres
    ask = in_own_connection(lambda _number: rate_limits.use_call("key:a", count=10, seconds=3600).is_allowed)

    with ThreadPoolExecutor(8) as pool:
        passed = sum(pool.map(ask, range(40)))

    assert passed == 10


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_first_calls_at_once_all_count(is_postgres):
    """Of several first calls one makes the row; the others are no less allowed."""
    assert is_postgres
    callers = [f"key:{number}" for number in range(10) for _ in range(8)]
    ask = in_own_connection(lambda number: rate_limits.use_call(callers[number], count=16, seconds=3600).is_allowed)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(len(callers))))
