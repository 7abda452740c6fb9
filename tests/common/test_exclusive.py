"""What has died twice is worked alone in its process (RELIABILITY F37)."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from common.work import exclusive, run
from common.work.rows import State
from common.work.run import work_on
from messaging import services as messaging
from messaging.models import WebhookEvent


@pytest.fixture
def room(monkeypatch):
    """A gate whose patience ends soon, in the place of the process's own."""
    made = exclusive.ExclusiveLock(patience=0.3)
    monkeypatch.setattr(run, "exclusive_lock", made)
    return made


@pytest.fixture
def someone_works(room):
    """Somebody else works in this process until the event is set."""
    begun, over = threading.Event(), threading.Event()

    def go():
        with room.shared():
            begun.set()
            over.wait(60)

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(go)
        begun.wait(60)
        yield lambda: (over.set(), done.result(30))
        over.set()


@pytest.fixture
def event(clinic, make_channel):
    return messaging.store_webhook(provider="meta", body=b"{}", channel=make_channel(clinic, "meta"))


def end(event):
    event.settle(State.DONE)


@pytest.mark.django_db
def test_f37_what_has_died_twice_waits_until_nothing_else_is_worked(event, someone_works):
    WebhookEvent.objects.update(crashes=2)

    work_on(WebhookEvent, event.pk, end)
    event.refresh_from_db()
    assert (event.state, event.attempts, event.crashes) == (State.QUEUED, 0, 2)
    someone_works()
    work_on(WebhookEvent, event.pk, end)

    event.refresh_from_db()
    assert (event.state, event.attempts, event.crashes) == (State.DONE, 1, 2)


@pytest.mark.django_db
@pytest.mark.parametrize("crashes", [0, 1])
def test_what_has_died_once_is_worked_beside_others(event, someone_works, crashes):
    WebhookEvent.objects.update(crashes=crashes)

    work_on(WebhookEvent, event.pk, end)

    event.refresh_from_db()
    assert event.state == State.DONE


def test_nobody_begins_beside_the_one_that_is_alone():
    gate = exclusive.ExclusiveLock()
    seen = []

    def newcomer():
        with gate.shared():
            seen.append("newcomer")

    with ThreadPoolExecutor(3) as pool:
        with gate.exclusive() as is_alone:
            others = [pool.submit(newcomer) for _ in range(3)]
            assert is_alone
            assert not any(other.done() for other in others)
            seen.append("alone")
        for other in others:
            other.result(30)

    assert seen == ["alone"] + ["newcomer"] * 3


def test_two_that_want_to_be_alone_come_one_after_the_other():
    gate = exclusive.ExclusiveLock()
    inside, most = [], []

    def go():
        with gate.exclusive() as is_alone:
            inside.append(is_alone)
            most.append(len(inside))
            inside.pop()
            return is_alone

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(lambda _: go(), range(20)))
    assert set(most) == {1}


def test_work_within_work_goes_on_and_never_waits_for_itself(room):
    with room.shared():
        with room.shared():
            pass
        with room.exclusive() as is_alone:
            assert not is_alone
    with room.exclusive() as is_alone:
        assert is_alone
        with room.shared():
            pass


def test_whoever_waits_too_long_for_the_one_that_is_alone_goes_on(room):
    with room.exclusive(), ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: room.shared().__enter__()).result(30) is None
