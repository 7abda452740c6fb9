"""What a caller may call is counted once, however many processes and threads count."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db.models import F

from common.models import RateBucket
from common.rate_limits import Rate, close_bucket, return_token, use_or_reserve, use_token
from tests.support.people import in_own_connection

pytestmark = pytest.mark.both


@pytest.mark.django_db
def test_all_may_come_at_once_and_no_more():
    found = [use_token("key:a", Rate.of(3, seconds=60)) for _ in range(5)]

    assert [one.is_allowed for one in found] == [True, True, True, False, False]
    assert [one.left for one in found] == [2, 1, 0, 0, 0]
    assert 0 < found[4].wait <= 20
    assert 40 < found[4].full_in <= 60


@pytest.mark.django_db
def test_a_call_beyond_the_rate_writes_nothing():
    use_token("key:a", Rate.of(1, seconds=3600))
    before = RateBucket.objects.values().get()

    assert not use_token("key:a", Rate.of(1, seconds=3600)).is_allowed
    assert RateBucket.objects.values().get() == before


@pytest.mark.django_db
def test_another_caller_is_not_held_up_and_time_gives_back():
    while use_token("key:a", Rate.of(2, seconds=3600)).is_allowed:
        pass

    assert use_token("member:1", Rate.of(2, seconds=60)).left == 1
    RateBucket.objects.filter(key="key:a").update(full_at=F("full_at") - timedelta(seconds=1900))  # half an hour later
    assert use_token("key:a", Rate.of(2, seconds=3600)).is_allowed
    assert not use_token("key:a", Rate.of(2, seconds=3600)).is_allowed


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_eight_at_once_take_what_is_there_and_no_more(is_postgres):
    assert is_postgres
    ask = in_own_connection(lambda _number: use_token("key:a", Rate.of(10, seconds=3600)).is_allowed)

    with ThreadPoolExecutor(8) as pool:
        passed = sum(pool.map(ask, range(40)))

    assert passed == 10


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_first_calls_at_once_all_count(is_postgres):
    """Of several first calls one makes the row; the others are no less allowed."""
    assert is_postgres
    callers = [f"key:{number}" for number in range(10) for _ in range(8)]
    ask = in_own_connection(lambda number: use_token(callers[number], Rate.of(16, seconds=3600)).is_allowed)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(len(callers))))


@pytest.mark.django_db
def test_spacing_is_waited_for_while_tokens_are_left():
    rate, spacing = Rate.of(10, seconds=1), timedelta(minutes=5)

    first, second = (use_token("key:a", rate, spacing=spacing) for _ in range(2))

    assert (first.is_allowed, second.is_allowed) == (True, False)
    assert 290 < second.wait <= 300
    assert second.next_at == first.next_at


@pytest.mark.django_db
def test_each_that_finds_no_token_reserves_the_next_one():
    rate = Rate.of(1, seconds=60, burst=2)

    found = [use_or_reserve("reminders:1", rate) for _ in range(5)]

    assert found[:2] == [None, None]
    assert [later - earlier for earlier, later in itertools.pairwise(found[2:])] == [timedelta(seconds=60)] * 2


@pytest.mark.django_db
def test_a_closed_bucket_gives_nothing_and_then_a_single_token():
    rate = Rate.of(5, seconds=500)
    close_bucket("channel:1", rate, seconds=30)
    return_token("channel:1", rate)

    assert 29 < use_token("channel:1", rate).wait <= 30
    RateBucket.objects.update(
        full_at=F("full_at") - timedelta(seconds=31), closed_until=F("closed_until") - timedelta(seconds=31)
    )
    assert [use_token("channel:1", rate).is_allowed for _ in range(3)] == [True, False, False]
