"""The second factor: set up, asked for, demanded, lost."""

import base64
import re
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from time import time

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client, RequestFactory
from django_otp.oath import hotp

from tenants import second_factor
from tenants.models import AuditEntry, RecoveryCode, Role, SecondFactor
from tests.support.people import in_own_connection, log_in, person

PAGE = "/admin/second-factor/"


pytestmark = pytest.mark.usefixtures("still_clock")


def code_of(user, *, steps=0):
    key = base64.b32decode(SecondFactor.objects.get(user=user).secret)
    return f"{hotp(key, int(time()) // 30 + steps):06d}"


def browser(name="maria"):
    client = Client()
    assert log_in(name, client=client).status_code == 302
    return client


def set_up(user):
    """Set it up in a browser; (browser, recovery codes)."""
    client = browser(user.username)
    client.get(PAGE)
    answer = client.post(PAGE, {"act": "confirm", "code": code_of(user, steps=-1)})
    shown = re.search(r'id="recovery-codes">(.*?)</pre>', answer.content.decode(), re.DOTALL)
    return client, shown.group(1).split()


def give_code(client, code):
    return client.post("/admin/login/code/", {"code": code}, headers={"X-Forwarded-For": "198.51.100.7"})


def test_it_is_set_up_by_scanning_and_a_first_code(clinic):
    user = person(tenant=clinic)
    client, codes = set_up(user)

    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"([A-Z2-7]{4}-){3}[A-Z2-7]{4}", code) for code in codes)
    assert client.get("/admin/").status_code == 200
    assert "recovery-codes" not in client.get(PAGE).content.decode()
    assert AuditEntry.objects.filter(tenant=clinic, action="second_factor_added", actor="maria").count() == 1


def test_the_picture_and_the_secret_say_the_same(clinic):
    user = person(tenant=clinic)
    page = browser().get(PAGE).content.decode()

    factor = SecondFactor.objects.get(user=user)
    assert f'<code id="secret">{factor.secret}</code>' in page
    assert second_factor.qr_code(factor) in page
    assert second_factor.otp_address(factor).startswith(f"otpauth://totp/Frontdesk:maria?secret={factor.secret}&")


def test_secrets_and_codes_are_unreadable_in_the_database(clinic):
    user = person(tenant=clinic)
    _, codes = set_up(user)

    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM tenants_secondfactor")
        (stored,) = cursor.fetchone()
    assert SecondFactor.objects.get().secret not in stored
    kept = set(RecoveryCode.objects.values_list("code_hash", flat=True))
    assert not kept & {code.replace("-", "") for code in codes}


def test_a_wrong_first_code_turns_nothing_on(clinic):
    user = person(tenant=clinic)
    client = browser()
    client.get(PAGE)

    answer = client.post(PAGE, {"act": "confirm", "code": "000000"})

    assert "This code is wrong" in answer.content.decode()
    assert not second_factor.has_second_factor(user)


def test_the_password_alone_opens_nothing(clinic):
    set_up(person(tenant=clinic))
    client = Client()

    answer = log_in(client=client)

    assert answer["Location"] == "/admin/login/code/"
    assert client.get("/admin/").status_code == 302
    assert client.get("/api/sessions").status_code == 401
    assert give_code(client, "000000").status_code == 200
    assert client.get("/admin/").status_code == 302


def test_the_code_opens_and_is_good_once(clinic):
    user = person(tenant=clinic)
    set_up(user)
    code, first, second = code_of(user), Client(), Client()
    for client in (first, second):
        log_in(client=client)

    assert give_code(first, code)["Location"] == "/admin/"
    assert first.get("/admin/").status_code == 200
    assert give_code(second, code).status_code == 200


def test_a_recovery_code_opens_once_however_it_is_typed(clinic):
    _, codes = set_up(person(tenant=clinic))
    first, second = Client(), Client()
    for client in (first, second):
        log_in(client=client)

    assert give_code(first, f" {codes[3].lower()} ").status_code == 302
    assert give_code(second, codes[3]).status_code == 200
    assert give_code(second, codes[4]).status_code == 302
    assert AuditEntry.objects.filter(action="recovery_code_used").count() == 2


def test_the_code_page_wants_a_password_shown_within_five_minutes(clinic):
    user = person(tenant=clinic)
    set_up(user)
    client = Client()
    assert client.get("/admin/login/code/")["Location"] == "/admin/login/"
    log_in(client=client)
    assert client.get("/admin/login/code/").status_code == 200

    with time_machine.travel(time() + 301):
        assert give_code(client, code_of(user))["Location"] == "/admin/login/"


def test_a_password_changed_meanwhile_ends_the_half_way(clinic):
    user = person(tenant=clinic)
    set_up(user)
    client = Client()
    log_in(client=client)
    user.refresh_from_db()
    user.set_password("another long password")
    user.save()

    assert give_code(client, code_of(user))["Location"] == "/admin/login/"


