from django.contrib import admin

from tenants.access import TenantAdmin
from tests.support.small_app.models import Parcel


@admin.register(Parcel)
class ParcelAdmin(TenantAdmin):
    """Parcels."""

    list_display = ["id", "tenant", "recalls"]
