"""Meta: what it refuses, what it posts."""

import json

import pytest

from tests.simulator.shapes import shape

pytestmark = pytest.mark.once
META = "106540352242922"
SEND = f"/meta/v21.0/{META}/messages"
TOKEN = {"Authorization": "Bearer meta-token"}
TEXT = {"messaging_product": "whatsapp", "to": "15550100111", "type": "text", "text": {"body": "Hello"}}
VECTOR = (
    r'{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":'
    r'"whatsapp","metadata":{"display_phone_number":"15550100100","phone_number_id":"106540352242922"},"contacts":'
    r'[{"profile":{"name":"Ana Tavares"},"wa_id":"15550100111"}],"messages":[{"from":"15550100111","id":"wamid.TEST1",'
    r'"timestamp":"1767225600","text":{"body":"Ol\u00e1 \ud83d\ude00 https:\/\/example.test a@b"},"type":"text"}]},'
    r'"field":"messages"}]}]}'
)


def message(hook):
    return hook.json["entry"][0]["changes"][0]["value"]["messages"][0]


@pytest.mark.parametrize(
    ("captured_name", "said"),
    [
        ("meta_text", {"text": "hi"}),
        ("meta_image", {"kind": "image", "text": "My receipt"}),
        ("meta_audio_voice", {"kind": "voice"}),
        ("meta_document", {"kind": "document", "text": "My file"}),
        ("meta_location_place", {"kind": "location", "text": "Example Dental", "address": "1 Example Street"}),
        ("meta_reaction", {"kind": "reaction", "text": "👍", "reply_to": "wamid.X"}),
        ("meta_interactive_button_reply", {"kind": "button", "text": "Yes", "choice": "y", "reply_to": "wamid.X"}),
        ("meta_interactive_list_reply", {"kind": "list", "text": "10:00", "choice": "s", "reply_to": "wamid.X"}),
    ],
)
def test_a_persons_message_has_the_captured_shape(sim, product, captured, captured_name, said):
    assert sim.say(META, name="Ana Tavares", **said)["status"] == 200

    optional = {"url", "description"}
    assert shape(product.hooks[0].json, optional) == shape(captured(captured_name), optional)
    assert product.hooks[0].proven


def test_bytes_are_written_as_meta_writes_them(sim, product):
    answer = sim.say(META, "Olá 😀 https://example.test a@b", id="wamid.TEST1", at=1767225600)

    assert answer == {"id": "wamid.TEST1", "status": 200, "body": "ok"}
    assert rb'{"body":"Ol\u00e1 \ud83d\ude00 https:\/\/example.test a@b"}' in product.hooks[0].raw


def test_the_signature_of_the_documentation(sim, product):
    sim.raw(META, VECTOR)

    signature = product.hooks[0].headers["X-Hub-Signature-256"]
    assert signature == "sha256=355987e4b761ca7e92d27caf1496104f79fa0df951a35d79a854b1c2964030c0"


def test_raw_can_be_repeated_unsigned_and_sent_elsewhere(sim, product):
    answer = sim.raw(META, {"object": "x"}, repeat=20, sign=False, path="/webhook")

    assert answer["statuses"] == [200] * 20
    assert {(hook.path, hook.proven) for hook in product.hooks} == {("/webhook", False)}


def test_the_owner_writes_from_the_own_phone(sim, product, captured):
    sim.owner(META, "I take it from here", name="Ana Tavares")

    assert shape(product.hooks[0].json) == shape(captured("meta_smb_echo_text"))
    assert [m["author"] for m in sim.conversation(META)] == ["owner"]


def test_a_person_without_a_phone(sim, product):
    sim.say(META, "hi", person="US.13491208655302741918")

    assert message(product.hooks[0])["from_user_id"] == "US.13491208655302741918"
    assert "from" not in message(product.hooks[0])


@pytest.mark.parametrize(
    "request_name", ["text", "text_bsuid", "media", "reaction", "template", "interactive_buttons", "interactive_list"]
)
def test_captured_requests_are_accepted(sim, captured, request_name):
    response = sim.http.post(SEND, json=captured(f"meta_api_send_{request_name}_request"), headers=TOKEN)

    assert response.status_code == 200
    assert response.json()["messages"][0]["id"].startswith("wamid.")


def test_the_answer_has_the_captured_shape(sim, captured):
    response = sim.http.post(SEND, json=TEXT, headers=TOKEN)

    assert shape(response.json()) == shape(captured("meta_api_send_response"))
    assert response.headers["x-app-usage"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"messaging_product": "sms"}, 100),
        ({"text": {"body": "x" * 4097}}, 100),
        ({"text": {"body": ""}}, 131008),
        ({"to": ""}, 131008),
        ({"to": "Ana"}, 131009),
        ({"type": "fax"}, 131009),
        ({"biz_opaque_callback_data": "x" * 513}, 100),
        ({"type": "image", "image": {"id": "1", "link": "https://x.test"}}, 131009),
        ({"type": "audio", "audio": {"id": "1", "caption": "no"}}, 131009),
        ({"type": "template", "template": {"name": "reminder"}}, 131008),
        ({"status": "read"}, 131008),
    ],
)
def test_what_meta_refuses(sim, change, code):
    response = sim.http.post(SEND, json=TEXT | change, headers=TOKEN)

    assert (response.status_code, response.json()["error"]["code"]) == (400, code)
    assert sim.sends("meta") == []
    assert sim.record("meta")[0]["accepted"] is False


