"""Who is notified when something is wrong."""

from typing import Any
from urllib.parse import urlsplit

import environ

from common import env

from .server import LANGUAGES, PUBLIC_URL

ALERT_WEBHOOK_URL = env.url("ALERT_WEBHOOK_URL")
ALERT_EMAILS = env.words("ALERT_EMAILS")
ALERT_LANGUAGE = env.text("ALERT_LANGUAGE")
if ALERT_LANGUAGE and ALERT_LANGUAGE not in dict(LANGUAGES):
    raise env.SettingError(f"ALERT_LANGUAGE must be one of {', '.join(dict(LANGUAGES))}")
EMAIL_URL = env.text("EMAIL_URL")
EMAIL_FROM = env.text("EMAIL_FROM", f"frontdesk@{urlsplit(PUBLIC_URL).hostname or 'localhost'}")


def _email(url: str) -> dict[str, Any]:
    if not url:
        return {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
    try:
        found: dict[str, Any] = environ.Env.email_url_config(url)
    except (ValueError, KeyError, environ.ImproperlyConfigured):
        found = {}
    if not found.get("EMAIL_BACKEND"):
        raise env.SettingError("EMAIL_URL must look like smtp+tls://user:password@mail.example.com:587")
    return found


_found = _email(EMAIL_URL)
EMAIL_BACKEND = _found["EMAIL_BACKEND"]
EMAIL_HOST = _found.get("EMAIL_HOST") or "localhost"
EMAIL_PORT = _found.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = _found.get("EMAIL_HOST_USER") or ""
EMAIL_HOST_PASSWORD = _found.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS = bool(_found.get("EMAIL_USE_TLS"))
EMAIL_USE_SSL = bool(_found.get("EMAIL_USE_SSL"))
EMAIL_TIMEOUT = 10
