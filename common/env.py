"""Reads settings from the environment, from files and under the spelling of older guides."""

from __future__ import annotations

import math
import os
from pathlib import Path

from common.text import trimmed

# The guides' own spellings, accepted and named once in the log (DESIGN section 10, Aliases).
ALIASES = {"PORT": ("API_PORT",), "CORS_ORIGINS": ("CORS_ORIGIN",)}
PREFIXES = ("MICAI_",)
FOREIGN = {
    "SUPABASE_URL": "set DATABASE_URL to the PostgreSQL address of that project",
    "SUPABASE_SERVICE_ROLE_KEY": "not needed: Frontdesk speaks to PostgreSQL itself",
    "TRIGGER_SECRET_KEY": "not needed: Frontdesk has its own workers",
    "TRIGGER_ACCESS_TOKEN": "not needed: Frontdesk has its own workers",
    "NODE_ENV": "use APP_ENV",
    "HOST": "the bind address is set on the command line of the web server",
    "CODECOV_TOKEN": "not needed: it belongs to the build of another system",
}
# What belongs to parts that this version does not have: named, so that nobody believes that they work.
LATER = (
    "VOICE_PROVIDER",
    "VOICE_MODEL",
    "VOICE_MAX_CALLS",
    "HUBSPOT_ACCESS_TOKEN",
    "HUBSPOT_CLIENT_SECRET",
    "HUBSPOT_BASE_URL",
    "STRIPE_SECRET_KEY",
    "STRIPE_WEBHOOK_SECRET",
    "STRIPE_API_BASE",
    "OTEL_ENABLED",
)
# One sentence for each spelling that was translated or ignored; config.apps logs them once logging is set up.
hints: dict[str, str] = {}
_asked: set[str] = set()


class SettingError(ValueError):
    """A setting that cannot be used; the text names it and says how to mend it."""


def text(name: str, default: str = "") -> str:
    """Return the setting `name`: its own variable, `NAME_FILE`, or an alias of the guides, else `default`."""
    _asked.add(name)
    for spelling in (name, *ALIASES.get(name, ()), *(prefix + name for prefix in PREFIXES)):
        value = _read(spelling)
        if value is not None:
            if spelling != name:
                hints[spelling] = f"{spelling} is read as {name}"
            return value
    return default


def flag(name: str, default: bool = False) -> bool:
    """Return a yes/no setting; raises SettingError for anything but true/false, yes/no, on/off, 1/0."""
    value = text(name).strip().lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise SettingError(f"{name} must be true or false")


def number(name: str, default: float, *, least: float = 0) -> float:
    """Return a numeric setting; raises SettingError when it is not a number, or smaller than `least`."""
    value = text(name).strip()
    if not value:
        return default
    try:
        found = float(value)
    except ValueError:
        raise SettingError(f"{name} must be a number") from None
    if not math.isfinite(found) or found < least:
        raise SettingError(f"{name} must be {least:g} or more")
    return found


def whole(name: str, default: int, *, least: int = 0) -> int:
    """Return a whole-number setting; raises SettingError when it is not one."""
    value = number(name, default, least=least)
    if value != int(value):
        raise SettingError(f"{name} must be a whole number")
    return int(value)


def words(name: str, default: str = "") -> list[str]:
    """Return a comma separated setting as a list without empty entries."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def url(name: str, default: str = "") -> str:
    """Return an http(s) address without a trailing slash; raises SettingError for anything else."""
    value = text(name, default).strip().rstrip("/")
    if value and not value.startswith(("http://", "https://")):
        raise SettingError(f"{name} must begin with https:// (or http://)")
    return value


def mention_foreign() -> None:
    """Keep one hint for each variable that belongs to another system, or to a part that is not there yet."""
    for name, hint in FOREIGN.items():
        if os.environ.get(name):
            hints[name] = f"{name} is ignored: {hint}"
    for name in LATER:
        if name not in _asked and (os.environ.get(name) or os.environ.get(f"{name}_FILE")):
            hints[name] = f"{name} is not used by this version"


def _read(name: str) -> str | None:
    value = trimmed(os.environ.get(name, ""))
    if value:
        return value
    file_name = os.environ.get(f"{name}_FILE")
    if not file_name:
        return None
    try:
        return trimmed(Path(file_name).read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingError(f"{name}_FILE cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SettingError(f"{name}_FILE is not a text file") from None
