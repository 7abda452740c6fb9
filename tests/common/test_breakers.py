"""A circuit breaker opens after failures in a row, for all workers, and closes with a success."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from common import breakers
from common.models import CircuitBreaker

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def fail(times=1, **options):
    return [
        breakers.record_failure("model", name="openai gpt", **{"opens_after": 3, "seconds": 60.0, **options})
        for _ in range(times)
    ]


def test_it_opens_after_failures_in_a_row_and_says_so_once_per_failure():
    assert fail(4) == [False, False, True, True]
    assert breakers.is_open("model")
    assert not breakers.is_open("another")


def test_a_success_between_resets_the_failures():
    fail(2)
    breakers.record_success("model", name="openai gpt")

    assert fail(2) == [False, False]
    assert not breakers.is_open("model")


def test_when_the_time_is_over_one_call_is_tried_and_its_failure_opens_it_again():
    fail(3)
    CircuitBreaker.objects.update(open_until=F("open_until") - timedelta(seconds=61))

    assert not breakers.is_open("model")
    assert fail() == [True]
    assert breakers.is_open("model")


def test_a_credential_that_must_change_keeps_it_open_until_a_success():
    assert fail(2, needs_change=True) == [True, False]
    assert breakers.is_open("model")

    breakers.record_success("model", name="openai gpt")

    assert not breakers.is_open("model")
    found = breakers.find_breaker("model")
    assert (found.failures, found.reason, found.needs_change) == (0, "", False)
    assert found.succeeded_at <= timezone.now()


def test_another_credential_is_another_breaker():
    assert breakers.hashed_key("openai", "key-a") != breakers.hashed_key("openai", "key-b")
    assert breakers.hashed_key("a", "bc") != breakers.hashed_key("ab", "c")
