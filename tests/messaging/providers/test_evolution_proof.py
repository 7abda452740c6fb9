"""Evolution: how webhooks are verified."""

from __future__ import annotations

from typing import Any

import jwt
import pytest

from messaging.providers import evolution
from messaging.providers.base import Credentials, InvalidSignature, MissingSecret, WebhookRequest
from messaging.providers.evolution import Evolution

EVOLUTION = Evolution()
SECRETS = Credentials({"api_key": "INSTANCE-TOKEN-EXAMPLE", "webhook_secret": ["hush-hush", "older"]})
JWT_KEY = "evolution-jwt-key-for-tests-0123456789"
ISSUED = 1767225600
# The example of the provider notes.
JWT = (
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
    "eyJpYXQiOjE3NjcyMjU2MDAsImV4cCI6MTc2NzIyNjIwMCwiYXBwIjoiZXZvbHV0aW9uIiwiYWN0aW9uIjoid2ViaG9vayJ9."
    "XibHnKxCnJ7WU1elpaJizMMfiGKHrDuHDa-0ADjUM-4"
)
CLAIMS = {"iat": ISSUED, "exp": ISSUED + 600, "app": "evolution", "action": "webhook"}


def posted(**headers: str) -> WebhookRequest:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return WebhookRequest(method="POST", url="https://desk.example.test/", headers=named, body=b"{}")


def bearer(claims: dict[str, Any], key: str = JWT_KEY, algorithm: str = "HS256") -> WebhookRequest:
    return posted(authorization=f"Bearer {jwt.encode(claims, key, algorithm=algorithm)}")


@pytest.fixture
def clock(monkeypatch):
    monkeypatch.setattr(evolution.time, "time", lambda: ISSUED + 300.0)


@pytest.mark.parametrize("secret", ["hush-hush", "older"])
def test_both_secrets_are_accepted_during_rotation(secret):
    EVOLUTION.verify(posted(x_webhook_secret=secret), SECRETS)


@pytest.mark.parametrize("name", ["webhook_secret", "jwt_key"])
def test_the_token_of_the_provider_notes_is_accepted(name, clock):
    EVOLUTION.verify(posted(authorization=f"Bearer {JWT}"), Credentials({name: JWT_KEY}))


@pytest.mark.parametrize(
    "request_in",
    [
        posted(),
        posted(x_webhook_secret="hush"),
        posted(x_webhook_secret=""),
        posted(x_webhook_secret="hush-husħ"),
        posted(authorization=f"Bearer {JWT[:-2]}xx"),
        posted(authorization=f"Basic {JWT}"),
        posted(authorization="Bearer"),
        bearer(CLAIMS, key="another-key-of-the-right-length-0123456789"),
        bearer(CLAIMS, algorithm="HS512"),
        posted(authorization=f"Bearer {jwt.encode(CLAIMS, None, algorithm='none')}"),
        bearer({**CLAIMS, "exp": ISSUED + 300 - 61}),
        bearer({key: value for key, value in CLAIMS.items() if key != "exp"}),
        bearer({**CLAIMS, "app": "other"}),
        bearer({**CLAIMS, "action": "login"}),
    ],
)
def test_any_other_request_is_refused(request_in, clock):
    with pytest.raises(InvalidSignature):
        EVOLUTION.verify(request_in, Credentials({"webhook_secret": ["hush-hush", JWT_KEY]}))


def test_a_token_may_be_a_minute_late(clock):
    EVOLUTION.verify(bearer({**CLAIMS, "exp": ISSUED + 300 - 59}), Credentials({"webhook_secret": JWT_KEY}))


def test_a_channel_without_a_secret_raises_missing_secret():
    with pytest.raises(MissingSecret):
        EVOLUTION.verify(posted(x_webhook_secret="x"), Credentials({"api_key": "x"}))
