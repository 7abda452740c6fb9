"""What the assistant may do, besides talking."""

from __future__ import annotations

from assistant.models import Fact
from assistant.toolbox import ToolContext, tool
from messaging.models.conversations import PausedBy


@tool(
    description="Hand the conversation to a person of the business: when asked for one, or when you cannot help.",
    optional=("asked_by",),
    reason="Why, in a few words.",
    asked_by="'customer' when the customer asked for a person, else 'assistant'.",
)
def hand_over(context: ToolContext, reason: str, asked_by: str = "assistant") -> str:
    """Note that the turn's end pauses the assistant, and who wanted that: the reason's words decide nothing."""
    context.hand_over = reason[:200] or "asked for"
    context.is_asked_for = asked_by.strip().lower() == PausedBy.CUSTOMER
    return "A person will take over after your next sentence. Say so in one short sentence."


@tool(
    description="Remember a lasting fact about this customer, such as a preference.",
    fact="One short sentence.",
)
def remember(context: ToolContext, fact: str) -> str:
    """The same fact twice is kept once."""
    Fact.objects.get_or_create(contact=context.contact, text=fact[:300], defaults={"tenant": context.tenant})
    return "Noted."


@tool(
    description=(
        "Look something up in what the business has written down: hours, prices, services, rules. "
        "The entries may be in another language than the customer's: give the words in the language of the entries too."
    ),
    is_read_only=True,
    query="Words to look for, in the language of the entries.",
)
def search_knowledge(context: ToolContext, query: str) -> str:
    """Answers with the entries found; what was used is kept on the turn."""
    entries = context.written.search(query)
    for entry in entries:
        source = {"id": entry.pk, "title": entry.title}
        if source not in context.sources:
            context.sources.append(source)
    if not entries:
        return "Nothing is written down about that."
    return "\n\n".join(f"{entry.title}\n{entry.content}" for entry in entries)


@tool(
    description="Say nothing: when the customer only thanks, confirms or says good-bye and no answer is expected.",
)
def stay_silent(context: ToolContext) -> str:
    """The turn ends without a message."""
    context.is_silent = True
    return "Nothing will be sent."
