"""The assistant's own tools."""

from __future__ import annotations

from assistant.models import Fact
from assistant.toolbox import ToolContext, register_tool
from messaging.models.conversations import PausedBy


@register_tool(
    description="Hand the conversation to a person of the business: when asked for one, or when you cannot help.",
    optional=("asked_by",),
    reason="Why, in a few words.",
    asked_by="'customer' when the customer asked for a person, else 'assistant'.",
)
def hand_over(context: ToolContext, reason: str, asked_by: str = "assistant") -> str:
    """Record that the turn's end pauses the assistant, and who wanted that; the text of the reason decides nothing."""
    context.hand_over = reason[:200] or "asked for"
    context.is_asked_for = asked_by.strip().lower() == PausedBy.CUSTOMER
    return "A person will take over after your next sentence. Say so in one short sentence."


@register_tool(
    description="Remember a lasting fact about this customer, such as a preference.",
    fact="One short sentence.",
)
def remember(context: ToolContext, fact: str) -> str:
    """Store a fact about the contact; the same fact twice is stored once."""
    Fact.objects.get_or_create(contact=context.contact, text=fact[:300], defaults={"tenant": context.tenant})
    return "Noted."


@register_tool(
    description=(
        "Look something up in what the business has written down: hours, prices, services, rules. "
        "The entries may be in another language than the customer's: give the words in the language of the entries too."
    ),
    is_read_only=True,
    query="Words to look for, in the language of the entries.",
)
def search_knowledge(context: ToolContext, query: str) -> str:
    """Return the entries found; those used are recorded on the turn."""
    entries = context.written.search(query)
    for entry in entries:
        source = {"id": entry.pk, "title": entry.title}
        if source not in context.sources:
            context.sources.append(source)
    if not entries:
        return "Nothing is written down about that."
    return "\n\n".join(f"{entry.title}\n{entry.content}" for entry in entries)


@register_tool(
    description="Say nothing: when the customer only thanks, confirms or says good-bye and no answer is expected.",
)
def stay_silent(context: ToolContext) -> str:
    """End the turn without a message."""
    context.is_silent = True
    return "Nothing will be sent."
