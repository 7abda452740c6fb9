from django.db.models import F

from tests.support.small_app.models import Parcel


def count_parcels():
    """Return how many parcels there are."""
    return Parcel.objects.count()


def recall_parcels(*, tenant):
    """Recall each parcel of a tenant; returns how many."""
    return Parcel.objects.filter(tenant=tenant).update(recalls=F("recalls") + 1)
