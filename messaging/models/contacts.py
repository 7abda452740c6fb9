"""A contact: a person (or a group) with all addresses that the providers have for them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from tenants.models import TenantModel


class Contact(TenantModel):
    """A person or group that writes to the business."""

    name = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=10, blank=True)
    language_is_fixed = models.BooleanField(
        default=False, editable=False, help_text=_("Set by a person: what the contact writes does not change it.")
    )
    is_group = models.BooleanField(default=False)
    opted_out_at = models.DateTimeField(null=True, blank=True, help_text=_("Set: nothing automatic is sent."))
    marketing_stopped_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_("Set: the person told the network that they want no marketing. Answers are still sent."),
    )
    # Set when another contact turned out to be the same person. This row is not shown anywhere; it is needed to undo
    # the merge.
    merged_into = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["tenant", "name"], name="contact_tenant_name")]

    def __str__(self) -> str:
        return self.name or f"#{self.pk}"


class ContactKind(models.TextChoices):
    """The kinds of address that a provider has for a contact."""

    PHONE = "phone", _("Phone")
    BSUID = "bsuid", _("WhatsApp user id")
    LID = "lid", _("WhatsApp linked id")
    EMAIL = "email", _("E-mail")
    GROUP = "group", _("Group")


class ContactAddress(TenantModel):
    """One address of a contact: `value` is used to compare, `external_id` is what the provider expects as recipient."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="addresses")
    kind = models.CharField(max_length=10, choices=ContactKind.choices)
    value = models.CharField(max_length=200)
    external_id = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "kind", "value"], name="one_contact_per_address"),
        ]
        verbose_name_plural = _("contact addresses")

    def __str__(self) -> str:
        return self.value
