"""Which tests stay together when the suite is spread over processes.

By file and not by a mark: from pytest 9.2 on the marks of xdist are lost without a word (pytest-xdist issue 1386).
"""

from __future__ import annotations

from xdist.scheduler.loadscope import LoadScopeScheduling

# What starts an installation or a browser runs one after the other: two at once starve each other on two cores.
MACHINE = {
    "tests/chaos/test_saboteurs.py",
    "tests/config/test_processes.py",
    "tests/flows/test_console.py",
    "tests/flows/test_decisions.py",
    "tests/flows/test_desk.py",
    "tests/flows/test_first_day.py",
    "tests/flows/test_inbox_console.py",
    "tests/flows/test_killed_web.py",
    "tests/flows/test_reminders_story.py",
    "tests/simulator/test_phone.py",
}


class Spreading(LoadScopeScheduling):
    """Every test goes where there is room, but the tests of MACHINE into one process."""

    def _split_scope(self, nodeid: str) -> str:
        return "machine" if nodeid.partition("::")[0] in MACHINE else nodeid
