"""Nobody below an owner fills two seats of a candidate: by keys, links, addresses, contacts, API or back office."""

from __future__ import annotations

import json

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from approvals import services as approvals
from approvals.models import Approver, ApproverAddress, Via, Vote
from messaging.models import Contact, ContactAddress
from tenants import services as tenants
from tenants.models import ApiKey, Member, Role, User
from tests.approvals.conftest import OWNER, PARTNER, Phone, status, steps
from tests.support.api import ApiCaller
from tests.support.backoffice import do

OWN = "+15550100999"
EVERY_ROLE_BELOW = [Role.VIEWER, Role.AGENT, Role.MANAGER]


@pytest.fixture
def third(clinic, channel):
    return approvals.set_up_approver(tenant=clinic, name="third", by="tests", channel=channel, address="+15550100202")


@pytest.fixture
def all_three(submit, owner, partner, third):
    """What all of the three must approve."""
    return submit("Pay everybody", approvers=["owner", "partner", "third"], rule="all")


@pytest.fixture
def somebody(clinic):
    """Log in as a member of some role."""

    def make(role, name="mallory"):
        user = User.objects.create_user(name, is_staff=True)
        Member.objects.create(tenant=clinic, user=user, role=role)
        client = Client(raise_request_exception=False)
        client.force_login(user)
        return client

    return make


def ask(client, method, path, body=None):
    data = json.dumps(body or {})
    return client.generic(method, f"/api/{path}", data, content_type="application/json")


def form_of(row):
    """The fields of an approver's page as a browser sends them."""
    inlines = {"addresses-TOTAL_FORMS": 0, "addresses-INITIAL_FORMS": 0}
    return {"name": row.name, "language": "en", "is_active": "on", "tenant": row.tenant_id, **inlines}


@pytest.mark.parametrize("role", EVERY_ROLE_BELOW)
def test_no_role_below_an_owner_fills_two_seats(role, all_three, somebody, clinic, channel, owner, partner, third):
    """All that a member can make or change, each tried; then all that they hold is used to decide."""
    client = somebody(role)
    member = Member.objects.get(tenant=clinic, user__username="mallory")
    Approver.objects.filter(pk=owner.pk).update(member=member)  # one seat is theirs by right
    keys = []
    for number, scopes in enumerate((["*"], ["decisions:write"], ["candidates:write", "decisions:write"])):
        for names in ([], ["partner"], ["owner", "partner", "third"]):
            body = {"name": f"k{number}{len(names)}", "scopes": scopes, "approvers": names}
            keys.append(ask(client, "POST", "keys", body).json().get("key"))
            form = {**body, "tenant": clinic.pk, "scopes": " ".join(scopes), "approvers": " ".join(names)}
            page = client.post(
                reverse("admin:tenants_apikey_add"), form | {"name": f"f{number}{len(names)}"}, follow=True
            )
            said = [str(one) for one in page.context["messages"]] if page.context else []
            keys += [one.rsplit(maxsplit=1)[-1] for one in said if "shown this once" in one]
    for row in (partner, third):
        client.post(reverse("admin:approvals_approver_change", args=[row.pk]), form_of(row) | {"member": member.pk})
        address = {"tenant": clinic.pk, "approver": row.pk, "channel": channel.pk, "address": OWN, "place": 1}
        client.post(reverse("admin:approvals_approveraddress_add"), address)
        for place in ApproverAddress.objects.filter(approver=row):
            client.post(reverse("admin:approvals_approveraddress_change", args=[place.pk]), address)

    path = f"candidates/{all_three.pk}/decide"
    for key in filter(None, keys):
        for name in ("owner", "partner", "third", None):
            said = {"choice": "approve"} | ({"approver": name} if name else {})
            Client().post(
                f"/api/{path}",
                json.dumps(said),
                content_type="application/json",
                headers={"Authorization": f"Bearer {key}"},
            )
    for name in ("owner", "partner", "third"):
        ask(client, "POST", path, {"choice": "approve", "approver": name})
        client.post(reverse("decisions_decide", args=[all_three.pk]), {"choice": "approve"})
    Phone(channel, OWNER).see()
    for place in list(ApproverAddress.objects.filter(address=OWN)):
        Phone(place.channel, OWN).say("yes")

    seats = set(Vote.objects.filter(candidate=all_three).values_list("approver__name", flat=True))
    assert seats <= {"owner"}
    assert (seats == {"owner"}) == (role != Role.VIEWER)
    assert status(all_three) == "pending"
    assert not any("*" in key.scopes or key.approvers for key in ApiKey.objects.filter(tenant=clinic))


