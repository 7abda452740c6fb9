"""pgbench, PostgreSQL's own load client: the statement of the webhook without any Python around it."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.support.servers import ServerError, postgres_program

DEBIAN = Path("/usr/lib/postgresql")
INSERT = (
    "INSERT INTO messaging_webhookevent (state, attempts, crashes, last_error, request_id, traceparent, provider,"
    " channel_id, body, received_at) VALUES ('ignored', 0, 0, '', '', '', 'meta', 1, '\\x{body}'::bytea, now())"
    " RETURNING id, due_at;"
)


@dataclass(frozen=True, kw_only=True)
class Rate:
    """What pgbench reports."""

    per_second: float
    milliseconds: float


def program() -> Path | None:
    """pgbench of the PATH, of Debian or of the wheel; None when there is none."""
    debian = sorted(DEBIAN.glob("*/bin/pgbench"))
    found = shutil.which("pgbench") or (debian[-1] if debian else None)
    if found:
        return Path(found)
    try:
        return postgres_program("pgbench")
    except ServerError:
        return None


def run(binary: Path, *, database_url: str, body: bytes, clients: int, seconds: float) -> Rate:
    """Insert the body as often as can be, each in a transaction of its own."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(INSERT.format(body=body.hex()) + "\n")
        script.flush()
        options = ["-n", "-c", str(clients), "-j", "2", "-T", str(max(1, round(seconds))), "-f", script.name]
        # psycopg as Django sets it up sends whole statements too.
        where = ["-M", "simple", "-U", "postgres", "-h", database_url.partition("host=")[2], "frontdesk"]
        done = subprocess.run([binary, *options, *where], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"pgbench failed: {done.stderr[-400:]}")
    return parse(done.stdout)


def parse(report: str) -> Rate:
    """Read the two numbers of its report."""
    rate, latency = re.search(r"tps = ([\d.]+)", report), re.search(r"latency average = ([\d.]+) ms", report)
    if rate is None or latency is None:
        raise RuntimeError(f"pgbench said something else: {report[-400:]}")
    return Rate(per_second=float(rate.group(1)), milliseconds=float(latency.group(1)))
