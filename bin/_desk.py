"""The environment of a development installation: what `bin/dev` and `bin/manage` set where nothing is set.

With arguments it runs them in that environment. It imports neither Django nor any package.
"""

from __future__ import annotations

import base64
import os
import secrets
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VAR = ROOT / "var"


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """Return `given` with the defaults for development; variables that are set, under any name, stay unchanged."""
    port = _value(given, "PORT") or given.get("API_PORT") or "8000"
    here = f"http://127.0.0.1:{port}"
    simulator = _value(given, "SIMULATOR_URL") or f"http://127.0.0.1:{_next(port)}"
    values: dict[str, str | Callable[[], str]] = {
        "APP_ENV": "development",
        "PORT": port,
        "PUBLIC_URL": here,
        "SECRET_KEY": lambda: kept("secret_key", lambda: secrets.token_urlsafe(50)),
        "FIELD_ENCRYPTION_KEYS": lambda: kept("field_encryption_key", fernet_key),
        "CRON_SECRET": lambda: kept("cron_secret", lambda: secrets.token_urlsafe(24)),
        "METRICS_TOKEN": lambda: kept("metrics_token", lambda: secrets.token_urlsafe(24)),
        "OUTBOUND_REPLY_ENABLED": "true",
        "LOG_FORMAT": "console",
        "SIMULATOR_URL": simulator,
        "META_GRAPH_URL": f"{simulator}/meta",
        "DIALOG360_URL": f"{simulator}/dialog360",
        "EVOLUTION_SERVER_URL": f"{simulator}/evolution",
        "TWILIO_API_URL": f"{simulator}/twilio",
        "TWILIO_MESSAGING_URL": f"{simulator}/twilio",
        "TWILIO_CONTENT_URL": f"{simulator}/twilio",
        "PHOTON_BASE_URL": f"{simulator}/imessage",
        "ALERT_WEBHOOK_URL": f"{simulator}/alerts/desk",
        "WEBHOOK_SIGNING_SECRET": lambda: kept("webhook_signing_secret", lambda: secrets.token_hex(32)),
        "CORE_DECISION_WEBHOOK": f"{simulator}/core/decisions",
    }
    # Somebody who sets a real key wants the real model.
    if not _value(given, "OPENAI_API_KEY"):
        values["OPENAI_BASE_URL"] = f"{simulator}/openai/v1"
    if not _value(given, "ANTHROPIC_API_KEY"):
        values["ANTHROPIC_BASE_URL"] = f"{simulator}/anthropic"
    missing = {name: value for name, value in values.items() if not _value(given, name)}
    return {**given, **{name: value() if callable(value) else value for name, value in missing.items()}}


def kept(name: str, make: Callable[[], str]) -> str:
    """Return the secret stored in `var/`; created at the first run and readable only by its owner."""
    path = VAR / name
    VAR.mkdir(exist_ok=True)
    if not path.exists():
        # Written completely under another name first: a second run never reads half of it, and the first one wins.
        draft = VAR / f".{name}.{os.getpid()}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(make())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def fernet_key() -> str:
    """Create a key for cryptography.fernet without loading that library."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def _value(given: Mapping[str, str], name: str) -> str:
    return given.get(name) or given.get(f"{name}_FILE") or given.get(f"MICAI_{name}") or ""


def _next(port: str) -> int:
    try:
        return int(port) + 1
    except ValueError:
        sys.exit(f"frontdesk: PORT must be a number, not {port!r}")


if __name__ == "__main__":
    os.chdir(ROOT)
    os.execve(sys.executable, [sys.executable, *sys.argv[1:]], environment(os.environ))
