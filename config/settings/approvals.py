"""Approvals: decisions that are asked of people by message and reported to the core service."""

import base64
import binascii

from common import env
from common.env import SettingError

CORE_DECISION_WEBHOOK = env.url("CORE_DECISION_WEBHOOK")
# Two, comma separated, during a rotation: both sign.
WEBHOOK_SIGNING_SECRET = env.text("WEBHOOK_SIGNING_SECRET")
WA_BUCKET_CAPACITY = env.integer("WA_BUCKET_CAPACITY", 10, least=1)
WA_BUCKET_REFILL_PER_MIN = env.number("WA_BUCKET_REFILL_PER_MIN", 2, least=0.01)
IMSG_BUCKET_CAPACITY = env.integer("IMSG_BUCKET_CAPACITY", 10, least=1)
IMSG_BUCKET_REFILL_PER_MIN = env.number("IMSG_BUCKET_REFILL_PER_MIN", 2, least=0.01)
MIN_SPACING_SEC = env.number("MIN_SPACING_SEC", 15)
# The default deadline of a candidate, and how long its trail is stored after the decision.
APPROVAL_DEADLINE_HOURS = env.number("APPROVAL_DEADLINE_HOURS", 24, least=0.01)
APPROVAL_TRAIL_DAYS = env.number("APPROVAL_TRAIL_DAYS", 365, least=1)


def _check_secret(secret: str) -> None:
    from standardwebhooks import Webhook

    mend = "make one with: openssl rand -hex 32"
    if len(secret) < 32:
        raise SettingError(f"WEBHOOK_SIGNING_SECRET must have at least 32 characters; {mend}")
    try:
        Webhook(secret)
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (ValueError, RuntimeError, binascii.Error):
        raise SettingError(f"WEBHOOK_SIGNING_SECRET must be base64 (Standard Webhooks), or hex; {mend}") from None
    if len(key) < 24:
        raise SettingError(f"WEBHOOK_SIGNING_SECRET must hold at least 24 bytes; {mend}")


for _secret in env.words("WEBHOOK_SIGNING_SECRET"):
    _check_secret(_secret)
if CORE_DECISION_WEBHOOK and not WEBHOOK_SIGNING_SECRET:
    raise SettingError("CORE_DECISION_WEBHOOK needs WEBHOOK_SIGNING_SECRET: decisions are never sent unsigned")
