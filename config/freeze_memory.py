"""Exclude loaded code from garbage collection, so that no request waits while it is scanned."""

from __future__ import annotations

import gc

from django.urls import get_resolver


def freeze_loaded_code() -> None:
    """Load the code of the pages and exclude everything loaded so far from garbage collection.

    A full collection stops all threads of a process. It took 280 ms on a slow machine with everything that one of our
    processes loads, and 80 ms without (`gc.freeze`, https://docs.python.org/3/library/gc.html).
    """
    _ = get_resolver().url_patterns
    gc.collect()
    gc.freeze()
