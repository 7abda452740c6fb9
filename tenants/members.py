"""Members of a tenant and their roles. Nobody gives, changes or removes a role above their own."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext_lazy as _

from tenants.approver_lookup import EDIT_APPROVERS, approver_lookup
from tenants.models import Member, Role, Tenant, User
from tenants.rights import RANKS, has_rank, may
from tenants.second_factor import end_sessions
from tenants.services import record


class LinkTokens(PasswordResetTokenGenerator):
    """Tokens that allow a person to choose a password; invalid after the new password, and after a newer link."""

    key_salt = "tenants.members.LinkTokens"

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}{user.session_mark}"


link_tokens = LinkTokens()


@transaction.atomic
def invite(*, tenant: Tenant, by: User, username: str, role: Role, **facts: str) -> tuple[Member, str]:
    """Create a member, and the link with which they choose a password; the link is shown once and not stored.

    Somebody who can log in already can only be added by the operator of the installation, and then needs no link.
    Raises ValidationError.
    """
    _lock(tenant)
    _check_reach(by, tenant, role)
    user = User.objects.filter(username=username).first()
    if user is not None and not by.is_superuser:
        raise ValidationError({"username": _("This name is taken: choose another one.")})
    if user is not None and Member.objects.of(tenant).filter(user=user).exists():
        raise ValidationError({"username": _("This person is a member already.")})
    is_new = user is None
    if user is None:
        user = User(username=username, is_staff=True, **facts)
        user.set_unusable_password()
        user.full_clean(exclude=["password"])
        user.save()
    member = Member.objects.create(tenant=tenant, user=user, role=role)
    record(tenant=tenant, actor=by.get_username(), action="member_added", subject=member, role=role)
    return member, _link(user) if is_new else ""


@transaction.atomic
def change_role(*, member: Member, role: Role, by: User) -> Member:
    """Give a member another role. Raises ValidationError."""
    row = _lock_member(member)
    _check_reach(by, row.tenant, Role(row.role))
    _check_reach(by, row.tenant, role)
    if role != Role.OWNER:
        _keep_an_owner(row)
    was, row.role = row.role, role
    row.save(update_fields=["role"])
    record(tenant=row.tenant, actor=by.get_username(), action="role_changed", subject=row, was=was, role=role)
    return row


@transaction.atomic
def remove(*, member: Member, by: User) -> None:
    """Delete a membership; the user stays, without this tenant. Raises ValidationError."""
    row = _lock_member(member)
    _check_reach(by, row.tenant, Role(row.role))
    _keep_an_owner(row)
    record(tenant=row.tenant, actor=by.get_username(), action="member_removed", subject=row, role=row.role)
    row.delete()


@transaction.atomic
def new_link(*, member: Member, by: User) -> str:
    """Create a link with which the person chooses a new password, and end their sessions and former links.

    Whoever creates it could log in as that person, so it needs enough rank in every tenant they belong to, and where
    that login decides as an approver the right to edit approvers. Raises ValidationError.
    """
    for own in Member.objects.filter(user=member.user).select_related("tenant"):
        _check_reach(by, own.tenant, Role(own.role))
    for tenant in approver_lookup().linked(member.user):
        if not by.is_superuser and not may(_role_in(by, tenant), EDIT_APPROVERS):
            raise ValidationError(_("This person decides as an approver: an owner makes their link."))
    if member.user.is_superuser and not by.is_superuser:
        raise ValidationError(_("This is the operator of the installation."))
    end_sessions(user=member.user)
    record(tenant=member.tenant, actor=by.get_username(), action="password_link_made", subject=member)
    return _link(member.user)


def is_last_owner(member: Member) -> bool:
    """Return whether the tenant would have no owner without this member."""
    owners = Member.objects.of(member.tenant).filter(role=Role.OWNER)
    return member.role == Role.OWNER and not owners.exclude(pk=member.pk).exists()


def roles_within(user: User, tenant: Tenant | None) -> list[Role]:
    """Return the roles that this user may give in a tenant; without one, in any of theirs."""
    if user.is_superuser:
        return list(Role)
    members = Member.objects.filter(user=user, tenant__is_active=True)
    own = members.filter(tenant=tenant) if tenant is not None else members
    highest = max((RANKS[Role(role)] for role in own.values_list("role", flat=True)), default=0)
    return [role for role in Role if RANKS[role] <= highest]


def _check_reach(by: User, tenant: Tenant, role: Role) -> None:
    if by.is_superuser:
        return
    own = _role_in(by, tenant)
    if not may(own, "members.edit"):
        raise ValidationError(_("Your role cannot do this."))
    if not has_rank(own, role):
        raise ValidationError(_("This is a role above your own."))


def _role_in(user: User, tenant: Tenant) -> Role | None:
    own = Member.objects.of(tenant).filter(user=user).first()
    return Role(own.role) if own is not None else None


def _keep_an_owner(member: Member) -> None:
    if is_last_owner(member):
        raise ValidationError(_("A tenant keeps at least one owner: make somebody else owner first."))


def _lock(tenant: Tenant) -> None:
    # Two owners who remove each other's role at once must not both succeed.
    Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)


def _lock_member(member: Member) -> Member:
    _lock(member.tenant)
    row: Member = Member.objects.select_related("tenant", "user").get(pk=member.pk)
    return row


def _link(user: User) -> str:
    proof = [urlsafe_base64_encode(force_bytes(user.pk)), link_tokens.make_token(user)]
    return f"{settings.PUBLIC_URL}{reverse('welcome', args=proof)}"
