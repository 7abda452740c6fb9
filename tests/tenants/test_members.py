"""Members: brought in with a link, given a role up to one's own, removed."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tenants import members
from tenants.models import AuditEntry, Member, Role, User
from tests.support.backoffice import browser, do
from tests.support.people import PASSWORD, in_own_connection, log_in, person

ADD = "/admin/tenants/member/add/"
NEW = "a password of my own"


def invite(client, tenant, username="joana", role="agent", **more):
    return client.post(ADD, {"tenant": tenant.pk, "username": username, "role": role, **more}, follow=True)


def told(answer):
    return [str(message) for message in answer.context["messages"]]


def link_in(texts):
    return re.search(r"https://frontdesk\.example\.test(/admin/welcome/\S+)", " ".join(texts)).group(1)


def choose(link, password=NEW, client=None):
    """Follow the link as a browser does, and choose a password."""
    client = client or Client()
    page = client.get(link, follow=True)
    target = page.redirect_chain[-1][0] if page.redirect_chain else link
    return client.post(target, {"new_password1": password, "new_password2": password})


def test_a_manager_brings_somebody_in_with_a_link(manager, clinic):
    answer = invite(manager, clinic, first_name="Joana", email="joana@example.test")
    link = link_in(told(answer))

    member = Member.objects.get(user__username="joana")
    assert (member.tenant, member.role, member.user.is_staff, member.user.first_name) == (
        clinic, "agent", True, "Joana",
    )  # fmt: skip
    assert log_in("joana", "").status_code == log_in("joana", NEW).status_code == 200
    assert choose(link).status_code == 302
    assert log_in("joana", NEW).status_code == 302
    assert link.encode() not in manager.get("/admin/tenants/member/").content
    entries = AuditEntry.objects.filter(tenant=clinic, subject_id=member.pk, subject_type="tenants.member")
    assert {"member_added", "password_chosen"} <= set(entries.values_list("action", flat=True))


def test_who_has_one_tenant_need_not_choose_it(manager, clinic, salon):
    form = manager.get(ADD).context["adminform"].form

    assert form.initial["tenant"] == clinic.pk
    assert [str(choice) for _, choice in form.fields["tenant"].choices][1:] == ["Example Dental"]


def test_a_link_is_good_once_and_for_three_days(manager, clinic):
    used = link_in(told(invite(manager, clinic, "joana")))
    choose(used)
    old = link_in(told(invite(manager, clinic, "pedro")))

    assert "used up or too old" in Client().get(used, follow=True).content.decode()
    with time_machine.travel(timezone.now() + timedelta(days=3, minutes=1)):
        assert "used up or too old" in Client().get(old, follow=True).content.decode()


def test_the_link_leaves_the_address_bar_at_once(manager, clinic):
    link = link_in(told(invite(manager, clinic)))

    answer = Client().get(link)

    assert answer.status_code == 302
    assert link.split("/")[-2] not in answer["Location"]


@pytest.mark.parametrize("fields", [{"username": "a b"}, {"username": ""}, {"email": "no address"}, {"role": "boss"}])
def test_a_wrong_field_brings_nobody_in(manager, clinic, fields):
    before = User.objects.count()
    body = {"tenant": clinic.pk, "username": "joana", "role": "agent", **fields}

    answer = manager.post(ADD, body)

    assert (answer.status_code, answer.context["adminform"].form.is_valid()) == (200, False)
    assert User.objects.count() == before


def test_a_name_that_is_taken_gives_nothing_away(manager, clinic, salon):
    theirs = person("joana", tenant=salon)

    answer = invite(manager, clinic)

    assert "This name is taken" in answer.content.decode()
    assert [own.tenant for own in theirs.memberships.all()] == [salon]


def test_the_operator_brings_an_existing_person_into_a_second_tenant(root, clinic, salon):
    theirs = person("joana", tenant=salon)

    assert not re.search("welcome", " ".join(told(invite(root, clinic))))
    assert {own.tenant.slug: own.role for own in theirs.memberships.all()} == {"salon": "owner", "clinic": "agent"}
    assert "member already" in invite(root, clinic).content.decode()


def test_nobody_is_brought_into_a_foreign_tenant(manager, clinic, salon):
    answer = invite(manager, salon)

    assert answer.status_code == 200
    assert not User.objects.filter(username="joana").exists()


@pytest.mark.parametrize(
    ("role", "may_give"),
    [("owner", {"owner", "manager", "agent", "viewer"}), ("manager", {"manager", "agent", "viewer"}), ("agent", set())],
)
def test_nobody_gives_a_role_above_their_own(clinic, role, may_give):
    client = browser(clinic, Role(role))

    for wanted in Role:
        invite(client, clinic, f"new-{wanted}", wanted)

    given = set(Member.objects.filter(user__username__startswith="new-").values_list("role", flat=True))
    assert given == may_give


def test_a_manager_neither_changes_nor_removes_nor_locks_out_an_owner(manager, clinic):
    owner = person("owner", tenant=clinic).memberships.get()
    person("second", tenant=clinic)
    page = reverse("admin:tenants_member_change", args=[owner.pk])

    assert manager.post(page, {"role": "agent"}).status_code == 403
    assert manager.post(page.replace("change", "delete"), {"post": "yes"}).status_code == 403
    body = {"action": "delete_selected", "_selected_action": [owner.pk], "post": "yes"}
    manager.post("/admin/tenants/member/", body)
    assert "above your own" in " ".join(do(manager, owner, "link")[1])
    owner.refresh_from_db()
    assert owner.role == "owner"
    assert log_in("owner", PASSWORD).status_code == 302


def test_a_manager_changes_and_removes_those_up_to_a_manager(manager, clinic):
    member = person("joana", tenant=clinic, role=Role.VIEWER).memberships.get()
    page = reverse("admin:tenants_member_change", args=[member.pk])

    assert manager.post(page, {"role": "owner"}).status_code == 200
    assert manager.post(page, {"role": "manager"}).status_code == 302
    member.refresh_from_db()
    assert member.role == "manager"
    assert AuditEntry.objects.get(action="role_changed").details == {"was": "viewer", "role": "manager"}
    assert manager.post(page.replace("change", "delete"), {"post": "yes"}).status_code == 302
    assert not Member.objects.filter(user__username="joana").exists()
    assert User.objects.filter(username="joana").exists()


def test_the_last_owner_stays(clinic, root):
    member = person("owner", tenant=clinic).memberships.get()
    page = reverse("admin:tenants_member_change", args=[member.pk])

    for client in (root, browser(clinic, Role.MANAGER)):
        assert client.post(page, {"role": "agent"}).status_code == 403
        assert client.post(page.replace("change", "delete"), {"post": "yes"}).status_code == 403
    member.refresh_from_db()
    assert member.role == "owner"


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_remove_each_other_at_once_leave_one(clinic):
    first, second = (person(name, tenant=clinic).memberships.get() for name in ("a", "b"))

    def remove(pair):
        by, member = pair
        try:
            members.remove(member=member, by=by.user)
        except ValidationError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(in_own_connection(remove), [(first, second), (second, first)]))

    assert sorted(done) == [False, True]
    assert Member.objects.of(clinic).filter(role="owner").count() == 1


def test_a_new_link_ends_sessions_and_the_links_before_it(manager, clinic):
    joana = person("joana", tenant=clinic, role=Role.AGENT)
    theirs = Client()
    log_in("joana", client=theirs)
    first = link_in(do(manager, joana.memberships.get(), "link")[1])

    second = link_in(do(manager, joana.memberships.get(), "link")[1])

    assert theirs.get("/admin/").status_code == 302
    assert "used up" in Client().get(first, follow=True).content.decode()
    assert choose(second).status_code == 302
    assert log_in("joana", NEW).status_code == 302


def test_whoever_belongs_to_another_tenant_too_is_not_taken_over_from_one(manager, clinic, salon, root):
    """A link opens all that a person may see: a manager here must not come in there by it."""
    joana = person("joana", tenant=clinic, role=Role.AGENT)
    Member.objects.create(tenant=salon, user=joana, role=Role.OWNER)
    member = joana.memberships.get(tenant=clinic)

    assert "cannot do this" in " ".join(do(manager, member, "link")[1])
    assert log_in("joana").status_code == 302
    assert link_in(do(root, member, "link")[1])


def test_the_operator_is_not_taken_over_by_a_tenants_owner(clinic):
    root = person("boss", tenant=clinic, role=Role.AGENT, is_superuser=True)

    assert "operator of the installation" in " ".join(
        do(browser(clinic, Role.OWNER), root.memberships.get(), "link")[1]
    )


def test_somebody_removed_sees_nothing_at_once(clinic):
    member = person("joana", tenant=clinic, role=Role.AGENT).memberships.get()
    theirs = Client()
    log_in("joana", client=theirs)
    assert theirs.get("/admin/messaging/conversation/").status_code == 200

    person("owner", tenant=clinic)
    members.remove(member=member, by=User.objects.get(username="owner"))

    assert theirs.get("/admin/messaging/conversation/").status_code == 403
    assert theirs.get("/api/sessions").status_code == 403
