from django.db import models

from tenants.models import TenantModel


class Parcel(TenantModel):
    """A parcel of a contact."""

    contact = models.ForeignKey("messaging.Contact", on_delete=models.CASCADE)
    recalls = models.PositiveSmallIntegerField(default=0)
