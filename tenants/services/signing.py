"""A tenant's own signing secret: created or replaced, while the old one signs for some more hours."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from tenants.models import SigningSecret, Tenant, check_secret, new_secret, signing_secrets
from tenants.services.core import record


@transaction.atomic
def rotate_signing_secret(*, tenant: Tenant, by: str, secret: str = "", hours: float = 24) -> SigningSecret:
    """Store a new signing secret in the tenant's row, generated or given; it is shown now and never again.

    The secret before it signs for `hours` more, also when that was WEBHOOK_SIGNING_SECRET. Raises ValueError for text
    that is no signing secret.
    """
    wanted = secret.strip() or new_secret()
    check_secret(wanted)
    Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
    before = [known for known in signing_secrets(tenant.pk) if known != wanted]
    row: SigningSecret = SigningSecret.objects.filter(tenant=tenant).first() or SigningSecret(tenant=tenant)
    now = timezone.now()
    row.secret, row.previous_secret, row.shown_at = wanted, before[0] if before else "", now
    row.previous_until = now + timedelta(hours=hours) if before else None
    row.save()
    record(tenant=tenant, actor=by, action="signing_secret_rotated", subject=row, hours=hours, is_given=bool(secret))
    return row
