"""360dialog, Evolution, Twilio and iMessage: what they refuse, what they post."""

import base64

import pytest

from tests.simulator.shapes import shape
from tests.simulator.standin import ACCOUNT, TWILIO_TOKEN

pytestmark = pytest.mark.once
D360, EVO, TWILIO, IMSG = "206540352242922", "clinic-demo", "+15550100100", "desk@clinic.example"
ANA = "+15550100111"
KEY = {"D360-API-KEY": "d360-key"}
APIKEY = {"apikey": "evo-key"}
BEARER = {"Authorization": "Bearer photon-key"}
BASIC = {"Authorization": "Basic " + base64.b64encode(f"{ACCOUNT}:{TWILIO_TOKEN}".encode()).decode()}
TEXT = {"messaging_product": "whatsapp", "to": "15550100111", "type": "text", "text": {"body": "Hello"}}
MESSAGES = f"/twilio/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
FORM = {"To": "whatsapp:+15550100111", "From": "whatsapp:+15550100100", "Body": "Hello"}


@pytest.mark.parametrize("channel", ["106540352242922", D360, EVO, "jwt-demo", TWILIO, IMSG])
@pytest.mark.parametrize("kind", ["text", "image", "voice", "document", "video", "sticker", "location", "contacts"])
def test_every_kind_of_every_service_is_verified(sim, product, channel, kind):
    sim.say(channel, "Olá / +1 & ü 😀", kind=kind, name="Ana Tavares")

    assert [hook.proven for hook in product.hooks] == [True]


@pytest.mark.parametrize("channel", ["106540352242922", D360, EVO, TWILIO, IMSG])
@pytest.mark.parametrize("said", [{"kind": "reaction", "text": "👍"}, {"kind": "button", "text": "Yes", "choice": "y"}])
def test_answers_to_a_message_name_it(sim, product, channel, said):
    sim.say(channel, reply_to="MESSAGE-1", **said)

    assert b"MESSAGE-1" in product.hooks[0].raw


@pytest.mark.parametrize("channel", ["106540352242922", D360, EVO, TWILIO, IMSG])
def test_the_owner_of_every_service(sim, product, channel):
    sim.owner(channel, "mine")

    assert product.hooks[0].proven
    assert [(m["author"], m["tick"]) for m in sim.conversation(channel)] == [("owner", "delivered")]


# --- 360dialog


def test_d360_sends_and_refuses_with_its_own_words(sim, captured):
    answer = sim.http.post("/dialog360/messages", json=TEXT, headers=KEY)
    assert shape(answer.json()) == shape(captured("dialog360_api_send_ok"))["body"]

    refused = sim.http.post("/dialog360/messages", json=TEXT, headers={"D360-API-KEY": "x"})
    assert (refused.status_code, refused.json()["meta"]["developer_message"]) == (401, "Invalid api_key")
    assert sim.http.post(f"/dialog360/v21.0/{D360}/messages", json=TEXT, headers=KEY).status_code == 404
    assert sim.http.post("/dialog360/messages", json=TEXT | {"to": ""}, headers=KEY).json()["error"]["code"] == 131008


def test_d360_media_needs_the_host_replaced(sim, product):
    sim.say(D360, kind="image")
    media_id = product.hooks[0].json["entry"][0]["changes"][0]["value"]["messages"][0]["image"]["id"]
    url = sim.http.get(f"/dialog360/{media_id}", headers=KEY).json()["url"]

    assert url.startswith("https://lookaside.fbsbx.com/whatsapp_business/")
    path = url.removeprefix("https://lookaside.fbsbx.com")
    assert sim.http.get(f"/dialog360{path}", headers=KEY).content.startswith(b"\x89PNG")
    assert sim.http.get(f"/dialog360{path}").status_code == 401


def test_d360_webhook_settings(sim):
    settings = {"url": "https://desk.test/webhooks/dialog360/t", "headers": {"X-Webhook-Secret": "s3cret-value"}}

    assert sim.http.post("/dialog360/v1/configs/webhook", json=settings, headers=KEY).json() == settings
    assert sim.http.get("/dialog360/v1/configs/webhook", headers=KEY).json() == settings
    assert "s3cret-value" not in str(sim.record())


# --- Evolution


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("upsert_text", {"text": "hi"}),
        ("upsert_audio_ptt", {"kind": "voice"}),
        ("upsert_image_base64", {"kind": "image", "text": "receipt"}),
        ("upsert_reaction", {"kind": "reaction", "text": "👍", "reply_to": "X"}),
    ],
)
def test_evolution_posts_the_captured_shape(sim, product, captured, name, said):
    sim.say(EVO, name="Ana Tavares", **said)

    optional = {"messageContextInfo", "senderTimestampMs", "waveform"}
    assert shape(product.hooks[0].json, optional) == shape(captured(f"evolution_{name}"), optional)


def test_evolution_knows_lids(sim, product):
    sim.say(EVO, "hi", person="199900000000111@lid")

    assert product.hooks[0].json["data"]["key"].keys() == {"remoteJid", "fromMe", "id"}
    assert product.hooks[0].json["data"]["key"]["remoteJid"] == "199900000000111@lid"


