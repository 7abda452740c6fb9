"""Refuse to start a production process with unsafe settings."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any

from common import env
from common.env import SettingError

# A broken build for the fault harness (chaos/sabotage.py), never for production.
SABOTAGE = env.text("SABOTAGE")
SECRETS = (
    "CRON_SECRET", "METRICS_TOKEN", "ADMIN_API_KEY", "WHATSAPP_VERIFY_TOKEN", "WHATSAPP_WEBHOOK_SECRET",
    "EVOLUTION_WEBHOOK_SHARED_SECRET", "PHOTON_WEBHOOK_SECRET", "N8N_API_KEY",
)  # fmt: skip
LEAST_CHARACTERS = 5  # different characters, as Django requires too; random secrets have more
EXAMPLES = ("change-me", "changeme", "change_me", "your-", "your_", "<", "development-only", "replace-", "replace_")


def refuse_unsafe(settings: Mapping[str, Any]) -> None:
    """Raise SettingError for the first unsafe setting; does nothing outside production."""
    for problem in unsafe_settings(settings) if settings["IS_PRODUCTION"] else ():
        raise SettingError(problem)


def unsafe_settings(settings: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each setting that is unsafe in production; it names the setting and how to mend it."""
    if len(settings["SECRET_KEY"]) < 32 or not _looks_random(settings["SECRET_KEY"]):
        yield "SECRET_KEY must be set to at least 32 random characters (bin/init-secrets makes one)"
    if not settings["FIELD_ENCRYPTION_KEYS"]:
        yield "FIELD_ENCRYPTION_KEYS must hold at least one Fernet key (bin/init-secrets makes one)"
    if not all(_is_fernet_key(key) for key in settings["FIELD_ENCRYPTION_KEYS"]):
        yield "FIELD_ENCRYPTION_KEYS must hold Fernet keys: 32 random bytes each, base64 (bin/init-secrets makes one)"
    if not settings["ALLOWED_HOSTS"] or "*" in settings["ALLOWED_HOSTS"]:
        yield "ALLOWED_HOSTS must name the hosts that this installation answers for"
    if not settings["PUBLIC_URL"].startswith("https://"):
        yield "PUBLIC_URL must be the https:// address under which this installation is reached"
    if "*" in settings["CORS_ALLOWED_ORIGINS"]:
        yield "CORS_ORIGINS must name origins, not *"
    if settings["SABOTAGE"]:
        yield "SABOTAGE must not be set: it breaks the product on purpose, for the fault harness alone"
    for name in SECRETS:
        if not all(map(_is_long, settings[name].split(","))):
            yield f"{name} must have at least 16 random characters"


def _is_long(secret: str) -> bool:
    """Return whether one of the values of a setting, which holds several during a rotation, is long and no example."""
    secret = secret.strip().lower()
    return not secret or (len(secret) >= 16 and _looks_random(secret))


def _looks_random(secret: str) -> bool:
    """Return whether a secret may be random: no example, no repeated word, and enough different characters."""
    is_repeated = (secret + secret).find(secret, 1) < len(secret)
    return len(set(secret)) >= LEAST_CHARACTERS and not is_repeated and not secret.lower().startswith(EXAMPLES)


def _is_fernet_key(text: str) -> bool:
    try:
        key = base64.urlsafe_b64decode(text.encode())
        return len(key) == 32 and len(set(key)) >= LEAST_CHARACTERS
    except (binascii.Error, ValueError):
        return False
