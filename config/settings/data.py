"""Database, broker and the keys that encrypt secrets."""

import os
import re
import ssl
from typing import Any

import environ

from common import env

from .server import BASE_DIR, IS_PRODUCTION


def redis_url(url: str) -> str:
    """Return the address in the spelling that both Celery's client and ours understand.

    Hosting guides print the certificate rule as Celery spells it (`ssl_cert_reqs=CERT_NONE`), which redis-py refuses.
    """
    return re.sub(
        r"(?<=[?&]ssl_cert_reqs=)(?:ssl\.)?CERT_(NONE|OPTIONAL|REQUIRED)(?=&|$)", lambda found: found[1].lower(), url
    )


DATABASE_URL = env.text("DATABASE_URL", f"sqlite:///{BASE_DIR / 'var' / 'frontdesk.sqlite3'}")
REDIS_URL = redis_url(env.text("REDIS_URL"))
REDIS_SENTINEL_MASTER = env.text("REDIS_SENTINEL_MASTER", "mymaster")
FIELD_ENCRYPTION_KEYS = env.words("FIELD_ENCRYPTION_KEYS")

# A pooler in front of PostgreSQL that gives out connections per transaction, such as PgBouncer.
DATABASE_POOLER = env.flag("DATABASE_POOLER", False)
# No statement, lock or open transaction may last longer (RELIABILITY M2).
POSTGRES_LIMITS = {
    "statement_timeout": 15_000,
    "lock_timeout": 5_000,
    "idle_in_transaction_session_timeout": 20_000,
}
POSTGRES_OPTIONS = {
    "connect_timeout": 2,
    # A network that drops packets is noticed after ten seconds, not after two hours.
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 30,
    # The server keeps the plan of a statement that is repeated.
    "server_side_binding": True,
    "prepare_threshold": 2,
    "options": " ".join(f"-c {name}={milliseconds}" for name, milliseconds in POSTGRES_LIMITS.items()),
}
# A pooler refuses the limits as start-up parameters, and what is set or prepared on one of its connections stays for
# its next user: set the limits on the role instead (docs/deploy.md; `doctor` checks).
POOLER_OPTIONS = {"connect_timeout": 2, "tcp_user_timeout": 10_000, "keepalives_idle": 30, "prepare_threshold": None}


def _database(url: str) -> dict[str, Any]:
    try:
        config: dict[str, Any] = dict(environ.Env.db_url_config(url))
    except (ValueError, KeyError):
        config = {}
    engine = config.get("ENGINE", "")
    if engine == "django.db.backends.sqlite3":
        # Without WAL and IMMEDIATE two writers get "database is locked" (RELIABILITY M2).
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # FULL: what was committed survives a power cut, and a webhook is answered after its commit.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
            " PRAGMA cache_size=-16000; PRAGMA mmap_size=134217728;",
            "cached_statements": 1000,  # the product has more statements than the default 128
        }
        # A file for the tests too, so that their threads meet real locks; one for each run.
        config["TEST"] = {"NAME": str(BASE_DIR / "var" / f"test-{os.getpid()}.sqlite3")}
        return config
    if "postgresql" not in engine:
        raise env.SettingError("DATABASE_URL must look like postgres://user:password@host/name or sqlite:////path")
    config["ENGINE"] = "common.db.postgres"
    # Options in the address override these: ?sslmode=verify-full&sslrootcert=/path&options=...
    config["OPTIONS"] = (POOLER_OPTIONS if DATABASE_POOLER else POSTGRES_OPTIONS) | config.get("OPTIONS", {})
    if str(config["OPTIONS"].get("server_side_binding", "")).lower() in {"false", "no", "0"}:
        config["OPTIONS"]["server_side_binding"] = False
    config["DISABLE_SERVER_SIDE_CURSORS"] = DATABASE_POOLER
    config["CONN_MAX_AGE"] = 60
    config["CONN_HEALTH_CHECKS"] = True
    return config


def _broker_tls(url: str) -> dict[str, Any] | None:
    """Return the TLS options of rediss://: the certificate is checked unless the address says otherwise."""
    if not url.startswith("rediss://") or "ssl_cert_reqs" in url:
        return None
    return {"ssl_cert_reqs": ssl.CERT_REQUIRED}


DATABASES = {"default": _database(DATABASE_URL)}
IS_SQLITE = DATABASES["default"]["ENGINE"].endswith("sqlite3")
if IS_SQLITE:
    (BASE_DIR / "var").mkdir(exist_ok=True)
if REDIS_URL and not REDIS_URL.startswith(("redis://", "rediss://", "redis+socket://", "sentinel://", "amqp")):
    raise env.SettingError("REDIS_URL must begin with redis://, rediss:// or sentinel://")

if not FIELD_ENCRYPTION_KEYS and not IS_PRODUCTION:
    FIELD_ENCRYPTION_KEYS = ["ZGV2ZWxvcG1lbnQtb25seS1rZXktb2YtZnJvbnRkZXM="]

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# Celery passes wake-ups between processes; without Redis the relay works the rows itself (ADR 0002).
CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_BROKER_USE_SSL = _broker_tls(REDIS_URL)
CELERY_TASK_ALWAYS_EAGER = not REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 20
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Celery would close the database connection around every task; ours stays open by Django's own rules.
CELERY_DB_REUSE_MAX = 10**9
CELERY_TASK_DEFAULT_QUEUE = "inbound"
CELERY_TASK_ROUTES = {"config.*": {"queue": "clock"}}
# There are no results, so there is nothing to clean up.
CELERY_RESULT_EXPIRES = None
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A Redis that is full or refuses to write counts as away: the worker tries again instead of ending.
CELERY_BROKER_CHANNEL_ERROR_RETRY = True
CELERY_WORKER_CONSUMER = "common.celery.consumer:Consumer"
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_timeout": 2,
    "socket_connect_timeout": 1,
    "socket_keepalive": True,
    "master_name": REDIS_SENTINEL_MASTER,
}
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 5
DJANGO_CELERY_BEAT_TZ_AWARE = True
CELERY_TIMEZONE = "UTC"
