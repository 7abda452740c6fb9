"""The worker outlives what kombu raises about a connection that is gone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from celery import Celery

from tests.support.desk import until
from tests.support.servers import ServerError, start_redis

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
APP = """
import os
import pathlib

from celery import Celery

from common.celery.consumer import Consumer


class Breaking(Consumer):
    def __init__(self, *given, **named):
        super().__init__(*given, **named)
        self.whole, self.loop = self.loop, self.break_once

    def break_once(self, *given):
        self.loop = self.whole
        pathlib.Path("broken").touch()
        raise AttributeError("'NoneType' object has no attribute 'hostname'")


app = Celery("outlives", broker=os.environ["BROKER"], worker_consumer=Breaking)


@app.task(name="ring", ignore_result=True)
def ring():
    pathlib.Path("rung").touch()
"""


@pytest.fixture
def broker():
    try:
        with start_redis() as server:
            yield server
    except ServerError as error:
        pytest.skip(str(error))


def test_a_consumer_whose_connection_is_half_gone_connects_again(broker, tmp_path):
    (tmp_path / "outlives.py").write_text(APP)
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "outlives", "worker", "-P", "threads", "-c", "1"]
    environment = {"PATH": os.environ["PATH"], "BROKER": broker.url, "PYTHONPATH": f"{tmp_path}:{ROOT}"}
    silence = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([*command, "--without-mingle"], cwd=tmp_path, env=environment, **silence) as worker:
        try:
            until((tmp_path / "broken").exists, seconds=60)
            Celery(broker=broker.url, set_as_current=False).send_task("ring", ignore_result=True)
            until((tmp_path / "rung").exists, seconds=60)
            assert worker.poll() is None
        finally:
            worker.kill()
