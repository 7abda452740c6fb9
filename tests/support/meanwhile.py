"""A tool of the tests: what happens while the model is thinking."""

from __future__ import annotations

from collections.abc import Callable

from assistant.toolbox import ToolContext, register_tool

happenings: list[Callable[[], object]] = []
ran: list[str] = []


@register_tool(description="Wait a moment.", note="Anything.")
def wait_a_moment(context: ToolContext, note: str) -> str:
    """Let the next thing happen, once."""
    ran.append(note)
    if happenings:
        happenings.pop(0)()
    return "Done."