def test_an_owner_may_name_approvers_and_each_key_still_takes_one_seat(all_three, somebody, clinic):
    boss = somebody(Role.OWNER)
    made = ask(boss, "POST", "keys", {"name": "k", "scopes": ["*"], "approvers": ["partner", "third"]})
    program = object.__new__(ApiCaller)
    program.client, program.key = Client(raise_request_exception=False), made.json()["key"]
    path = f"candidates/{all_three.pk}/decide"

    assert made.status_code == 201
    assert program.post(path, {"choice": "approve"}).status_code == 400  # it speaks for two: which one?
    assert program.post(path, {"choice": "approve", "approver": "owner"}).status_code == 403
    assert program.post(path, {"choice": "approve", "approver": "partner"}).status_code == 200
    second = program.post(path, {"choice": "approve", "approver": "third"})
    assert (second.status_code, "one seat" in second.json()["detail"]) == (403, True)
    assert Vote.objects.filter(candidate=all_three).count() == 1
    assert steps(all_three)[-1] == "refused"


def test_a_key_that_names_nobody_decides_nothing_whatever_it_opens(all_three, clinic):
    for scopes in (("*",), ("decisions:write",)):
        answer = ApiCaller(clinic, scopes, name=scopes[0][:4]).post(
            f"candidates/{all_three.pk}/decide", {"choice": "approve", "approver": "owner"}
        )
        assert (answer.status_code, "speaks for no approver" in answer.json()["detail"]) == (403, True)
    assert not Vote.objects.exists()


def test_a_key_gives_no_approver_that_it_does_not_name(clinic, owner, partner):
    maker = ApiCaller(clinic, ("*",), name="maker", approvers=("owner",))

    assert maker.post("keys", {"name": "a", "scopes": ["*"], "approvers": ["owner"]}).status_code == 201
    assert maker.post("keys", {"name": "b", "scopes": ["*"], "approvers": ["owner", "partner"]}).status_code == 403
    assert maker.post("keys", {"name": "c", "scopes": ["*"], "approvers": ["stranger"]}).status_code == 400


def test_one_login_takes_one_seat_in_the_back_office_and_at_the_api(all_three, somebody, clinic, owner, partner):
    client = somebody(Role.OWNER)
    Approver.objects.filter(pk__in=[owner.pk, partner.pk]).update(member=Member.objects.get(user__username="mallory"))

    client.post(reverse("decisions_decide", args=[all_three.pk]), {"choice": "approve"})
    for name in ("owner", "partner"):
        ask(client, "POST", f"candidates/{all_three.pk}/decide", {"choice": "approve", "approver": name})

    assert Vote.objects.filter(candidate=all_three).count() == 1


def test_one_phone_takes_one_seat_though_it_is_two_peoples(submit, clinic, channel, make_channel, owner):
    other = make_channel(clinic, "twilio")
    approvals.set_up_approver(tenant=clinic, name="second", by="tests", channel=other, address=OWNER)
    candidate = submit(approvers=["owner", "second"], rule="all")
    for line in (channel, other):
        Phone(line, OWNER).see()

    Phone(channel, OWNER).say("yes")
    Phone(other, OWNER).say("yes")

    assert list(Vote.objects.values_list("approver__name", flat=True)) == ["owner"]
    assert status(candidate) == "pending"


@pytest.mark.both
def test_the_database_keeps_a_second_seat_from_one_voter(all_three, owner, partner):
    approvals.vote(candidate=all_three, approver=owner, choice="approve", via=Via.API, cast_by="key:a")
    given = {"tenant": owner.tenant, "verdict": "approve", "via": Via.API, "cast_by": "key:a", "content_hash": "x"}

    with pytest.raises(IntegrityError), transaction.atomic():
        Vote.objects.create(candidate=all_three, approver=partner, **given)


