from tests.support.small_app.models import Parcel

MODELS = (Parcel,)


def export(contact):
    """Return the parcels of a person."""
    return {"parcels": list(Parcel.objects.filter(contact=contact).values("id", "recalls"))}


def erase(contact):
    """Delete the parcels of a person; returns how many."""
    return Parcel.objects.filter(contact=contact).delete()[0]
