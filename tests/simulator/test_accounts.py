"""Accounts whose own WhatsApp id is not the number that people dial: answered and heard by their own id."""

import pytest

from tests.simulator.test_messaging_services import APIKEY, BASIC, D360, EVO, FORM, KEY, MESSAGES, TEXT, TWILIO

pytestmark = pytest.mark.once
OWN, DIALLED = "+551187650010", "+5511987650010"
META = "106540352242922"


@pytest.fixture(autouse=True)
def _account(sim):
    sim.account(OWN, DIALLED)


@pytest.mark.parametrize("number", [OWN, DIALLED])
def test_the_cloud_api_answers_in_the_accounts_spelling(sim, product, number):
    token = {"Authorization": "Bearer meta-token"}
    for path, headers in ((f"/meta/v21.0/{META}/messages", token), ("/dialog360/messages", KEY)):
        answer = sim.http.post(path, json=TEXT | {"to": number[1:]}, headers=headers).json()
        assert answer["contacts"] == [{"input": number[1:], "wa_id": OWN[1:]}]
        channel = META if "meta" in path else D360
        sim.status(channel, answer["messages"][0]["id"], "delivered")
        assert product.hooks[-1].json["entry"][0]["changes"][0]["value"]["statuses"][0]["recipient_id"] == OWN[1:]


@pytest.mark.parametrize("number", [OWN, DIALLED])
def test_evolution_answers_in_the_accounts_spelling(sim, number):
    jid = f"{OWN[1:]}@s.whatsapp.net"
    sent = sim.http.post(f"/evolution/message/sendText/{EVO}", json={"number": number[1:], "text": "x"}, headers=APIKEY)
    asked = sim.http.post(f"/evolution/chat/whatsappNumbers/{EVO}", json={"numbers": [number[1:]]}, headers=APIKEY)

    assert sent.json()["key"]["remoteJid"] == jid
    assert asked.json() == [{"jid": jid, "exists": True, "number": number[1:]}]


@pytest.mark.parametrize("number", [OWN, DIALLED])
@pytest.mark.parametrize("channel", [META, D360, EVO, TWILIO])
def test_the_account_writes_from_its_own_id(sim, product, channel, number):
    sim.say(channel, "oi", person=number)

    raw = product.hooks[0].raw.decode()
    assert OWN[1:] in raw
    assert DIALLED[1:] not in raw
    assert [bubble["text"] for bubble in sim.conversation(channel, DIALLED)] == ["oi"]


def test_twilio_keeps_the_spelling_of_the_request_in_its_answer(sim):
    answer = sim.http.post(MESSAGES, data=FORM | {"To": f"whatsapp:{DIALLED}"}, headers=BASIC)

    assert answer.json()["to"] == f"whatsapp:{DIALLED}"
    assert [record["to"] for record in sim.sends("twilio", to=DIALLED)] == [OWN]


def test_an_account_of_no_number_is_refused_and_a_reset_forgets(sim):
    for wrong in ({"id": "", "reached_by": [DIALLED]}, {"id": OWN}, {"id": OWN, "reached_by": ["ana@example.com"]}):
        with pytest.raises(ValueError, match="must be whole numbers"):
            sim.post("account", **wrong)

    sim.reset()
    answer = sim.http.post("/dialog360/messages", json=TEXT | {"to": DIALLED[1:]}, headers=KEY).json()
    assert answer["contacts"][0]["wa_id"] == DIALLED[1:]
