"""What is written down, for a turn: what it uses is noted on it."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.matching.finding import Kind
from assistant.models import KnowledgeEntry
from assistant.providers.base import LookedUp, Passage
from assistant.toolbox import ToolContext


class TurnKnowledge:
    """The tenant's entries, as the assistant without a language model asks for them."""

    def __init__(self, context: ToolContext) -> None:
        self.context = context

    def look_up(self, text: str, *, language: str, before: str = "") -> LookedUp:
        """What answers a question surely enough; entries that are said become sources of the turn."""
        written = self.context.written
        found = written.find(text, language=language, before=before)
        rows = written.entries(found.entries)
        is_choice = found.kind == Kind.CHOICE
        if not is_choice:
            self._note(rows)
        return LookedUp(passages=_passages(rows), is_choice=is_choice, is_partial=found.is_partial)

    def passage(self, id_: int) -> Passage | None:
        """One entry; None when it was gone, switched off or another tenant's as the conversation was read."""
        rows = self.context.written.entries([id_])
        self._note(rows)
        return next(iter(_passages(rows)), None)

    def _note(self, rows: Sequence[KnowledgeEntry]) -> None:
        for row in rows:
            source = {"id": row.pk, "title": row.title}
            if source not in self.context.sources:
                self.context.sources.append(source)


def _passages(rows: Sequence[KnowledgeEntry]) -> list[Passage]:
    return [Passage(id=row.pk, title=row.title, content=row.content) for row in rows]
