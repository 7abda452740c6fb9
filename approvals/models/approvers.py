"""Approvers, their addresses, and the policies that approve automatically or require two approvers."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.text.phone_numbers import canonical, parse_contact_address
from messaging.models import Channel
from tenants.models import Member, TenantModel
from tenants.models.core import known_timezone


class ApproverLanguage(models.TextChoices):
    """The languages in which approvers are asked and may answer."""

    ENGLISH = "en", "English"
    PORTUGUESE = "pt", "Português"
    SPANISH = "es", "Español"
    ROMANIAN = "ro", "Română"


class Approver(TenantModel):
    """A person who may decide."""

    name = models.SlugField(max_length=50, help_text=_("What the core service calls this person, such as owner."))
    language = models.CharField(max_length=5, choices=ApproverLanguage.choices, default=ApproverLanguage.ENGLISH)
    timezone = models.CharField(
        max_length=50, blank=True, validators=[known_timezone], help_text=_("Empty: the tenant's.")
    )
    quiet_from = models.TimeField(
        null=True, blank=True, help_text=_("From then until the other time only what is urgent is asked.")
    )
    quiet_until = models.TimeField(null=True, blank=True)
    member = models.ForeignKey(
        Member, on_delete=models.SET_NULL, null=True, blank=True, related_name="approvers",
        help_text=_("Who decides as this person in the back office."),
    )  # fmt: skip
    is_default = models.BooleanField(default=False, help_text=_("Asked when a candidate names nobody."))
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="one_approver_per_name")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Check that quiet hours have both ends or none, and that the member belongs to the tenant."""
        if (self.quiet_from is None) != (self.quiet_until is None):
            raise ValidationError(_("Quiet hours need both times, or neither."))
        if self.member is not None and self.member.tenant_id != self.tenant_id:
            raise ValidationError({"member": _("This member belongs to another tenant.")})

    @property
    def zone(self) -> ZoneInfo:
        """Return the time zone of the quiet hours."""
        return ZoneInfo(self.timezone or self.tenant.timezone)


class ApproverAddress(TenantModel):
    """Where an approver is asked, and from where an answer counts."""

    approver = models.ForeignKey(Approver, on_delete=models.CASCADE, related_name="addresses")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    address = models.CharField(max_length=200, help_text=_("A number like +15550100200, or for iMessage an e-mail."))
    # Answers are recognised by this form, in whichever spelling the number arrives; messages go to `address`.
    canonical = models.CharField(max_length=200, editable=False)
    place = models.PositiveSmallIntegerField(default=1, help_text=_("The lowest is asked first."))

    class Meta:
        ordering = ["place", "id"]
        verbose_name_plural = _("approver addresses")
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "canonical"], name="one_approver_per_channel_address",
                violation_error_message=_("This number or address is an approver's on this channel already."),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"address {self.pk} of {self.approver_id}"

    def clean(self) -> None:
        """Check that all belong to one tenant, and that the address has the form of incoming messages."""
        channel = getattr(self, "channel", None)
        if channel is not None and channel.tenant_id != self.tenant_id:
            raise ValidationError({"channel": _("This channel belongs to another tenant.")})
        approver = getattr(self, "approver", None)
        if approver is not None and approver.tenant_id != self.tenant_id:
            raise ValidationError({"approver": _("This approver belongs to another tenant.")})
        address = parse_contact_address(self.address)
        if not address:
            raise ValidationError({"address": _("Write a number with its country, like +15550100200, or an e-mail.")})
        self.address, self.canonical = address, canonical(address)

    def validate_constraints(self, exclude: Any = None) -> None:
        """Check the canonical spelling too, which no form shows."""
        super().validate_constraints(exclude=set(exclude or ()) - {"canonical"})

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save the canonical spelling beside the address."""
        self.canonical = canonical(self.address)
        super().save(*args, **kwargs)


class Effect(models.TextChoices):
    """What a policy does with a candidate that matches."""

    AUTO_APPROVE = "auto_approve", _("Approve at once, ask nobody")
    TWO_PERSON = "two_person", _("Two people must approve")


class Policy(TenantModel):
    """A rule of the tenant: the first active one that matches a candidate counts."""

    name = models.CharField(max_length=100)
    place = models.PositiveSmallIntegerField(default=1, help_text=_("The lowest is looked at first."))
    effect = models.CharField(max_length=20, choices=Effect.choices)
    category = models.CharField(max_length=50, blank=True, help_text=_("Empty: any."))
    priority = models.CharField(max_length=10, blank=True, help_text=_("normal or urgent; empty: any."))
    amount_up_to = models.DecimalField(
        max_digits=14, decimal_places=2, null=True, blank=True,
        help_text=_('Fits only candidates whose metadata has an "amount" up to this.'),
    )  # fmt: skip
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["place", "id"]
        verbose_name_plural = _("policies")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Check that a policy that approves automatically says what it is for."""
        if self.priority not in ("", "normal", "urgent"):
            raise ValidationError({"priority": _("normal, urgent or nothing.")})
        says_what = self.category or self.amount_up_to is not None
        if self.effect == Effect.AUTO_APPROVE and not says_what:
            raise ValidationError(_("Approving by itself needs a category or an amount: it may not fit everything."))

    def matches(self, *, category: str, priority: str, metadata: dict[str, Any]) -> bool:
        """Return whether a candidate matches; one without a plain amount does not match a policy with a limit."""
        if self.category not in ("", category) or self.priority not in ("", priority):
            return False
        if self.amount_up_to is None:
            return True
        amount = metadata.get("amount")
        return isinstance(amount, int | float) and not isinstance(amount, bool) and 0 <= amount <= self.amount_up_to
