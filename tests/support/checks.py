"""Health checks that behave badly, by dotted name."""

import time


def hangs() -> tuple[str, str]:
    """Answer long after anybody asked."""
    time.sleep(6)
    return "ok", "late"
