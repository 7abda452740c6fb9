"""Metrics shared by all processes of this machine through files, so that `/metrics` of one shows them all."""

from __future__ import annotations

import os
import re
import socket
import sys
from pathlib import Path


def use_shared_files() -> None:
    """Count into files, if prometheus_client is not loaded yet; prints a line when the folder is not writable."""
    if "prometheus_client" in sys.modules or "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        return
    from config.settings import METRICS_DIR

    # Process ids are unique on one host only, and containers may share the folder.
    folder = Path(METRICS_DIR) / re.sub(r"[^\w.-]", "_", socket.gethostname())
    try:
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f".{os.getpid()}"
        draft.touch()
        draft.unlink()
    except OSError as error:
        # Not a reason to stop, but whoever reads /metrics must know that it shows one process of several.
        sys.stderr.write(
            f"frontdesk: {folder} cannot be written ({error.strerror}): /metrics shows one process alone\n"
        )
        return
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def remove_files_of_ended() -> None:
    """Remove the files of processes that have ended; those of running processes stay."""
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    for file in Path(folder).glob("*.db") if folder else ():
        number = re.search(r"_(\d+)\.db$", file.name)
        if number and not Path(f"/proc/{number.group(1)}").exists():
            file.unlink(missing_ok=True)
