"""The settings under which the product is measured, and processes that measure under them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.report import ROOT


def ask(module: str, given: object, environment: dict[str, str]) -> Any:
    """What `python -m module JSON` found under these settings: the last line that it prints, as JSON."""
    command = [sys.executable, "-m", module, json.dumps(given)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-800:])
    return json.loads(done.stdout.splitlines()[-1])


def environment_of(folder: Path, port: int, outside: str, given: dict[str, str]) -> dict[str, str]:
    """The settings of an installation: `outside` is the simulator's address, `given` wins."""
    outside = outside or "http://127.0.0.1:9"
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "APP_ENV": "development",
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "FIELD_ENCRYPTION_KEYS": "YmVuY2htYXJrLW9ubHkta2V5LW9mLWZyb250ZGVzay0=",
        "METRICS_DIR": str(folder / "metrics"),
        "MEDIA_ROOT": str(folder / "media"),
        "OUTBOUND_REPLY_ENABLED": "true",
        "LLM_PROVIDER": "offline",
        "BURST_WAIT_SECONDS": "0",
        "BURST_FRAGMENT_SECONDS": "0",
        "WEBHOOK_RATE_PER_SECOND": "1000000",
        "SIMULATOR_URL": outside,
        "META_GRAPH_URL": f"{outside}/meta",
        "DIALOG360_URL": f"{outside}/dialog360",
        "EVOLUTION_SERVER_URL": f"{outside}/evolution",
        "TWILIO_API_URL": f"{outside}/twilio",
        "TWILIO_MESSAGING_URL": f"{outside}/twilio",
        "TWILIO_CONTENT_URL": f"{outside}/twilio",
        "PHOTON_BASE_URL": f"{outside}/imessage",
        "CORE_DECISION_WEBHOOK": f"{outside}/core/decisions",
        "WEBHOOK_SIGNING_SECRET": "62656e63686d61726b2d6f6e6c792d7369676e696e672d736563726574212121",
        "LOG_FORMAT": "json",
        "PYTHONUNBUFFERED": "1",
        **given,
    }