# -- contacts: whose words count follows from the addresses of a contact --


@pytest.fixture
def mallorys(clinic):
    """A contact with the manager's own number."""
    row = Contact.objects.create(tenant=clinic, name="Mallory")
    ContactAddress.objects.create(tenant=clinic, contact=row, kind="phone", value=OWN, external_id=OWN)
    return row


@pytest.fixture
def partners_contact(clinic, partner):
    row = Contact.objects.create(tenant=clinic, name="Partner")
    ContactAddress.objects.create(tenant=clinic, contact=row, kind="phone", value=PARTNER, external_id=PARTNER)
    return row


@pytest.mark.parametrize("spelling", [PARTNER, "+1 (555) 010-0201", "15550100201"])
def test_no_contact_is_given_an_approvers_address(spelling, somebody, mallorys, partner):
    answer = ask(
        somebody(Role.MANAGER), "POST", f"contacts/{mallorys.pk}/addresses", {"kind": "phone", "value": spelling}
    )

    assert (answer.status_code, mallorys.addresses.count()) == (403, 1)


def test_another_spelling_of_an_approvers_number_is_given_to_nobody(somebody, mallorys, clinic, channel, partner):
    """In Brazil one telephone has two numbers: with the ninth digit and without."""
    ApproverAddress.objects.filter(approver=partner).delete()
    approvals.set_up_approver(tenant=clinic, name="partner", by="tests", channel=channel, address="+5511987654321")
    path = f"contacts/{mallorys.pk}/addresses"

    answer = ask(somebody(Role.MANAGER), "POST", path, {"kind": "phone", "value": "+551187654321"})

    assert (answer.status_code, mallorys.addresses.count()) == (403, 1)


def test_an_approvers_contact_is_given_no_other_address(somebody, partners_contact, clinic):
    body = {"kind": "phone", "value": "+15550100777"}
    path = f"contacts/{partners_contact.pk}/addresses"

    assert ask(somebody(Role.MANAGER), "POST", path, body).status_code == 403
    assert ApiCaller(clinic, ("*",), approvers=("partner",)).post(path, body).status_code == 403
    assert ask(somebody(Role.OWNER, "boss"), "POST", path, body).status_code == 201


def test_an_approver_is_merged_with_nobody_but_by_an_owner(somebody, mallorys, partners_contact, clinic, partner):
    manager, boss = somebody(Role.MANAGER), somebody(Role.OWNER, "boss")
    for kept, merged in ((mallorys, partners_contact), (partners_contact, mallorys)):
        path, body = f"contacts/{kept.pk}/merge", {"contact": merged.pk}
        assert ask(manager, "POST", path, body).status_code == 403
        assert ApiCaller(clinic, ("contacts:write",), name=f"k{kept.pk}").post(path, body).status_code == 403
    chosen = {"action": "merge", "_selected_action": [mallorys.pk, partners_contact.pk]}
    page = manager.post(reverse("admin:messaging_contact_changelist"), chosen, follow=True)

    assert [str(one) for one in page.context["messages"]] == [
        "One of them decides as an approver: an owner merges them."
    ]
    assert Contact.objects.filter(merged_into=None).count() == 2
    boss.post(reverse("admin:messaging_contact_changelist"), chosen)
    assert Contact.objects.filter(merged_into=None).count() == 1


def test_a_manager_merges_other_people_and_an_agent_nobody(somebody, mallorys, clinic, partner):
    other = Contact.objects.create(tenant=clinic, name="Ana")
    chosen = {"action": "merge", "_selected_action": [mallorys.pk, other.pk]}
    page = reverse("admin:messaging_contact_changelist")

    somebody(Role.AGENT, "agent").post(page, chosen)
    assert Contact.objects.filter(merged_into=None).count() == 2
    somebody(Role.MANAGER).post(page, chosen)
    assert Contact.objects.filter(merged_into=None).count() == 1


# -- logins: whoever makes a link to choose a password can log in as that person --


