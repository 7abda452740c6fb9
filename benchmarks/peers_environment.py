"""The peers' packages: a virtual environment in `var/bench-peers`, made at first use, with pinned versions."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.report import ROOT, say

FOLDER = ROOT / "var" / "bench-peers"
REQUIREMENTS = ROOT / "benchmarks" / "peers" / "requirements.txt"


def python() -> Path | None:
    """The interpreter of the peers; None when their packages cannot be had here."""
    stamp = FOLDER / "stamp"
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    found = FOLDER / "bin" / "python"
    if stamp.exists() and stamp.read_text() == wanted and found.exists():
        return found
    say("peers: installing pywa, FastAPI and asyncpg into var/bench-peers, once")
    shutil.rmtree(FOLDER, ignore_errors=True)
    for command in (
        [sys.executable, "-m", "venv", FOLDER],
        [found, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", REQUIREMENTS],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            reason = (done.stderr or done.stdout).strip().splitlines()[-1:]
            say(f"peers: left out, the packages cannot be installed: {''.join(reason)[:200]}")
            return None
    stamp.write_text(wanted)
    return found
