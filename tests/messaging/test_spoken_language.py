"""The language of what a customer writes is kept on the contact, and a language set by a person stays."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from messaging import services as messaging
from messaging.models import Contact
from messaging.providers.base import Address, AddressKind, Kind, Media
from messaging.queries import spoken_language


@pytest.fixture
def line(clinic, make_channel):
    return make_channel(clinic, "evolution")


@pytest.fixture
def hear(line, inbound):
    """The customer writes; returns the language that is kept afterwards."""

    def receive(text, **more):
        message = messaging.receive(channel=line, inbound=inbound(line, text, **more))
        assert message is not None
        contact = Contact.objects.get(pk=message.conversation.contact_id)
        assert message.conversation.contact.language == contact.language
        return contact.language

    return receive


def test_it_is_kept_from_the_first_words_and_over_what_tells_nothing(hear):
    heard = [hear(text) for text in ("vcs abrem sabado?", "ok", "10h", "Ana", "👍", "stop", "e a obturacao?")]

    assert heard == ["pt"] * 7


def test_before_any_is_known_the_businesss_is_spoken(hear, clinic):
    clinic.language = "ro"

    assert hear("👍") == ""
    assert spoken_language(Contact.objects.get(), clinic) == "ro"


def test_somebody_who_changes_the_language_is_followed(hear):
    assert [hear("hola, cuanto cuesta la limpieza?"), hear("sorry, can we speak english please")] == ["es", "en"]


def test_two_unclear_lines_in_a_row_change_it(hear):
    assert [hear(text) for text in ("hola buenas", "obrigado", "onde fica")] == ["es", "es", "pt"]


@pytest.mark.parametrize(
    "more",
    [{"kind": Kind.BUTTON}, {"kind": Kind.LOCATION}, {"kind": Kind.REACTION}, {"kind": Kind.CONTACTS},
     {"kind": Kind.DOCUMENT}, {"is_history": True}, {"data": {"forwarded": True}}],
)  # fmt: skip
def test_what_the_person_did_not_write_tells_nothing(hear, more):
    assert hear("quiero una cita para el viernes", **more) == ""


def test_a_prefix_that_calls_the_assistant_and_commands_tell_nothing(hear):
    assert [hear("/bot off please"), hear("/desk quiero una cita")] == ["", "es"]


def test_captions_and_transcripts_count(hear):
    media = Media(mime_type="audio/ogg", reference="a", transcript="quiero una cita para el viernes")

    assert hear("olha isso, o que vc acha?", kind=Kind.IMAGE, media=Media(mime_type="image/png", reference="b")) == "pt"
    assert hear("", kind=Kind.VOICE, media=media) == "es"


def test_a_group_has_one_language_of_its_own(hear, line, inbound):
    group = Address(kind=AddressKind.GROUP, value="120363@g.us", external_id="120363@g.us")

    hear("how much is it please", group=group)
    hear("buenas tardes, quiero una cita")

    assert set(Contact.objects.values_list("is_group", "language")) == {(True, "en"), (False, "es")}


def test_a_language_that_a_person_has_set_stays_until_it_is_emptied(hear, clinic):
    hear("hola, quiero una cita")
    contact = Contact.objects.get()
    messaging.edit_contact(contact=contact, by="ana", language="pt-br")

    assert hear("quiero una cita para el viernes") == "pt-br"
    assert spoken_language(Contact.objects.get(), clinic) == "pt"

    messaging.edit_contact(contact=contact, by="ana", language="")
    assert hear("quiero una cita para el viernes") == "es"


def test_a_code_with_its_country_that_nobody_has_set_by_hand_is_followed_too(hear):
    hear("bom dia, vcs abrem sabado?")
    Contact.objects.update(language="pt-br")

    assert [hear("e domingo?"), hear("sorry, can we speak english please")] == ["pt-br", "en"]


def test_another_name_alone_fixes_no_language(hear):
    hear("hola, quiero una cita")

    messaging.edit_contact(contact=Contact.objects.get(), by="ana", name="Ana", language="es")

    assert hear("sorry, can we speak english please") == "en"


def test_in_the_admin_too(hear, manager):
    hear("hola, quiero una cita")
    contact = Contact.objects.get()
    addresses = {"addresses-TOTAL_FORMS": "0", "addresses-INITIAL_FORMS": "0"}

    answer = manager.post(
        f"/admin/messaging/contact/{contact.pk}/change/", {"name": "Ana", "language": "ro", "_save": "1", **addresses}
    )

    assert answer.status_code == 302
    assert hear("quiero una cita para el viernes") == "ro"


def test_a_merge_keeps_the_language_that_a_person_has_set(hear, clinic):
    hear("hola, quiero una cita")
    hear("bom dia, vcs abrem sabado?", phone="+15550100222")
    kept, merged = Contact.objects.order_by("pk")
    messaging.edit_contact(contact=merged, by="ana", language="ro")

    merge = messaging.merge_contacts(kept=kept, merged=merged, by="ana")
    kept.refresh_from_db()
    assert (kept.language, kept.language_is_fixed) == ("ro", True)

    messaging.unmerge_contacts(merge=merge, by="ana")
    kept.refresh_from_db()
    assert (kept.language, kept.language_is_fixed) == ("es", False)


@pytest.mark.parametrize("text", ["hola, quiero una cita", "ok", "gracias"])
def test_it_costs_no_statement_unless_it_changes(hear, line, inbound, text):
    hear("hola, quiero una cita para el viernes")
    message = inbound(line, text)

    with CaptureQueriesContext(
        connection,
    ) as asked:
        messaging.receive(channel=line, inbound=message)

    assert [query["sql"] for query in asked if "language" in query["sql"] and query["sql"].startswith("UPDATE")] == []


def test_a_new_contact_costs_no_further_statement(line, inbound):
    with CaptureQueriesContext(connection) as asked:
        messaging.receive(channel=line, inbound=inbound(line, "hola, quiero una cita"))

    assert [query["sql"] for query in asked if query["sql"].startswith('UPDATE "messaging_contact"')] == []
    assert Contact.objects.get().language == "es"
