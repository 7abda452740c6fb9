"""Check the whole installation and report what is wrong and how to mend it."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.module_loading import import_string

from common import env
from common.crypto import DecryptionFailed
from common.finding import ERROR, OK, WARNING, Finding
from config import health, secret_store
from config.settings.safety import unsafe_settings
from messaging import services as messaging
from messaging.models import Channel
from messaging.providers.base import ProviderError
from messaging.queries import credentials_of, provider_of
from messaging.services.webhook_test import run_webhook_test
from tenants.services import outbound_is_on

# How to mend each part of the health page.
MEND = {
    "database": "Check DATABASE_URL and that the server runs.",
    "queue": "Check REDIS_URL and that the server runs; until then replies come a little later.",
    "llm": "Check LLM_PROVIDER and the key of that provider.",
    "workers": "Start a worker: bin/up, bin/dev, `manage.py up`, or `celery -A config worker` (see Procfile).",
    "beat": "Start the clock: `celery -A config beat`; `manage.py up` brings its own.",
}


def find_problems(*, network: bool = True) -> Iterator[Finding]:
    """Yield all findings, in the order in which they should be mended."""
    yield from _settings()
    checks = health.run_checks(tuple(settings.HEALTH_CHECKS))
    yield _from_health("database", checks["database"])
    if checks["database"][0] == health.ERROR:
        return
    yield _migrations()
    yield from _limits()
    for name, check in checks.items():
        if name != "database":
            yield _from_health(name, check)
    yield _secrets()
    ids = list(Channel.objects.order_by("pk").values_list("pk", flat=True))
    if not ids:
        yield Finding(
            check="channels",
            status=WARNING,
            message="There is no channel: nobody can write to the desk",
            mend="manage.py setup_tenant, then manage.py setup_channel (see --help)",
        )
    for pk in ids:
        try:
            channel = Channel.objects.select_related("tenant").get(pk=pk)
        except DecryptionFailed:  # reported by the finding on encryption
            continue
        yield from _channel(channel, network=network)
    for name in settings.DOCTOR_CHECKS:
        yield from import_string(name)()


def _settings() -> Iterator[Finding]:
    problems = [*unsafe_settings(vars_of_settings()), *env.hints.values()]
    for problem in problems:
        hint = "It would refuse to start in production." if problem not in env.hints.values() else ""
        yield Finding(check="settings", status=WARNING, message=problem, mend=hint)
    if not settings.OUTBOUND_REPLY_ENABLED or not outbound_switch():
        yield Finding(
            check="settings",
            status=WARNING,
            message="Sending is switched off: answers are written and held",
            mend="Set OUTBOUND_REPLY_ENABLED=true, turn the switch in the back office on, then manage.py release_held",
        )
    if not settings.CRON_SECRET:
        yield Finding(
            check="settings",
            status=WARNING,
            message="CRON_SECRET is not set: /cron/ routes answer 503",
            mend="Only needed when an outside clock calls them.",
        )
    if not problems:
        yield Finding(check="settings", status=OK, message=f"APP_ENV={settings.APP_ENV}, nothing unsafe")


def outbound_switch() -> bool:
    """Return the installation's kill switch; on when it cannot be read, which another finding reports."""
    try:
        return outbound_is_on()
    except Exception:  # noqa: BLE001 - database away or not migrated: said by the next findings
        return True


def vars_of_settings() -> dict[str, object]:
    """Return all settings as a mapping."""
    return {name: getattr(settings, name) for name in dir(settings) if name.isupper()}


def _from_health(name: str, check: health.Check) -> Finding:
    status = {health.OK: OK, health.DEGRADED: WARNING}.get(check[0], ERROR)
    return Finding(check=name, status=status, message=check[1], mend="" if status == OK else MEND.get(name, ""))


def _migrations() -> Finding:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        return Finding(
            check="migrations",
            status=ERROR,
            message=f"{len(plan)} migrations of {DEFAULT_DB_ALIAS} are not applied",
            mend="manage.py migrate",
        )
    return Finding(check="migrations", status=OK, message="All applied")


def _limits() -> Iterator[Finding]:
    """Behind a pooler, report time limits that are missing on the database role, with the commands to set them."""
    if not settings.DATABASE_POOLER or connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, name FROM pg_settings WHERE setting = '0' AND name = ANY(%s)",
            [list(settings.POSTGRES_LIMITS)],
        )
        missing = cursor.fetchall()
    if missing:
        commands = [f"ALTER ROLE {role} SET {name} = {settings.POSTGRES_LIMITS[name]}" for role, name in missing]
        yield Finding(
            check="database",
            status=WARNING,
            message="Behind the pooler statements, locks or open transactions have no time limit",
            mend="; ".join(commands),
        )


def _secrets() -> Finding:
    lost = secret_store.undecryptable_secrets()
    if lost:
        where = ", ".join(f"{secret.column.label} {secret.pk}" for secret in lost[:5])
        return Finding(
            check="encryption",
            status=ERROR,
            message=f"{len(lost)} stored secrets cannot be read: {where}",
            mend="Add the key they were written with to FIELD_ENCRYPTION_KEYS, or set them anew.",
        )
    return Finding(check="encryption", status=OK, message=f"{secret_store.count_secrets()} stored secrets can be read")


def _channel(channel: Channel, *, network: bool) -> Iterator[Finding]:
    name = f"channel {channel.pk} ({channel.name})"
    if not channel.is_enabled:
        yield Finding(check=name, status=WARNING, message="It is switched off", mend="Enable it in the back office.")
        return
    if channel.problem:
        yield Finding(
            check=name, status=ERROR, message=channel.problem, mend="Set its credentials: manage.py setup_channel"
        )
    missing = [key for key in provider_of(channel).required_credentials if key not in credentials_of(channel)]
    if missing:
        mend = f"manage.py setup_channel ... --credential {missing[0]}=..."
        yield Finding(check=name, status=ERROR, message=f"{', '.join(missing)} is not set", mend=mend)
        return
    if network:
        yield _reach(name, channel)
    for step in run_webhook_test(channel=channel).steps:
        yield Finding(check=f"{name} webhook {step.step}", status=OK if step.ok else ERROR, message=step.message)


def _reach(name: str, channel: Channel) -> Finding:
    try:
        state = messaging.check_channel(channel=channel)
    except ProviderError as error:
        return Finding(
            check=f"{name} provider",
            status=ERROR,
            message=f"The provider refuses or does not answer: {error.reason}",
            mend="Check the channel's credentials, the address of the provider and the way to it.",
        )
    return Finding(check=f"{name} provider", status=OK, message=f"It answers: {state}")
