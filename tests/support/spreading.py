"""Which tests stay together when the suite is spread over processes.

By file and not by a mark: from pytest 9.2 on the marks of xdist are lost without a word (pytest-xdist issue 1386).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from xdist.scheduler.loadscope import LoadScopeScheduling

TOGETHER = {
    # What starts installations: two at once starve each other on two cores, and one desk serves all stories.
    "machine": (
        "tests/config/test_processes.py",
        "tests/flows/test_console.py",
        "tests/flows/test_decisions.py",
        "tests/flows/test_desk.py",
        "tests/flows/test_first_day.py",
        "tests/flows/test_inbox_console.py",
        "tests/flows/test_killed_web.py",
        "tests/flows/test_reminders_story.py",
    ),
    # One browser.
    "phone": ("tests/simulator/test_phone.py", "tests/flows/test_page_policies.py"),
    # Texts are looked for once.
    "languages": ("tests/guards/test_languages.py",),
    # The clients of models are loaded once, which takes a slow core twenty seconds.
    "models": ("tests/assistant",),
}
GROUP_OF = {path: group for group, paths in TOGETHER.items() for path in paths}


class Spreading(LoadScopeScheduling):
    """Every test goes where there is room, but those of a group into one process, and the largest groups begin."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return GROUP_OF.get(path) or GROUP_OF.get(path.rpartition("/")[0], nodeid)

    def add_node_collection(self, node: Any, collection: list[str]) -> None:
        """Raise pytest.UsageError when several tests have one name.

        xdist would run one of them and leave the others out without a word.
        """
        if several := [name for name, times in Counter(collection).items() if times > 1]:
            raise pytest.UsageError(f"several tests have one name, and one of them would run: {', '.join(several)}")
        super().add_node_collection(node, collection)
