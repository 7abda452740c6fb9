"""Saved views: a user's own filters of the inbox."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from common.errors import NotPossible
from common.text.plain import clean
from messaging.models import SavedView
from tenants.models import Tenant, User

MOST = 20


@transaction.atomic
def save_view(*, tenant: Tenant, user: User, name: str, query: dict[str, Any]) -> SavedView:
    """Store filters under a name, replacing those of the same name.

    Raises NotPossible for no name, or too many views.
    """
    words = " ".join(clean(name).split())[:40]
    if not words:
        raise NotPossible(_("a view needs a name"))
    own = SavedView.objects.of(tenant).filter(user=user)
    if not own.filter(name=words).exists() and own.count() >= MOST:
        raise NotPossible(_("you have %s views already: remove one first") % MOST)
    view, _is_new = SavedView.objects.update_or_create(tenant=tenant, user=user, name=words, defaults={"query": query})
    return view


@transaction.atomic
def delete_view(*, view: SavedView) -> None:
    """Delete a view."""
    view.delete()
