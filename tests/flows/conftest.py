"""The whole product as a newcomer starts it, in a fresh copy, and a browser before it."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import environ
import psycopg
import pytest

from tests.support.browsers import PHONE, chromium
from tests.support.ports import free_port

ROOT = Path(__file__).parents[2]
START_SECONDS = 400


@pytest.hookimpl(trylast=True)  # after the order of the tests has been shuffled
def pytest_collection_modifyitems(items):
    """The stories at the desk follow each other, so that it is started once for all of them."""
    items.sort(key=lambda item: "desk" not in item.fixturenames)


@pytest.fixture(scope="package")
def desk(tmp_path_factory):
    """A fresh copy of what git tracks, started by what bin/dev runs; yields (address, output file)."""
    home = tmp_path_factory.mktemp("clone")
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, tracked.decode().split("\0")):
        if (ROOT / name).exists():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, home / name)
    port = free_port(with_next=True)
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "PORT": str(port), "LANG": "C.UTF-8"}
    services = own_services(port)
    log = home / "dev.log"
    with log.open("w") as output:
        command = [sys.executable, "bin/_run.py"]
        process = subprocess.Popen(
            command, cwd=home, env=environment | services, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            wait_until_ready(process, log)
            yield f"http://127.0.0.1:{port}", log
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(180) == 0, log.read_text()


def own_services(port):
    """In the run on PostgreSQL and Redis: a database and a Redis number of the desk's own; else nothing."""
    database, broker = os.environ.get("DATABASE_URL", ""), os.environ.get("REDIS_URL", "")
    if not (database.startswith("postgres") and broker):
        return {}
    config = environ.Env.db_url_config(database)
    name = f"desk_{port}_{os.getpid()}"
    options = {"host": config["OPTIONS"]["host"]} if config.get("OPTIONS") else {"host": config["HOST"]}
    with psycopg.connect(dbname="postgres", user=config["USER"], autocommit=True, **options) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")
        template = os.environ.get("TEMPLATE_DATABASE", "template1")
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return {
        "DATABASE_URL": database.replace("/" + config["NAME"], f"/{name}", 1),
        "REDIS_URL": broker.rsplit("/", 1)[0] + "/7",
    }


def wait_until_ready(process, log):
    until = time.monotonic() + START_SECONDS
    while "ready; Ctrl-C stops everything" not in log.read_text():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < until, log.read_text()
        time.sleep(0.1)


@pytest.fixture
def page(desk):
    """A phone's browser."""
    with chromium() as browser:
        page = browser.new_page(viewport=PHONE)
        page.set_default_timeout(60_000)
        yield page
