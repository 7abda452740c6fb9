"""An unsafe production setting ends every kind of process with exit code 78 and a sentence; a safe one starts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

import config.settings
from config.settings.data import redis_url
from config.settings.safety import SECRETS, unsafe_settings

ROOT = Path(__file__).resolve().parents[2]
SAFE = {
    "APP_ENV": "production",
    "SECRET_KEY": "hTq3mVx8ZbN5wLr2KcY7sDf9GpJ4uEa6XnRt1QoW",
    "FIELD_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    "ALLOWED_HOSTS": "desk.example.com",
    "PUBLIC_URL": "https://desk.example.com",
}
SAFE_VALUES = {
    "SECRET_KEY": SAFE["SECRET_KEY"], "FIELD_ENCRYPTION_KEYS": [SAFE["FIELD_ENCRYPTION_KEYS"]],
    "ALLOWED_HOSTS": ["desk.example.com"], "PUBLIC_URL": SAFE["PUBLIC_URL"],
    **dict.fromkeys(SECRETS, ""),
}  # fmt: skip
PROCESSES = {
    "manage.py": ["manage.py", "check"],
    "gunicorn": ["-m", "gunicorn", "config.wsgi", "-c", "config/gunicorn.py", "--check-config"],
    "worker": ["-m", "celery", "-A", "config", "worker", "-P", "threads"],
    "beat": ["-m", "celery", "-A", "config", "beat"],
}


def start(arguments, tmp_path, **settings):
    environment = {
        "PATH": os.environ["PATH"],
        "METRICS_DIR": str(tmp_path / "metrics"),
        "DATABASE_URL": f"sqlite:///{tmp_path}/desk.sqlite3",
        **SAFE,
        **settings,
    }
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("name", PROCESSES)
def test_every_process_refuses_in_the_same_way(name, tmp_path):
    done = start(PROCESSES[name], tmp_path, SECRET_KEY="short")

    assert done.returncode == 78
    assert done.stderr.strip() == (
        "frontdesk: SECRET_KEY must be set to at least 32 random characters (bin/init-secrets makes one)"
    )


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS"),
        ({"PUBLIC_URL": "http://desk.example.com"}, "PUBLIC_URL"),
        ({"FIELD_ENCRYPTION_KEYS": ""}, "FIELD_ENCRYPTION_KEYS"),
        ({"FIELD_ENCRYPTION_KEYS": "too-short"}, "FIELD_ENCRYPTION_KEYS"),
        ({"CORS_ORIGINS": "*"}, "CORS_ORIGINS"),
        ({"SECRET_KEY": "a" * 36}, "SECRET_KEY"),
        ({"SECRET_KEY": "abcabc" * 10}, "SECRET_KEY"),
        ({"SECRET_KEY": "correct-horse-battery-" * 3}, "SECRET_KEY"),
        ({"SECRET_KEY": "change-me" + "hTq3mVx8ZbN5wLr2KcY7sDf9GpJ4uEa6"}, "SECRET_KEY"),
        ({"FIELD_ENCRYPTION_KEYS": "A" * 43 + "="}, "FIELD_ENCRYPTION_KEYS"),
        ({"CRON_SECRET": "short"}, "CRON_SECRET"),
        ({"CRON_SECRET": "0" * 40}, "CRON_SECRET"),
        ({"ADMIN_API_KEY": "secret" * 6}, "ADMIN_API_KEY"),
        ({"WEBHOOK_SIGNING_SECRET": "ab" * 15}, "WEBHOOK_SIGNING_SECRET"),
        ({"WEBHOOK_SIGNING_SECRET": "no base64, but long enough for it!"}, "WEBHOOK_SIGNING_SECRET"),
        ({"CORE_DECISION_WEBHOOK": "https://core.example.com/"}, "CORE_DECISION_WEBHOOK"),
        ({"METRICS_TOKEN": "change-me-change-me"}, "METRICS_TOKEN"),
        ({"METRICS_ALLOWED_NETWORKS": "everywhere"}, "METRICS_ALLOWED_NETWORKS"),
        ({"DATABASE_URL": "mysql://u:secret@host/name"}, "DATABASE_URL"),
        ({"REDIS_URL": "http://redis"}, "REDIS_URL"),
        ({"LLM_PROVIDER": "magic"}, "LLM_PROVIDER"),
        ({"APP_ENV": "staging"}, "APP_ENV"),
        ({"PORT": "many"}, "PORT"),
        ({"SABOTAGE": "no_sweep"}, "SABOTAGE"),
        ({"SECRET_KEY": "", "SECRET_KEY_FILE": "/nowhere"}, "SECRET_KEY_FILE"),
    ],
)
def test_the_setting_is_named_and_its_value_is_not(given, named, tmp_path):
    done = start(["-c", "import config.settings"], tmp_path, **given)

    assert done.returncode == 78
    assert done.stderr.startswith(f"frontdesk: {named}")
    assert "secret@" not in done.stderr


@pytest.mark.parametrize("secret", ["x", "your-verify-token-here", "<generate one of 32>", f"{'a1' * 10},x"])
def test_a_short_or_copied_secret_of_a_wire_is_named(secret):
    safe = vars(config.settings) | SAFE_VALUES
    assert list(unsafe_settings(safe)) == []
    for name in SECRETS:
        assert list(unsafe_settings(safe | {name: secret})) == [f"{name} must have at least 16 random characters"]


def test_safe_settings_start_and_hints_are_json_lines(tmp_path):
    done = start(PROCESSES["manage.py"], tmp_path, SUPABASE_URL="https://x.supabase.co", MICAI_LOG_LEVEL="info")

    assert done.returncode == 0, done.stderr
    assert done.stdout.count('"action": "setting_hint"') == 2
    assert "MICAI_LOG_LEVEL is read as LOG_LEVEL" in done.stdout


def settings_of(tmp_path, expression, **settings):
    code = f"import config.settings as s; print({expression})"
    return start(["-c", code], tmp_path, **settings).stdout.strip()


def test_tls_to_postgresql_is_taken_from_the_address(tmp_path):
    url = "postgres://u:p@db/name?sslmode=verify-full&sslrootcert=/ca.pem"
    options = settings_of(tmp_path, "s.DATABASES['default']['OPTIONS']", DATABASE_URL=url)

    assert "'sslmode': 'verify-full'" in options
    assert "'sslrootcert': '/ca.pem'" in options
    assert "statement_timeout=15000 -c lock_timeout=5000 -c idle_in_transaction_session_timeout" in options


def test_before_a_pooler_nothing_is_kept_on_its_connections(tmp_path):
    given = {"DATABASE_URL": "postgres://u:p@db/name?sslmode=require", "DATABASE_POOLER": "true"}
    database = settings_of(tmp_path, "s.DATABASES['default']", **given)

    assert "'sslmode': 'require'" in database
    assert "'prepare_threshold': None" in database
    assert "'DISABLE_SERVER_SIDE_CURSORS': True" in database
    assert "statement_timeout" not in database
    assert "server_side_binding" not in database


@pytest.mark.parametrize(
    ("query", "read"),
    [
        ("?ssl_cert_reqs=CERT_NONE", "?ssl_cert_reqs=none"),
        ("?ssl_cert_reqs=CERT_REQUIRED&ssl_ca_certs=/ca.pem", "?ssl_cert_reqs=required&ssl_ca_certs=/ca.pem"),
        ("?a=b&ssl_cert_reqs=ssl.CERT_OPTIONAL", "?a=b&ssl_cert_reqs=optional"),
        ("?ssl_cert_reqs=none", "?ssl_cert_reqs=none"),
        ("", ""),
    ],
)
def test_both_spellings_of_redis_tls_are_read(query, read):
    assert redis_url(f"rediss://:p@redis:6380/0{query}") == f"rediss://:p@redis:6380/0{read}"


def test_tls_to_redis_checks_the_certificate(tmp_path):
    shown = settings_of(tmp_path, "s.CELERY_BROKER_USE_SSL", REDIS_URL="rediss://:p@redis:6380/0")

    assert "CERT_REQUIRED" in shown
    assert settings_of(tmp_path, "s.CELERY_BROKER_USE_SSL", REDIS_URL="redis://redis:6379/0") == "None"


def test_a_sentinel_names_its_master(tmp_path):
    options = settings_of(
        tmp_path,
        "s.CELERY_BROKER_TRANSPORT_OPTIONS['master_name']",
        REDIS_URL="sentinel://a:26379;sentinel://b:26379",
        REDIS_SENTINEL_MASTER="desk",
    )

    assert options == "desk"