def test_wrong_codes_lock_as_wrong_passwords_do(clinic):
    user = person(tenant=clinic)
    set_up(user)
    client = Client()
    log_in(client=client)

    assert [give_code(client, "000000").status_code for _ in range(11)] == [200] * 10 + [429]
    assert give_code(client, code_of(user)).status_code == 429


def test_setting_it_up_ends_all_other_sessions(clinic):
    user = person(tenant=clinic)
    there = browser()

    here, _ = set_up(user)

    assert here.get("/admin/").status_code == 200
    assert there.get("/admin/").status_code == 302


@pytest.mark.django_db(transaction=True)
def test_one_code_used_eight_times_at_once_is_good_once():
    user = person()
    set_up(user)
    code, request = code_of(user), RequestFactory().post("/")

    def use(_):
        return second_factor.check_code(request=request, user=user, code=code)

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(in_own_connection(use), range(8))) == [False] * 7 + [True]


@pytest.mark.parametrize(("role", "is_held"), [("owner", True), ("manager", True), ("agent", False), ("viewer", False)])
def test_a_tenant_may_demand_it_of_its_leaders(clinic, role, is_held):
    clinic.requires_second_factor = True
    clinic.save()
    user = person(tenant=clinic, role=Role(role))
    client = browser()

    answer = client.get("/admin/")
    assert (answer.status_code == 302 and answer["Location"] == PAGE) == is_held
    assert client.get("/api/sessions").status_code == (403 if is_held else 200)

    client, _ = set_up(user)
    assert client.get("/admin/").status_code == 200
    assert client.get("/api/sessions").status_code == 200


def test_the_installation_may_demand_it_of_all_leaders_and_its_operator(clinic, salon, settings):
    settings.REQUIRE_SECOND_FACTOR = True
    person("owner", tenant=clinic, role=Role.OWNER)
    person("agent", tenant=salon, role=Role.AGENT)
    person("root", is_superuser=True)

    assert browser("owner").get("/admin/")["Location"] == PAGE
    assert browser("root").get("/admin/tenants/user/")["Location"] == PAGE
    assert browser("agent").get("/admin/").status_code == 200


def test_it_can_be_turned_off_with_a_code_unless_it_is_demanded(clinic):
    user = person(tenant=clinic)
    client, codes = set_up(user)
    clinic.requires_second_factor = True
    clinic.save()

    client.post(PAGE, {"act": "remove", "code": codes[0]})
    assert second_factor.has_second_factor(user)
    clinic.requires_second_factor = False
    clinic.save()
    client.post(PAGE, {"act": "remove", "code": "000000"})
    assert second_factor.has_second_factor(user)
    client.post(PAGE, {"act": "remove", "code": codes[0]})

    assert not second_factor.has_second_factor(user)
    assert client.get("/admin/").status_code == 200


def test_new_recovery_codes_replace_the_old_ones(clinic):
    client, old = set_up(person(tenant=clinic))

    answer = client.post(PAGE, {"act": "renew", "code": old[0]})
    new = re.search(r'id="recovery-codes">(.*?)</pre>', answer.content.decode(), re.DOTALL).group(1).split()

    other = Client()
    log_in(client=other)
    assert give_code(other, old[1]).status_code == 200
    assert give_code(other, new[1]).status_code == 302


def test_the_operator_takes_it_away_from_somebody_who_lost_it(clinic, root):
    user = person(tenant=clinic)
    theirs, _ = set_up(user)

    assert root.post(f"/admin/tenants/user/{user.pk}/do/reset_factor/").status_code == 302

    assert theirs.get("/admin/").status_code == 302
    assert log_in()["Location"] == "/admin/"
    assert AuditEntry.objects.filter(tenant=clinic, action="second_factor_removed", actor="root").count() == 1


def test_a_command_takes_it_away(clinic):
    set_up(person(tenant=clinic))
    out = StringIO()

    call_command("reset_second_factor", "maria", stdout=out)

    assert "without a second factor" in out.getvalue()
    assert AuditEntry.objects.filter(action="second_factor_removed", actor="command").count() == 1
    for name, reason in (("maria", "has no second factor"), ("nobody", "there is no user")):
        with pytest.raises(CommandError, match=reason):
            call_command("reset_second_factor", name)


def test_only_an_owner_changes_what_the_tenant_demands(clinic):
    for role, number in ((Role.MANAGER, 0), (Role.OWNER, 1)):
        person(role, tenant=clinic, role=role)
        page = browser(role).get(f"/admin/tenants/tenant/{clinic.pk}/change/").content.decode()
        assert page.count('name="requires_second_factor"') == number
