"""How a tenant's assistant is set up."""

from __future__ import annotations

from django.db import transaction

from assistant.models import AssistantProfile
from tenants.models import Tenant


@transaction.atomic
def set_up_profile(
    *,
    tenant: Tenant,
    system_prompt: str | None = None,
    provider: str | None = None,
    model: str | None = None,
) -> AssistantProfile:
    """Create the tenant's assistant, or change what is given; None leaves a value as it is."""
    profile, _ = AssistantProfile.objects.get_or_create(tenant=tenant)
    given = {"system_prompt": system_prompt, "provider": provider, "model": model}
    for name, value in given.items():
        if value is not None:
            setattr(profile, name, value)
    profile.full_clean()
    profile.save()
    return profile
