"""Health checks that behave badly, by dotted name."""

import threading

released = threading.Event()


def hangs() -> tuple[str, str]:
    """Answer long after anybody asked: when the test says so."""
    released.wait(60)
    return "ok", "late"
