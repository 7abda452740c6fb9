"""Base classes of admin pages for members: only rows of their own tenants, and only what their role may do."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db import models
from django.db.models import QuerySet
from django.forms import Field
from django.http import Http404, HttpRequest, HttpResponseRedirect
from unfold.admin import TabularInline

from common.backoffice.base import PageAdmin, is_installation_operator
from tenants.declarations import Rights
from tenants.models import Member, Role, Tenant, User
from tenants.rights import has_rank, least_role, rights_on
from tenants.second_factor import is_required


def roles_of(request: HttpRequest) -> dict[int, Role]:
    """Return the user's role in each of their tenants."""
    return {tenant: role for tenant, (role, _) in _memberships(request).items()}


def needs_second_factor(request: HttpRequest) -> bool:
    """Return whether the user must have a second factor.

    By their role in a tenant, or as operator of the installation.
    """
    return isinstance(request.user, User) and is_required(request.user, _memberships(request).values())


def _memberships(request: HttpRequest) -> dict[int, tuple[Role, bool]]:
    """Return, for each tenant, the user's role and whether it requires a second factor; loaded once per request."""
    known: dict[int, tuple[Role, bool]] | None = getattr(request, "_frontdesk_roles", None)
    if known is None:
        rows = Member.objects.filter(user__pk=request.user.pk or 0, tenant__is_active=True)
        found = rows.values_list("tenant_id", "role", "tenant__requires_second_factor")
        known = {tenant: (Role(role), demands) for tenant, role, demands in found}
        request._frontdesk_roles = known  # type: ignore[attr-defined]  # kept for this request
    return known


def is_operator(request: HttpRequest) -> bool:
    """Return whether the user is the operator of the installation and sees all tenants."""
    return is_installation_operator(request)


def tenants_with(request: HttpRequest, role: Role | None) -> list[int]:
    """Return the ids of the tenants in which the user has at least this role; role None: of no tenant."""
    return [tenant for tenant, own in roles_of(request).items() if has_rank(own, role)]


def visible(request: HttpRequest, model: type[models.Model], site: admin.AdminSite) -> QuerySet:
    """Return the rows of any model that the user may see and choose from."""
    page = site._registry.get(model)
    if page is not None and isinstance(page, TenantAdmin):
        return page.get_queryset(request)
    rows = model._default_manager.all()
    if is_operator(request):
        return rows
    if model._meta.label == "tenants.User":
        return rows.filter(memberships__tenant__in=tenants_with(request, Role.VIEWER)).distinct()
    return rows.none()


class Scoped:
    """Limits the foreign keys of a form to what the user may see."""

    admin_site: admin.AdminSite

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Field | None:
        kwargs["queryset"] = visible(request, db_field.remote_field.model, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc, no-any-return]  # a mix-in

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Field | None:
        kwargs["queryset"] = visible(request, db_field.remote_field.model, self.admin_site)
        return super().formfield_for_manytomany(db_field, request, **kwargs)  # type: ignore[misc, no-any-return]  # a mix-in


class TenantAdmin(Scoped, PageAdmin):
    """The admin page of a model whose rows belong to a tenant; `tenants.rights` says who may do what.

    `tenant_path` is the path from a row to its tenant ("pk" for the tenant itself).
    """

    tenant_path: ClassVar[str] = "tenant"
    # Actions that need another right than "act" on this page's own rows.
    action_needs: ClassVar[dict[str, str]] = {}

    @property
    def rights(self) -> Rights:
        """Return the least role for each right."""
        return rights_on(self.opts.label)

    def role_for(self, action: str) -> Role | None:
        """Return the least role that may use an action."""
        return least_role(self.action_needs[action]) if action in self.action_needs else self.rights.act

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return self.visible_with_role(request, super().get_queryset(request), self.rights.see)

    def visible_with_role(self, request: HttpRequest, rows: QuerySet, role: Role | None) -> QuerySet:
        """Return the rows of tenants in which the user has at least this role."""
        if is_operator(request):
            return rows
        return rows.filter(**{f"{self.tenant_path}__in": tenants_with(request, role)})

    def filter_actable(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        return self.visible_with_role(request, rows, self.rights.act)

    def _may(self, request: HttpRequest, role: Role | None, obj: models.Model | None = None) -> bool:
        if obj is not None and obj.pk is not None and not is_operator(request):
            return self._may_in(request, role, tenant_id(obj, self.tenant_path))
        is_let_in = request.user.is_active and request.user.is_staff
        return bool(is_let_in and (is_operator(request) or tenants_with(request, role)))

    def _may_in(self, request: HttpRequest, role: Role | None, tenant: int | None) -> bool:
        is_let_in = request.user.is_active and request.user.is_staff
        return bool(is_let_in and (is_operator(request) or tenant in tenants_with(request, role)))

    def role_in(self, request: HttpRequest, tenant: int) -> Role | None:
        """Return the user's role in a tenant."""
        return roles_of(request).get(tenant)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may(request, self.rights.see)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self._may(request, self.rights.see, obj)

    def has_act_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self._may(request, self.rights.act, obj)

    def may_act_in(self, request: HttpRequest, tenant: int | None) -> bool:
        """Return whether the user may act on rows of this tenant; rows without a tenant are the installation's."""
        return self._may_in(request, self.rights.act, tenant)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self._may(request, self.rights.edit, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may(request, self.rights.add)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return self._may(request, self.rights.delete, obj)

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponseRedirect:
        raise Http404  # a foreign row and a missing row give the same answer

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Choose the tenant when there is only one."""
        if is_operator(request):
            own = list(Tenant.objects.order_by().values_list("pk", flat=True)[:2])
        else:
            own = tenants_with(request, self.rights.add)
        return {**({"tenant": own[0]} if len(own) == 1 else {}), **super().get_changeform_initial_data(request)}

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Return a form in which a new row can only be given to a tenant in which the user may add."""
        form = super().get_form(request, obj, change, **kwargs)
        field = form.base_fields.get("tenant")
        if field is not None and not is_operator(request):
            role = self.rights.edit if change else self.rights.add
            field.queryset = Tenant.objects.filter(pk__in=tenants_with(request, role))
        return form


class TenantInline(Scoped, TabularInline):
    """Rows shown read-only on their parent's page; the parent decides who sees them."""

    extra = 0
    can_delete = False
    show_change_link = True

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ScopedFilter(admin.RelatedFieldListFilter):
    """A filter by a related row that offers only what the user may see."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[Any, Any]]:
        rows = visible(request, field.remote_field.model, model_admin.admin_site)
        return [(row.pk, str(row)) for row in rows[:200]]


def tenant_id(obj: Any, path: str) -> int | None:
    """Follow `tenant_path` from a row to the tenant's id."""
    *parents, last = path.split("__")
    for name in parents:
        obj = getattr(obj, name)
        if obj is None:
            return None
    found: int | None = obj.pk if last == "pk" else getattr(obj, f"{last}_id")
    return found
