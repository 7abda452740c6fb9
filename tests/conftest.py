"""Two tenants, a channel on each wire, and doors to push captured bodies through."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.core.management.color import no_style
from django.db import connection, transaction
from django.test import Client, TransactionTestCase, override_settings

from assistant.models import KnowledgeEntry
from common import rate_limits
from common.db import append_only
from common.work import relay
from messaging import services as messaging
from messaging.models import Channel, Conversation
from tenants import services as tenants
from tenants.models import Tenant, User
from tests.simulator.process import Sim, running_simulator
from tests.support.api_world import World, make_world
from tests.support.backoffice import browser, make_session
from tests.support.migrated import sqlite_file
from tests.support.questions import ALWAYS, Listener
from tests.support.wires import EXTERNAL_IDS, SECRETS, WebhookPoster, simulator_config

FILLED = ("django_content_type", "auth_permission", "django_migrations")
WRITTEN_ONCE = ("tenants_auditentry", "tenants_auditseal")
PAYLOADS = Path(__file__).parent / "payloads"
# Everything waits less, nothing waits for a burst.
QUICK_TIMES = {
    "WHITENOISE_AUTOREFRESH": True,  # a test's client does not read the folder of static files first
    "LEASE_SECONDS": 20,
    "UNCERTAIN_SECONDS": -0.01,  # what is due in this very millisecond is not found yet
    "BURST_WAIT_SECONDS": 0,
    "BURST_FRAGMENT_SECONDS": 0,
    "OUTBOUND_REPLY_ENABLED": True,
    "ANSWER_MAX_AGE_HOURS": 24 * 365 * 20,
    "PUBLIC_URL": "https://frontdesk.example.test",
    "WHATSAPP_APP_SECRET": "installation-app-secret",
    "WHATSAPP_VERIFY_TOKEN": "installation-verify-token",
    "CRON_SECRET": "cron-secret-for-the-tests",
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],  # the real one is slow on purpose
}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: Any, log: Any) -> Any:
    """How tests are spread over processes."""
    from tests.support.spreading import Spreading

    return Spreading(config, log)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of `bin/test` for its two runs of the whole suite."""
    parser.addoption("--note-questions", type=Path, help="a folder for what each test asks the database")
    parser.addoption("--left-out", type=Path, help="a file of the names of tests that are not run")


def pytest_configure(config: pytest.Config) -> None:
    """Note the questions of each test when `--note-questions` is given."""
    if folder := config.getoption("--note-questions"):
        config.pluginmanager.register(Listener(folder))


@pytest.hookimpl(tryfirst=True)  # before the marks are chosen by
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark tests that use no database and start nothing as `once`, and leave out those that `--left-out` names."""
    for item in items:
        asks = {"db", "transactional_db", "django_db_setup", "live_server"} & set(getattr(item, "fixturenames", ()))
        if not asks and not any(item.get_closest_marker(name) for name in ("django_db", *ALWAYS)):
            item.add_marker("once")
    if named := config.getoption("--left-out"):
        names = set(named.read_text(encoding="utf-8").splitlines())
        config.hook.pytest_deselected(items=[item for item in items if item.nodeid in names])
        items[:] = [item for item in items if item.nodeid not in names]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> Iterator[None]:
    """The test database begins as a copy of one that was migrated before: what is missing there is migrated as ever."""
    if connection.vendor != "sqlite":
        connection.settings_dict["TEST"]["TEMPLATE"] = os.environ.get("TEMPLATE_DATABASE")
        # A test is one transaction, which idles while a slow machine loads the client of a model for the first time;
        # and threads by the dozen wait longer there, for each other's locks and to be let in, than production allows.
        slow = " -c idle_in_transaction_session_timeout=0 -c lock_timeout=60s -c statement_timeout=120s"
        connection.settings_dict["OPTIONS"]["options"] += slow
        connection.settings_dict["OPTIONS"]["connect_timeout"] = 60
        yield
        return
    create = connection.creation._create_test_db

    def filled(*arguments: Any) -> str:
        name: str = create(*arguments)
        with closing(sqlite3.connect(sqlite_file())) as migrated, closing(sqlite3.connect(name)) as fresh:
            migrated.backup(fresh)
        return name

    connection.creation._create_test_db = filled  # type: ignore[method-assign]
    yield


@pytest.fixture(scope="session", autouse=True)
def _tables_are_emptied_quickly() -> Iterator[None]:
    """A test with real transactions ends with empty tables: those that have rows, which are few.

    What Django fills by itself stays. Rows written once may be deleted for that moment. PostgreSQL deletes without
    triggers and foreign keys where it lets us: to truncate empties what points to a table too, in a fifth of a second.
    """
    ordinary = TransactionTestCase._fixture_teardown

    @cache
    def query_for_full_tables() -> str:
        names = connection.introspection.django_table_names(only_existing=True)
        parts = (f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in names if name not in FILLED)
        return " UNION ALL ".join(parts)

    @cache
    def is_superuser() -> bool:
        if connection.vendor != "postgresql":
            return False
        with connection.cursor() as cursor:
            cursor.execute("SELECT usesuper FROM pg_user WHERE usename = current_user")
            return bool(cursor.fetchone()[0])

    def empty(case: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(query_for_full_tables())
            full = [row[0] for row in cursor.fetchall()]
        if is_superuser():
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL session_replication_role = replica")
                for name in full:
                    cursor.execute(f"DELETE FROM {name}")
            return
        protected = [name for name in WRITTEN_ONCE if name in full and connection.vendor == "sqlite"]
        for table in protected:
            append_only.release(connection, table)
        connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), full, allow_cascade=True))
        for table in protected:
            append_only.protect(connection, table)

    TransactionTestCase._fixture_teardown = empty  # type: ignore[method-assign]
    yield
    TransactionTestCase._fixture_teardown = ordinary  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _clean_process() -> None:
    rate_limits.reset()


@pytest.fixture(scope="session", autouse=True)
def _quick_times() -> Iterator[None]:
    """The test profile of RELIABILITY, set once: layers of settings for each test cost a third of an empty one."""
    with override_settings(**QUICK_TIMES):
        yield


@pytest.fixture
def payload() -> Callable[[str], Any]:
    """A captured body by its path below tests/payloads, such as "meta/text.json"."""
    return lambda name: json.loads((PAYLOADS / name).read_text(encoding="utf-8"))


@pytest.fixture
def clinic(db: None) -> Tenant:
    tenant = tenants.set_up_tenant(slug="clinic", name="Example Dental", timezone="America/Sao_Paulo")
    KnowledgeEntry.objects.create(
        tenant=tenant,
        title="Opening hours",
        keywords="open close hours when",
        content="We are open Monday to Friday, 9:00 to 18:00.",
    )
    KnowledgeEntry.objects.create(
        tenant=tenant, title="Appointments", keywords="appointment book tomorrow", content="We book by message."
    )
    return tenant


@pytest.fixture
def salon(db: None) -> Tenant:
    return tenants.set_up_tenant(slug="salon", name="Example Salon")


@pytest.fixture
def make_channel() -> Callable[..., Channel]:
    """Set up a channel of a tenant on a wire, with the ids and secrets that the captured bodies fit."""

    def make(tenant: Tenant, provider: str, **overrides: Any) -> Channel:
        fields = {
            "name": f"{tenant.slug} {provider}",
            "external_id": EXTERNAL_IDS[provider],
            "credentials": SECRETS[provider],
            "owners": ["+15550100200"],
            **overrides,
        }
        return messaging.set_up_channel(tenant=tenant, provider=provider, **fields)

    return make


@pytest.fixture
def post_webhook(client: Client) -> WebhookPoster:
    """Post a body to a channel's own address, with the proof that its wire carries."""
    return WebhookPoster(client)


