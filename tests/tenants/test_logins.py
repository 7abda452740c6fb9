"""Logging in: who may, who is held off, and when a session ends."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from tenants.declarations import JOBS
from tenants.models import LoginAttempt
from tests.support.people import PASSWORD, in_own_connection, log_in, minutes_later, person

NEW = "another long password"


def wrong(times, name="maria", address="198.51.100.7"):
    return [log_in(name, "wrong", address=address).status_code for _ in range(times)]


def test_the_right_password_opens_and_leaves_no_trace(clinic):
    person(tenant=clinic)

    answer = log_in()

    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    assert not LoginAttempt.objects.exists()


def test_ten_wrong_tries_lock_the_name_also_for_the_right_password(clinic):
    person(tenant=clinic)

    assert wrong(10) == [200] * 10
    answer = log_in(address="203.0.113.9")

    assert answer.status_code == 429
    assert 14 * 60 <= int(answer["Retry-After"]) <= 15 * 60 + 1
    assert "Too many wrong tries" in answer.content.decode()
    assert "15 minutes" in answer.content.decode()
    assert log_in("joana", "wrong").status_code == 200
    assert LoginAttempt.objects.count() == 11


def test_an_unknown_name_gets_the_same_answers(db):
    person()

    for name in ("maria", "nobody"):
        answers = [log_in(name, "wrong") for _ in range(11)]
        assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    known, unknown = (
        log_in(name, "wrong", address=f"203.0.113.{n}").content for n, name in enumerate(("maria", "nobody"))
    )
    assert known == unknown


def test_thirty_wrong_tries_lock_the_address_whatever_the_names(db):
    person()

    assert wrong(10, "a") + wrong(10, "b") + wrong(10, "c") == [200] * 30
    assert log_in("maria").status_code == 429
    assert log_in("maria", address="203.0.113.9").status_code == 302


def test_addresses_of_one_ipv6_network_count_together(db):
    for number in range(30):
        log_in(f"name{number}", "wrong", address=f"2001:db8:1:2::{number:x}")

    assert log_in("maria", "wrong", address="2001:db8:1:2:ffff::1").status_code == 429
    assert log_in("maria", "wrong", address="2001:db8:1:3::1").status_code == 200


def test_the_lock_ends_by_itself(db):
    person()
    wrong(10)

    minutes_later(14.9)
    assert log_in().status_code == 429
    minutes_later(0.2)
    assert log_in().status_code == 302


def test_tries_that_are_far_apart_lock_nothing(db):
    wrong(9)
    minutes_later(5.1)

    assert wrong(9) == [200] * 9
    assert wrong(2) == [200, 429]


def test_a_locked_try_is_not_counted_so_that_asking_again_prolongs_nothing(db):
    wrong(10)
    minutes_later(10)
    assert wrong(3) == [429] * 3

    minutes_later(5.1)
    assert wrong(1) == [200]


def test_which_name_was_tried_is_not_kept(db):
    log_in("my password, typed into the wrong field", "wrong")

    assert "password" not in str(LoginAttempt.objects.values().get())


@pytest.mark.django_db(transaction=True)
def test_forty_tries_at_once_look_at_ten_passwords():
    person()

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(in_own_connection(lambda _: log_in("maria", "wrong").status_code), range(40)))

    assert sorted(statuses) == [200] * 10 + [429] * 30


def test_a_password_change_ends_all_other_sessions_of_that_person(db):
    person()
    here, there, other = Client(), Client(), Client()
    log_in(client=here)
    log_in(client=there)
    person("joana")
    log_in("joana", client=other)

    body = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert here.post("/admin/password_change/", body).status_code == 302

    assert here.get("/admin/").status_code == other.get("/admin/").status_code == 200
    assert there.get("/admin/").status_code == 302
    assert log_in(password=PASSWORD).status_code == 200
    assert log_in(password=NEW).status_code == 302


def test_a_password_set_by_the_operator_ends_all_sessions_of_that_person(db):
    maria = person()
    theirs, root = Client(), Client()
    log_in(client=theirs)
    person("root", is_superuser=True)
    log_in("root", client=root)

    body = {"password1": NEW, "password2": NEW, "usable_password": "true"}
    assert root.post(f"/admin/tenants/user/{maria.pk}/password/", body).status_code == 302

    assert theirs.get("/admin/").status_code == 302
    assert root.get("/admin/").status_code == 200


def test_somebody_switched_off_is_out_at_once(db):
    maria = person()
    client = Client()
    log_in(client=client)

    maria.is_active = False
    maria.save()

    assert client.get("/admin/").status_code == 302
    assert log_in().status_code == 200


def test_the_session_cookie_is_closed_to_scripts_and_other_sites(db, settings):
    person()
    settings.SESSION_COOKIE_SECURE = True

    cookie = log_in().cookies["sessionid"]

    assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Lax", True)
    assert cookie["max-age"] == 12 * 3600


def test_who_is_logged_in_is_led_past_the_login_and_never_elsewhere(db):
    person()
    client = Client()
    log_in(client=client)

    assert client.get("/admin/login/?next=/admin/tenants/").headers["Location"] == "/admin/tenants/"
    assert client.get("/admin/login/?next=https://evil.example/").headers["Location"] == "/admin/"


def test_old_tries_and_ended_sessions_are_forgotten(db):
    person()
    log_in()
    log_in("maria", "wrong")
    assert JOBS["logins"].run() == 0

    Session.objects.update(expire_date=timezone.now() - timedelta(minutes=1))
    minutes_later(25 * 60)

    assert JOBS["logins"].run() == 2
    assert not LoginAttempt.objects.exists()