def test_evolution_owner_is_from_me(sim, product, captured):
    sim.owner(EVO, "I take it")

    assert shape(product.hooks[0].json) == shape(captured("evolution_upsert_from_me_phone"))
    assert product.hooks[0].json["data"]["key"]["fromMe"] is True


def test_evolution_echoes_and_updates(sim, product, captured):
    sim.statuses("all")
    url = f"/evolution/message/sendText/{EVO}"
    answer = sim.http.post(url, json={"number": "15550100111", "text": "Hello"}, headers=APIKEY)

    assert (answer.status_code, shape(answer.json())) == (
        201,
        shape(captured("evolution_api_send_text_created"))["body"],
    )
    sim.wait(lambda: len(product.hooks) == 4)
    assert shape(product.hooks[0].json) == shape(captured("evolution_send_message_text"))
    assert product.hooks[0].json["data"]["key"]["id"] == answer.json()["key"]["id"]
    assert shape(product.hooks[1].json) == shape(captured("evolution_update_delivery_ack"))
    assert [hook.json["data"]["status"] for hook in product.hooks[1:]] == ["SERVER_ACK", "DELIVERY_ACK", "READ"]


@pytest.mark.parametrize(
    ("path", "body", "key", "status"),
    [
        (f"message/sendText/{EVO}", {"number": "15550100111"}, "evo-key", 400),
        (f"message/sendText/{EVO}", {"number": "15550100111", "text": ""}, "evo-key", 400),
        (f"message/sendText/{EVO}", {"number": "15550100199", "text": "x"}, "evo-key", 400),
        (f"message/sendText/{EVO}", {"number": "15550100111", "text": "x"}, "other", 401),
        ("message/sendText/nobody", {"number": "15550100111", "text": "x"}, "other", 404),
        (f"message/sendMedia/{EVO}", {"number": "1", "mediatype": "x", "media": "x"}, "evo-key", 400),
        (f"message/sendReaction/{EVO}", {"key": {"id": "1"}, "reaction": ""}, "evo-key", 400),
        (f"webhook/set/{EVO}", {"url": "https://x.test", "webhook_by_events": False, "events": []}, "evo-key", 400),
        (f"webhook/set/{EVO}", {"webhook": {"enabled": True, "url": "https://x.test"}}, "evo-key", 500),
    ],
)
def test_what_evolution_refuses(sim, path, body, key, status):
    response = sim.http.post(f"/evolution/{path}", json=body, headers={"apikey": key})

    assert (response.status_code, response.json()["status"]) == (status, status)
    assert response.json()["response"]["message"]
    assert sim.sends("evolution") == []


def test_evolution_settings_state_and_media(sim, product):
    hook = {"enabled": True, "url": "https://x.test", "headers": {"X-Webhook-Secret": "s"}, "events": []}
    assert sim.http.post(f"/evolution/webhook/set/{EVO}", json={"webhook": hook}, headers=APIKEY).status_code == 201
    assert sim.http.get(f"/evolution/webhook/find/{EVO}", headers=APIKEY).json()["url"] == "https://x.test"
    sim.post("connection", channel=EVO, state="connecting")
    assert sim.http.get(f"/evolution/instance/connect/{EVO}", headers=APIKEY).json()["base64"].startswith("data:image")
    sim.post("connection", channel=EVO, state="open")
    state = sim.http.get(f"/evolution/instance/connectionState/{EVO}", headers=APIKEY).json()
    assert state == {"instance": {"instanceName": EVO, "state": "open"}}
    message_id = sim.say(EVO, kind="voice")["id"]
    body = {"message": {"key": {"id": message_id}}}
    media = sim.http.post(f"/evolution/chat/getBase64FromMediaMessage/{EVO}", json=body, headers=APIKEY).json()
    assert base64.b64decode(media["base64"]).startswith(b"OggS")


def test_evolution_presence_shows_typing(sim):
    body = {"number": "15550100111", "delay": 50, "presence": "composing"}

    assert sim.http.post(f"/evolution/chat/sendPresence/{EVO}", json=body, headers=APIKEY).status_code == 201
    assert sim.get("conversation", channel=EVO, person=ANA)["typing_seconds"] > 0


# --- Twilio


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("wa_text", {"text": "Hello"}),
        ("wa_image", {"kind": "image", "text": "x"}),
        ("wa_location", {"kind": "location", "address": "1 Example Street", "text": "Dental"}),
    ],
)
def test_twilio_posts_the_captured_fields(sim, product, captured, name, said):
    sim.say(TWILIO, name="Ana Tavares", **said)

    assert product.hooks[0].form.keys() == captured(f"twilio_{name}").keys()
    assert product.hooks[0].headers["I-Twilio-Idempotency-Token"]


def test_twilio_media_leads_to_storage(sim, product):
    sim.say(TWILIO, kind="document")
    url = product.hooks[0].form["MediaUrl0"]

    assert sim.http.get(url).status_code == 401
    assert sim.http.get(url, headers=BASIC).status_code == 307
    assert sim.http.get(url, headers=BASIC, follow_redirects=True).content.startswith(b"%PDF")