@pytest.fixture
def drain() -> Callable[[], int]:
    """Work everything that is due, here and now, as the relay would."""
    return relay.work_all_due


@pytest.fixture(scope="session")
def simulator_process() -> Iterator[Sim]:
    with running_simulator({"product_url": "http://127.0.0.1:9", "channels": []}) as sim:
        yield sim


@pytest.fixture
def sim(simulator_process: Sim, settings: Any) -> Sim:
    """The outside world over HTTP: all wires of the product lead to it. Statuses come only when asked for."""
    url = simulator_process.url
    settings.META_GRAPH_URL = f"{url}/meta"
    settings.DIALOG360_URL = f"{url}/dialog360"
    settings.TWILIO_API_URL = settings.TWILIO_MESSAGING_URL = settings.TWILIO_CONTENT_URL = f"{url}/twilio"
    settings.OPENAI_BASE_URL = f"{url}/openai/v1"
    settings.ANTHROPIC_BASE_URL = f"{url}/anthropic"
    simulator_process.reset()
    simulator_process.set_config({"product_url": "http://127.0.0.1:9", "channels": []})
    simulator_process.statuses("none")
    return simulator_process


@pytest.fixture
def wire(sim: Sim, make_channel: Callable[..., Channel]) -> Callable[..., Channel]:
    """Set up a channel whose provider the simulator plays."""

    def make(tenant: Tenant, provider: str, **overrides: Any) -> Channel:
        address = {"evolution": {"server_url": f"{sim.url}/evolution"}, "imessage": {"base_url": f"{sim.url}/imessage"}}
        credentials = {**SECRETS[provider], **address.get(provider, {})}
        channel = make_channel(tenant, provider, credentials=credentials, **overrides)
        sim.set_config(simulator_config([channel]))
        return channel

    return make


@pytest.fixture
def api_world(clinic: Tenant, session: Conversation) -> World:
    """A row of every kind that the API knows, all of the clinic."""
    return make_world(clinic, session)


@pytest.fixture
def is_postgres() -> bool:
    return connection.vendor == "postgresql"


@pytest.fixture
def manager(clinic: Tenant) -> Client:
    """A manager of the clinic in the back office."""
    return browser(clinic)


@pytest.fixture
def root(db: None) -> Client:
    """The operator of the installation in the back office."""
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    return client


@pytest.fixture
def channel(clinic: Tenant, make_channel: Callable[..., Channel]) -> Channel:
    return make_channel(clinic, "evolution")


@pytest.fixture
def session(channel: Channel) -> Conversation:
    return make_session(channel, "+15550100001")