def interactive(buttons):
    action = {"buttons": [{"type": "reply", "reply": {"id": str(n), "title": t}} for n, t in enumerate(buttons)]}
    return TEXT | {"type": "interactive", "interactive": {"type": "button", "body": {"text": "?"}, "action": action}}


@pytest.mark.parametrize("buttons", [["a", "b", "c", "d"], [], ["x" * 21], ["same", "same"]])
def test_buttons_have_limits(sim, buttons):
    assert sim.http.post(SEND, json=interactive(buttons), headers=TOKEN).json()["error"]["code"] in (100, 131009)


def test_a_list_has_at_most_ten_rows(sim, captured):
    body = captured("meta_api_send_interactive_list_request")
    body["interactive"]["action"]["sections"][0]["rows"] = [{"id": str(n), "title": str(n)} for n in range(11)]

    assert sim.http.post(SEND, json=body, headers=TOKEN).json()["error"]["code"] == 131009


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer other"}, {"Authorization": "meta-token"}])
def test_a_wrong_token(sim, headers):
    response = sim.http.post(SEND, json=TEXT, headers=headers)

    assert (response.status_code, response.json()["error"]["code"]) == (401, 190)


def test_paths_and_numbers_it_does_not_know(sim):
    for path in ("/meta/v21.0/999/messages", "/meta/messages", f"/meta/v21.0/{META}/calls"):
        response = sim.http.post(path, json=TEXT, headers=TOKEN)
        assert (response.status_code in (400, 404), response.json()["error"]["code"]) == (True, 100)


def test_statuses_come_back_in_order_with_our_reference(sim, product, captured):
    sim.statuses("all")
    sim.http.post(SEND, json=TEXT | {"biz_opaque_callback_data": "frontdesk:1"}, headers=TOKEN)

    sim.wait(lambda: len(product.hooks) == 3)
    assert shape(product.hooks[0].json) == shape(captured("meta_status_sent_tracker"))
    statuses = [hook.json["entry"][0]["changes"][0]["value"]["statuses"][0] for hook in product.hooks]
    assert [s["status"] for s in statuses] == ["sent", "delivered", "read"]
    assert {s["biz_opaque_callback_data"] for s in statuses} == {"frontdesk:1"}
    assert all(hook.proven for hook in product.hooks)
    assert sim.conversation(META)[0]["tick"] == "read"


def test_statuses_reversed_and_by_hand(sim, product):
    sim.statuses("reversed")
    message_id = sim.http.post(SEND, json=TEXT, headers=TOKEN).json()["messages"][0]["id"]
    sim.wait(lambda: len(product.hooks) == 3)
    sim.status(META, message_id, "failed", "131049")

    statuses = [hook.json["entry"][0]["changes"][0]["value"]["statuses"][0] for hook in product.hooks]
    assert [s["status"] for s in statuses] == ["read", "delivered", "sent", "failed"]
    assert statuses[-1]["errors"][0]["code"] == 131049
    assert sim.conversation(META)[0]["tick"] == "failed"


def test_read_and_typing(sim, captured):
    answer = sim.say(META, "hi")
    body = captured("meta_api_mark_read_typing_request") | {"message_id": answer["id"]}

    assert sim.http.post(SEND, json=body, headers=TOKEN).json() == {"success": True}
    chat = sim.get("conversation", channel=META, person="+15550100111")
    assert chat["messages"][0]["tick"] == "read"
    assert chat["typing_seconds"] > 20


def test_media_in_two_steps(sim, product):
    sim.say(META, kind="voice")
    media_id = message(product.hooks[0])["audio"]["id"]
    lookup = sim.http.get(f"/meta/v21.0/{media_id}?phone_number_id={META}", headers=TOKEN).json()

    assert sim.http.get(lookup["url"]).status_code == 401
    content = sim.http.get(lookup["url"], headers=TOKEN).content
    assert content.startswith(b"OggS")
    assert len(content) == lookup["file_size"]
    assert sim.http.get(lookup["url"].replace("ext=", "ext=1&old="), headers=TOKEN).status_code == 404


def test_upload_and_fetch_again(sim):
    files = {"file": ("a.png", b"\x89PNG...", "image/png")}
    data = {"messaging_product": "whatsapp", "type": "image/png"}
    media_id = sim.http.post(f"/meta/v21.0/{META}/media", files=files, data=data, headers=TOKEN).json()["id"]
    lookup = sim.http.get(f"/meta/v21.0/{media_id}", headers=TOKEN).json()

    assert sim.http.get(lookup["url"], headers=TOKEN).content == b"\x89PNG..."
    assert sim.http.post(f"/meta/v21.0/{META}/media", files=files, headers=TOKEN).status_code == 400


def test_callback_override(sim):
    body = {"override_callback_uri": "https://desk.test/webhooks/meta/t", "verify_token": "v"}

    assert sim.http.post("/meta/v21.0/10229/subscribed_apps", json=body, headers=TOKEN).json() == {"success": True}
    assert "verify_token': 'v'" not in str(sim.record("meta"))


def test_the_record_says_what_was_sent(sim):
    sim.http.post(SEND, json=TEXT | {"biz_opaque_callback_data": "ref-1"}, headers=TOKEN)

    record = sim.record("meta", to="+1 555 010-0111")[0]
    expected = {"direction": "in", "accepted": True, "to": "+15550100111", "text": "Hello", "reference": "ref-1"}
    assert expected.items() <= record.items()
    assert sim.record("meta", since=record["seq"]) == []
    assert "meta-token" not in json.dumps(record)
