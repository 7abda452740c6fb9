"""The names of all time zones."""

from functools import cache
from zoneinfo import available_timezones


@cache
def zone_names() -> frozenset[str]:
    """Return the names of all zones; cached, because it reads the whole folder of the time zone database."""
    return frozenset(available_timezones())