def test_twilio_accepts_and_calls_back(sim, product, captured):
    sim.statuses("all")
    form = FORM | {"StatusCallback": f"{product.url}/webhooks/twilio/t/status?m=77"}
    answer = sim.http.post(MESSAGES, data=form, headers=BASIC)

    assert (answer.status_code, shape(answer.json())) == (201, shape(captured("twilio_api_send_created"))["body"])
    sim.wait(lambda: len(product.hooks) == 3)
    assert all(hook.proven and hook.path.endswith("?m=77") for hook in product.hooks)
    assert [hook.form["MessageStatus"] for hook in product.hooks] == ["sent", "delivered", "read"]
    assert product.hooks[1].form.keys() == captured("twilio_status_delivered").keys()
    assert sim.sends("twilio")[0]["reference"] == "77"
    found = sim.http.get(MESSAGES, params={"To": FORM["To"]}, headers=BASIC).json()["messages"]
    assert found[0]["sid"] == answer.json()["sid"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"To": "whatsapp:hello"}, 21211),
        ({"To": ""}, 21604),
        ({"From": ""}, 21603),
        ({"From": "+15550100100"}, 21910),
        ({"From": "whatsapp:+15550109999"}, 63007),
        ({"Body": ""}, 21602),
        ({"Body": "x" * 1601}, 21617),
        ({"MediaUrl": ["https://a.test/1", "https://a.test/2"]}, 21623),
        ({"ContentSid": "HX1"}, 21655),
        ({"ContentVariables": "{'1': 'x'}"}, 21656),
        ({"StatusCallback": "/status"}, 21609),
    ],
)
def test_what_twilio_refuses(sim, change, code):
    response = sim.http.post(MESSAGES, data=FORM | change, headers=BASIC)

    assert (response.status_code, response.json()["code"]) == (400, code)
    assert response.json()["more_info"].endswith(str(code))


def test_twilio_wants_forms_and_its_credentials(sim):
    assert sim.http.post(MESSAGES, json=FORM, headers=BASIC).json()["code"] == 21604
    assert sim.http.post(MESSAGES, data=FORM).json()["code"] == 20003
    assert sim.http.get(f"/twilio/2010-04-01/Accounts/{ACCOUNT}.json", headers=BASIC).json()["status"] == "active"


def test_twilio_typing(sim):
    body = {"channel": "WHATSAPP", "messageId": sim.say(TWILIO, "hi")["id"]}

    assert sim.http.post("/twilio/v3/Indicators/Typing.json", json=body, headers=BASIC).json() == {"success": True}
    assert sim.get("conversation", channel=TWILIO, person=ANA)["typing_seconds"] > 20


# --- iMessage


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("webhook_new_message", {"text": "approve 2"}),
        ("webhook_attachment", {"kind": "image"}),
        ("webhook_tapback", {"kind": "reaction", "text": "👍", "reply_to": "X"}),
    ],
)
def test_imessage_posts_the_captured_shape(sim, product, captured, name, said):
    sim.say(IMSG, **said)

    optional = {"hideAttachment"}
    assert shape(product.hooks[0].json, optional) == shape(captured(f"photon_{name}"), optional)


def test_imessage_honours_the_idempotency_key(sim, captured):
    body, headers = {"to": ANA, "text": "Hello"}, BEARER | {"Idempotency-Key": "msg-1"}
    first = sim.http.post("/imessage/send", json=body, headers=headers)
    again = sim.http.post("/imessage/send", json=body, headers=headers)

    assert shape(first.json()) == shape(captured("photon_api_send_ok"))["body"]
    assert again.json() == first.json()
    assert [r["kind"] for r in sim.record("imessage")] == ["text", "duplicate"]
    assert sim.record("imessage")[0]["reference"] == "msg-1"
    assert len(sim.conversation(IMSG)) == 1
    assert sim.http.post("/imessage/send", json=body | {"text": "x"}, headers=headers).status_code == 400


@pytest.mark.parametrize("change", [{"to": None}, {"to": ""}, {"text": ""}, {"text": "x" * 10_001}, {"service": "fax"}])
def test_what_imessage_refuses(sim, change):
    response = sim.http.post("/imessage/send", json={"to": ANA, "text": "Hello"} | change, headers=BEARER)

    assert (response.status_code, response.json()["error"]["code"]) == (400, "VALIDATION_ERROR")


def test_imessage_health_check_and_key(sim):
    assert sim.http.get("/imessage/health").json() == {"ok": True}
    assert sim.http.get(f"/imessage/check/{ANA}", headers=BEARER).json()["data"]["available"] is True
    assert sim.http.post("/imessage/send", json={}).json()["error"]["code"] == "UNAUTHORIZED"


def test_imessage_sees_its_own_messages(sim, product):
    sim.statuses("all")
    sim.http.post("/imessage/send", json={"to": ANA, "text": "Hello"}, headers=BEARER)

    sim.wait(lambda: len(product.hooks) == 3)
    assert [hook.json["event"] for hook in product.hooks] == ["new-message", "updated-message", "updated-message"]
    assert all(hook.json["data"]["isFromMe"] and hook.proven for hook in product.hooks)
