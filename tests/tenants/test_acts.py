"""What people do in the back office is in the audit."""

import pytest
from django.contrib import admin

from assistant.models import Turn
from common.work.rows import State, work_models
from tenants.models import AuditEntry, User
from tests.support.backoffice import do
from tests.support.rows import OF_THE_INSTALLATION, make_row


def acts(**by):
    rows = AuditEntry.objects.filter(action__startswith="admin_", **by).order_by("pk")
    return [(row.actor, row.action, row.subject_type, row.details["what"]) for row in rows]


def test_a_change_by_a_form_names_the_fields_and_not_what_they_hold(manager, clinic):
    body = {"name": "A secret name", "timezone": "UTC", "language": "en"}
    manager.post(f"/admin/tenants/tenant/{clinic.pk}/change/", body)

    assert acts(tenant=clinic) == [("manager-of-clinic", "admin_changed", "tenants.tenant", ["Name", "Timezone"])]
    assert "secret" not in str(AuditEntry.objects.values())


def test_what_a_superuser_adds_changes_and_deletes_is_kept(root, clinic):
    page = "/admin/tenants/user/"
    password = {"password1": "long enough for all", "password2": "long enough for all", "usable_password": "true"}
    root.post(f"{page}add/", {"username": "joana", **password})
    joana = User.objects.get(username="joana")
    root.post(f"{page}{joana.pk}/password/", password)
    root.post(f"{page}{joana.pk}/delete/", {"post": "yes"})

    assert [(who, act) for who, act, _, _ in acts(tenant=None)] == [
        ("root", "admin_added"), ("root", "admin_changed"), ("root", "admin_deleted"),
    ]  # fmt: skip
    assert {row.subject_id for row in AuditEntry.objects.filter(tenant=None)} == {str(joana.pk)}


def test_many_rows_deleted_at_once_are_many_entries(root, clinic):
    users = [User.objects.create_user(f"user{n}") for n in range(3)]
    body = {"action": "delete_selected", "_selected_action": [user.pk for user in users], "post": "yes"}

    root.post("/admin/tenants/user/", body)

    assert len(acts(action="admin_deleted")) == 3


def test_a_superusers_actions_are_kept_under_the_tenant(root, session, manager):
    do(root, session, "read")
    session.unread = 1
    session.save()
    do(manager, session, "read")

    assert acts(tenant=session.tenant) == [("root", "admin_did", "messaging.conversation", "Marked as read")]


def entries(row):
    rows = AuditEntry.objects.filter(subject_type=row._meta.label_lower, subject_id=str(row.pk)).order_by("pk")
    return [(entry.actor, entry.action) for entry in rows]


# The installation's own rows are its operator's alone.
STUCK = [
    (model, who)
    for model in work_models()
    for who in ("manager", "root")
    if model in admin.site._registry and (who == "root" or model._meta.label not in OF_THE_INSTALLATION)
]


@pytest.mark.parametrize(("model", "who"), STUCK, ids=str)
@pytest.mark.parametrize("page", ["row", "incidents"])
@pytest.mark.parametrize("act", ["retry", "drop"])
def test_every_retry_and_discard_is_one_entry_from_every_page(request, clinic, model, who, page, act):
    client = request.getfixturevalue(who)
    row = make_row(model, clinic, {})
    model._default_manager.filter(pk=row.pk).update(state=State.DEAD)
    before = len(entries(row))

    if page == "incidents":
        client.post("/admin/incidents/", {"action": act, "rows": [f"{model._meta.label_lower}:{row.pk}"]})
    else:
        names = admin.site._registry[model].actions
        do(client, row, next(name for name in names if (name == "discard") == (act == "drop")))

    row.refresh_from_db()
    # A turn stays as it is: another one is asked for.
    changed = row.state != State.DEAD or model is Turn
    assert len(entries(row)) - before == int(changed), entries(row)
    assert {actor for actor, _ in entries(row)[before:]} <= {"root", "manager-of-clinic"}


def test_the_two_buttons_of_work_do_something_somewhere(manager, clinic):
    row = make_row(Turn, clinic, {})
    Turn.objects.filter(pk=row.pk).update(state=State.DEAD)

    do(manager, row, "discard")

    assert entries(row) == [("manager-of-clinic", "discarded")]
