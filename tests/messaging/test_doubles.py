"""Contacts that were two because of two spellings: found, merged where that is certain, and only told where not."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from messaging import services as messaging
from messaging.models import Contact, ContactAddress, ContactMerge
from messaging.providers.base import Address, AddressKind
from tenants.models import AuditEntry
from tests.support.backoffice import make_session, write

pytestmark = [pytest.mark.django_db, pytest.mark.both]
DIALLED, OTHER = "+5511987650001", "+551187650001"
UNDONE = "they were merged before, and somebody undid it"
ONLY_TOLD = "only the provider takes them for one person: look, and merge by hand"


def phone(number):
    return Address(AddressKind.PHONE, number, number.removeprefix("+"))


def values(contact):
    return set(contact.addresses.values_list("value", flat=True))


def old_session(channel, number, text="hello"):
    """A session from before numbers were compared: its contact is known by the spelling it wrote from, alone."""
    session = make_session(channel, number)
    write(session, text, direction="in", purpose="customer", external_id=f"in-{number}")
    return session


def report(tenant, **options):
    out = StringIO()
    call_command("merge_doubles", tenant=tenant.slug, stdout=out, **options)
    return out.getvalue().splitlines()


@pytest.fixture
def doubles(clinic, channel, make_channel):
    """Ana twice on one line and once more on another, both with history; and somebody else."""
    one, two = old_session(channel, OTHER, "first words"), old_session(channel, DIALLED, "second words")
    elsewhere = old_session(make_channel(clinic, "twilio"), "+15550100222")
    return one, two, elsewhere


def test_a_dry_run_tells_and_changes_nothing(clinic, doubles):
    one, two, _ = doubles

    assert report(clinic) == [
        f"clinic: contact {two.contact_id} into contact {one.contact_id}: would be merged",
        "1 would be merged, 0 left as they are; --apply merges",
    ]
    assert not ContactMerge.objects.exists()
    assert ContactAddress.objects.count() == 3


def test_doubles_are_merged_audited_and_can_be_undone(clinic, salon, make_channel, doubles):
    one, two, other = doubles
    theirs = old_session(make_channel(salon, "meta"), OTHER)

    assert report(clinic, apply=True)[-1] == "1 merged, 0 left as they are"

    one.refresh_from_db()
    assert values(one.contact) == {DIALLED, OTHER}
    assert list(one.messages.order_by("pk").values_list("text", flat=True)) == ["first words", "second words"]
    assert one.recipient == two.recipient == DIALLED  # whom the latest message came from
    assert AuditEntry.objects.filter(action="contacts_merged", actor="merge_doubles").count() == 1
    assert values(other.contact) == {"+15550100222"}
    assert values(theirs.contact) == {OTHER}
    assert report(clinic, apply=True) == ["0 merged, 0 left as they are"]

    messaging.unmerge_contacts(merge=ContactMerge.objects.get(), by="ana")
    one.refresh_from_db()
    assert (one.recipient, values(one.contact), values(two.contact)) == (OTHER, {OTHER}, {DIALLED})
    assert report(clinic, apply=True) == [
        f"clinic: contact {two.contact_id} into contact {one.contact_id}: NOT merged: {UNDONE}",
        "0 merged, 1 left as they are",
    ]


def test_two_accounts_are_not_merged(clinic, doubles):
    one, two, _ = doubles
    for place, session in enumerate((one, two)):
        lid = Address(AddressKind.LID, f"47{place}@lid", f"47{place}@lid")
        messaging.link_addresses(contact=session.contact, addresses=[lid])

    assert "the provider knows them as two accounts (lid)" in report(clinic, apply=True)[0]
    assert not ContactMerge.objects.exists()


def test_applying_adds_the_dialled_number_of_those_who_are_no_doubles(clinic, channel):
    session = old_session(channel, "+5215512340002")

    assert report(clinic, apply=True) == ["0 merged, 0 left as they are"]

    assert values(session.contact) == {"+5215512340002", "+525512340002"}


def test_three_spelt_numbers_of_one_person_become_one(clinic, channel):
    """Two numbers in two spellings each, on three contacts that share them."""
    first, second = old_session(channel, OTHER), old_session(channel, DIALLED)
    third = old_session(channel, "+525512340002")
    messaging.link_addresses(contact=second.contact, addresses=[phone("+5491166773399")])
    ContactAddress.objects.create(tenant=clinic, contact=third.contact, kind="phone", value="+541166773399")

    assert report(clinic, apply=True)[-1] == "2 merged, 0 left as they are"

    assert set(Contact.objects.filter(merged_into=None)) == {first.contact}


def test_an_unknown_tenant_is_named(clinic):
    with pytest.raises(CommandError, match="there is no tenant nobody"):
        call_command("merge_doubles", tenant="nobody")


@pytest.mark.django_db(transaction=True)
def test_a_provider_that_takes_two_contacts_for_one_merges_nobody(clinic, wire, sim, say, drain, talk):
    channel = wire(clinic, "meta")
    ana, ben = talk(channel, phone="+22670112233"), talk(channel, phone="+22670445566")
    sim.account("+22670112233", "+22670445566")

    for text in ("one", "two"):
        say(ben, text)
        drain()

    ben.refresh_from_db()
    assert ben.recipient == "22670445566"
    assert AuditEntry.objects.filter(action="contacts_seem_one", subject_id=str(ben.contact_id)).count() == 1
    assert report(clinic) == [
        f"clinic: contact {ben.contact_id} into contact {ana.contact_id}: NOT merged: {ONLY_TOLD}",
        "0 would be merged, 1 left as they are; --apply merges",
    ]
