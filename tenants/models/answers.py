"""Stored responses of creating calls, so that a repeated call does nothing."""

from __future__ import annotations

from django.db import models

from common.crypto import EncryptedTextField
from tenants.models.core import Tenant, TenantModel


class StoredAnswer(TenantModel):
    """The response under one `Idempotency-Key`, written in the same transaction as what the call did."""

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, null=True)  # type: ignore[assignment]  # the installation's own calls
    key_hash = models.CharField(max_length=64)
    request_hash = models.CharField(max_length=64)  # of method, address and body, to recognise another request
    status = models.PositiveSmallIntegerField(default=0)
    body = EncryptedTextField(blank=True, default="", editable=False)  # without what is shown only once
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "key_hash"], name="one_answer_per_key"),
            models.UniqueConstraint(
                fields=["key_hash"], name="one_answer_per_key_of_the_installation", condition=models.Q(tenant=None)
            ),
        ]

    def __str__(self) -> str:
        return f"answer {self.pk}"
