"""What people do in the back office is in the audit."""

from tenants.models import AuditEntry, User
from tests.support.backoffice import do


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
