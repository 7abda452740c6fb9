"""The language that a customer writes is stored in the contact, and does not replace a language set by a person."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging import services as messaging
from messaging.models import Contact
from messaging.providers.base import Address, AddressKind, Kind, Media
from messaging.queries import language_for


@pytest.fixture
def whatsapp(clinic, make_channel):
    return make_channel(clinic, "evolution")


@pytest.fixture
def receive_text(whatsapp, inbound):
    """Return a function: the customer sends a text, and the language stored after it is returned."""

    def receive(text, **more):
        message = messaging.receive(channel=whatsapp, inbound=inbound(whatsapp, text, **more))
        assert message is not None
        contact = Contact.objects.get(pk=message.conversation.contact_id)
        assert message.conversation.contact.language == contact.language
        return contact.language

    return receive


def test_the_language_is_stored_at_the_first_message_and_unclear_ones_change_nothing(receive_text):
    heard = [receive_text(text) for text in ("vcs abrem sabado?", "ok", "10h", "Ana", "👍", "stop", "e a obturacao?")]

    assert heard == ["pt"] * 7


def test_before_a_language_is_known_that_of_the_tenant_is_used(receive_text, clinic):
    clinic.language = "ro"

    assert receive_text("👍") == ""
    assert language_for(Contact.objects.get(), clinic) == "ro"


def test_a_contact_who_changes_the_language_gets_the_new_one(receive_text):
    assert [receive_text("hola, cuanto cuesta la limpieza?"), receive_text("sorry, can we speak english please")] == [
        "es",
        "en",
    ]


def test_two_unclear_messages_in_a_row_change_it(receive_text):
    assert [receive_text(text) for text in ("hola buenas", "obrigado", "onde fica")] == ["es", "es", "pt"]


@pytest.mark.parametrize(
    "more",
    [{"kind": Kind.BUTTON}, {"kind": Kind.LOCATION}, {"kind": Kind.REACTION}, {"kind": Kind.CONTACTS},
     {"kind": Kind.DOCUMENT}, {"is_history": True}, {"data": {"forwarded": True}}],
)  # fmt: skip
def test_text_that_the_person_did_not_write_does_not_count(receive_text, more):
    assert receive_text("quiero una cita para el viernes", **more) == ""


def test_a_prefix_for_the_assistant_and_commands_do_not_count(receive_text):
    assert [receive_text("/bot off please"), receive_text("/desk quiero una cita")] == ["", "es"]


def test_captions_and_transcripts_count(receive_text):
    media = Media(mime_type="audio/ogg", reference="a", transcript="quiero una cita para el viernes")

    assert (
        receive_text("olha isso, o que vc acha?", kind=Kind.IMAGE, media=Media(mime_type="image/png", reference="b"))
        == "pt"
    )
    assert receive_text("", kind=Kind.VOICE, media=media) == "es"


def test_a_group_has_one_language_of_its_own(receive_text, whatsapp, inbound):
    group = Address(kind=AddressKind.GROUP, value="120363@g.us", external_id="120363@g.us")

    receive_text("how much is it please", group=group)
    receive_text("buenas tardes, quiero una cita")

    assert set(Contact.objects.values_list("is_group", "language")) == {(True, "en"), (False, "es")}


def test_a_language_set_by_a_person_stays_until_it_is_emptied(receive_text, clinic):
    receive_text("hola, quiero una cita")
    contact = Contact.objects.get()
    messaging.update_contact_details(contact=contact, by="ana", language="pt-br")

    assert receive_text("quiero una cita para el viernes") == "pt-br"
    assert language_for(Contact.objects.get(), clinic) == "pt"

    messaging.update_contact_details(contact=contact, by="ana", language="")
    assert receive_text("quiero una cita para el viernes") == "es"


def test_a_code_with_a_country_that_nobody_set_by_hand_may_change(receive_text):
    receive_text("bom dia, vcs abrem sabado?")
    Contact.objects.update(language="pt-br")

    assert [receive_text("e domingo?"), receive_text("sorry, can we speak english please")] == ["pt-br", "en"]


def test_a_changed_name_alone_does_not_fix_the_language(receive_text):
    receive_text("hola, quiero una cita")

    messaging.update_contact_details(contact=Contact.objects.get(), by="ana", name="Ana", language="es")

    assert receive_text("sorry, can we speak english please") == "en"


def test_a_language_set_in_the_back_office_stays_too(receive_text, manager):
    receive_text("hola, quiero una cita")
    contact = Contact.objects.get()
    addresses = {"addresses-TOTAL_FORMS": "0", "addresses-INITIAL_FORMS": "0"}

    answer = manager.post(
        f"/admin/messaging/contact/{contact.pk}/change/", {"name": "Ana", "language": "ro", "_save": "1", **addresses}
    )

    assert answer.status_code == 302
    assert receive_text("quiero una cita para el viernes") == "ro"


def test_a_merge_keeps_the_language_that_a_person_has_set(receive_text, clinic):
    receive_text("hola, quiero una cita")
    receive_text("bom dia, vcs abrem sabado?", phone="+15550100222")
    kept, merged = Contact.objects.order_by("pk")
    messaging.update_contact_details(contact=merged, by="ana", language="ro")

    merge = messaging.merge_contacts(kept=kept, merged=merged, by="ana")
    kept.refresh_from_db()
    assert (kept.language, kept.language_is_fixed) == ("ro", True)

    messaging.unmerge_contacts(merge=merge, by="ana")
    kept.refresh_from_db()
    assert (kept.language, kept.language_is_fixed) == ("es", False)


@pytest.mark.parametrize("text", ["hola, quiero una cita", "ok", "gracias"])
def test_an_unchanged_language_needs_no_query(receive_text, whatsapp, inbound, text):
    receive_text("hola, quiero una cita para el viernes")
    message = inbound(whatsapp, text)

    with CaptureQueriesContext(
        connection,
    ) as asked:
        messaging.receive(channel=whatsapp, inbound=message)

    assert [query["sql"] for query in asked if "language" in query["sql"] and query["sql"].startswith("UPDATE")] == []


def test_the_language_of_a_new_contact_needs_no_further_query(whatsapp, inbound):
    with CaptureQueriesContext(connection) as asked:
        messaging.receive(channel=whatsapp, inbound=inbound(whatsapp, "hola, quiero una cita"))

    assert [query["sql"] for query in asked if query["sql"].startswith('UPDATE "messaging_contact"')] == []
    assert Contact.objects.get().language == "es"
