"""Nothing of people and no secret leaves in a text, and what operators search for stays."""

import pytest

from common.text.redaction import MARGIN, MAX_LENGTH, is_secret_name, redact, redact_all, redact_end

PHONES = [
    "+5511999998888",
    "5511999998888",
    "+55 11 99999-8888",
    "+55 (11) 99999-8888",
    "(11) 99999-8888",
    "11 99999 8888",
    "+1 555 010 0100",
    "+1-555-010-0100",
    "1.555.010.0100",
    "555 01 00 12",
    "whatsapp:+15550100100",
    "tel:+15550100100",
    "00 55 11 99999 8888",
    "+351 21 000 00 00",
    "+55\u00a011\u00a099999\u20118888",
    "＋５５１１９９９９９８８８８",
    "5511999998888@s.whatsapp.net",
    "120363041234567890@g.us",
]
SECRETS = [
    "access_token=EAAGm0PX4ZCpsBAKZA7x8",
    '{"api_key": "hush-hush"}',
    "{'password': 'hush-hush'}",
    "Authorization: Bearer hush-hush-hush",
    "apikey: hush-hush",
    "X-Hub-Signature-256: sha256=hush-hush",
    "Basic aHVzaC1odXNoOmh1c2g=",
    "sk-ant-api03-hush0hush0hush0hush",
    "sk_hush_hush_hush_hush",
    "whsec_hushhushhushhush",
    "AC0123456789abcdef0123456789abcdef",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.hush-hush-hush",
    "postgres://frontdesk:hush-hush@db/frontdesk",
    "redis://:hush-hush@redis:6379/0",
    "https://api.example.test/v1/media?hash=hush-hush&ext=1",
    "POST /webhooks/meta/hush0hush1hush2hush3hush4hush5",
    "the token is Zk3vQ9xP1aB7cD2eF5gH8iJ0kL4mN6oP",
]
KEPT = [
    "message 12345678 of conversation 42",
    "2026-11-20T14:38:01.123456+00:00",
    "2026-11-20 14:38:01,123",
    "2026-11-20",
    "7f9c24e8-3b1d-4c6a-9f00-0123456789ab",
    "12345678-1234-4123-8123-123456789012",
    "request 0123456789abcdef0123456789abcdef",
    "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "took 1234.567890123 ms",
    "error 131047: re-engagement message",
    "127.0.0.1:8000",
    "input_tokens=812 output_tokens=90",
    "https://graph.facebook.com/v21.0/messages",
    "messaging/services/delivery.py line 120",
]


@pytest.mark.parametrize("phone", PHONES)
def test_no_phone_number_stays_however_it_is_written(phone):
    for text in (phone, f"sent to {phone}", f"sent to {phone}, refused", f'{{"to": "{phone}"}}'):
        digits = [character for character in redact(text) if character.isdigit()]
        assert len(digits) < 4, redact(text)


@pytest.mark.parametrize("text", SECRETS)
def test_no_secret_stays(text):
    left = redact(f"it failed: {text}")

    assert "hush" not in left
    assert "EAAG" not in left
    assert "0123456789abcdef" not in left
    assert "Zk3v" not in left
    assert "aHVz" not in left


@pytest.mark.parametrize("address", ["ana@example.test", "Ana.Silva+desk@mail.example.test", "<ana@example.test>"])
def test_no_mail_address_stays(address):
    assert "example" not in redact(f"wrote from {address} today")


@pytest.mark.parametrize("text", KEPT)
def test_ids_and_moments_stay(text):
    assert redact(text) == text


def test_control_characters_cannot_forge_or_hide_a_line():
    assert redact("a\x1b[2Jb\x00c\x9bd\u202ee\rf") == "a [2Jb c d e f"


def test_nested_values_lose_secrets_by_name():
    value = {"headers": {"X-Api-Key": "short", "Accept": "text/html"}, "to": ["+15550100100"], "input_tokens": 7}

    assert redact_all(value) == {
        "headers": {"X-Api-Key": "…", "Accept": "text/html"},
        "to": ["…"],
        "input_tokens": 7,
    }
    assert is_secret_name("access_token")
    assert not is_secret_name("output_tokens")


LONG_SECRETS = [*SECRETS, 'password="hush hush hush"', f"Authorization: Bearer {'hush' * 40}"]


@pytest.mark.parametrize("secret", LONG_SECRETS)
@pytest.mark.parametrize("filler", ["x ", "(555) ", "it failed, ", "a=b,"])
def test_a_secret_that_the_cut_would_halve_does_not_stay(secret, filler):
    for before in range(300, 300 + 2 * MARGIN + 100, 7):
        text = (filler * 300)[:before] + " " + secret + " " + filler * 300
        left = redact(text, 500)

        assert len(left) <= 500
        assert "hus" not in left, (before, left[-80:])
        assert not any(piece in left for piece in ("EAAG", "0123456789", "Zk3v", "aHVz")), (before, left[-80:])


@pytest.mark.parametrize("phone", [phone for phone in PHONES if "@" not in phone])
def test_a_number_that_the_cut_would_halve_does_not_stay(phone):
    for before in range(450, 450 + MARGIN + 60, 3):
        left = redact("x " * (before // 2) + phone + " y" * 400, 500)

        assert sum(sign.isdigit() for sign in left) < 4, (before, left[-40:])


@pytest.mark.parametrize("secret", SECRETS)
def test_the_end_of_a_text_begins_with_no_half_of_a_secret(secret):
    for after in range(450, 450 + MARGIN, 7):
        left = redact_end("x " * 500 + secret + " " + ("y " * 500)[:after], 500)

        assert len(left) <= 500
        assert not any(piece in left for piece in ("hus", "EAAG", "0123456789", "Zk3v", "aHVz")), (after, left[:60])


def test_no_more_is_looked_at_than_is_kept_and_a_little():
    assert redact("ab " * 1_000_000) == ("ab " * MAX_LENGTH)[:MAX_LENGTH]
    assert redact("a" * 1_000_000, 500) == "a" * 500
    assert redact_end("ab " * 1_000_000, 10) == ("ab " * 10)[-10:]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("http://a:b@c/d?e=f", "http://…@c/d?…"),
        ("see https://x.example/a?b=c#d and http://y.example/?z", "see https://x.example/a?… and http://y.example/?…"),
        ("redis://:p@h:6379/0 (postgres://u:p@h/db?sslmode=on)", "redis://…@h:6379/0 (postgres://…@h/db?…"),
        ("https://graph.example/v21.0/a@b", "https://graph.example/v21.0/a@b"),
        ("http://http://a:b@c", "http://http://…@c"),
        ("why? a://b", "why? a://b"),
    ],
)
def test_addresses_lose_login_and_query(text, left):
    assert redact(text) == left
