"""Logs, metrics and error reports: JSON lines for machines, a readable form for a terminal."""

from typing import Any

from common import env

from .server import BASE_DIR

LOG_LEVEL = env.text("LOG_LEVEL", "info").upper()
LOG_FORMAT = env.text("LOG_FORMAT", "json").lower()
SENTRY_DSN = env.text("SENTRY_DSN")
METRICS_DIR = env.text("METRICS_DIR", str(BASE_DIR / "var" / "metrics"))
if LOG_LEVEL not in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}:
    raise env.SettingError("LOG_LEVEL must be debug, info, warning, error or critical")
if LOG_FORMAT not in {"json", "console"}:
    raise env.SettingError("LOG_FORMAT must be json or console")

_quiet: dict[str, Any] = {"handlers": [], "level": "WARNING", "propagate": True}

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "common.logs.JsonLine" if LOG_FORMAT == "json" else "common.logs.ReadableLine"},
    },
    "filters": {"explained": {"()": "common.logs.DropServiceUnavailable"}},
    "handlers": {
        "out": {
            "class": "common.logs.NonBlockingStdout",
            "stream": "ext://sys.stdout",
            "formatter": "line",
            "level": LOG_LEVEL,
        },
        "count": {"()": "reports.metrics.EventCounter"},
    },
    "root": {"handlers": ["out"], "level": "WARNING"},
    "loggers": {
        # Events are counted whether or not they are written, so the level is set on the handler.
        "frontdesk": {"handlers": ["count"], "level": "DEBUG" if LOG_LEVEL == "DEBUG" else "INFO"},
        "django": _quiet,
        "django.request": {"level": "ERROR", "filters": ["explained"]},
        "django.server": _quiet,
        # Scanners try every host name: they get a 400, and the log stays readable.
        "django.security.DisallowedHost": {"propagate": False},
        "celery": {"level": "WARNING"},
        "gunicorn": {"level": "WARNING"},
        "gunicorn.error": _quiet,
        "gunicorn.access": _quiet,
    },
}
