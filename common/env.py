"""Read settings from the environment, from files, and under the names of the deployment guides."""

from __future__ import annotations

import math
import os
from pathlib import Path

from common.text.plain import strip_invisible

# The guides' own names; accepted, and logged once (DESIGN section 10, Aliases).
ALIASES = {"PORT": ("API_PORT",), "CORS_ORIGINS": ("CORS_ORIGIN",)}
PREFIXES = ("MICAI_",)
FOREIGN = {
    "SUPABASE_URL": "set DATABASE_URL to the PostgreSQL address of that project",
    "SUPABASE_SERVICE_ROLE_KEY": "not needed: Frontdesk speaks to PostgreSQL itself",
    "TRIGGER_SECRET_KEY": "not needed: Frontdesk has its own workers",
    "TRIGGER_ACCESS_TOKEN": "not needed: Frontdesk has its own workers",
    "NODE_ENV": "use APP_ENV",
    "HOST": "the bind address is set on the command line of the web server",
    "SUPABASE_ANON_KEY": "not needed: browsers ask the API of this desk, with a login or a key of its own",
    "REDIS_PASSWORD": "put the password into REDIS_URL: redis://:password@host:6379/0",
    "POSTGRES_PASSWORD": "put the password into DATABASE_URL: postgres://user:password@host/name",
    "POSTGRES_DB": "name the database in DATABASE_URL",
    "NEXT_PUBLIC_API_URL": "it belongs to a frontend, which is given PUBLIC_URL",
    "PYTHON_VERSION": "not needed: any Python from 3.11 on",
    "CODECOV_TOKEN": "not needed: it belongs to the build of another system",
}
# Settings of parts that this version does not have. They are logged, so that nobody believes that they work.
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
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "OTEL_SERVICE_NAME",
)
# An API key of a model provider has no effect unless that provider is chosen; whoever sets a key expects it to be used.
MODEL_KEYS = {"ANTHROPIC_API_KEY": "anthropic", "OPENAI_API_KEY": "openai", "AZURE_OPENAI_API_KEY": "azure"}
# One sentence for each name that was translated or ignored; config.apps logs them once logging is set up.
hints: dict[str, str] = {}
_asked: set[str] = set()


class SettingError(ValueError):
    """A setting that cannot be used; the text names it and says how to mend it."""


def load_file() -> None:
    """Set variables from the file named by ENV_FILE, unless they are set already; raises SettingError.

    A line is `NAME=value` up to its end: spaces, `&`, `;`, `$` and `#` are part of the value, and nothing is expanded.
    Quotes around the whole value are removed, as systemd and Compose do; a line that begins with `#` is a comment.
    """
    file_name = os.environ.get("ENV_FILE")
    if not file_name:
        return
    for number, line in enumerate(_content(file_name, "ENV_FILE").splitlines(), start=1):
        entry = line.strip().removeprefix("export ")
        if not entry or entry.startswith("#"):
            continue
        name, separator, value = entry.partition("=")
        if not separator or not name.strip().isidentifier():
            raise SettingError(f"line {number} of ENV_FILE is not NAME=value")
        value = value.strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        if not os.environ.get(name.strip()):
            os.environ[name.strip()] = value


def text(name: str, default: str = "") -> str:
    """Return the setting `name`.

    Its variable, the content of the file in `NAME_FILE`, an alias of the guides, else `default`.
    """
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


def integer(name: str, default: int, *, least: int = 0) -> int:
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


def record_unused_variables() -> None:
    """Store one hint for each variable that has no effect.

    Of another system, of a part that is missing here, or unknown.
    """
    for name, hint in FOREIGN.items():
        if os.environ.get(name):
            hints[name] = f"{name} is ignored: {hint}"
    for name in LATER:
        if name not in _asked and (os.environ.get(name) or os.environ.get(f"{name}_FILE")):
            hints[name] = f"{name} is not used by this version"
    if not text("LLM_PROVIDER"):
        for name, provider in MODEL_KEYS.items():
            if text(name):
                hints[name] = f"{name} is set, but the assistant is offline: LLM_PROVIDER={provider} has it answer"
    for name in os.environ:
        prefix = next((prefix for prefix in PREFIXES if name.startswith(prefix)), None)
        if prefix and name.removeprefix(prefix).removesuffix("_FILE") not in _asked:
            hints[name] = f"{name} is ignored: there is no setting {name.removeprefix(prefix).removesuffix('_FILE')}"


def _read(name: str) -> str | None:
    value = strip_invisible(os.environ.get(name, ""))
    if value:
        return value
    file_name = os.environ.get(f"{name}_FILE")
    if not file_name:
        return None
    return strip_invisible(_content(file_name, f"{name}_FILE"))


def _content(file_name: str, setting: str) -> str:
    try:
        return Path(file_name).read_text(encoding="utf-8")
    except OSError as error:
        raise SettingError(f"{setting} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise SettingError(f"{setting} is not a text file") from None