def test_a_manager_makes_no_login_link_of_an_approver(clinic, owner, somebody):
    manager, boss = somebody(Role.MANAGER), somebody(Role.OWNER, "boss")
    agent = Member.objects.create(tenant=clinic, user=User.objects.create_user("ana", is_staff=True), role=Role.AGENT)
    Approver.objects.filter(pk=owner.pk).update(member=agent, is_active=False)  # it can be active again

    assert "an owner makes their link" in do(manager, agent, "link")[1][0]
    assert "/admin/welcome/" in do(boss, agent, "link")[1][0]
    other = Member.objects.create(tenant=clinic, user=User.objects.create_user("rui", is_staff=True), role=Role.AGENT)
    assert "/admin/welcome/" in do(manager, other, "link")[1][0]


def test_an_owner_edits_approvers(clinic, owner, somebody):
    boss = somebody(Role.OWNER)
    boss.post(reverse("admin:approvals_approver_change", args=[owner.pk]), form_of(owner) | {"language": "pt"})

    owner.refresh_from_db()
    assert owner.language == "pt"


def test_keys_above_a_manager_are_neither_revoked_nor_changed_by_one(clinic, owner, somebody):
    strong, _ = tenants.create_api_key(tenant=clinic, name="strong", scopes=["*"])
    speaks, _ = tenants.create_api_key(tenant=clinic, name="speaks", scopes=["decisions:write"], approvers=["owner"])
    plain, _ = tenants.create_api_key(tenant=clinic, name="plain", scopes=["sessions:write"])
    manager, revoker = somebody(Role.MANAGER), ApiCaller(clinic, ("keys:write",), name="revoker")

    for key in (strong, speaks):
        assert ask(manager, "DELETE", f"keys/{key.prefix}").status_code == 403
        assert do(manager, key, "revoke")[1] == ["A key that can do more than you is not yours to revoke."]
        change = reverse("admin:tenants_apikey_change", args=[key.pk])
        assert manager.post(change, {"name": "x", "scopes": "sessions:read"}).status_code == 403
    for key in (strong, speaks, plain):
        assert revoker.delete(f"keys/{key.prefix}").status_code == 403
    assert not ApiKey.objects.filter(revoked=True).exists()
    assert ask(manager, "DELETE", f"keys/{plain.prefix}").status_code == 204
    boss = somebody(Role.OWNER, "boss")
    assert ask(boss, "DELETE", f"keys/{strong.prefix}").status_code == 204
    assert do(boss, speaks, "revoke")[1] == ["Revoked: 1"]


def test_a_browser_of_each_role_gives_what_the_api_gives(clinic, somebody):
    """The form and the API compare by one function: the same scopes pass in both."""
    for role in (Role.MANAGER, Role.OWNER):
        client = somebody(role, f"a {role}")
        for number, scope in enumerate(("*", "sessions:write", "webhooks:write", "decisions:write")):
            by_api = ask(client, "POST", "keys", {"name": f"{role} a{number}", "scopes": [scope]}).status_code == 201
            body = {"tenant": clinic.pk, "name": f"{role} f{number}", "scopes": scope}
            by_form = client.post(reverse("admin:tenants_apikey_add"), body).status_code == 302
            assert by_api == by_form == (scope != "*" or role == Role.OWNER), (role, scope)


# -- channels: whoever knows the secret that proves their messages can write as anybody --


@pytest.mark.parametrize("role", EVERY_ROLE_BELOW)
def test_nobody_below_an_owner_sets_the_secrets_of_an_approvers_channel(role, somebody, clinic, channel, owner):
    client, before = somebody(role), dict(channel.credentials)
    connect = reverse("admin:messaging_channel_connect", args=[channel.pk])
    change = reverse("admin:messaging_channel_change", args=[channel.pk])
    name = "webhook_secret"

    client.post(connect, {"do": "secret"})
    client.post(connect, {"do": "keep", name: "a secret of my own, long enough"})
    fields = {"name": channel.name, "is_enabled": "on", "reopen_template": "{}", "owner_addresses": ""}
    client.post(change, fields | {f"secret_{name}": "a secret of my own, long enough"})
    page = client.get(change)

    channel.refresh_from_db()
    assert channel.credentials == before
    assert f"secret_{name}".encode() not in page.content
    answer = somebody(Role.OWNER, "boss").post(connect, {"do": "keep", name: "a secret of the owner, long enough"})
    channel.refresh_from_db()
    assert (answer.status_code, channel.credentials != before) == (200, True)
